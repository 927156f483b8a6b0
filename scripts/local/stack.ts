import * as z from "zod";
import { evaluate, principalContext, type FunctionName } from "../../core/iam/index.ts";
import type { Clock } from "../../core/kernel/clock.ts";
import type { Plan } from "../plan/shape.ts";
import { AWS, type BilledRow } from "./billing/index.ts";
import { authorize } from "./front/authorize.ts";
import { createEdge, documentsOriginOf, portalOriginOf, type PortalOptions } from "./edge/index.ts";
import { createCloud } from "./front/index.ts";
import type { Cloud, CloudOptions, FaultPlan } from "./front/index.ts";
import { createHttpApi } from "./http-api/index.ts";
import type { Throttle } from "./http-api/index.ts";
import { createEventSources } from "./lambda/event-source/index.ts";
import type { EventSources } from "./lambda/event-source/index.ts";
import { createLambda } from "./lambda/index.ts";
import type { FunctionConfiguration, Lambda, SourcePatch } from "./lambda/index.ts";
import { createLogStore } from "./lambda/log-store.ts";
import type { LogStore, LogWriter } from "./lambda/log-store.ts";
import { createSchedules } from "./lambda/schedule/index.ts";
import type { Schedule, Schedules } from "./lambda/schedule/index.ts";
import { provision, readPlan } from "./provision/index.ts";
import type { PlannedTrail, Provisioned } from "./provision/index.ts";
import { ServiceError } from "./service.ts";
import type { Delivery } from "./trail/index.ts";

export interface StackOptions {
  /** Which committed plan to run. */
  readonly stage?: "dev" | "staging" | "production";
  /** Where everything is kept; undefined keeps it in memory. */
  readonly folder?: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** A virtual clock; handlers then live in its time. */
  readonly clock?: Clock;
  readonly faults?: FaultPlan;
  /** Runs another plan than the committed one. */
  readonly plan?: Plan;
  /** Environments per function; more invocations wait. */
  readonly maxEnvironments?: number;
  /** In the place of the stage's own limit, for benches and bulk tests. */
  readonly throttle?: Throttle;
  /** By function (`fhir`): what a test changes in its source before it is bundled. Never with a committed plan alone. */
  readonly patches?: Readonly<Partial<Record<FunctionName, readonly SourcePatch[]>>>;
  /** The built portal to serve beside the API; left out, there is none. */
  readonly portal?: PortalOptions;
  /** Hears of failures that are our own. */
  readonly onDefect?: (error: unknown) => void;
}

/** A whole stage on this machine. */
export interface Stack {
  /** `http://127.0.0.1:PORT`: the stage's public origin, and AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  /** `http://localhost:PORT`: where a browser opens the portal. */
  readonly portalOrigin: string;
  /** `http://documents.localhost:PORT`: where patients' files are shown. */
  readonly documentsOrigin: string;
  readonly cloud: Cloud;
  readonly lambda: Lambda;
  readonly eventSources: EventSources;
  readonly schedules: Schedules;
  /** CloudTrail's log files and digests, one for each trail of the plan. */
  readonly trailDeliveries: readonly Delivery[];
  readonly provisioned: Provisioned;
  /** Resolves when no invocation runs, every stream is read to its end and what it held is processed. Throws when that takes longer. */
  drain(timeoutMs?: number): Promise<void>;
  /** The log of every function by its name, and the access log as `http-api`. */
  logs(): ReadonlyMap<string, readonly string[]>;
  /** What AWS would bill, hour by hour, since the process began: by SKU, resource and who caused it. */
  bill(): readonly BilledRow[];
  /**
   * Switches a table's stream off, or on again under a new ARN, and points the mappings of the old one to it as a deploy
   * would. What they had not read of the old stream they no longer read.
   */
  setStream(tableName: string, isEnabled: boolean): Promise<void>;
  /** Ends everything that was started; nothing is left behind but the data folder. */
  close(): Promise<void>;
}

const ACCESS_LOG = "http-api";

/**
 * Starts a stage: the embedded AWS, everything in the plan, its functions, HTTP API, stream mappings and schedules.
 * @throws CloudStartError for a port or folder that is taken; Error for a plan that cannot be provisioned, or a handler
 * that does not bundle. Nothing runs on after a throw.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const cloud = await createCloud(cloudOptions(options));
  const closers: (() => Promise<void> | void)[] = [() => cloud.close()];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    return await build(cloud, options, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function cloudOptions({ folder, port, clock, faults, onDefect }: StackOptions): CloudOptions {
  return {
    ...(folder === undefined ? {} : { folder }),
    ...(port === undefined ? {} : { port }),
    ...(clock === undefined ? {} : { clock }),
    ...(faults === undefined ? {} : { faults }),
    ...(onDefect === undefined ? {} : { onDefect }),
  };
}

async function build(
  cloud: Cloud,
  options: StackOptions,
  closers: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<Stack> {
  const { endpoint, deps } = cloud;
  const provisioned = await provision(cloud, options.plan ?? readPlan(options.stage ?? "dev"), { publicUrl: endpoint });
  const issueServiceSession = cloud.iam.issueServiceSession.bind(cloud.iam);

  const deliveries = deliverTrails(cloud, provisioned);
  for (const group of provisioned.logGroups) cloud.logs.putGroup(group);
  // A first start makes a signing key, which takes a while: it is waited for at the end.
  deliveries.catch(() => undefined);
  closers.push(async () => {
    for (const delivery of await deliveries) delivery.stop();
  });

  const lambda = createLambda({
    deps: { ...deps, clock: cloud.clock },
    // What an environment calls, and what the roles call that it assumes, is the function's on the bill.
    issueServiceSession(roleArn, principal, sessionName) {
      const session = issueServiceSession(roleArn, principal, sessionName);
      cloud.billing.owns(session.accessKeyId, sessionName);
      return session;
    },
    endpoint,
    isClockVirtual: options.clock !== undefined,
    onLog: functionLogs(cloud, provisioned),
    ...(options.folder === undefined ? {} : { folder: options.folder }),
    ...(options.maxEnvironments === undefined ? {} : { maxEnvironments: options.maxEnvironments }),
  });
  closers.push(() => lambda.close());
  closers.push(lambda.onUsage((record) => cloud.billing.invoked(lambda.functionArn(record.functionName), record)));
  await lambda.putFunctions(provisioned.functions.map((one) => patched(one, options.patches ?? {})));

  const accessGroup = provisioned.httpApi?.accessLogGroup;
  const accessLog = createLogStore(options.folder, (_name, line) => {
    if (accessGroup !== undefined) cloud.logs.append(accessGroup, "http-api", line);
  });
  closers.push(() => accessLog.close());
  serve(cloud, lambda, provisioned, accessLog, options);
  closers.push(() => cloud.setHttpApi(undefined));

  const eventSources = createEventSources({
    deps,
    endpoint,
    // Lambda's own polling, under the function's role.
    issueServiceSession(roleArn, principal, sessionName) {
      const session = issueServiceSession(roleArn, principal, sessionName);
      cloud.billing.owns(session.accessKeyId, AWS);
      return session;
    },
    invoke: (functionName, event) => lambda.invoke(functionName, event),
    functionArn: (functionName) => lambda.functionArn(functionName),
    log: (functionName, line) => lambda.appendLog(functionName, line),
    // Every write wakes its mappings; polling is for what no write tells of.
    pollMs: 30_000,
  });
  closers.push(() => eventSources.close());
  closers.push(cloud.dynamodb.onStreamAppend((streamArn) => eventSources.notify(streamArn)));
  for (const mapping of provisioned.mappings) eventSources.put(mapping);

  const schedules = createSchedules({
    database: deps.openDatabase("schedules"),
    clock: cloud.clock,
    accountId: cloud.accountId,
    region: cloud.region,
    invoke: (schedule, event) => fire(cloud, lambda, schedule, event),
    onError: (schedule, error) =>
      lambda.appendLog(
        schedule.functionName,
        `schedule ${schedule.name} failed: ${error instanceof Error ? error.message : "unknown"}`,
      ),
  });
  closers.push(() => schedules.close());
  for (const schedule of provisioned.schedules) schedules.put(schedule);

  const trailDeliveries = await deliveries;

  return {
    endpoint,
    portalOrigin: portalOriginOf(endpoint),
    documentsOrigin: documentsOriginOf(endpoint),
    cloud,
    lambda,
    eventSources,
    schedules,
    trailDeliveries,
    provisioned,
    close,
    bill: () => cloud.billing.rows({ keys: cloud.kms.billedKeys(), recoverable: cloud.dynamodb.recoverable() }),
    setStream: (tableName, isEnabled) => setStream(cloud, eventSources, tableName, isEnabled),
    async drain(timeoutMs) {
      await lambda.idle();
      await eventSources.drain(timeoutMs);
    },
    logs: () =>
      new Map([
        ...lambda.functions().map(({ functionName }) => [functionName, lambda.logs(functionName)] as const),
        [ACCESS_LOG, accessLog.lines(ACCESS_LOG)] as const,
      ]),
  };
}

function serve(
  cloud: Cloud,
  lambda: Lambda,
  { httpApi, edgeSecret }: Provisioned,
  accessLog: LogStore,
  { throttle: override, portal }: StackOptions,
): void {
  if (httpApi === undefined) return;
  const { apiId, routes, authorizers, cors, accessLogFormat } = httpApi;
  const throttle = override ?? httpApi.throttle;
  const api = createHttpApi({
    routes,
    authorizers,
    apiId,
    clock: cloud.clock,
    accountId: cloud.accountId,
    hostNames: ["127.0.0.1", "localhost", "documents.localhost"],
    invoke: (functionName, event) => lambda.invoke(functionName, event),
    onAccess: (line) => accessLog.append(ACCESS_LOG, line),
    onAnswered: (answered) =>
      cloud.billing.requested({
        apiArn: `arn:aws:apigateway:${cloud.region}:${cloud.accountId}:/apis/${apiId}`,
        ...answered,
      }),
    ...(throttle === undefined ? {} : { throttle }),
    ...(cors === undefined ? {} : { cors }),
    ...(accessLogFormat === undefined ? {} : { accessLogFormat }),
  });
  cloud.setHttpApi(
    createEdge({
      api,
      portalOrigin: portalOriginOf(cloud.endpoint),
      documentsOrigin: documentsOriginOf(cloud.endpoint),
      ...(portal === undefined ? {} : { portal }),
      ...(edgeSecret === undefined ? {} : { secret: edgeSecret }),
    }),
  );
}

/** `keyward-dev-fhir` is function `fhir` of the stage. */
function patched(
  configuration: FunctionConfiguration,
  patches: NonNullable<StackOptions["patches"]>,
): FunctionConfiguration {
  const own = Object.entries(patches).find(([name]) => configuration.functionName.endsWith(`-${name}`))?.[1];
  return own === undefined ? configuration : { ...configuration, patches: own };
}

/** Lambda writes a function's lines with the function's role: what IAM does not let it write is lost, without a word. */
function functionLogs(
  cloud: Cloud,
  { functions }: Provisioned,
): (functionName: string, line: string, writer: LogWriter) => void {
  const roles = new Map(functions.map((one) => [one.functionName, one.roleArn]));
  const verdicts = new WeakMap<object, boolean>();
  const mayWrite = (functionName: string, group: string): boolean => {
    const role = cloud.iam.roles.get(roles.get(functionName) ?? "");
    if (role === undefined) return false;
    const known = verdicts.get(role);
    if (known !== undefined) return known;
    const { accountId } = role;
    const principal = {
      arn: `arn:aws:sts::${accountId}:assumed-role/${role.name}/${functionName}`,
      accountId,
      type: "AssumedRole",
      roleArn: role.arn,
    } as const;
    const resource = `arn:aws:logs:${cloud.region}:${accountId}:log-group:${group}:log-stream:${functionName}`;
    const isAllowed = ["logs:CreateLogStream", "logs:PutLogEvents"].every(
      (action) =>
        evaluate(
          { principal, action, resource, context: principalContext(principal) },
          { identity: Object.values(role.policies) },
        ).allowed,
    );
    verdicts.set(role, isAllowed);
    return isAllowed;
  };
  return (functionName, line, writer) => {
    const group = `/aws/lambda/${functionName}`;
    if (mayWrite(functionName, group)) cloud.logs.append(group, functionName, line, writer === "platform");
  };
}

const oldStream = z.looseObject({ StreamDescription: z.looseObject({ StreamViewType: z.string() }) });

async function setStream(
  cloud: Cloud,
  eventSources: EventSources,
  tableName: string,
  isEnabled: boolean,
): Promise<void> {
  const { dynamodb } = cloud;
  const mappings = eventSources.mappings().filter((one) => one.streamArn.includes(`:table/${tableName}/stream/`));
  const StreamArn = mappings[0]?.streamArn;
  if (StreamArn === undefined) throw new Error(`no mapping reads a stream of table ${tableName}`);
  // It is told of a stream that is off, for a day.
  const described = await dynamodb.invoke("DynamoDBStreams_20120810.DescribeStream", { StreamArn });
  const { StreamViewType } = oldStream.parse(described).StreamDescription;
  await dynamodb.invoke("DynamoDB_20120810.UpdateTable", {
    TableName: tableName,
    StreamSpecification: isEnabled ? { StreamEnabled: true, StreamViewType } : { StreamEnabled: false },
  });
  const streamArn = dynamodb.findTable(tableName)?.streamArn;
  if (streamArn !== undefined) for (const mapping of mappings) eventSources.put({ ...mapping, streamArn });
}

function deliverTrails(cloud: Cloud, { trails }: Provisioned): Promise<readonly Delivery[]> {
  const start = ({ name: trailName, bucket, selectors }: PlannedTrail): Promise<Delivery> =>
    cloud.trail.startDelivery({
      trailName,
      bucket,
      selectors,
      deliver(key, bytes, metadata) {
        cloud.billing.delivered(bucket, cloud.accountId);
        return cloud.s3.putObjectInternal(bucket, key, bytes, { metadata });
      },
    });
  return Promise.all(trails.map(start));
}

/** Hands a schedule's event to its function, if the schedule's role trusts Scheduler and may invoke it. */
async function fire(cloud: Cloud, lambda: Lambda, schedule: Schedule, event: unknown): Promise<void> {
  const { functionName, roleArn = "" } = schedule;
  const sourceArn = schedule.arn.replace(/:schedule\/([^/]+)\/.*$/, ":schedule-group/$1");
  const session = cloud.iam.issueServiceSession(roleArn, "scheduler.amazonaws.com", schedule.name, { sourceArn });
  const identity = cloud.iam.identify(session.accessKeyId);
  if (identity === undefined)
    throw new ServiceError("AccessDenied", `the role of schedule ${schedule.name} is gone`, 403);
  const check = { action: "lambda:InvokeFunction", resource: lambda.functionArn(functionName), context: {} };
  const call = {
    requestId: "",
    caller: identity.caller,
    nowMs: cloud.clock.now(),
    sourceIp: "scheduler.amazonaws.com",
    userAgent: "scheduler.amazonaws.com",
  };
  const refusal = authorize(identity, [check], call, cloud.region);
  if (refusal !== undefined) throw new ServiceError("AccessDeniedException", refusal.message, 403);
  const { requestId } = await lambda.invoke(functionName, event, { type: "Event" });
  // For a virtual clock, which moves on when its tasks are done.
  await lambda.tried(requestId);
}
