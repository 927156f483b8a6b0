import { systemClock, type Clock } from "../../../core/kernel/clock.ts";
import { AWS, createBilling, type Billing, type Served } from "../billing/index.ts";
import { createDynamoDb, type DynamoDb } from "../dynamodb/index.ts";
import { createIam, type AccessKey, type Iam } from "../iam/index.ts";
import { createKms, type Kms } from "../kms/index.ts";
import { createLogs, type Logs } from "../logs/index.ts";
import { createS3, type S3 } from "../s3/index.ts";
import type { Service, ServiceDeps } from "../service.ts";
import { createSqs, type Sqs } from "../sqs/index.ts";
import { createSts } from "../sts/index.ts";
import { createTrail, type Trail } from "../trail/index.ts";
import { withTimers, type TimedClock } from "./clock.ts";
import { createDispatcher } from "./dispatch.ts";
import { createFaults, type FaultPlan, type Faults } from "./faults.ts";
import { startServer, type HttpApiHandler } from "./server.ts";
import { openState, type State, type StateProblem } from "./state.ts";

export interface CloudOptions {
  /** Where everything is kept; undefined keeps it in memory. */
  readonly folder?: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  readonly clock?: Clock;
  readonly accountId?: string;
  readonly region?: string;
  readonly faults?: FaultPlan;
  /** Hears of failures that are our own: an answer of 500 for which no fault was drawn. */
  readonly onDefect?: (error: unknown) => void;
}

/** The embedded AWS, running. */
export interface Cloud {
  /** `http://127.0.0.1:PORT`, for AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  readonly port: number;
  readonly accountId: string;
  readonly region: string;
  readonly clock: TimedClock;
  readonly rootCredentials: AccessKey;
  readonly iam: Iam;
  readonly sts: Service;
  /** Tables and their streams: both speak under the signing name `dynamodb`. */
  readonly dynamodb: DynamoDb;
  readonly s3: S3;
  readonly kms: Kms;
  readonly sqs: Sqs;
  readonly logs: Logs;
  readonly trail: Trail;
  readonly faults: Faults;
  readonly billing: Billing;
  /** What the services are built from, for those that are added from outside, such as Lambda. */
  readonly deps: ServiceDeps;
  /** Takes every request that is not an AWS call. */
  setHttpApi(handler: HttpApiHandler | undefined): void;
  /** Ends calls, timers and databases, in this order. May be called again. */
  close(): Promise<void>;
}

/** Why a cloud did not start; `kind` says what its user can do about it. */
export class CloudStartError extends Error {
  override readonly name = "CloudStartError";
  readonly kind: StateProblem["kind"] | "port-in-use";
  constructor(kind: StateProblem["kind"] | "port-in-use", message: string) {
    super(message);
    this.kind = kind;
  }
}

/**
 * Starts the embedded AWS on the loopback address. Rejects with CloudStartError when the folder is held by another
 * process, its master key is missing, damaged or readable by others, or the port is taken.
 */
export async function createCloud(options: CloudOptions = {}): Promise<Cloud> {
  const opened = openState(options.folder);
  if (!opened.ok) throw new CloudStartError(opened.error.kind, describe(opened.error));
  try {
    return await assemble(opened.value, options);
  } catch (error) {
    opened.value.close();
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      throw new CloudStartError("port-in-use", `port ${options.port ?? 0} is already in use`);
    }
    throw error;
  }
}

const DAY_MS = 86_400_000;

const functionOfGroup = (groupArn: string): string | undefined => /:\/aws\/lambda\/([^:]+)/.exec(groupArn)?.[1];

async function assemble(state: State, options: CloudOptions): Promise<Cloud> {
  const { accountId = "111122223333", region = "us-east-1", port = 0, onDefect = () => undefined } = options;
  const clock = options.clock ?? systemClock;
  const timers = withTimers(clock);
  const deps: ServiceDeps = {
    openDatabase: (name) => state.openDatabase(name),
    blobFolder: state.blobFolder,
    clock,
    accountId,
    region,
    wrapSecret: (plaintext) => state.wrapSecret(plaintext),
    unwrapSecret: (wrapped) => state.unwrapSecret(wrapped),
  };
  const trail = createTrail(deps, timers);
  const iam = createIam(deps, (event) => trail.recordServiceSession(event));
  const sts = createSts(iam);
  const billing = createBilling(clock);
  const kms = createKms(deps, {
    onServiceUse: (use) => billing.usedKey(use),
  });
  const s3: S3 = createS3(deps, {
    kms,
    onStored: (bucket, accountOfBucket, bytes) => billing.storedObjects(bucket, accountOfBucket, bytes),
  });
  const untilMidnightMs = DAY_MS - (clock.now() % DAY_MS);
  timers.at(clock.now() + untilMidnightMs, () => {
    s3.runLifecycles();
    timers.every(DAY_MS, () => s3.runLifecycles());
  });
  const dynamodb = createDynamoDb(deps, {
    deliver: (bucket, key, body) => void s3.putObjectInternal(bucket, key, body),
    onStored: (change) => billing.storedItems(change),
  });
  const sqs = createSqs(deps, timers);
  const logs = createLogs(deps, {
    onIngested: (event) => billing.ingested({ ...event, by: functionOfGroup(event.groupArn) ?? AWS }),
  });
  const faults = createFaults(clock, options.faults);
  const services: readonly Service[] = [sts, dynamodb, s3, kms, sqs, logs, trail];
  const onServed = (served: Served): void => billing.served(served);
  const dispatcher = createDispatcher({ services, iam, trail, faults, clock, region, onDefect, onServed });

  const server = await startServer({ port, clock, dispatch: dispatcher.dispatch, onDefect });

  const closeAll = async (): Promise<void> => {
    const closed = server.close();
    sqs.endWaits();
    await closed;
    await dispatcher.idle();
    await timers.close();
    for (const service of services) service.close?.();
    state.close();
  };
  let closing: Promise<void> | undefined;
  return {
    endpoint: server.endpoint,
    port: server.port,
    accountId,
    region,
    clock: timers,
    rootCredentials: iam.rootCredentials,
    iam,
    sts,
    dynamodb,
    s3,
    kms,
    sqs,
    logs,
    trail,
    faults,
    billing,
    deps,
    setHttpApi: (handler) => server.setHttpApi(handler),
    close: () => (closing ??= closeAll()),
  };
}

function describe(problem: StateProblem): string {
  switch (problem.kind) {
    case "in-use":
      return `the data folder ${problem.folder} is used by another process`;
    case "key-missing":
      return `the data folder holds data, but its key ${problem.file} is missing`;
    case "key-damaged":
      return `the key ${problem.file} is damaged`;
    case "key-readable-by-others":
      return `the key ${problem.file} can be read by other users; its mode must be 0600`;
  }
}
