import { beforeEach, describe, expect, it } from "vitest";
import type { Approval, Hold, Protection } from "../../../core/privacy/index.ts";
import {
  approvalHash,
  approve,
  findApproval,
  listApprovals,
  listHolds,
  placeHold,
  protectionCheck,
  readProtection,
  RELEASE_HOLD,
  releaseHold,
  requestApproval,
  spendApproval,
} from "../../../core/privacy/index.ts";
import { approvalKey } from "../../../core/table/index.ts";
import type { Row } from "../../../core/table/index.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";
import {
  createPrivacyWorld,
  DOCTOR,
  HOUR,
  marks,
  NURSE,
  OFFICER,
  OTHER,
  PATIENT,
  type PrivacyWorld,
  TENANT_A,
  TENANT_B,
} from "./world.ts";

const rule = (name: string) => ({ kind: "business-rule", rule: name });
const EXPORT = { action: "export.start", subject: { classes: ["C", "D"], patients: "all", format: "ndjson" } };
const by = (userId: typeof DOCTOR) => ({ by: { userId } });

let world: PrivacyWorld;
beforeEach(async () => {
  world = await createPrivacyWorld();
});

const request = (): Promise<Approval> =>
  world.act((deps, own) => requestApproval(deps, { ...EXPORT, ...by(DOCTOR) }, own));
const find = async (id: string) => valueOf(await findApproval(world.deps(), id));
const give = async (id: string, userId = OFFICER): Promise<Approval> => {
  const found = await find(id);
  return world.act((deps, own) => approve(deps, found, { ...EXPORT, ...by(userId) }, own));
};

describe("an approval by a second person", () => {
  it("is asked for, given and used, each once", async () => {
    const { id } = await request();
    expect(valueOf(await listApprovals(world.deps(), "export.start")).map((each) => each.id)).toEqual([id]);
    expect(valueOf(await listApprovals(world.deps(), "hold.release"))).toEqual([]);
    expect(await give(id)).toMatchObject({ requestedBy: DOCTOR, approvedBy: OFFICER });
    const given = await find(id);
    await world.act((deps, own) => spendApproval(deps, given, { ...EXPORT, ...by(DOCTOR) }, own));
    expect((await find(id)).value.usedAtMs).toBe(world.clock.nowMs);
    expect(valueOf(await listApprovals(world.deps()))).toEqual([]);
  });

  it("is never given by the one who asks", async () => {
    const found = await find((await request()).id);
    expect(errorOf(await approve(world.deps(), found, { ...EXPORT, ...by(DOCTOR) }, marks()))).toEqual(
      rule("second-person"),
    );
    expect(errorOf(await spendApproval(world.deps(), found, { ...EXPORT, ...by(DOCTOR) }, marks()))).toEqual(
      rule("approval-not-approved"),
    );
  });

  it("may be given by acting on it, by the second person alone", async () => {
    const found = await find((await request()).id);
    const used = await world.act((deps, own) => spendApproval(deps, found, { ...EXPORT, ...by(OFFICER) }, own));
    expect(used).toMatchObject({ approvedBy: OFFICER, usedAtMs: world.clock.nowMs });
  });

  it("is used by one of the two, and no third", async () => {
    const { id } = await request();
    await give(id);
    const given = await find(id);
    expect(errorOf(await spendApproval(world.deps(), given, { ...EXPORT, ...by(NURSE) }, marks()))).toEqual(
      rule("second-person"),
    );
  });

  it.each([
    ["another subject", { ...EXPORT, subject: { ...EXPORT.subject, patients: "more" } }],
    ["more of it", { ...EXPORT, subject: { ...EXPORT.subject, notes: true } }],
    ["another action", { ...EXPORT, action: "hold.release" }],
  ])("AT-35 reaches nothing but what it is about: %s", async (_title, other) => {
    const { id } = await request();
    expect(errorOf(await approve(world.deps(), await find(id), { ...other, ...by(OFFICER) }, marks()))).toEqual(
      rule("approval-other"),
    );
    await give(id);
    expect(errorOf(await spendApproval(world.deps(), await find(id), { ...other, ...by(DOCTOR) }, marks()))).toEqual(
      rule("approval-other"),
    );
  });

  it("is about the same thing in any order of its values, and about another in another clinic", () => {
    const hash = approvalHash(TENANT_A, "a", { x: 1, y: { z: [1, 2], w: "s" } });
    expect(approvalHash(TENANT_A, "a", { y: { w: "s", z: [1, 2] }, x: 1 })).toBe(hash);
    expect(approvalHash(TENANT_A, "a", { x: 1, y: { z: [2, 1], w: "s" } })).not.toBe(hash);
    expect(approvalHash(TENANT_B, "a", { x: 1, y: { z: [1, 2], w: "s" } })).not.toBe(hash);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("expires 72 hours after it was asked for, given or not, and a moved clock prolongs nothing", async () => {
    const { id } = await request();
    const other = await request();
    await give(other.id);
    world.clock.nowMs += 72 * HOUR;
    expect(errorOf(await approve(world.deps(), await find(id), { ...EXPORT, ...by(OFFICER) }, marks()))).toEqual(
      rule("approval-expired"),
    );
    expect(
      errorOf(await spendApproval(world.deps(), await find(other.id), { ...EXPORT, ...by(DOCTOR) }, marks())),
    ).toEqual(rule("approval-expired"));
    expect(valueOf(await listApprovals(world.deps()))).toEqual([]);
    world.clock.nowMs -= 80 * HOUR;
    expect(
      errorOf(await spendApproval(world.deps(), await find(other.id), { ...EXPORT, ...by(DOCTOR) }, marks())),
    ).toEqual(rule("approval-expired"));
  });

  it("two who approve, and two who use, at one moment: one is written", async () => {
    const { id } = await request();
    const asked = await find(id);
    const race = async (
      make: typeof approve | typeof spendApproval,
      from: Awaited<ReturnType<typeof find>>,
      users: (typeof DOCTOR)[],
    ) => {
      const made = await Promise.all(
        users.map(async (userId) => {
          const own = marks();
          return world.commit(
            valueOf(await make(world.deps(), from, { ...EXPORT, ...by(userId) }, own)).writes,
            own.eventId,
          );
        }),
      );
      return made.map((each) => Number(each.ok)).toSorted((left, right) => left - right);
    };
    expect(await race(approve, asked, [OFFICER, NURSE])).toEqual([0, 1]);
    const given = await find(id);
    expect(await race(spendApproval, given, [DOCTOR, DOCTOR])).toEqual([0, 1]);
    expect(errorOf(await spendApproval(world.deps(), await find(id), { ...EXPORT, ...by(DOCTOR) }, marks()))).toEqual(
      rule("approval-used"),
    );
    expect(errorOf(await approve(world.deps(), await find(id), { ...EXPORT, ...by(OFFICER) }, marks()))).toEqual(
      rule("approval-used"),
    );
  });

  it("copied over another one it does not open; unknown and foreign ids are not found", async () => {
    const { id } = await request();
    const other = await request();
    const rows = [...(world.memory.store.rows.get("data")?.values() ?? [])];
    await world.force({ ...(rows.find((row) => row.sk === id) as Row), ...approvalKey(TENANT_A, other.id) });
    expect(errorOf(await findApproval(world.deps(), other.id))).toEqual({ kind: "integrity" });
    expect(errorOf(await findApproval(world.deps(TENANT_B), id))).toEqual({ kind: "not-found" });
    expect(errorOf(await findApproval(world.deps(), "no id"))).toEqual({ kind: "not-found" });
  });
});

describe("a legal hold", () => {
  const MATTER = { mode: "frozen", reasonCode: "litigation", matter: "docket 12-canary" } as const;
  const protection = async (): Promise<Protection> => valueOf(await readProtection(world.deps(), PATIENT));
  const place = async (): Promise<Hold> => {
    const before = await protection();
    return world.act((deps, own) => placeHold(deps, before, { ...MATTER, ...by(DOCTOR) }, own));
  };
  const askRelease = (holdId: string): Promise<Approval> =>
    world.act((deps, own) =>
      requestApproval(deps, { action: RELEASE_HOLD, subject: { patientId: PATIENT, holdId }, ...by(DOCTOR) }, own),
    );

  it("stands on the patient's protection, so that every change that was decided before it conflicts", async () => {
    const before = await protection();
    const hold = await place();
    expect((await protection()).hold).toEqual(hold);
    expect((await world.commit([protectionCheck(world.deps(), before)], marks().eventId)).ok).toBe(false);
    expect(valueOf(await listHolds(world.deps()))).toEqual([{ patientId: PATIENT, hold }]);
    expect(errorOf(await placeHold(world.deps(), await protection(), { ...MATTER, ...by(NURSE) }, marks()))).toEqual(
      rule("hold-exists"),
    );
    expect(JSON.stringify([...(world.memory.store.rows.get("data")?.values() ?? [])])).not.toMatch(
      /canary|litigation|frozen/,
    );
  });

  it("is taken away by two people, in one transaction with the approval that it uses up", async () => {
    const hold = await place();
    const asked = await find((await askRelease(hold.id)).id);
    const before = await protection();
    expect(errorOf(await releaseHold(world.deps(), before, asked, { userId: DOCTOR }, marks()))).toEqual(
      rule("approval-not-approved"),
    );
    await world.act((deps, own) => releaseHold(deps, before, asked, { userId: OFFICER }, own));
    expect((await protection()).hold).toBeUndefined();
    expect((await find(asked.value.id)).value).toMatchObject({ approvedBy: OFFICER, usedAtMs: world.clock.nowMs });
    const again = await releaseHold(
      world.deps(),
      await protection(),
      await find(asked.value.id),
      { userId: OFFICER },
      marks(),
    );
    expect(errorOf(again)).toEqual(rule("no-hold"));
  });

  it("an approval for one hold releases no later one, of her or of another patient", async () => {
    const first = await place();
    const asked = await find((await askRelease(first.id)).id);
    const before = await protection();
    await world.act((deps, own) => releaseHold(deps, before, asked, { userId: OFFICER }, own));
    const second = await place();
    const stale = await find((await askRelease(first.id)).id);
    expect(errorOf(await releaseHold(world.deps(), await protection(), stale, { userId: OFFICER }, marks()))).toEqual(
      rule("approval-other"),
    );
    const other = valueOf(await readProtection(world.deps(), OTHER));
    await world.act((deps, own) => placeHold(deps, other, { ...MATTER, ...by(DOCTOR) }, own));
    const own = await find((await askRelease(second.id)).id);
    const elsewhere = valueOf(await readProtection(world.deps(), OTHER));
    expect(errorOf(await releaseHold(world.deps(), elsewhere, own, { userId: OFFICER }, marks()))).toEqual(
      rule("approval-other"),
    );
  });

  it("two releases with one approval at one moment: one is written", async () => {
    const hold = await place();
    const asked = await find((await askRelease(hold.id)).id);
    const before = await protection();
    const both = await Promise.all(
      [OFFICER, NURSE].map(async (userId) => {
        const own = marks();
        return world.commit(
          valueOf(await releaseHold(world.deps(), before, asked, { userId }, own)).writes,
          own.eventId,
        );
      }),
    );
    expect(both.map((each) => Number(each.ok)).toSorted((left, right) => left - right)).toEqual([0, 1]);
  });

  it("the consents of the patient stay as they are", async () => {
    const before = await protection();
    await place();
    expect((await protection()).consents).toEqual(before.consents);
  });
});
