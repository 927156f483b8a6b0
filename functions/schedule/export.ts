import type { Context } from "aws-lambda";
import { createAuditWriter } from "../../core/audit/writer.ts";
import { type ExportWorker, glanceAtOpenExports, type OpenExport, stepExport, sweep } from "../../core/export/index.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { newId } from "../../core/kernel/ids.ts";
import { createCommittedTransactions } from "../../core/record/index.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter } from "../../core/table/index.ts";
import { createRegistryStore } from "../../core/table/registry-store.ts";
import type { TenantRow } from "../../core/tenant/index.ts";
import { createAuditSink } from "../runtime/audit-sink.ts";
import { dynamoDb, ownSts } from "../runtime/clients.ts";
import { readConfig, siteOf } from "../runtime/config.ts";
import { createVendor } from "../runtime/credentials.ts";
import { createExportScopes } from "../runtime/export-scope.ts";
import { standingOfRequester } from "../runtime/job-standing.ts";
import { describeError, log } from "../runtime/log.ts";
import { forTenant, metered } from "../runtime/meter.ts";
import { onAlarm } from "../runtime/record-alarm.ts";
import { releaseNow } from "../runtime/release.ts";
import { describeRequest, inRequest } from "../runtime/request-context.ts";
import { ownTenants } from "../runtime/tenants.ts";

function start() {
  const config = readConfig([
    "AWS_REGION",
    "STAGE",
    "CELL",
    "ACCOUNT_ID",
    "DATA_TABLE",
    "OUTBOX_TABLE",
    "KEYS_TABLE",
    "REGISTRY_TABLE",
    "ATTACHMENT_BUCKET",
    "CELL_KEY_ARN",
    "EXPORT_ROLE_ARN",
    "REGISTRY_READ_ROLE_ARN",
  ]);
  const { AWS_REGION: region, CELL: cell } = config;
  const site = siteOf(config);
  const vend = createVendor(ownSts(region), systemClock);
  const scopes = createExportScopes(
    {
      site,
      exportRoleArn: config.EXPORT_ROLE_ARN,
      cellKeyArn: config.CELL_KEY_ARN,
      dataTable: config.DATA_TABLE,
      outboxTable: config.OUTBOX_TABLE,
      keysTable: config.KEYS_TABLE,
      attachmentBucket: config.ATTACHMENT_BUCKET,
    },
    vend,
    systemClock,
  );
  const reads = dynamoDb(region, () => vend({ roleArn: config.REGISTRY_READ_ROLE_ARN, sessionName: "export" }));
  const names = { registry: config.REGISTRY_TABLE };
  return {
    scopes,
    tenants: ownTenants(region, config.REGISTRY_TABLE, cell, systemClock),
    registry: createRegistryStore(
      createDynamoTable({ client: reads, names, clock: systemClock, meter: createMeter() }),
    ),
    writer: createAuditWriter(systemClock),
    committed: createCommittedTransactions(),
  };
}
type Runtime = ReturnType<typeof start>;

interface Job {
  readonly tenant: TenantRow;
  readonly entry: OpenExport;
  readonly worker: ExportWorker;
  /** As its events name it: what they say is held against what was opened under that name. */
  readonly requestId: string;
}

/** A job, with the session of that job alone. Its events are the requester's, done by this function. */
function jobOf({ scopes, registry, writer, committed }: Runtime, tenant: TenantRow, entry: OpenExport): Job {
  const { tenantId } = tenant;
  const { keyring } = scopes;
  const { table, keyScope, store, contents } = scopes.open(tenantId, entry, tenant.epoch);
  const requestId = newId(systemClock.now());
  const origin = { requestId, sourceIp: "", userAgent: "", method: "JOB", path: `/exports/${entry.id}`, query: "" };
  const privacy = { table, keyring, keyScope, tenantId, clock: systemClock, onAlarm };
  const worker: ExportWorker = {
    privacy,
    release: () => releaseNow(privacy, registry),
    store,
    contents,
    newId,
    onAlarm,
    committed,
    manifests: new Map(),
    standing: (job) => standingOfRequester(registry, tenantId, job),
    audit: (principal) => createAuditSink({ writer, table, keyring, keyScope, request: { principal, ...origin } }),
  };
  return { tenant, entry, worker, requestId };
}

/** The jobs of a tenant that are not done with. A tenant that cannot be asked is asked again in a minute. */
async function jobsOf(runtime: Runtime, tenant: TenantRow): Promise<Job[]> {
  const table = runtime.scopes.queue(tenant.tenantId);
  const open = await glanceAtOpenExports({ table, tenantId: tenant.tenantId });
  if (open.ok) return open.value.map((entry) => jobOf(runtime, tenant, entry));
  log("error", "alarm", { failure: `export-queue-${open.error.kind}`, tenantId: tenant.tenantId });
  return [];
}

/** One piece of one job. Gives whether there is more of it to do at once. */
async function step({ tenant, entry, worker }: Job): Promise<boolean> {
  try {
    // A clinic that is suspended cannot write any more that its export has ended: the files go first.
    if (tenant.status !== "active") await sweep(worker);
    const done = await stepExport(worker, entry.id);
    if (done.ok) return done.value === "again";
    const isExpected = done.error.kind === "suspended" && tenant.status !== "active";
    if (!isExpected) log("error", "alarm", { failure: `export-${done.error.kind}`, tenantId: tenant.tenantId });
  } catch (error) {
    log("error", "alarm", { failure: "export", tenantId: tenant.tenantId, ...describeError(error) });
  }
  return false;
}

/** What is left of an invocation when the last piece begins: the longest that a piece takes, and some. */
const RESERVE_MS = 15_000;
const TENANTS_AT_ONCE = 8;

async function findJobs(runtime: Runtime): Promise<Job[]> {
  const own = await runtime.tenants();
  const found: Job[] = [];
  for (let at = 0; at < own.length; at += TENANTS_AT_ONCE) {
    const some = own.slice(at, at + TENANTS_AT_ONCE);
    const ask = (tenant: TenantRow): Promise<Job[]> => forTenant(tenant.tenantId, () => jobsOf(runtime, tenant));
    found.push(...(await Promise.all(some.map(ask))).flat());
  }
  return found;
}

let runtime: Runtime | undefined;

/**
 * Every minute: works off the exports of every clinic, a piece of each in turn, so that a large one keeps no small one
 * waiting. What it does not finish it goes on with in the next minute, from the rows alone.
 */
async function work(
  _event: unknown,
  context?: Pick<Context, "getRemainingTimeInMillis">,
): Promise<{ readonly jobs: number; readonly steps: number }> {
  runtime ??= start();
  const jobs = await findJobs(runtime);
  let turn = jobs;
  let steps = 0;
  while (turn.length > 0) {
    const next: Job[] = [];
    for (const job of turn) {
      if ((context?.getRemainingTimeInMillis() ?? Infinity) < RESERVE_MS) return { jobs: jobs.length, steps };
      steps += 1;
      const { tenant, entry } = job;
      const request = (): Promise<boolean> =>
        inRequest(job.requestId, () => {
          describeRequest({ route: "export", tenantId: tenant.tenantId, userId: entry.by });
          return step(job);
        });
      const hasMore = await forTenant(tenant.tenantId, request);
      if (hasMore) next.push(job);
    }
    turn = next;
  }
  return { jobs: jobs.length, steps };
}

export const handler = metered("export", work);
