import type { FaultKind } from "../local/front/faults.ts";
import type { Stack } from "../local/stack.ts";
import { Random } from "../seed/random.ts";
import { openStage } from "../bench/stage.ts";
import { type SoakAnswer, SoakClient, type SoakRequest } from "./client.ts";
import { planFaults } from "./faults.ts";
import { act, type Worker } from "./load.ts";
import { TenantModel } from "./model.ts";
import { archivedEvents, compareTrail, settleTrail, verifyAll, writtenVersions } from "./trail.ts";

export interface SoakOptions {
  readonly seed: string;
  readonly seconds: number;
  readonly workersPerTenant: number;
  readonly onProgress?: (requests: number, secondsLeft: number) => void;
  /** Between the load and the checks: where a test plants what they must find. */
  readonly beforeChecks?: (stack: Stack) => Promise<void>;
}

export interface SoakReport {
  readonly seed: string;
  readonly requests: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly acknowledgedVersions: number;
  readonly auditEvents: number;
  /** Each a sentence without content; empty is the verdict that everything held. */
  readonly violations: readonly string[];
}

/** Everything that a careful caller may be told. 500 is our own fault, whatever broke below. */
const STATUSES = new Set([200, 201, 204, 404, 410, 412, 422, 429, 503]);
const RETIRE_EVERY_MS = 7_000;

interface Tenant {
  readonly tenantId: string;
  readonly model: TenantModel;
  readonly client: SoakClient;
}

/**
 * A mixed load of two clinics with faults on, bounded in time, then the invariants: what was acknowledged is in the table
 * and the archive, every key had one effect, no update was lost, the trail verifies, and nothing of one clinic was ever
 * in an answer to the other or in a log.
 */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const { seed } = options;
  const stage = await openStage(2);
  const { stack, profile } = stage;
  const statuses: Record<string, number> = {};
  let requests = 0;
  try {
    const canaries = ["a", "b"].map((name) => `CANARY${name}${new Random(`${seed}/${name}`).integer(1e8, 9e8)}`);
    const tenants = stage.clinics.map(({ tenantId, physician }, index): Tenant => {
      const model = new TenantModel(canaries[index] ?? "");
      const foreign = canaries[1 - index] ?? "";
      const note = (request: SoakRequest, answer: SoakAnswer): void => {
        requests += 1;
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
        const what = `${request.method} ${request.path.split("/")[2]?.split("?")[0] ?? ""}`;
        if (answer.text.includes(foreign)) model.violations.push(`${what} was answered with another clinic's record`);
        if (!STATUSES.has(answer.status)) model.violations.push(`${what} was answered ${answer.status}`);
      };
      return { tenantId, model, client: new SoakClient(profile.publicUrl, physician, note) };
    });
    await load(stack, tenants, options, () => requests);
    const faults = stack.cloud.faults.struck();
    stack.cloud.faults.setPlan(undefined);
    for (const { model, client } of tenants) await settleOpen(model, client);
    await settleTrail(stack);
    await options.beforeChecks?.(stack);
    await settleTrail(stack);

    const violations = tenants.flatMap(({ model }) => model.violations);
    for (const { model, client } of tenants) violations.push(...(await checkRecords(model, client)));
    const events = archivedEvents(stack, profile);
    const versions = writtenVersions(stack, profile);
    violations.push(...compareTrail(versions, events));
    const there = new Set(versions.map(({ tenantId, name }) => `${tenantId} ${name}`));
    for (const { tenantId, model } of tenants) {
      for (const name of model.acknowledged)
        if (!there.has(`${tenantId} ${name}`)) violations.push(`${name} was acknowledged and is not in the table`);
    }
    await settleTrail(stack);
    for (const { findings, unsealed } of await verifyAll(
      profile,
      tenants.map(({ tenantId }) => tenantId),
    )) {
      violations.push(...findings.map(({ kind, where }) => `audit verify: ${kind} at ${where}`));
      if (unsealed > 0) violations.push(`audit verify: ${unsealed} objects are not sealed`);
    }
    violations.push(...checkLogs(stack, canaries));
    return {
      seed,
      requests,
      statuses,
      faults,
      acknowledgedVersions: tenants.reduce((sum, { model }) => sum + model.acknowledged.size, 0),
      auditEvents: events.size,
      violations: [...new Set(violations)],
    };
  } finally {
    await stage.close();
  }
}

async function load(
  stack: Stack,
  tenants: readonly Tenant[],
  { seed, seconds, workersPerTenant, onProgress }: SoakOptions,
  requests: () => number,
): Promise<void> {
  stack.cloud.faults.setPlan(planFaults(seed));
  const endMs = performance.now() + seconds * 1000;
  const random = new Random(`${seed}/retire`);
  let keys = 0;
  const workers = tenants.flatMap(({ model, client }, index) =>
    Array.from({ length: workersPerTenant }, async (_, number) => {
      const other = tenants[1 - index]?.model ?? model;
      const worker: Worker = {
        random: new Random(`${seed}/worker/${index}/${number}`),
        own: model,
        other,
        client,
        nextKey: () => `${model.canary}-key-${(keys += 1)}`,
      };
      while (performance.now() < endMs) await act(worker);
    }),
  );
  // Environments end at any time on Lambda: with them go caches, and chains of events.
  const retire = setInterval(() => {
    onProgress?.(requests(), Math.max(0, Math.round((endMs - performance.now()) / 1000)));
    if (random.chance(0.5)) void stack.lambda.retireAll();
  }, RETIRE_EVERY_MS);
  try {
    await Promise.all(workers);
  } finally {
    clearInterval(retire);
  }
}

/** With the faults over, every write that was left open has a clear end. */
async function settleOpen(model: TenantModel, client: SoakClient): Promise<void> {
  for (const { request, settle } of model.open.splice(0)) {
    const answer = await client.send(request);
    if (answer === undefined) model.violations.push(`${request.method} has no clear answer after the faults are over`);
    else settle(answer);
  }
}

/** Every record as the API gives it now: the version and content that were acknowledged last. */
async function checkRecords({ records }: TenantModel, client: SoakClient): Promise<string[]> {
  const violations: string[] = [];
  for (const [name, { version, mark }] of records) {
    const answer = await client.send({ method: "GET", path: `/fhir/${name}` });
    const wanted = mark === undefined ? 410 : 200;
    if (answer?.status !== wanted)
      violations.push(`${name} is answered ${answer?.status ?? "not at all"}, not ${wanted}`);
    if (answer?.status !== 200 || mark === undefined) continue;
    const { meta } = JSON.parse(answer.text) as { meta?: { versionId?: string } };
    if (meta?.versionId !== String(version))
      violations.push(`${name} is at ${meta?.versionId ?? "none"}, not ${version}`);
    if (!answer.text.includes(mark)) violations.push(`${name}/${version} does not hold what was acknowledged`);
  }
  return violations;
}

/** No canary in what people read who may not read charts: logs and CloudTrail. */
function checkLogs(stack: Stack, canaries: readonly string[]): string[] {
  const violations: string[] = [];
  for (const [name, lines] of stack.logs()) {
    if (canaries.some((canary) => lines.some((line) => line.includes(canary))))
      violations.push(`the log of ${name} holds content`);
    const unaudited = lines.filter((line) => line.includes("UNAUDITED_WRITE") || line.includes("outbox-tampering"));
    if (unaudited.length > 0) violations.push(`the log of ${name} holds ${unaudited.length} alarms of the cross-check`);
  }
  const trail = JSON.stringify(stack.cloud.trail.records({}, 100_000));
  if (canaries.some((canary) => trail.includes(canary))) violations.push("CloudTrail's records hold content");
  return violations;
}
