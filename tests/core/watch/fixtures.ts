import { CHAIN_START, chainHash } from "../../../core/audit/event.ts";
import { createAuditWriter, type EventFacts } from "../../../core/audit/writer.ts";
import { newId } from "../../../core/kernel/ids.ts";
import type { SeenEvent } from "../../../core/watch/index.ts";
import { facts, TENANT } from "../audit/fixtures.ts";

export const T0 = Date.UTC(2026, 10, 22, 9);
export const USER = "01hxyzabcd0123456789abcdez";
export const MINUTE = 60_000;

/** An event as its writer makes it. */
export function draftAt(atMs: number, more: Partial<EventFacts> = {}) {
  const writer = createAuditWriter({ now: () => atMs });
  const drafted = writer.draft(facts(more));
  return { event: drafted.event, line: drafted.line };
}

/** An event as the watch sees it, the first of its own writer where nothing else is said. */
export function seenAt(atMs: number, more: Partial<EventFacts> = {}, writer?: SeenEvent["writer"]): SeenEvent {
  const { event, line } = draftAt(atMs, more);
  return {
    ...event,
    writer: writer ?? { id: newId(atMs), seq: 1, prev: CHAIN_START },
    hash: chainHash(line),
  };
}

export const patientId = (number: number): string => `01hxyzabcd01234567890000${String(number).padStart(2, "0")}`;
export const recordId = (patient: string, number: number): string =>
  `${patient}.01hxyzabcd01234567891111${String(number).padStart(2, "0")}`;

export { TENANT };
