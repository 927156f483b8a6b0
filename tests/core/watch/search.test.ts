import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuditEvent } from "../../../core/audit/event.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import { createMemoryTable } from "../../../core/table/memory.ts";
import { ACTIONS, indexRows, OUTCOMES, patientsOf, searchTrail, type TrailQuery } from "../../../core/watch/index.ts";
import { OTHER_TENANT } from "../audit/fixtures.ts";
import { draftAt, patientId, recordId, T0, TENANT } from "./fixtures.ts";

const tenant = TENANT as TenantId;
const actors = ["01hxyzabcd0123456789abcd0a", "01hxyzabcd0123456789abcd0b", "01hxyzabcd0123456789abcd0c"];
const actor = (index: number): AuditEvent["actor"] => ({
  user: actors[index % actors.length] ?? "",
  kind: "user",
  roles: ["physician"],
  client: "portal",
  session: "s-1",
});

/** A few hundred events of every kind, at random. */
function makeEvents(count: number) {
  const random = (below: number, salt: number): number => ((salt * 2_654_435_761) >>> 7) % below;
  return Array.from({ length: count }, (_each, index) =>
    draftAt(T0 + index * 1_000, {
      action: ACTIONS[random(5, index)] ?? "R",
      outcome: OUTCOMES[random(7, index + 11)] ?? "success",
      actor: actor(random(3, index + 23)),
      ...(index % 4 === 0 ? {} : { patient: patientId(random(5, index + 37)) }),
      entities: [{ type: "Observation", id: recordId(patientId(random(5, index + 37)), 1) }],
      request: `r-${index}`,
    }),
  );
}

async function makeIndex(events: readonly ReturnType<typeof draftAt>[]) {
  const memory = createMemoryTable();
  for (const { event, line } of events) for (const row of indexRows(event, line)) await memory.put("trail", row);
  let queries = 0;
  const table = {
    query: (...asked: Parameters<typeof memory.query>) => {
      queries += 1;
      return memory.query(...asked);
    },
  };
  return { table, queries: () => queries, memory };
}

const matches = (event: AuditEvent, query: Partial<TrailQuery>): boolean =>
  (query.patient === undefined || patientsOf(event).includes(query.patient)) &&
  (query.actor === undefined || event.actor.user === query.actor) &&
  (query.action === undefined || event.action === query.action) &&
  (query.outcome === undefined || event.outcome === query.outcome) &&
  (query.fromMs === undefined || event.at >= query.fromMs) &&
  (query.toMs === undefined || event.at < query.toMs);

const queries = fc.record(
  {
    patient: fc.integer({ min: 0, max: 5 }).map(patientId),
    actor: fc.constantFrom(...actors),
    action: fc.constantFrom(...ACTIONS),
    outcome: fc.constantFrom(...OUTCOMES),
    fromMs: fc.integer({ min: 0, max: 320 }).map((seconds) => T0 + seconds * 1_000),
    toMs: fc.integer({ min: 0, max: 320 }).map((seconds) => T0 + seconds * 1_000),
  },
  { requiredKeys: [] },
);

describe("searchTrail", () => {
  it("AUD-6 gives exactly the events that match, newest first, page by page, in at most fifteen queries a page", async () => {
    const events = makeEvents(300);
    const { table, queries: asked } = await makeIndex(events);
    await fc.assert(
      fc.asyncProperty(queries, fc.integer({ min: 1, max: 40 }), async (query, count) => {
        const expected = events
          .filter(({ event }) => matches(event, query))
          .map(({ event }) => event.id)
          .toSorted()
          .toReversed();
        const found: string[] = [];
        let cursor: string | undefined;
        do {
          const before = asked();
          const page = await searchTrail(table, tenant, { ...query, count, ...(cursor !== undefined && { cursor }) });
          if (!page.ok) throw new Error("the index answers");
          expect(asked() - before).toBeLessThanOrEqual(15);
          expect(page.value.events.length).toBeLessThanOrEqual(count);
          found.push(...page.value.events.map(({ id }) => id));
          cursor = page.value.next;
        } while (cursor !== undefined);
        expect(found).toEqual(expected);
      }),
      { numRuns: 120 },
    );
  });

  it("AUD-6 did X view chart Y: one query answers, and names nothing but ids and words of ours", async () => {
    const [seen] = [draftAt(T0, { patient: patientId(1), actor: actor(0), detail: undefined } as never)];
    const { table, queries: asked } = await makeIndex(seen === undefined ? [] : [seen]);
    const query = { patient: patientId(1), action: "R", outcome: "success", count: 1 } as const;
    const yes = await searchTrail(table, tenant, { ...query, actor: actors[0] ?? "" });
    const no = await searchTrail(table, tenant, { ...query, actor: actors[1] ?? "" });
    expect(yes.ok && yes.value.events.map(({ user, patient }) => [user, patient])).toEqual([[actors[0], patientId(1)]]);
    expect(no).toEqual({ ok: true, value: { events: [] } });
    expect(asked()).toBe(2);
  });

  it("AUD-12 rows of a batch that comes twice and in another order are the same rows", async () => {
    const events = makeEvents(40);
    const once = await makeIndex(events);
    const twice = await makeIndex([...events.toReversed(), ...events]);
    expect(Object.fromEntries(twice.memory.store.rows.get("trail") ?? [])).toEqual(
      Object.fromEntries(once.memory.store.rows.get("trail") ?? []),
    );
  });

  it("AUD-6 an id of a caller's own is hashed in the index, and found by itself nevertheless", async () => {
    const seen = draftAt(T0, { patient: "jane-roe-1970", entities: [{ type: "Patient", id: "jane-roe-1970" }] });
    const { table, memory } = await makeIndex([seen]);
    expect(JSON.stringify([...(memory.store.rows.get("trail")?.values() ?? [])])).not.toContain("jane-roe");
    const found = await searchTrail(table, tenant, { patient: "jane-roe-1970", count: 5 });
    expect(found.ok && found.value.events).toHaveLength(1);
  });

  it("AUD-5 a cursor, an actor or a patient of another tenant finds nothing there", async () => {
    const events = makeEvents(20);
    const { table } = await makeIndex(events);
    const last = events.at(-1)?.event.id ?? "";
    const found = await searchTrail(table, OTHER_TENANT as TenantId, { cursor: last, count: 100 });
    expect(found).toEqual({ ok: true, value: { events: [] } });
  });

  it("a search reaches every patient that an event names", () => {
    const { event, line } = draftAt(T0, {
      interaction: "search",
      action: "E",
      entities: [{ type: "Patient" }, ...[1, 2, 3].map((each) => ({ type: "Patient", id: patientId(each) }))],
    });
    expect(indexRows(event, line)).toHaveLength(2 + 3 * 2);
  });
});
