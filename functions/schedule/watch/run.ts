import { isId } from "../../../core/kernel/ids.ts";
import type { Table } from "../../../core/table/index.ts";
import {
  type ClinicFacts,
  type LogEvent,
  readLogLines,
  reconcile,
  type SeenEvent,
  type SeenObject,
  type WatchState,
} from "../../../core/watch/index.ts";
import { describeError, log } from "../../runtime/log.ts";
import { forTenant } from "../../runtime/meter.ts";
import type { OutboxReader } from "../../runtime/outbox-reader.ts";
import { raise } from "../../runtime/signals.ts";
import type { ArchiveObjects } from "./archive-objects.ts";
import type { ClinicReader } from "./clinics.ts";
import type { TrailFiles } from "./trail-files.ts";

export interface WatchDeps {
  /** The lines of all functions' logs of a period. */
  readonly logLines: (fromMs: number, toMs: number) => Promise<LogEvent[]>;
  readonly trailFiles: TrailFiles;
  readonly outbox: OutboxReader;
  readonly objects: ArchiveObjects;
  /** Every tenant that has ever had an event archived. */
  readonly tenants: () => Promise<readonly string[]>;
  readonly clinics: ClinicReader;
  readonly table: Pick<Table, "put">;
  /** Names of roles that do more than requests do. */
  readonly roles: { readonly plainReaders: ReadonlySet<string>; readonly jobKeepers: ReadonlySet<string> };
}

/** A line comes seconds after what it tells; a file of CloudTrail minutes. */
const LOG_WINDOW_MS = 15 * 60_000;
const TRAIL_WINDOW_MS = 45 * 60_000;
const EVENT_WINDOW_MS = 30 * 60_000;
/** What a process that has just begun looks back on, so that a hole which began before it is seen. */
const FIRST_LOOK_MS = 3 * 3_600_000;
/** An event may be that much older than the line or call of its request. */
const LONGEST_REQUEST_MS = 60_000;
/** Further back than this no explanation is looked for. */
const LONGEST_WINDOW_MS = 24 * 3_600_000;

/** A watch over one cell. What it remembers between runs is a convenience: all of it can be read again. */
export function createWatch(deps: WatchDeps) {
  let states: ReadonlyMap<string, WatchState> = new Map();
  let lastRunMs: number | undefined;

  /** A registry that cannot be read blinds nothing else. The next runs look back over what this one could not judge. */
  async function clinicOf(tenantId: string, nowMs: number): Promise<ClinicFacts | undefined> {
    try {
      return await deps.clinics.read(tenantId, nowMs);
    } catch (error) {
      log("error", "alarm", { failure: "registry-unread", tenantId, ...describeError(error) });
      return undefined;
    }
  }

  return async function run(nowMs: number): Promise<{ readonly found: number; readonly raised: number }> {
    // After a pause the window reaches back to where the watch stopped.
    const sinceMs = Math.min(nowMs, lastRunMs ?? nowMs);
    const lines = readLogLines(await deps.logLines(sinceMs - LOG_WINDOW_MS, nowMs));
    const { calls, keyCalls } = await deps.trailFiles.deliveredFrom(sinceMs - TRAIL_WINDOW_MS, nowMs);

    // What explains a sighting is older than the sighting: the outbox is read last, from before the first of them.
    const usualMs = sinceMs - (lastRunMs === undefined ? FIRST_LOOK_MS : EVENT_WINDOW_MS);
    const claims = [...lines.keyUses, ...calls, ...keyCalls];
    const earliestMs = claims.reduce((earliest, { atMs }) => Math.min(earliest, atMs - LONGEST_REQUEST_MS), usualMs);
    const fromMs = Math.max(earliestMs, nowMs - LONGEST_WINDOW_MS);
    const named = [...lines.changes, ...lines.keyUses, ...keyCalls].flatMap(({ tenantId }) => tenantId ?? []);
    const tenants = new Set([...(await deps.tenants()), ...named, ...states.keys()].filter((id) => isId(id)));
    const events: SeenEvent[] = [];
    const objects: SeenObject[] = [];
    const clinics = new Map<string, ClinicFacts>();
    const look = async (tenantId: string): Promise<void> => {
      const found = await deps.outbox.between(tenantId, fromMs, nowMs);
      if (found.strange > 0) log("error", "alarm", { failure: "outbox-strange-row", tenantId, count: found.strange });
      events.push(...found.events);
      const clinic = found.events.length === 0 ? undefined : await clinicOf(tenantId, nowMs);
      if (clinic !== undefined) clinics.set(tenantId, clinic);
      objects.push(...(await deps.objects.of(tenantId, found.events, nowMs)));
    };
    for (const tenantId of tenants) await forTenant(tenantId, () => look(tenantId));

    const result = reconcile(
      { events, ...lines, calls, keyCalls, objects },
      {
        nowMs,
        states,
        isFirstLook: lastRunMs === undefined,
        rules: deps.roles,
        clinicOf: (tenantId) => clinics.get(tenantId),
      },
    );
    let raised = 0;
    for (const signal of result.signals)
      if (await forTenant(signal.tenant, () => raise(deps.table, signal))) raised += 1;
    // Only now is the run behind us: one that breaks off is made again from the same place.
    states = result.states;
    lastRunMs = nowMs;
    return { found: result.signals.length, raised };
  };
}
