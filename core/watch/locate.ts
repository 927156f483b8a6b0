import { decodeEvent, type AuditEvent } from "../audit/event.ts";
import { dayOf, eventsPrefix } from "../audit/layout.ts";
import { linesOf } from "../audit/seal.ts";
import { isId } from "../kernel/ids.ts";
import { timeOfId } from "../kernel/ids.ts";
import { idAtOrAfter } from "./event-time.ts";

/** What finding a line needs of the archive. */
export interface ArchiveReader {
  list(prefix: string, limit?: number): Promise<string[]>;
  get(key: string): Promise<Uint8Array | undefined>;
}

export interface LocatedEvent {
  readonly event: AuditEvent;
  readonly line: string;
  readonly object: string;
}

const DAY_MS = 86_400_000;
/**
 * Batches are named by their first event, and ids by time: ids of one stretch share their first characters. Seven
 * stand for 33 seconds, six for 17 minutes, five for nine hours: longer than a stream tries a record.
 */
const STRETCHES = [7, 6, 5] as const;
/** A stretch may begin just after the batch did that holds the event. */
const STRETCH_MS = [32_768, 1_048_576, 33_554_432] as const;
const OBJECTS_MAX = 40;

/**
 * The archived line of an event: its object is found by its name. A batch begins with an event of its own time, so that
 * it lies among the few objects that are named for the same half minute; only after an outage is it looked for further.
 * Undefined where it is not in the archive, or not yet.
 */
export async function locateEvent(
  archive: ArchiveReader,
  tenantId: string,
  eventId: string,
  nowMs: number,
): Promise<LocatedEvent | undefined> {
  if (!isId(eventId)) return undefined;
  const atMs = timeOfId(eventId);
  const seen = new Set<string>();
  for (const [index, length] of STRETCHES.entries()) {
    const before = atMs - (STRETCH_MS[index] ?? 0);
    const stretches = [...new Set([eventId.slice(0, length), idAtOrAfter(before).slice(0, length)])];
    // An archive that was late filed the batch under the day of its arrival.
    const days = new Set([dayOf(before), dayOf(atMs), dayOf(Math.min(atMs + DAY_MS, Math.max(nowMs, atMs)))]);
    const prefixes = [...days].flatMap((day) => stretches.map((stretch) => eventsPrefix(tenantId, day) + stretch));
    const listed = (await Promise.all(prefixes.map((prefix) => archive.list(prefix, 1_000)))).flat();
    // A batch holds what came after its first event: the nearest name before the event is the likeliest.
    const nearest = listed
      .filter((key) => !seen.has(key))
      .toSorted((left, right) => distance(left, eventId) - distance(right, eventId));
    for (const object of nearest.slice(0, OBJECTS_MAX)) {
      seen.add(object);
      const found = await findIn(archive, object, eventId);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** How far a batch's first event lies before the event; one that begins after it is unlikely, and comes last. */
function distance(key: string, eventId: string): number {
  const first = key.slice(key.lastIndexOf("/") + 1, key.lastIndexOf("/") + 27);
  const gap = timeOfId(eventId) - timeOfId(first);
  return first <= eventId ? gap : 1e12 - gap;
}

async function findIn(archive: ArchiveReader, object: string, eventId: string): Promise<LocatedEvent | undefined> {
  const content = await archive.get(object);
  for (const line of (content === undefined ? undefined : linesOf(content)) ?? []) {
    if (!line.includes(eventId)) continue;
    const event = decodeEvent(line);
    if (event?.id === eventId) return { event, line, object };
  }
  return undefined;
}
