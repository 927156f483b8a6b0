import { beforeAll, describe, expect, it } from "vitest";
import type { SealableValue } from "../../../core/crypto/index.ts";
import { sealItem } from "../../../core/crypto/index.ts";
import type { ResourceType } from "../../../core/fhir/index.ts";
import { newId } from "../../../core/kernel/ids.ts";
import { relationship } from "../../../core/privacy/index.ts";
import type { RecordId, Row } from "../../../core/table/index.ts";
import { currentSort, homePartition, transactionKey } from "../../../core/table/index.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";
import { createPrivacyWorld, DAY, PATIENT, type PrivacyWorld, TENANT_A, TENANT_B } from "./world.ts";

const PRACTITIONER = "dr-ada";
const who = { reference: `Practitioner/${PRACTITIONER}` };

let world: PrivacyWorld;
const at = (days: number): string => new Date(world.clock.nowMs + days * DAY).toISOString();

/** A record's row, as core/record seals one. */
async function keep(
  record: { resourceType: string },
  more: Readonly<Record<string, SealableValue>> = {},
): Promise<Row> {
  const deps = world.deps();
  const dataClass = record.resourceType === "Appointment" ? "D" : "C";
  const dataKey = valueOf(await deps.keyring.sealingKey(deps.keyScope, dataClass));
  const id = newId(world.clock.nowMs) as string as RecordId;
  const key = {
    pk: homePartition(TENANT_A, dataClass, { patientId: PATIENT as RecordId }),
    sk: currentSort(record.resourceType as ResourceType, id),
  };
  const isGone = more["_del"] === true || more["_mv"] === true;
  const item = {
    _t: record.resourceType,
    _upd: 1,
    _aud: "e",
    ...(!isGone && { phi: JSON.stringify(record) }),
    ...more,
  };
  const legend = {
    phi: "encrypt",
    _t: "sign",
    _upd: "sign",
    _aud: "sign",
    _del: "sign",
    _mv: "sign",
    _tx: "sign",
  } as const;
  const row = valueOf(
    sealItem(item, { tenantId: TENANT_A, table: "data", dataClass, ...key, version: 1 }, legend, dataKey),
  ) as Row;
  await world.force(row);
  return row;
}

const found = async (practitionerId: string | undefined = PRACTITIONER) =>
  valueOf(await relationship(world.deps(), PATIENT, practitionerId));

const team = (more: object = {}) => ({
  resourceType: "CareTeam",
  status: "active",
  participant: [{ member: who }],
  ...more,
});
const appointment = (days: number, more: object = {}) => ({
  resourceType: "Appointment",
  status: "booked",
  start: at(days),
  end: at(days + 0.02),
  participant: [{ actor: who, status: "accepted" }],
  ...more,
});
const encounter = (start: number, end: number | undefined, more: object = {}) => ({
  resourceType: "Encounter",
  status: "finished",
  participant: [{ individual: who }],
  period: { start: at(start), ...(end !== undefined && { end: at(end) }) },
  ...more,
});

describe("POL-2 the treatment relationship", () => {
  beforeAll(async () => {
    world = await createPrivacyWorld();
  });

  it.each<[string, () => { resourceType: string }, "present" | "absent"]>([
    ["an active care team", () => team(), "present"],
    ["a care team that is over", () => team({ status: "inactive" }), "absent"],
    ["a care team of last year", () => team({ period: { end: at(-200) } }), "absent"],
    ["one that she left", () => team({ participant: [{ member: who, period: { end: at(-1.5) } }] }), "absent"],
    [
      "somebody else's care team",
      () => team({ participant: [{ member: { reference: "Practitioner/other" } }] }),
      "absent",
    ],
    [
      "an organization's care team",
      () => team({ participant: [{ member: { reference: `Organization/${PRACTITIONER}` } }] }),
      "absent",
    ],
    ["an appointment today", () => appointment(0), "present"],
    ["89 days ago", () => appointment(-89), "present"],
    ["91 days ago", () => appointment(-91), "absent"],
    ["in 29 days", () => appointment(29), "present"],
    ["in 31 days", () => appointment(31), "absent"],
    ["a cancelled one", () => appointment(0, { status: "cancelled" }), "absent"],
    ["one that was missed", () => appointment(0, { status: "noshow" }), "absent"],
    ["one that she declined", () => appointment(0, { participant: [{ actor: who, status: "declined" }] }), "absent"],
    ["one without a time", () => appointment(0, { start: undefined, end: undefined, status: "proposed" }), "absent"],
    ["an encounter in progress", () => encounter(-3, undefined, { status: "in-progress" }), "present"],
    ["one that ended 300 days ago", () => encounter(-301, -300), "present"],
    ["one that ended 366 days ago", () => encounter(-367, -366), "absent"],
    ["a planned one", () => encounter(1, 2, { status: "planned" }), "absent"],
    ["a finished one that nobody knows when", () => encounter(0, 0, { period: undefined }), "absent"],
    [
      "somebody else's encounter",
      () => encounter(-1, 0, { participant: [{ individual: { reference: "Practitioner/other" } }] }),
      "absent",
    ],
  ])("%s", async (_title, make, expected) => {
    world = await createPrivacyWorld();
    await keep(make());
    expect(await found()).toBe(expected);
    expect(await found("nobody")).toBe("absent");
  });

  it("is absent for a member who is no practitioner, in another clinic, and for what cannot be an id", async () => {
    world = await createPrivacyWorld();
    await keep(team());
    expect(valueOf(await relationship(world.deps(), PATIENT, undefined))).toBe("absent");
    expect(valueOf(await relationship(world.deps(TENANT_B), PATIENT, PRACTITIONER))).toBe("absent");
    expect(valueOf(await relationship(world.deps(), "no#id", PRACTITIONER))).toBe("absent");
  });

  it("is not made by what is deleted, moved to class S, or staged and not committed", async () => {
    world = await createPrivacyWorld();
    await keep(team(), { _del: true });
    await keep(team(), { _mv: true });
    const transactionId = newId(world.clock.nowMs);
    await keep(team(), { _tx: transactionId });
    expect(await found()).toBe("absent");
    await world.force({ ...transactionKey(TENANT_A, transactionId), state: "COMMITTED", at: 1, n: 1, fp: "" });
    expect(await found()).toBe("present");
  });

  it("a row that does not open fails it: nobody is let in by what nobody can read", async () => {
    world = await createPrivacyWorld();
    const row = await keep(team());
    await world.force({ ...row, _upd: 2 });
    expect(errorOf(await relationship(world.deps(), PATIENT, PRACTITIONER))).toEqual({ kind: "integrity" });
    expect(world.alarms).toEqual([{ kind: "integrity", fault: "mac" }]);
  });
});
