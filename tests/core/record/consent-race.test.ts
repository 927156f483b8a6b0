import { describe, expect, it } from "vitest";
import type { RecordFailure, Records } from "../../../core/record/index.ts";
import type { Result } from "../../../core/kernel/result.ts";
import type { Table } from "../../../core/table/index.ts";
import { valueOf } from "../crypto/fixtures.ts";
import { kind } from "../policy/consent/fixtures.ts";
import { bundle, consenting, createWorld, grantOf, observation, patient, query, resource, withId } from "./world.ts";

/**
 * Two requests over one table, of which each call waits until the schedule lets it go: `A` is the request that would see
 * or write class S, `B` the one that withdraws the consent. Every order of their first six calls is run:
 * a read takes three, a withdrawal three.
 */
type Actor = "A" | "B";

const STEPS = 6;
const schedules: readonly (readonly Actor[])[] = Array.from({ length: 2 ** STEPS }, (_each, bits) =>
  Array.from({ length: STEPS }, (_step, at): Actor => ((bits >> at) & 1 ? "B" : "A")),
);

function createTurns(schedule: readonly Actor[]) {
  const order = [...schedule];
  const waiting: { readonly actor: Actor; readonly go: () => void }[] = [];
  const running = new Set<Actor>(["A", "B"]);
  const next = (): void => {
    // A turn of somebody who has ended, or nothing left to say: whoever waits goes on.
    while (order.length > 0 && !running.has(order[0]!)) order.shift();
    const at = order.length === 0 ? 0 : waiting.findIndex(({ actor }) => actor === order[0]);
    const [turn] = at === -1 ? [] : waiting.splice(at, 1);
    if (!turn) return;
    order.shift();
    turn.go();
  };
  return {
    async take<T>(actor: Actor, call: () => Promise<T>): Promise<T> {
      await new Promise<void>((go) => {
        waiting.push({ actor, go });
        next();
      });
      try {
        return await call();
      } finally {
        setImmediate(next);
      }
    },
    end(actor: Actor): void {
      running.delete(actor);
      setImmediate(next);
    },
  };
}

type Turns = ReturnType<typeof createTurns>;

interface Through {
  readonly actor: Actor;
  readonly turns: Turns;
  /** Hears of every transaction and event that was written, in their order. */
  readonly commits: Actor[];
  /** Plants the fault: conditions on rows that are not written are forgotten. */
  readonly isCareless: boolean;
}

/** The table, each call at its turn. */
function paused(table: Table, { actor, turns, commits, isCareless }: Through): Table {
  const written = async <T extends Result<unknown, unknown>>(call: () => Promise<T>): Promise<T> => {
    const done = await turns.take(actor, call);
    if (done.ok) commits.push(actor);
    return done;
  };
  return {
    get: (...args) => turns.take(actor, () => table.get(...args)),
    getMany: (...args) => turns.take(actor, () => table.getMany(...args)),
    query: (...args) => turns.take(actor, () => table.query(...args)),
    queryAll: (...args) => turns.take(actor, () => table.queryAll(...args)),
    transactWrite: (writes, token) => {
      const kept = isCareless && actor === "A" ? writes.filter((write) => write.kind !== "check") : writes;
      return written(() => table.transactWrite(kept, token));
    },
    put: (...args) => written(() => table.put(...args)),
  };
}

const CANARY = "CANARY-S";
const grant = grantOf();

async function scene() {
  const world = await createWorld();
  const open = world.for(grant);
  const ada = valueOf(await open.create(grant, patient("Lovelace"))).version;
  const note = valueOf(await open.create(grant, observation(ada.id, CANARY, "S"))).version;
  const consent = valueOf(
    await open.create(
      grant,
      resource({
        resourceType: "Consent",
        status: "active",
        scope: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "patient-privacy" }] },
        category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
        patient: { reference: `Patient/${ada.id}` },
        policyRule: {
          coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentpolicycodes", code: "hipaa-auth" }],
        },
        provision: { type: "permit", class: [kind("S")] },
      }),
    ),
  ).version;
  return { world, ada: ada.id, note: note.id, consent: consent.id };
}

type Scene = Awaited<ReturnType<typeof scene>>;
type Work = (records: Records, scene: Scene) => Promise<Result<unknown, RecordFailure>>;

const reads: readonly [string, Work][] = [
  ["read", (records, { note }) => records.read(grant, "Observation", note)],
  ["vread", (records, { note }) => records.vread(grant, "Observation", note, 1)],
  ["history", (records, { note }) => records.history(grant, "Observation", note)],
  ["search", (records, { ada }) => records.search(grant, query("Observation", `patient=${ada}`))],
  ["count", (records, { ada }) => records.search(grant, query("Observation", `patient=${ada}&_summary=count`))],
  [
    "include",
    (records, { ada }) => records.search(grant, query("Patient", `_id=${ada}&_revinclude=Observation:subject`)),
  ],
  ["everything", (records, { ada }) => records.everything(grant, ada)],
];

const writes: readonly [string, Work][] = [
  [
    "update",
    (records, { ada, note }) => records.update(grant, withId(observation(ada, "x", "S"), note), { ifMatch: 1 }),
  ],
  ["delete", (records, { note }) => records.delete(grant, "Observation", note)],
  ["create", (records, { ada }) => records.create(grant, observation(ada, "x"))],
  [
    "transaction",
    (records, { note }) =>
      records.transaction(grant, bundle([{ request: { method: "DELETE", url: `Observation/${note}` } }])),
  ],
];

/** Runs the work against a withdrawal in one schedule, and says in which order they came to be. */
async function race(schedule: readonly Actor[], work: Work, isCareless = false) {
  const found = await scene();
  const { world, consent } = found;
  const turns = createTurns(schedule);
  const commits: Actor[] = [];
  const judge = consenting(grant, { nowMs: world.clock.nowMs });
  const through = (actor: Actor): Table => paused(world.table, { actor, turns, commits, isCareless });
  const asking = work(world.for(grant, judge, through("A")), found).finally(() => turns.end("A"));
  const withdrawing = world
    .for(grant, undefined, through("B"))
    .delete(grant, "Consent", consent)
    .finally(() => turns.end("B"));
  const [answer, withdrawn] = await Promise.all([asking, withdrawing]);
  const after = await work(world.for(grant, judge), found);
  return { schedule: schedule.join(""), answer, withdrawn, commits, after };
}

type Race = Awaited<ReturnType<typeof race>>;

/** Every schedule, a few at a time. */
async function raceAll(work: Work, isCareless = false): Promise<readonly Race[]> {
  const races: Race[] = [];
  for (const schedule of schedules) races.push(await race(schedule, work, isCareless));
  return races;
}

/** Of a search of Observations, where a number tells of the one record that there is. */
const countOf = (value: unknown): number => {
  const { total, matches } = value as { total?: number; matches?: readonly { resourceType: string }[] };
  return matches?.some(({ resourceType }) => resourceType === "Patient") === false ? (total ?? 0) : 0;
};
const isShown = ({ answer }: Race): boolean =>
  JSON.stringify(answer).includes(CANARY) || (answer.ok && countOf(answer.value) > 0);

/** Schedules in which class S was shown by a request whose event was committed after the withdrawal. */
const lateShows = (races: readonly Race[]): readonly string[] =>
  races
    .filter((each) => isShown(each) && each.commits.indexOf("A") > each.commits.indexOf("B"))
    .map(({ schedule }) => schedule);

const isRefusal = ({ answer }: Race): boolean =>
  answer.ok || answer.error.kind === "not-found" || answer.error.kind === "conflict";

describe("AT-32 consent race", () => {
  it.each(reads)("%s: what holds class S was committed before the withdrawal, in every order", async (_name, work) => {
    const races = await raceAll(work);
    expect(lateShows(races)).toEqual([]);
    expect(races.every(({ withdrawn }) => withdrawn.ok)).toBe(true);
    expect(races.every(isRefusal)).toBe(true);
    // A request that starts after the withdrawal was committed.
    expect(JSON.stringify(races.map(({ after }) => after))).not.toContain(CANARY);
    expect(races.some(isShown)).toBe(true);
    expect(races.some((each) => !isShown(each))).toBe(true);
  });

  it.each(writes)("%s: nothing is written that a withdrawn consent let through, in every order", async (name, work) => {
    const races = await raceAll(work);
    const late = races.filter(
      ({ answer, withdrawn, commits }) => answer.ok && withdrawn.ok && commits.indexOf("A") > commits.indexOf("B"),
    );
    // What is not segmented may be written without any consent, by a request that saw that there is none.
    expect(late.filter(() => name !== "create").map(({ schedule }) => schedule)).toEqual([]);
    expect(races.every(isRefusal)).toBe(true);
    expect(races.every(({ answer, withdrawn }) => answer.ok || withdrawn.ok)).toBe(true);
    expect(races.some(({ answer }) => !answer.ok)).toBe(true);
  });

  it("finds the planted fault: a request that forgets to check the consent when it commits", async () => {
    const [[, read] = []] = reads;
    const [, [, remove] = []] = writes;
    expect(lateShows(await raceAll(read!, true)).length).toBeGreaterThan(0);
    const races = await raceAll(remove!, true);
    const late = races.filter(({ answer, commits }) => answer.ok && commits.indexOf("A") > commits.indexOf("B"));
    expect(late.length).toBeGreaterThan(0);
  });
});
