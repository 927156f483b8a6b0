import { beforeEach, describe, expect, it } from "vitest";
import { PEOPLE_ACTS, type PeopleAct, type PeopleRule } from "../../../core/contract/admin-people.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import {
  accountRow,
  blockedActs,
  createPeople,
  judge,
  membershipRow,
  type MembershipRow,
  peopleEdits,
  type Subject,
} from "../../../core/tenant/index.ts";
import { memoryNames } from "../../fixtures/people-names.ts";
import { memoryRegistry } from "../../fixtures/registry.ts";

const A = "01hxyzabcd0123456789abcdef" as TenantId;
const [BOSS, PEER, NURSE] = ["01hxyzb0ss0123456789abcdef", "01hxyzpeer0123456789abcdef", "01hxyznvrs0123456789abcdef"];
const NOW = Date.UTC(2026, 10, 22, 9);
const subject = (more: Partial<Subject> = {}): Subject => ({
  isSelf: false,
  state: "active",
  roles: ["nurse"],
  isLastAdministrator: false,
  isElsewhere: false,
  ...more,
});

describe("UIX-7 what may be done to a person", () => {
  it.each([
    ["roles", { isSelf: true, wanted: ["nurse"] }, "own-access"],
    ["roles", { roles: ["patient", "nurse"], wanted: ["nurse"] }, "not-staff"],
    ["roles", { state: "ended", wanted: ["nurse"] }, "already-ended"],
    ["roles", { isLastAdministrator: true, wanted: ["nurse"] }, "last-administrator"],
    ["end", { isSelf: true }, "own-access"],
    ["end", { state: "ended" }, "already-ended"],
    ["end", { isLastAdministrator: true }, "last-administrator"],
    ["restore", { isSelf: true, state: "ended" }, "own-access"],
    ["restore", { state: "active" }, "not-ended"],
    ["restore", { state: "ended", roles: ["platform-operator"] }, "not-staff"],
    ["end-sign-ins", { isSelf: true }, "own-access"],
    ["end-sign-ins", { state: "ended" }, "already-ended"],
    ["code", { isSelf: true }, "own-access"],
    ["code", { isElsewhere: true }, "factors-elsewhere"],
    ["code", { roles: ["integration"] }, "not-staff"],
    ["code", { isLastAdministrator: true }, "last-administrator"],
  ] as readonly (readonly [PeopleAct, Partial<Subject>, PeopleRule])[])("%s of %j: %s", (act, more, rule) => {
    expect(judge(act, subject(more))).toEqual({ ok: false, error: { rule } });
  });

  it("lets everything else be asked for, and keeps the last administrator who stays one", () => {
    for (const act of PEOPLE_ACTS) {
      const state = act === "restore" ? "ended" : "active";
      expect(judge(act, subject({ state, wanted: ["billing"] })).ok).toBe(true);
    }
    const wanted = ["clinic-administrator", "auditor"];
    expect(judge("roles", subject({ isLastAdministrator: true, wanted })).ok).toBe(true);
    expect(blockedActs(subject())).toEqual({ restore: "not-ended" });
  });
});

describe("UIX-7 changes of a clinic's people", () => {
  let store = memoryRegistry();
  const names = memoryNames();
  const people = () => createPeople(store, { now: () => NOW }, A, names.seal);
  const roles = (more: MembershipRow["roles"]) => peopleEdits.roles(more);
  beforeEach(async () => {
    store = memoryRegistry();
    const given = [
      [BOSS, ["clinic-administrator"]],
      [PEER, ["clinic-administrator"]],
      [NURSE, ["nurse"]],
    ] as const;
    const rows = given.flatMap(([userId = "", held]) => [
      membershipRow(userId, A, held),
      accountRow({ userId, tenantId: A, loginSealed: new Uint8Array(1), createdAtMs: NOW }),
    ]);
    await store.write(rows.map((row) => ({ kind: "create", row })));
  });

  it("of two administrators who end each other at once, exactly one goes", async () => {
    const end = (actorId = "", userId = "") =>
      people().act({ act: "end", actorId, userId, seenRev: 1 }, peopleEdits.end);
    const done = await Promise.all([end(BOSS, PEER), end(PEER, BOSS)]);
    expect(done.map((each) => (each.ok ? "ok" : each.error.kind)).toSorted()).toEqual(["forbidden", "ok"]);
  });

  it("an invited administrator is no administrator yet: the last one stays", async () => {
    await people().act({ act: "end", actorId: BOSS, userId: PEER ?? "", seenRev: 1 }, peopleEdits.end);
    const invited = await people().invite(
      BOSS ?? "",
      "01hxyznewx0123456789abcdef",
      { displayName: "N", login: "n.ew", roles: ["clinic-administrator"] },
      "d".repeat(64),
    );
    expect(invited.ok).toBe(true);
    const whole = await people().list();
    expect(whole.find(({ member }) => member.userId === BOSS)?.member.status).toBe("active");
    // Nobody but somebody who administers may act at all.
    const asked = { act: "roles", actorId: NURSE ?? "", userId: BOSS ?? "", seenRev: 1, wanted: ["nurse"] } as const;
    expect(await people().act(asked, roles(["nurse"]))).toEqual({ ok: false, error: { kind: "forbidden" } });
  });

  it("is over what was seen, and knows nobody who is not there", async () => {
    const ask = { act: "roles", actorId: BOSS ?? "", wanted: ["billing"] } as const;
    const stale = await people().act({ ...ask, userId: NURSE ?? "", seenRev: 2 }, roles(["billing"]));
    expect(stale).toEqual({ ok: false, error: { kind: "version-conflict" } });
    const nobody = await people().act({ ...ask, userId: "01hxyzn0ne0123456789abcdef", seenRev: 1 }, roles(["billing"]));
    expect(nobody).toEqual({ ok: false, error: { kind: "not-found" } });
    const done = await people().act({ ...ask, userId: NURSE ?? "", seenRev: 1 }, roles(["billing"]));
    expect(done).toMatchObject({ ok: true, value: { before: { member: { roles: ["nurse"] } } } });
  });
});
