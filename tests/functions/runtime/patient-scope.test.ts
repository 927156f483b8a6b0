import { beforeEach, describe, expect, it } from "vitest";
import type { Principal } from "../../../core/identity/principal.ts";
import type { UserId } from "../../../core/kernel/ids.ts";
import { newId } from "../../../core/kernel/ids.ts";
import type { Grant } from "../../../core/policy/grant.ts";
import { beginBreakGlass } from "../../../core/privacy/index.ts";
import type { StoredVersion } from "../../../core/record/index.ts";
import { createMeter } from "../../../core/table/index.ts";
import type { RegistryStore } from "../../../core/tenant/registry-store.ts";
import { type Asker, createPatientScopes } from "../../../functions/runtime/patient-scope.ts";
import { TENANT_A, valueOf } from "../../core/crypto/fixtures.ts";
import { createWorld, grantOf, observation, patient, resource, scopeOf, type World } from "../../core/record/world.ts";

const USER = newId(1) as string as UserId;
const grant = grantOf();
let world: World;
let ada: StoredVersion;
/** The classes of each scope that was opened. */
let opened: string[];

beforeEach(async () => {
  world = await createWorld();
  ada = valueOf(await world.for(grant).create(grant, patient("Lovelace"))).version;
  opened = [];
});

const principal = (more: Partial<Principal> = {}): Principal => ({
  kind: "user",
  userId: USER,
  tenantId: TENANT_A,
  roles: ["physician"],
  assurance: "aal2",
  sessionId: "s",
  clientId: "portal",
  practitionerId: "dr-ada",
  ...more,
});
const asker = (more: Partial<Asker> = {}): Asker => ({
  principal: principal(),
  tenantEpoch: 1,
  privacy: { relationship: "open", privacyOfficers: [] },
  purpose: "TREAT",
  action: "access",
  ...more,
});
const registry: RegistryStore = {
  get: () => Promise.resolve(undefined),
  getMany: () => Promise.resolve([]),
  query: () => Promise.resolve([]),
  queryIndex: () => Promise.resolve([]),
  write: () => Promise.reject(new Error("nothing is written")),
};

const open = (who: Asker) =>
  createPatientScopes({
    scopes: {
      keyring: world.keyring,
      open: (scope: Grant) => {
        opened.push(scope.classes.join(""));
        const credentials = () => Promise.reject(new Error("no file is opened"));
        return { table: world.table, keyScope: scopeOf(scope), meter: createMeter(), credentials };
      },
    },
    registry,
    clock: world.clock,
    onAlarm: (alarm) => world.alarms.push(alarm),
  }).open(who);

describe("POL-14 what a request reads of a patient", () => {
  it("reads one row in a scope of class D, once, and the next request reads it anew", async () => {
    const reader = open(asker());
    const before = world.meter.calls.GetItem;
    const standing = valueOf(await reader.standing(ada.id));
    expect(valueOf(await reader.standing(ada.id))).toBe(standing);
    expect(valueOf(await reader.of(standing.protection))).toEqual(standing);
    expect(world.meter.calls.GetItem - before).toBe(1);
    expect(opened).toEqual(["D"]);
    expect(standing.circumstances).toMatchObject({ patientId: ada.id, relationship: "open", hold: "none" });
    valueOf(await open(asker()).standing(ada.id));
    expect(world.meter.calls.GetItem - before).toBe(2);
  });

  it("asks for a relationship where the clinic does, and for treatment alone", async () => {
    const required: Asker["privacy"] = { relationship: "required", privacyOfficers: [] };
    const relationship = async (more: Partial<Asker> = {}) =>
      valueOf(await open(asker({ privacy: required, ...more })).standing(ada.id)).circumstances.relationship;
    expect(await relationship()).toBe("absent");
    expect(opened).toEqual(["D", "CD"]);
    expect(await relationship({ purpose: "HOPERAT" })).toBe("absent");
    expect(opened).toEqual(["D", "CD", "D"]);
    const records = world.for(grant);
    valueOf(
      await records.create(grant, resource({ resourceType: "Practitioner", name: [{ family: "A" }] }), {
        id: "dr-ada",
      }),
    );
    const team = resource({
      resourceType: "CareTeam",
      status: "active",
      subject: { reference: `Patient/${ada.id}` },
      participant: [{ member: { reference: "Practitioner/dr-ada" } }],
    });
    valueOf(await records.create(grant, team));
    expect(await relationship()).toBe("present");
    expect(await relationship({ principal: principal({ practitionerId: "dr-bob" }) })).toBe("absent");
    const reader = open(asker({ privacy: required }));
    expect(reader.bulk.relationship).toBe("absent");
    const { protection } = valueOf(await reader.standing(ada.id));
    expect(valueOf(await reader.of(protection, { isListed: true })).circumstances.relationship).toBe("absent");
  });

  it("knows of an emergency for the purpose of one, of this member and this patient alone", async () => {
    const other = valueOf(await world.for(grant).create(grant, patient("Byron"))).version;
    const begun = valueOf(
      await beginBreakGlass(
        world.privacy(grant),
        principal(),
        { patientId: ada.id, reasonCode: "immediate-care", reasonText: "unconscious at the door" },
        { eventId: newId(1) },
      ),
    );
    valueOf(await world.table.transactWrite(begun.writes));
    const emergency = async (patientId: string, more: Partial<Asker> = {}) =>
      valueOf(await open(asker({ purpose: "ETREAT", ...more })).standing(patientId)).circumstances.emergency?.id;
    expect(await emergency(ada.id)).toBe(begun.value.id);
    expect(await emergency(other.id)).toBeUndefined();
    expect(await emergency(ada.id, { purpose: "TREAT" })).toBeUndefined();
    const colleague = principal({ userId: newId(2) as string as UserId });
    expect(await emergency(ada.id, { principal: colleague })).toBeUndefined();
    world.clock.nowMs += 61 * 60_000;
    expect(await emergency(ada.id)).toBeUndefined();
  });

  it("finds the patient of an id that does not tell, and alarms where the row was tampered with", async () => {
    valueOf(await world.for(grant).create(grant, observation(ada.id, "x"), { id: "own-1" }));
    const reader = open(asker());
    expect(valueOf(await reader.locate("Observation", "own-1"))).toBe(ada.id);
    expect(valueOf(await reader.locate("Observation", "own-2"))).toBeUndefined();
    expect(valueOf(await reader.locate("Practitioner", "own-1"))).toBeUndefined();
    const found = [...world.memory.store.rows.values()]
      .flatMap((rows) => [...rows.values()])
      .find(({ sk }) => sk === "L");
    const pointed = { ...found!, patientId: newId(3) };
    valueOf(await world.table.transactWrite([{ kind: "put", table: "data", row: pointed }]));
    expect(await reader.locate("Observation", "own-1")).toEqual({ ok: false, error: { kind: "integrity" } });
    expect(world.alarms).toHaveLength(1);
  });
});
