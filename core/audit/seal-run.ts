import * as z from "zod";
import type { Clock } from "../kernel/clock.ts";
import {
  closedKey,
  DAY_MS,
  dayOf,
  eventsRoot,
  hintsFrom,
  hintsRoot,
  parseBatchKey,
  runKey,
  runsRoot,
  startOfDay,
} from "./layout.ts";
import type { Sealed, Sealer, SealStore } from "./sealer.ts";

/** What the archive writer leaves with each batch of a stream: which objects it has written. */
export const Hint = z.strictObject({ v: z.literal(1), objects: z.array(z.string()).max(10_000) });
export type Hint = z.infer<typeof Hint>;

/** What one run did: the next one after a cold start begins where it says, and the witness looks where it says. */
export const RunRecord = z.strictObject({
  v: z.literal(1),
  at: z.int(),
  /** Every hint before this moment was dealt with. */
  hintsFrom: z.int(),
  sealed: z.array(z.strictObject({ tenant: z.string(), size: z.int() })),
  closed: z.array(z.strictObject({ tenant: z.string(), day: z.string() })),
});
export type RunRecord = z.infer<typeof RunRecord>;

export function parseJson<T>(schema: z.ZodType<T>, content: Uint8Array | undefined): T | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(content ?? []).toString("utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export interface SealRunStore extends SealStore {
  folders(prefix: string): Promise<string[]>;
}

export interface SealRunDeps {
  readonly store: SealRunStore;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly onSealed?: (tenantId: string, sealed: Sealed) => void;
  /** A tenant whose objects could not be sealed now. The others go on, and the next run tries again. */
  readonly onFailure: (tenantId: string, error: unknown) => void;
}

/** A hint is written within this time of its own name, whatever its writer went through. */
const LATE_MS = 15 * 60_000;
/** Closing a day for a thousand clinics takes more than one run: the rest waits a minute. */
const CLOSING_MS = 30_000;
const CATCH_UP_DAYS = 31;
const AT_ONCE = 8;

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) await Promise.all(items.slice(at, at + AT_ONCE).map(work));
}

/**
 * One run a minute over all tenants of a cell. A quiet tenant costs nothing: hints say who has something new, and once
 * a day each trail is listed whole, so that an object without a hint is found too.
 */
export function createSealRun({ store, sealer, clock, onSealed, onFailure }: SealRunDeps) {
  let hintsFromMs: number | undefined;
  const handled = new Set<string>();
  const closed = new Set<string>();
  let closedThrough: string | undefined;

  async function newHints(): Promise<string[]> {
    if (hintsFromMs === undefined) {
      const [newest] = await store.list(runsRoot, 1);
      hintsFromMs = newest === undefined ? 0 : (parseJson(RunRecord, await store.get(newest))?.hintsFrom ?? 0);
    }
    return (await store.list(hintsRoot, Infinity, hintsFrom(hintsFromMs))).filter((hint) => !handled.has(hint));
  }

  async function sealTenant(tenantId: string, keys: readonly string[], record: RunRecord): Promise<boolean> {
    try {
      const sealed = await sealer.add(tenantId, keys);
      onSealed?.(tenantId, sealed);
      if (sealed.added > 0) record.sealed.push({ tenant: tenantId, size: sealed.size });
      return true;
    } catch (error) {
      onFailure(tenantId, error);
      return false;
    }
  }

  async function sealHinted(record: RunRecord): Promise<number> {
    const failed = new Set<string>();
    const hints = new Map<string, readonly string[]>();
    await inTurns(await newHints(), async (key) => {
      hints.set(key, parseJson(Hint, await store.get(key))?.objects ?? []);
    });
    const objects = [...new Set([...hints.values()].flat())].toSorted();
    const byTenant = Map.groupBy(objects, (key) => parseBatchKey(key)?.tenantId);
    // A name that is no batch's: the archive writer makes none, and what is no batch is found by the day's listing.
    byTenant.delete(undefined);
    await inTurns([...byTenant], async ([tenantId = "", keys]) => {
      if (!(await sealTenant(tenantId, keys, record))) failed.add(tenantId);
    });
    for (const [key, named] of hints) {
      if (!named.some((object) => failed.has(parseBatchKey(object)?.tenantId ?? ""))) handled.add(key);
    }
    if (failed.size === 0) {
      hintsFromMs = Math.max(hintsFromMs ?? 0, clock.now() - LATE_MS);
      for (const key of handled) if (key < hintsFrom(hintsFromMs)) handled.delete(key);
    }
    return failed.size;
  }

  async function daysToClose(): Promise<string[]> {
    const yesterday = dayOf(clock.now() - DAY_MS);
    closedThrough ??= (await store.list(closedKey(""))).at(-1)?.slice(closedKey("").length);
    if (closedThrough === undefined) return [yesterday];
    const days: string[] = [];
    for (let ms = startOfDay(closedThrough) + DAY_MS; dayOf(ms) <= yesterday; ms += DAY_MS) days.push(dayOf(ms));
    return days.slice(-CATCH_UP_DAYS);
  }

  async function closeTenant(tenantId: string, day: string, record: RunRecord): Promise<boolean> {
    try {
      const sealed = await sealer.sweep(tenantId, day);
      onSealed?.(tenantId, sealed);
      if (sealed.added > 0) record.sealed.push({ tenant: tenantId, size: sealed.size });
      if (await sealer.closeDay(tenantId, day)) record.closed.push({ tenant: tenantId, day });
      return true;
    } catch (error) {
      onFailure(tenantId, error);
      return false;
    }
  }

  async function closeDays(record: RunRecord): Promise<number> {
    const days = await daysToClose();
    if (days.length === 0) return 0;
    const deadlineMs = clock.now() + CLOSING_MS;
    const tenants = await store.folders(eventsRoot);
    let failed = 0;
    for (const day of days) {
      let isDone = true;
      await inTurns(tenants, async (tenantId) => {
        const name = `${tenantId} ${day}`;
        if (closed.has(name)) return;
        if (clock.now() > deadlineMs) isDone = false;
        else if (await closeTenant(tenantId, day, record)) closed.add(name);
        else {
          isDone = false;
          failed += 1;
        }
      });
      if (!isDone) break;
      await store.create(closedKey(day), "");
      closedThrough = day;
      closed.clear();
    }
    return failed;
  }

  return {
    async run(): Promise<{ readonly sealed: number; readonly failed: number; readonly closed: number }> {
      const at = clock.now();
      const record: RunRecord = { v: 1, at, hintsFrom: 0, sealed: [], closed: [] };
      const failed = (await sealHinted(record)) + (await closeDays(record));
      record.hintsFrom = hintsFromMs ?? 0;
      if (record.sealed.length + record.closed.length > 0) await store.create(runKey(at), JSON.stringify(record));
      return { sealed: record.sealed.length, failed, closed: record.closed.length };
    },
  };
}
