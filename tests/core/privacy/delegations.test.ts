import { beforeEach, describe, expect, it } from "vitest";
import type { UserId } from "../../../core/kernel/ids.ts";
import type { Delegation } from "../../../core/privacy/index.ts";
import {
  activeBreakGlass,
  activeDelegations,
  beginBreakGlass,
  circumstancesOf,
  findDelegation,
  grantDelegation,
  listDelegations,
  readProtection,
  revokeDelegation,
} from "../../../core/privacy/index.ts";
import type { Row } from "../../../core/table/index.ts";
import { delegationKey } from "../../../core/table/index.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";
import { actor, compiled, labelled, purpose, record } from "../policy/consent/fixtures.ts";
import {
  ASSISTANT,
  createPrivacyWorld,
  DAY,
  DOCTOR,
  HOUR,
  marks,
  NURSE,
  OTHER,
  PATIENT,
  principal,
  type PrivacyWorld,
  TENANT_A,
  TENANT_B,
} from "./world.ts";

const rule = (name: string) => ({ kind: "business-rule", rule: name });
const OTHER_ASSISTANT = "01hxzzb0t0000003456789abce";

let world: PrivacyWorld;
beforeEach(async () => {
  world = await createPrivacyWorld();
});

const INPUT = { clientId: ASSISTANT, by: { userId: DOCTOR }, purposes: ["TREAT" as const], days: 7 };
const grant = (changes: Partial<Parameters<typeof grantDelegation>[1]> = {}): Promise<Delegation> =>
  world.act((deps, own) => grantDelegation(deps, { ...INPUT, ...changes }, own));
const active = async (about?: Parameters<typeof activeDelegations>[2], clientId = ASSISTANT) =>
  valueOf(await activeDelegations(world.deps(), clientId, about)).map(({ id }) => id);

describe("POL-15 a delegation to an assistant", () => {
  it("stands for its time, for its purposes, for its patients, for its client", async () => {
    const general = await grant();
    world.clock.nowMs += 1;
    const narrow = await grant({ patientIds: [PATIENT], by: { userId: NURSE } });
    expect(await active({ patientId: PATIENT })).toEqual([narrow.id, general.id]);
    expect(await active({ patientId: OTHER })).toEqual([general.id]);
    expect(await active()).toEqual([general.id]);
    expect(await active({ patientId: PATIENT, userId: NURSE })).toEqual([narrow.id]);
    expect(await active({ purpose: "HPAYMT" })).toEqual([]);
    expect(await active({}, OTHER_ASSISTANT)).toEqual([]);
    expect(await active({}, "no id")).toEqual([]);
    expect(valueOf(await activeDelegations(world.deps(TENANT_B), ASSISTANT))).toEqual([]);
    world.clock.nowMs = general.expiresAtMs;
    expect(await active()).toEqual([]);
    expect(valueOf(await listDelegations(world.deps())).map(({ id }) => id)).toEqual([narrow.id]);
    expect(valueOf(await listDelegations(world.deps(), DOCTOR))).toEqual([]);
  });

  it.each([
    ["91 days", { days: 91 }, "delegation-duration"],
    ["no time", { days: 0 }, "delegation-duration"],
    ["half a day", { days: 0.5 }, "delegation-duration"],
    ["emergencies", { purposes: ["ETREAT" as const] }, "delegation-purpose"],
    ["what is the patient's own", { purposes: ["PATRQT" as const] }, "delegation-purpose"],
    ["nothing", { purposes: [] }, "delegation-purpose"],
  ])("is refused for %s", async (_title, changes, name) => {
    expect(errorOf(await grantDelegation(world.deps(), { ...INPUT, ...changes }, marks()))).toEqual(rule(name));
  });

  it("ends at once when it is revoked, and is revoked once", async () => {
    const { id } = await grant();
    const found = valueOf(await findDelegation(world.deps(), id));
    await world.act((deps, own) => revokeDelegation(deps, found, { userId: DOCTOR }, own));
    expect(await active()).toEqual([]);
    const revoked = valueOf(await findDelegation(world.deps(), id));
    expect(revoked.value.revokedBy).toBe(DOCTOR);
    expect(errorOf(await revokeDelegation(world.deps(), revoked, { userId: DOCTOR }, marks()))).toEqual(
      rule("delegation-ended"),
    );
    const own = marks();
    const late = valueOf(await revokeDelegation(world.deps(), found, { userId: NURSE }, own));
    expect((await world.commit(late.writes, own.eventId)).ok).toBe(false);
    expect(errorOf(await findDelegation(world.deps(), OTHER_ASSISTANT))).toEqual({ kind: "not-found" });
  });

  it("copied to another assistant it does not open, and a clock that is set back prolongs nothing", async () => {
    const { id } = await grant();
    const row = [...(world.memory.store.rows.get("data")?.values() ?? [])].find(({ sk }) => sk.endsWith(id)) as Row;
    await world.force({ ...row, ...delegationKey(TENANT_A, OTHER_ASSISTANT, id) });
    expect(errorOf(await activeDelegations(world.deps(), OTHER_ASSISTANT))).toEqual({ kind: "integrity" });
    world.clock.nowMs -= DAY;
    expect(await active()).toEqual([]);
  });
});

describe("circumstances", () => {
  const facts = { purpose: "TREAT", action: "access", relationship: "open" } as const;
  const protection = async () => valueOf(await readProtection(world.deps(), PATIENT));
  const assistant = principal({
    kind: "client",
    userId: ASSISTANT as UserId,
    clientId: ASSISTANT,
    roles: ["assistant"],
  });

  it("POL-2 hold what policy asks for, and are about one patient", async () => {
    const { circumstances } = circumstancesOf(await protection(), principal(), {
      ...facts,
      nowMs: world.clock.nowMs,
      relationship: "absent",
    });
    expect(circumstances).toEqual({
      patientId: PATIENT,
      consent: { byClass: { C: "none", S: "none", B: "none", D: "none" }, ids: [] },
      relationship: "absent",
      hold: "none",
    });
  });

  it("POL-9 an emergency counts for its purpose alone, and to its last millisecond", async () => {
    const episode = await world.act((deps, own) =>
      beginBreakGlass(
        deps,
        principal(),
        { patientId: PATIENT, reasonCode: "immediate-care", reasonText: "unconscious" },
        own,
      ),
    );
    const emergency = valueOf(await activeBreakGlass(world.deps(), DOCTOR, PATIENT));
    const at = async (changes: object) =>
      circumstancesOf({ ...(await protection()), consents: [compiled({ type: "deny" })] }, principal(), {
        ...facts,
        nowMs: world.clock.nowMs,
        emergency,
        ...changes,
      });
    const open = await at({ purpose: "ETREAT" });
    expect(open.circumstances.emergency).toEqual({ id: episode.id, expiresAtMs: episode.expiresAtMs });
    expect([
      open.ruling.permits(record()),
      open.ruling.permits(labelled("42CFRPart2")),
      open.ruling.permits(labelled("PSYTHPN")),
    ]).toEqual([true, true, false]);
    expect(open.circumstances.consent.byClass.C).toBe("none");
    for (const changes of [
      { purpose: "TREAT" },
      { purpose: "ETREAT", nowMs: episode.expiresAtMs },
      { purpose: "ETREAT", emergency: undefined },
    ]) {
      const closed = await at(changes);
      expect(closed.circumstances.emergency).toBeUndefined();
      expect(closed.ruling.permits(record())).toBe(false);
    }
  });

  it("POL-1 the patient herself is not kept from her record by what she told others, and is nobody else's", async () => {
    const denied = { ...(await protection()), consents: [compiled({ type: "deny" })] };
    const own = principal({ roles: ["patient"], patientId: PATIENT });
    const now = { ...facts, purpose: "PATRQT" as const, nowMs: world.clock.nowMs };
    expect(circumstancesOf(denied, own, now).ruling.permits(record())).toBe(true);
    expect(circumstancesOf(denied, { ...own, patientId: OTHER }, now).ruling.permits(record())).toBe(false);
    expect(circumstancesOf(denied, principal({ patientId: PATIENT }), now).ruling.permits(record())).toBe(false);
  });

  it("POL-15 a delegation counts for its assistant, its patient and its time, and brings the clinician's denials along", async () => {
    const delegation = await grant({ patientIds: [PATIENT] });
    const given = { delegation, roles: ["physician"], practitionerId: "dr-ada" };
    const at = async (by = assistant, changes: object = {}) =>
      circumstancesOf(
        { ...(await protection()), consents: [compiled({ type: "deny", actor: [actor("Practitioner/dr-ada")] })] },
        by,
        { ...facts, nowMs: world.clock.nowMs, delegation: given, ...changes },
      );
    const { circumstances, ruling } = await at();
    expect(circumstances.delegation).toEqual({
      id: delegation.id,
      userId: DOCTOR,
      roles: ["physician"],
      purposes: ["TREAT"],
    });
    expect(ruling.permits(record())).toBe(false);
    expect((await at({ ...assistant, clientId: OTHER_ASSISTANT })).circumstances.delegation).toBeUndefined();
    expect((await at(principal({ clientId: ASSISTANT }))).circumstances.delegation).toBeUndefined();
    expect((await at(assistant, { nowMs: delegation.expiresAtMs })).circumstances.delegation).toBeUndefined();
    const elsewhere = { ...given, delegation: { ...delegation, patientIds: [OTHER] } };
    expect((await at(assistant, { delegation: elsewhere })).circumstances.delegation).toBeUndefined();
  });

  it("POL-14 are what is so now: a consent that ran out a moment ago has no effect", async () => {
    const until = new Date(world.clock.nowMs + HOUR).toISOString();
    const consents = [compiled({ type: "permit", purpose: [purpose("TREAT")], period: { end: until } })];
    const at = async (nowMs: number) =>
      circumstancesOf({ ...(await protection()), consents }, principal(), { ...facts, nowMs });
    expect((await at(world.clock.nowMs)).circumstances.consent).toMatchObject({
      byClass: { S: "permit" },
      ids: ["consent-1:1"],
    });
    expect((await at(world.clock.nowMs + HOUR + 1)).circumstances.consent).toMatchObject({
      byClass: { S: "none" },
      ids: [],
    });
  });
});
