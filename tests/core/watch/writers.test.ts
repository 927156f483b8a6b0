import { describe, expect, it } from "vitest";
import { CHAIN_START, chainHash } from "../../../core/audit/event.ts";
import { createAuditWriter } from "../../../core/audit/writer.ts";
import { EMPTY_STATE, reconcile, type SeenEvent, type SeenObject, type WatchState } from "../../../core/watch/index.ts";
import { facts, TENANT } from "../audit/fixtures.ts";
import { MINUTE, T0 } from "./fixtures.ts";

/** A chain as one process writes it, an event each second. */
function chain(length: number, startMs = T0): SeenEvent[] {
  let nowMs = startMs;
  const writer = createAuditWriter({ now: () => nowMs });
  return Array.from({ length }, (_each, index) => {
    nowMs = startMs + index * 1_000;
    const draft = writer.draft(facts({ request: `r-${index}` }));
    writer.settle(draft, "stored");
    return { ...draft.event, hash: chainHash(draft.line) };
  });
}

const object = (events: readonly SeenEvent[], more: Partial<SeenObject> = {}): SeenObject => ({
  key: `v1/events/t/${TENANT}/2026-11-22/${events[0]?.id ?? ""}.ndjson`,
  tenantId: TENANT,
  eventIds: events.map(({ id }) => id),
  isSealed: true,
  ...more,
});

type States = ReadonlyMap<string, WatchState>;
const KNOWN: States = new Map([[TENANT, EMPTY_STATE]]);

function look(
  events: readonly SeenEvent[],
  nowMs: number,
  options: { objects?: SeenObject[]; states?: States; isFirstLook?: boolean } = {},
) {
  const { objects = [object(events)], states = KNOWN, isFirstLook = false } = options;
  return reconcile(
    { events, requests: [], keyUses: [], calls: [], keyCalls: [], objects, changes: [] },
    { nowMs, states, isFirstLook, rules: { plainReaders: new Set() } },
  );
}

describe("writers' chains", () => {
  it("AUD-12 a whole chain is nothing, in one look or in many, in any order", () => {
    const events = chain(30);
    expect(look(events.toReversed(), T0 + 3 * MINUTE).signals).toEqual([]);
    let states = KNOWN;
    for (let second = 61; second < 100; second += 7) {
      const run = look(events, T0 + second * 1_000, { states });
      expect(run.signals).toEqual([]);
      states = run.states;
    }
  });

  it.each([1, 12, 28])(
    "AUD-12 a number that is missing before event %i is a gap, told once at the event after it",
    (index) => {
      const events = chain(30);
      const rest = events.filter((_event, at) => at !== index);
      const first = look(rest, T0 + 2 * MINUTE);
      const after = events[index + 1];
      expect(first.signals).toMatchObject([
        { kind: "writer-gap", severity: "incident", at: after?.at, count: 1, evidence: [after?.id] },
      ]);
      expect(look(rest, T0 + 3 * MINUTE, { states: first.states }).signals).toEqual([]);
      expect(look(rest, T0 + 3 * MINUTE).signals.map(({ id }) => id)).toEqual(first.signals.map(({ id }) => id));
    },
  );

  it("AUD-12 a gap that opens between two looks is seen by the second", () => {
    const events = chain(200);
    const before = look(events.slice(0, 50), T0 + 2 * MINUTE);
    const after = look(events.slice(52, 120), T0 + 5 * MINUTE, { states: before.states });
    expect(after.signals).toMatchObject([{ kind: "writer-gap", count: 2 }]);
  });

  it("AUD-4 an event in the place of another breaks the chain at the one after it", () => {
    const events = chain(10);
    const forged = events.map((event, index) =>
      index === 4 ? { ...event, hash: CHAIN_START.replace("0", "f") } : event,
    );
    expect(look(forged, T0 + 3 * MINUTE).signals).toMatchObject([{ kind: "writer-fork", evidence: [events[5]?.id] }]);
  });

  it("a process that has just begun takes writers up where it meets them, and sees what is missing from there", () => {
    const events = chain(30).slice(10);
    expect(look(events, T0 + 2 * MINUTE, { states: new Map(), isFirstLook: true }).signals).toEqual([]);
    expect(look(events, T0 + 2 * MINUTE).signals).toMatchObject([{ kind: "writer-gap", count: 10 }]);
  });
});

describe("archive and seals", () => {
  it("AUD-12 an event that the archive lacks is told within five minutes, and not before it can be late", () => {
    const events = chain(3);
    const without = { objects: [object([events[0] as SeenEvent, events[2] as SeenEvent])] };
    expect(look(events, T0 + 4 * MINUTE, without).signals).toEqual([]);
    expect(look(events, T0 + 4 * MINUTE + 5_000, without).signals).toMatchObject([
      { kind: "not-archived", severity: "incident", evidence: [events[1]?.id] },
    ]);
  });

  it("AW-18 an outage of the archive is one incident, not one for each event", () => {
    const events = chain(300);
    const archived = { objects: [object(events.slice(0, 5))] };
    const first = look(events, T0 + 6 * MINUTE, archived);
    expect(first.signals).toMatchObject([{ kind: "not-archived", evidence: [events[5]?.id] }]);
    const later = look([...events, ...chain(50, T0 + 10 * MINUTE)], T0 + 20 * MINUTE, archived);
    expect(later.signals.map(({ id }) => id)).toEqual(first.signals.map(({ id }) => id));
    const over = look(events, T0 + 20 * MINUTE);
    expect(over.signals).toEqual([]);
  });

  it("AUD-12 an object that waits too long for its seal is told, counted from when it was first seen", () => {
    const events = chain(2);
    const objects = [object(events, { isSealed: false })];
    const first = look(events, T0 + 60 * MINUTE, { objects });
    expect(first.signals).toEqual([]);
    const second = look(events, T0 + 65 * MINUTE, { objects, states: first.states });
    expect(second.signals).toMatchObject([{ kind: "not-sealed", at: T0 + 60 * MINUTE, count: 2 }]);
    const sealed = look(events, T0 + 66 * MINUTE, { states: second.states });
    expect(sealed.signals).toEqual([]);
  });
});
