import type { SeenEvent, SeenObject } from "./sightings.ts";
import { makeSignal, type Signal } from "./signal.ts";

/** Long enough for a batching window and some retries, short enough that an alarm comes within five minutes. */
export const ARCHIVE_GRACE_MS = 4 * 60_000;
export const SEAL_GRACE_MS = 4 * 60_000;

/**
 * Events of the outbox that are not in the archive though they are old enough. An outage has one incident, named by its
 * oldest event; a hole, with archived events on both sides, has one for each event that is missing.
 */
export function notArchived(
  tenant: string,
  events: readonly SeenEvent[],
  objects: readonly SeenObject[],
  nowMs: number,
): Signal[] {
  const archived = new Set(objects.flatMap(({ eventIds }) => eventIds));
  const due = events
    .filter(({ at }) => nowMs - at >= ARCHIVE_GRACE_MS)
    .toSorted((left, right) => (left.id < right.id ? -1 : 1));
  const newestArchived = due.findLastIndex(({ id }) => archived.has(id));
  const missing = due.flatMap((event, index) => (archived.has(event.id) ? [] : [{ event, index }]));
  const holes = missing.filter(({ index }) => index < newestArchived);
  const outage = missing.filter(({ index }) => index > newestArchived);
  const [oldest] = outage;
  const told = [
    ...holes.map((hole) => ({ ...hole, count: 1 })),
    ...(oldest ? [{ ...oldest, count: outage.length }] : []),
  ];
  return told.map(({ event, count }) =>
    makeSignal(
      {
        tenant,
        at: event.at,
        kind: "not-archived",
        handler: event.service,
        record: `event/${event.id}`,
        request: event.request,
        count,
        evidence: [event.id],
      },
      [event.id],
    ),
  );
}

/** Objects that no seal lists, and since when each was seen so. */
export type Unsealed = ReadonlyMap<string, number>;

/** Objects of the archive that have waited too long for a signed checkpoint. */
export function notSealed(
  tenant: string,
  objects: readonly SeenObject[],
  before: Unsealed,
  nowMs: number,
): { readonly signals: readonly Signal[]; readonly unsealed: Unsealed } {
  const open = objects.filter(({ isSealed }) => !isSealed);
  const unsealed = new Map(open.map(({ key }) => [key, before.get(key) ?? nowMs]));
  const signals = open.flatMap(({ key, eventIds }) => {
    const sinceMs = unsealed.get(key) ?? nowMs;
    if (nowMs - sinceMs < SEAL_GRACE_MS) return [];
    const record = `object/${eventIds[0] ?? "none"}`;
    const facts = { tenant, at: sinceMs, kind: "not-sealed", handler: "seal", record, count: eventIds.length } as const;
    return [makeSignal({ ...facts, evidence: eventIds }, [key])];
  });
  return { signals, unsealed };
}
