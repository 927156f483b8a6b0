import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { Context } from "aws-lambda";
import type { Zone } from "../../core/contract/index.ts";
import { PLATFORM } from "../../core/cost/meters.ts";
import { formatFact, type TenantUse, type UsageRecord } from "../../core/cost/usage.ts";
import type { FunctionName } from "../../core/iam/index.ts";
import { isPlatformStaff, type Principal } from "../../core/identity/principal.ts";
import { isId } from "../../core/kernel/ids.ts";
import { readConfig } from "./config.ts";
import { logFact } from "./log.ts";
import { billedLogBytes, observeOutput } from "./meter-output.ts";
import { addTally, createTally, type Tally } from "./meter-tally.ts";

/** One run of a function. What no `forTenant` claims is its owner's. */
interface Invocation {
  owner: string;
  route: string | null;
  readonly own: Tally;
  readonly tallies: Map<string, Tally>;
  /** How many pieces of work each tenant has under way. */
  readonly active: Map<string, number>;
  /** When the set of active tenants last changed, milliseconds of `performance`. */
  changedAtMs: number;
  isOver: boolean;
}

interface Scope {
  readonly invocation: Invocation;
  readonly tenantId?: string;
}

const storage = new AsyncLocalStorage<Scope>();

/**
 * What was counted outside of every invocation: before the first, or by work that outlived its own. Lambda stops such work
 * with the answer and lets it go on with the next invocation, whose line therefore has it.
 */
const outside = new Map<string, Tally>();

function tallyOf(tallies: Map<string, Tally>, tenantId: string): Tally {
  const known = tallies.get(tenantId) ?? createTally();
  tallies.set(tenantId, known);
  return known;
}

/** Where what happens here and now is counted. */
export function currentTally(): Tally {
  const scope = storage.getStore();
  if (scope === undefined) return tallyOf(outside, PLATFORM);
  const { invocation, tenantId } = scope;
  if (invocation.isOver) return tallyOf(outside, tenantId ?? invocation.owner);
  return tenantId === undefined ? invocation.own : tallyOf(invocation.tallies, tenantId);
}

observeOutput((bytes) => (currentTally().logBytes += bytes));

/** Gives the time since the last change to who was active: in equal parts, and to the owner where nobody was. */
function passTime(invocation: Invocation): void {
  const nowMs = performance.now();
  const us = (nowMs - invocation.changedAtMs) * 1000;
  invocation.changedAtMs = nowMs;
  const { active, own, tallies } = invocation;
  if (active.size === 0) own.us += us;
  for (const tenantId of active.keys()) tallyOf(tallies, tenantId).us += us / active.size;
}

/**
 * Runs work that is done for one tenant: its calls, its log lines and its time are the tenant's, also where others work at
 * the same moment. Without a tenant's id it is the invocation's own.
 */
export async function forTenant<T>(tenantId: string | undefined, work: () => Promise<T>): Promise<T> {
  const scope = storage.getStore();
  if (scope === undefined || tenantId === undefined || !isId(tenantId)) return work();
  const { invocation } = scope;
  const { active } = invocation;
  passTime(invocation);
  active.set(tenantId, (active.get(tenantId) ?? 0) + 1);
  try {
    return await storage.run({ invocation, tenantId }, work);
  } finally {
    if (!invocation.isOver) passTime(invocation);
    const left = (active.get(tenantId) ?? 1) - 1;
    if (left === 0) active.delete(tenantId);
    else active.set(tenantId, left);
  }
}

/** The whole invocation is the clinic's whose member or system asked, once that is known. Our own staff is nobody's cost. */
export function chargeTo({ tenantId, roles }: Pick<Principal, "tenantId" | "roles">): void {
  const scope = storage.getStore();
  if (scope !== undefined) scope.invocation.owner = isPlatformStaff({ roles }) ? PLATFORM : tenantId;
}

/** The route's template: `GET /clinic/patients/{id}`. Never a path. */
export function nameRoute(template: string): void {
  const scope = storage.getStore();
  if (scope !== undefined) scope.invocation.route = template;
}

/** A line of the log stays under 256 KB with as many tenants in it; who comes after them is the platform's. */
const TENANTS_MAX = 800;

function usesOf({ owner, own, tallies }: Invocation): TenantUse[] {
  const all = new Map<string, Tally>([[owner, own]]);
  for (const counted of [tallies, outside])
    for (const [tenantId, tally] of counted) {
      const isNamed = all.has(tenantId) || all.size < TENANTS_MAX;
      addTally(tallyOf(all, isNamed ? tenantId : PLATFORM), tally);
    }
  outside.clear();
  return [...all].map(([tenant, tally]) => ({ tenant, ...tally, us: Math.round(tally.us) }));
}

/** The record with the bytes of its own line, which its owner pays for too. The length settles: it grows with its digits. */
function withOwnLine(record: UsageRecord): UsageRecord {
  const [own, ...others] = record.uses;
  if (own === undefined) return record;
  const withBytes = (bytes: number): UsageRecord => ({
    ...record,
    uses: [{ ...own, logBytes: own.logBytes + bytes }, ...others],
  });
  let bytes = 0;
  for (;;) {
    const needed = billedLogBytes(`${formatFact(withBytes(bytes))}\n`);
    if (needed === bytes) return withBytes(bytes);
    bytes = needed;
  }
}

let place: { readonly stage: string; readonly cell: string } | undefined;

function readPlace() {
  const { STAGE: stage, CELL: cell } = readConfig(["STAGE", "CELL"]);
  return { stage, cell };
}

/**
 * A function that accounts for each of its invocations in one `usage.v1` line, also where it throws. A process that dies
 * leaves none: Lambda's own report then stands alone.
 */
export function metered<A extends readonly unknown[], T>(
  fn: FunctionName | Zone,
  handler: (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  return async (...args) => {
    place ??= readPlace();
    const { stage, cell } = place;
    // A test may start a handler without Lambda's context; Lambda does not.
    const { awsRequestId = randomUUID(), memoryLimitInMB = "128" } = (args[1] ?? {}) as Partial<Context>;
    const at = Date.now();
    const startedAtMs = performance.now();
    const invocation: Invocation = {
      owner: PLATFORM,
      route: null,
      own: createTally(),
      tallies: new Map(),
      active: new Map(),
      changedAtMs: startedAtMs,
      isOver: false,
    };
    try {
      return await storage.run({ invocation }, () => handler(...args));
    } finally {
      passTime(invocation);
      invocation.isOver = true;
      const ms = Math.ceil(performance.now() - startedAtMs);
      const memoryMb = Number(memoryLimitInMB);
      const uses = usesOf(invocation);
      const { route } = invocation;
      logFact(withOwnLine({ kind: "usage.v1", id: awsRequestId, at, stage, cell, fn, route, ms, memoryMb, uses }));
    }
  };
}
