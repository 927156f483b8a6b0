import { notArchived, notSealed, type Unsealed } from "./archiving.ts";
import {
  knownRequests,
  READ_RULES,
  type ReadRules,
  silentOpenings,
  unexplainedCalls,
  unexplainedKeys,
} from "./reads.ts";
import { type ClinicFacts, probes, type Thresholds, unusual } from "./signals/index.ts";
import type { ChangeAlarm, DataCall, KeyCall, KeyUseLine, RequestLine, SeenEvent, SeenObject } from "./sightings.ts";
import { makeSignal, type Signal } from "./signal.ts";
import { followWriters, type WriterHeads } from "./writers.ts";

/** Everything that was seen of a window, from five sources that do not know of each other. */
export interface Sightings {
  /** The outbox, read consistently after all the others, so that what explains a sighting is there if it ever was. */
  readonly events: readonly SeenEvent[];
  readonly requests: readonly RequestLine[];
  readonly keyUses: readonly KeyUseLine[];
  readonly calls: readonly DataCall[];
  readonly keyCalls: readonly KeyCall[];
  readonly objects: readonly SeenObject[];
  readonly changes: readonly ChangeAlarm[];
}

/** What a tenant's next run has to know. */
export interface WatchState {
  readonly heads: WriterHeads;
  readonly unsealed: Unsealed;
}

export const EMPTY_STATE: WatchState = { heads: new Map(), unsealed: new Map() };

export interface ReconcileOptions {
  readonly nowMs: number;
  readonly rules: Partial<ReadRules>;
  readonly states: ReadonlyMap<string, WatchState>;
  /** True where nothing is remembered of any tenant: a process that has just begun. */
  readonly isFirstLook?: boolean;
  readonly thresholds?: Thresholds;
  /** What the registry knows of a clinic; nothing that goes by it is told of one that it is not known of. */
  readonly clinicOf?: (tenantId: string) => ClinicFacts | undefined;
}

export interface Reconciliation {
  readonly signals: readonly Signal[];
  readonly states: ReadonlyMap<string, WatchState>;
}

/**
 * What a request may still be doing. Nothing younger is judged: its event, its line or its object may be on the way.
 * Longer than a request lasts, and short enough that an incident is told within five minutes.
 */
export const GRACE_MS = 60_000;

/** Neither waits: the stream gives a change when it is done, and its event was written with it. */
const changed = ({ kind, tenantId = "none", record, atMs, name }: ChangeAlarm): Signal =>
  makeSignal({ tenant: tenantId, at: atMs, kind, handler: "data-stream", record }, [name, record]);

/**
 * Joins the five accounts of a window and gives what they do not agree on. Pure: the same sightings give the same signals
 * under the same ids, in whatever order and however often they come, so that a run may be repeated and windows overlap.
 */
export function reconcile(sightings: Sightings, options: ReconcileOptions): Reconciliation {
  const { nowMs, states, thresholds, clinicOf, isFirstLook = false } = options;
  const rules: ReadRules = { ...READ_RULES, plainReaders: new Set(), jobKeepers: new Set(), ...options.rules };
  const isDue = ({ atMs }: { readonly atMs: number }): boolean => nowMs - atMs >= GRACE_MS;
  const { events, requests, objects } = sightings;
  const known = knownRequests(events, requests);
  const calls = sightings.calls.filter(isDue);
  const signals = [
    ...silentOpenings(sightings.keyUses.filter(isDue), known, rules),
    ...unexplainedCalls(calls, known, rules),
    ...unexplainedKeys(sightings.keyCalls.filter(isDue), known, rules),
    ...probes(calls, events),
    ...sightings.changes.map(changed),
  ];
  const after = new Map<string, WatchState>();
  const byTenant = Map.groupBy(events, ({ tenant }) => tenant);
  const objectsOf = Map.groupBy(objects, ({ tenantId }) => tenantId);
  for (const tenant of new Set([...byTenant.keys(), ...objectsOf.keys(), ...states.keys()])) {
    const own = byTenant.get(tenant) ?? [];
    const remembered = states.get(tenant);
    const before = remembered ?? EMPTY_STATE;
    const old = own.filter(({ at }) => nowMs - at >= GRACE_MS);
    const writers = followWriters(tenant, old, before.heads, nowMs, remembered === undefined && isFirstLook);
    const sealing = notSealed(tenant, objectsOf.get(tenant) ?? [], before.unsealed, nowMs);
    signals.push(
      ...writers.signals,
      ...notArchived(tenant, own, objectsOf.get(tenant) ?? [], nowMs),
      ...sealing.signals,
      ...unusual(tenant, own, thresholds, clinicOf?.(tenant)),
    );
    after.set(tenant, { heads: writers.heads, unsealed: sealing.unsealed });
  }
  return { signals: [...new Map(signals.map((signal) => [signal.id, signal])).values()], states: after };
}
