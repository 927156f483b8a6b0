import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { BreakGlass } from "../../../core/privacy/index.ts";
import {
  activeBreakGlass,
  beginBreakGlass,
  endBreakGlass,
  findBreakGlass,
  listOpenReviews,
  reviewBreakGlass,
} from "../../../core/privacy/index.ts";
import type { RecordId, Row } from "../../../core/table/index.ts";
import { openBreakGlassKey } from "../../../core/table/index.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";
import {
  createPrivacyWorld,
  DOCTOR,
  HOUR,
  marks,
  MINUTE,
  NURSE,
  OFFICER,
  OTHER,
  PATIENT,
  principal,
  type PrivacyWorld,
  TENANT_A,
  TENANT_B,
} from "./world.ts";

const REASON = { patientId: PATIENT, reasonCode: "immediate-care", reasonText: "unconscious on arrival" } as const;
const rule = (name: string) => ({ kind: "business-rule", rule: name });

let world: PrivacyWorld;
beforeEach(async () => {
  world = await createPrivacyWorld();
});

const begin = (minutes?: number, by = principal(), patientId: string = PATIENT): Promise<BreakGlass> =>
  world.act((deps, own) =>
    beginBreakGlass(deps, by, { ...REASON, patientId, ...(minutes !== undefined && { minutes }) }, own),
  );
const active = async (userId = DOCTOR, patientId: string = PATIENT) =>
  valueOf(await activeBreakGlass(world.deps(), userId, patientId));
const find = async ({ id }: BreakGlass) => valueOf(await findBreakGlass(world.deps(), id));
const review = async (episode: BreakGlass, userId = OFFICER) => {
  const found = await find(episode);
  return world.act((deps, own) =>
    reviewBreakGlass(deps, found, { by: { userId }, outcome: "justified", note: "as documented" }, own),
  );
};

describe("POL-9 break-glass", () => {
  it("opens one chart to one member, and ends by itself", async () => {
    const episode = await begin();
    expect(episode.expiresAtMs - episode.beganAtMs).toBe(HOUR);
    expect(await active()).toEqual({ id: episode.id, expiresAtMs: episode.expiresAtMs });
    expect(await active(DOCTOR, OTHER)).toBeUndefined();
    expect(await active(NURSE)).toBeUndefined();
    world.clock.nowMs += HOUR - 1;
    expect(await active()).toBeDefined();
    world.clock.nowMs += 1;
    expect(await active()).toBeUndefined();
  });

  it("does not reach another clinic", async () => {
    await begin();
    expect(valueOf(await activeBreakGlass(world.deps(TENANT_B), DOCTOR, PATIENT))).toBeUndefined();
    expect(
      errorOf(
        await findBreakGlass(world.deps(TENANT_B), (await begin(5, principal({ userId: NURSE, roles: ["nurse"] }))).id),
      ),
    ).toEqual({
      kind: "not-found",
    });
  });

  it.each([
    ["an hour and a minute", 61],
    ["no time", 0],
    ["a part of a minute", 1.5],
    ["what is no number", Number.NaN],
  ])("AT-34 is refused for %s", async (_title, minutes) => {
    const refused = await beginBreakGlass(world.deps(), principal(), { ...REASON, minutes }, marks());
    expect(errorOf(refused)).toEqual(rule("break-glass-duration"));
  });

  it.each([
    ["the front desk", principal({ roles: ["front-desk"] })],
    ["billing", principal({ roles: ["billing"] })],
    ["an administrator", principal({ roles: ["clinic-administrator"] })],
    ["a patient", principal({ roles: ["patient"], patientId: PATIENT })],
    ["a system", principal({ kind: "client", roles: ["physician"] })],
    ["an assistant", principal({ kind: "client", roles: ["assistant"] })],
  ])("AT-34 is refused to %s", async (_title, by) => {
    expect(errorOf(await beginBreakGlass(world.deps(), by, REASON, marks()))).toEqual(rule("break-glass-role"));
  });

  it("is one at a time, and can be begun again when it is over", async () => {
    const first = await begin(10);
    expect(errorOf(await beginBreakGlass(world.deps(), principal(), REASON, marks()))).toEqual(
      rule("break-glass-open"),
    );
    await begin(10, principal(), OTHER);
    world.clock.nowMs += 10 * MINUTE;
    const second = await begin(10);
    expect(second.id).not.toBe(first.id);
    expect(await active()).toMatchObject({ id: second.id });
  });

  it("AT-34 two begins at one moment: one is written", async () => {
    for (let round = 0; round < 2; round += 1) {
      const [one, two] = [marks(), marks()];
      const [left, right] = await Promise.all(
        [one, two].map((own) => beginBreakGlass(world.deps(), principal(), REASON, own)),
      );
      const done = await Promise.all([
        world.commit(valueOf(left!).writes, one.eventId),
        world.commit(valueOf(right!).writes, two.eventId),
      ]);
      expect(done.map((each) => Number(each.ok)).toSorted((left, right) => left - right)).toEqual([0, 1]);
      world.clock.nowMs += HOUR;
    }
  });

  it("is ended before its time, once, and then is over", async () => {
    const found = await find(await begin());
    world.clock.nowMs += MINUTE;
    const ended = await world.act((deps, own) => endBreakGlass(deps, found, { userId: DOCTOR }, own));
    expect(ended).toMatchObject({ endedAtMs: world.clock.nowMs, endedBy: DOCTOR });
    expect(await active()).toBeUndefined();
    const again = await endBreakGlass(world.deps(), await find(ended), { userId: DOCTOR }, marks());
    expect(errorOf(again)).toEqual(rule("break-glass-ended"));
    // With what was read before the end, the condition refuses.
    const own = marks();
    const stale = valueOf(await endBreakGlass(world.deps(), found, { userId: DOCTOR }, own));
    expect((await world.commit(stale.writes, own.eventId)).ok).toBe(false);
  });

  it("is looked back at when it is over, by somebody else, once", async () => {
    const episode = await begin();
    const early = await find(episode);
    const input = { by: { userId: OFFICER }, outcome: "unjustified", note: "nobody was in danger" } as const;
    expect(errorOf(await reviewBreakGlass(world.deps(), early, input, marks()))).toEqual(rule("break-glass-not-ended"));
    world.clock.nowMs += HOUR;
    const own = { ...input, by: { userId: DOCTOR } };
    expect(errorOf(await reviewBreakGlass(world.deps(), early, own, marks()))).toEqual(rule("second-person"));
    const [one, two] = [marks(), marks()];
    const first = valueOf(await reviewBreakGlass(world.deps(), early, input, one));
    const second = valueOf(await reviewBreakGlass(world.deps(), early, { ...input, by: { userId: NURSE } }, two));
    expect((await world.commit(first.writes, one.eventId)).ok).toBe(true);
    expect((await world.commit(second.writes, two.eventId)).ok).toBe(false);
    const reviewed = await find(episode);
    expect(reviewed.value.review).toMatchObject({ by: OFFICER, outcome: "unjustified" });
    expect(errorOf(await reviewBreakGlass(world.deps(), reviewed, input, marks()))).toEqual(rule("reviewed"));
  });

  it("waits in the queue, overdue after 72 hours, until it is reviewed", async () => {
    const first = await begin(30);
    world.clock.nowMs += HOUR;
    const second = await begin(30);
    const queue = async () =>
      valueOf(await listOpenReviews(world.deps())).map(({ episode, isActive, isOverdue }) => [
        episode.id,
        isActive,
        isOverdue,
      ]);
    expect(await queue()).toEqual([
      [first.id, false, false],
      [second.id, true, false],
    ]);
    world.clock.nowMs = first.expiresAtMs + 72 * HOUR + 1;
    expect(await queue()).toEqual([
      [first.id, false, true],
      [second.id, false, false],
    ]);
    await review(first);
    expect(await queue()).toEqual([[second.id, false, false]]);
  });

  it("keeps its reason and its review sealed, and no name but ids in its key", async () => {
    const episode = await begin();
    world.clock.nowMs += HOUR;
    await review(episode);
    const text = JSON.stringify([...(world.memory.store.rows.get("data")?.values() ?? [])]);
    expect(text).not.toMatch(/unconscious|documented|immediate-care|justified/);
  });
});

describe("AT-34 somebody who can write the table, or move a clock", () => {
  const openRow = (): Row => {
    const key = openBreakGlassKey(TENANT_A, DOCTOR, PATIENT as RecordId);
    return [...(world.memory.store.rows.get("data")?.values() ?? [])].find((row) => row.sk === key.sk) as Row;
  };

  it("copies an open episode to another member or another patient: it does not open", async () => {
    await begin();
    for (const key of [
      openBreakGlassKey(TENANT_A, NURSE, PATIENT as RecordId),
      openBreakGlassKey(TENANT_A, DOCTOR, OTHER as RecordId),
      openBreakGlassKey(TENANT_B, DOCTOR, PATIENT as RecordId),
    ]) {
      await world.force({ ...openRow(), ...key });
    }
    for (const [userId, patientId, tenantId] of [
      [NURSE, PATIENT, TENANT_A],
      [DOCTOR, OTHER, TENANT_A],
      [DOCTOR, PATIENT, TENANT_B],
    ] as const) {
      expect(errorOf(await activeBreakGlass(world.deps(tenantId), userId, patientId))).toEqual({ kind: "integrity" });
    }
  });

  it("puts the row of an open episode back after it was ended: its hour is over all the same", async () => {
    const episode = await begin();
    const open = openRow();
    const found = await find(episode);
    await world.act((deps, own) => endBreakGlass(deps, found, { userId: DOCTOR }, own));
    await world.force(open);
    world.clock.nowMs = episode.expiresAtMs;
    expect(await active()).toBeUndefined();
  });

  it("a clock that was ahead when it began, or is set back after, opens nothing for longer", async () => {
    const right = world.clock.nowMs;
    world.clock.nowMs += 10 * HOUR;
    const ahead = await begin();
    world.clock.nowMs = right;
    expect(await active()).toBeUndefined();
    await begin();
    world.clock.nowMs -= 30 * MINUTE;
    expect(await active()).toBeUndefined();
    expect(ahead.expiresAtMs - ahead.beganAtMs).toBe(HOUR);
  });
});

describe("POL-9 any order of acts, against a model", () => {
  const STEPS = fc.array(
    fc.oneof(
      fc.record({ act: fc.constant("begin" as const), who: fc.nat(1), minutes: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ act: fc.constant("end" as const), who: fc.nat(1), minutes: fc.constant(0) }),
      fc.record({ act: fc.constant("review" as const), who: fc.nat(1), minutes: fc.constant(0) }),
      fc.record({ act: fc.constant("wait" as const), who: fc.constant(0), minutes: fc.integer({ min: 1, max: 90 }) }),
    ),
    { minLength: 3, maxLength: 14 },
  );

  it("what is active is what the model says, at every step, and no two are active for one member", async () => {
    await fc.assert(
      fc.asyncProperty(STEPS, async (steps) => {
        world = await createPrivacyWorld();
        const members = [principal(), principal({ userId: NURSE, roles: ["nurse"] })];
        const open = new Map<number, { episode: BreakGlass; until: number }>();
        const past: { episode: BreakGlass; who: number }[] = [];
        for (const { act, who, minutes } of steps) {
          const nowMs = world.clock.nowMs;
          const current = open.get(who);
          const isOpen = current !== undefined && nowMs < current.until;
          const by = members[who]!;
          if (act === "wait") world.clock.nowMs += minutes * MINUTE;
          if (act === "begin") {
            const made = await beginBreakGlass(world.deps(), by, { ...REASON, minutes }, marks());
            expect(made.ok).toBe(!isOpen);
            if (made.ok) {
              valueOf(await world.commit(made.value.writes, marks().eventId));
              open.set(who, { episode: made.value.value, until: nowMs + minutes * MINUTE });
              past.push({ episode: made.value.value, who });
            }
          }
          if (act === "end" && current) {
            const made = await endBreakGlass(world.deps(), await find(current.episode), by, marks());
            expect(made.ok).toBe(isOpen);
            if (made.ok) {
              valueOf(await world.commit(made.value.writes, marks().eventId));
              open.set(who, { ...current, until: nowMs });
            }
          }
          const last = past.at(-1);
          if (act === "review" && last) {
            const found = await find(last.episode);
            const until = open.get(last.who)?.episode.id === last.episode.id ? open.get(last.who)!.until : nowMs;
            const made = await reviewBreakGlass(world.deps(), found, { by, outcome: "justified", note: "x" }, marks());
            expect(made.ok).toBe(last.who !== who && nowMs >= until && found.value.review === undefined);
            if (made.ok) valueOf(await world.commit(made.value.writes, marks().eventId));
          }
          for (const [index, member] of members.entries()) {
            const expected = open.get(index);
            const isStillOpen = expected !== undefined && world.clock.nowMs < expected.until;
            expect((await active(member.userId))?.id).toBe(isStillOpen ? expected.episode.id : undefined);
          }
        }
        const unreviewed = past.length - (await countReviewed(past.map(({ episode }) => episode)));
        expect(valueOf(await listOpenReviews(world.deps()))).toHaveLength(unreviewed);
      }),
      { numRuns: 60, seed: 20_261_122 },
    );
  });

  const countReviewed = async (episodes: readonly BreakGlass[]): Promise<number> => {
    let count = 0;
    for (const episode of episodes) if ((await find(episode)).value.review) count += 1;
    return count;
  };
});
