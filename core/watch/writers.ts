import { CHAIN_START } from "../audit/event.ts";
import type { SeenEvent } from "./sightings.ts";
import { makeSignal, type Signal } from "./signal.ts";

/** The last event of a writer that was looked at. */
export interface WriterHead {
  readonly seq: number;
  readonly hash: string;
  readonly atMs: number;
}
export type WriterHeads = ReadonlyMap<string, WriterHead>;

/** A writing process lives hours at most: after this its chain can end without having to be remembered. */
const FORGET_AFTER_MS = 2 * 86_400_000;

/**
 * Follows each writer's chain from where it was left. A number that is skipped is an event that is missing, and one that
 * stands twice, or that does not name the one before, is an event that was put in the place of another.
 * `events` are those of one tenant that are old enough to be all there. `isFirstLook` where nothing is remembered: a writer
 * that was at work before is then taken up where it is met.
 */
export function followWriters(
  tenant: string,
  events: readonly SeenEvent[],
  before: WriterHeads,
  nowMs: number,
  isFirstLook = false,
): { readonly signals: readonly Signal[]; readonly heads: WriterHeads } {
  const signals: Signal[] = [];
  const heads = new Map([...before].filter(([, head]) => nowMs - head.atMs < FORGET_AFTER_MS));
  const tell = (kind: "writer-gap" | "writer-fork", event: SeenEvent, count: number): void => {
    const { id, at, writer, service, request } = event;
    const facts = { tenant, at, kind, handler: service, record: `writer/${writer.id}/${writer.seq}`, request, count };
    signals.push(makeSignal({ ...facts, evidence: [id] }, [writer.id, String(writer.seq)]));
  };
  for (const [writerId, own] of Map.groupBy(events, ({ writer }) => writer.id)) {
    const inOrder = own.toSorted((left, right) => left.writer.seq - right.writer.seq);
    const [first] = inOrder;
    const start =
      isFirstLook && first !== undefined
        ? { seq: first.writer.seq - 1, hash: first.writer.prev, atMs: first.at }
        : { seq: 0, hash: CHAIN_START, atMs: 0 };
    let head: WriterHead = heads.get(writerId) ?? start;
    for (const event of inOrder) {
      const { seq, prev } = event.writer;
      // Looked at in an earlier run.
      if (seq < head.seq || (seq === head.seq && event.hash === head.hash)) continue;
      if (seq === head.seq) {
        tell("writer-fork", event, 1);
        continue;
      }
      if (seq > head.seq + 1) tell("writer-gap", event, seq - head.seq - 1);
      else if (prev !== head.hash) tell("writer-fork", event, 1);
      head = { seq, hash: event.hash, atMs: event.at };
    }
    heads.set(writerId, head);
  }
  return { signals, heads };
}
