import { beforeEach, describe, expect, it } from "vitest";
import type { Grant } from "../../../core/policy/grant.ts";
import type { Records, StoredVersion } from "../../../core/record/index.ts";
import { resourceOf } from "../../../core/record/index.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";
import type { World } from "./world.ts";
import { bundle, createWorld, grantOf, patient, query, resource, withId } from "./world.ts";

/** AT-24: what the office does not see of an appointment is in no answer, finds nothing, and is not lost by a change. */
const clinical = grantOf();
const officeOf = (...ruleIds: string[]): Grant =>
  ({ ...grantOf({ classes: ["D"] }), decision: { ...clinical.decision, ruleIds } }) as Grant;
const desk = officeOf("front-desk-demographics");

let world: World;
let ada: StoredVersion;
let booked: StoredVersion;
let doctors: Records;
let office: Records;

const WITHHELD = ["reasonCode", "reasonReference", "description", "comment", "_comment", "patientInstruction"];
const appointment = (more: object = {}) =>
  resource({
    resourceType: "Appointment",
    status: "booked",
    start: "2026-12-01T08:00:00Z",
    end: "2026-12-01T08:30:00Z",
    participant: [
      { actor: { reference: `Patient/${ada.id}` }, status: "accepted" },
      ...("contained" in more ? [{ actor: { reference: "#l" }, status: "accepted" }] : []),
    ],
    ...more,
  });
const why = {
  text: { status: "generated", div: '<div xmlns="http://www.w3.org/1999/xhtml">CANARYtext</div>' },
  contained: [
    { resourceType: "Condition", id: "c", subject: { display: "her" }, code: { text: "CANARYcontained" } },
    { resourceType: "Location", id: "l", name: "Room 2" },
  ],
  reasonCode: [{ text: "CANARYcode", coding: [{ system: "urn:reason", code: "r1" }] }],
  reasonReference: [{ reference: "#c", display: "CANARYreference" }],
  description: "CANARYdescription",
  comment: "CANARYcomment",
  _comment: { extension: [{ url: "urn:said", valueString: "CANARYsibling" }] },
  patientInstruction: "CANARYinstruction",
};

beforeEach(async () => {
  world = await createWorld();
  doctors = world.for(clinical);
  office = world.for(desk);
  ada = valueOf(await doctors.create(clinical, patient("Lovelace"))).version;
  booked = valueOf(await doctors.create(clinical, appointment(why))).version;
});

const whole = async () => resourceOf(valueOf(await doctors.read(clinical, "Appointment", booked.id)));

describe("AT-24 the office's view of an appointment", () => {
  it("AT-24 no answer holds why somebody comes, and each says that it is not all", async () => {
    valueOf(
      await doctors.update(clinical, withId(appointment({ ...why, status: "arrived" }), booked.id), { ifMatch: 1 }),
    );
    const read = valueOf(await office.read(desk, "Appointment", booked.id));
    const past = valueOf(await office.vread(desk, "Appointment", booked.id, 1));
    const history = valueOf(await office.history(desk, "Appointment", booked.id));
    const byPatient = valueOf(await office.search(desk, query("Appointment", `patient=${ada.id}`)));
    const byId = valueOf(await office.search(desk, query("Appointment", `_id=${booked.id}`)));
    const revIncluded = valueOf(
      await office.search(desk, query("Patient", `_id=${ada.id}&_revinclude=Appointment:patient`)),
    );
    const texts = [read, past, ...history.versions].map(({ text = "" }) => text);
    const found = [...byPatient.matches, ...byId.matches, ...revIncluded.included];
    expect([texts.length, found.length]).toEqual([4, 3]);
    for (const text of [...texts, ...found.map((each) => JSON.stringify(each))]) {
      expect(text).not.toContain("CANARY");
      expect(text).toContain('"SUBSETTED"');
      expect(text).toContain("Room 2");
    }
    expect(JSON.stringify(await whole())).toContain("CANARYcode");
  });

  it("AT-24 has the same form whether or not there is a reason", async () => {
    const bare = valueOf(await doctors.create(clinical, appointment())).version;
    const seen = resourceOf(valueOf(await office.read(desk, "Appointment", bare.id)));
    const rich = resourceOf(valueOf(await office.read(desk, "Appointment", booked.id)));
    expect(seen.meta?.["tag"]).toEqual(rich.meta?.["tag"]);
    expect([...Object.keys(seen), "contained"].toSorted()).toEqual(Object.keys(rich).toSorted());
  });

  it("AT-24 no search finds by it: not in an address, not as a sort, not as a condition of a bundle", async () => {
    const forbidden = { kind: "forbidden" };
    for (const text of [
      `patient=${ada.id}&reason-code=r1`,
      `_id=${booked.id}&reason-code=zzz`,
      "reason-reference=Condition/c",
    ])
      expect(errorOf(await office.search(desk, query("Appointment", text)))).toEqual(forbidden);
    const condition = bundle([
      {
        resource: appointment(),
        request: { method: "POST", url: "Appointment", ifNoneExist: `patient=${ada.id}&reason-code=r1` },
      },
    ]);
    expect(errorOf(await office.transaction(desk, condition))).toEqual(forbidden);
    expect(
      valueOf(await doctors.search(clinical, query("Appointment", `patient=${ada.id}&reason-code=r1`))).total,
    ).toBe(1);
  });

  it("AT-24 what it writes back moves the appointment and keeps the reason", async () => {
    const seen = resourceOf(valueOf(await office.read(desk, "Appointment", booked.id)));
    const moved = resource({ ...seen, start: "2026-12-02T08:00:00Z", end: "2026-12-02T08:30:00Z" });
    const done = valueOf(await office.update(desk, moved, { ifMatch: 1 }));
    expect(done.version.text).not.toContain("CANARY");
    const after = await whole();
    expect(after).toMatchObject({
      start: "2026-12-02T08:00:00Z",
      ...Object.fromEntries(WITHHELD.map((name) => [name, why[name as keyof typeof why]])),
    });
    expect(JSON.stringify(after.meta)).not.toContain("SUBSETTED");
    expect(after["contained"]).toHaveLength(2);
    // What the narrative said was of the version before.
    expect(JSON.stringify(after)).not.toContain("CANARYtext");
    const put = {
      resource: resource({ ...resourceOf(done.version), status: "cancelled" }),
      request: { method: "PUT", url: `Appointment/${booked.id}`, ifMatch: 'W/"2"' },
    };
    valueOf(await office.transaction(desk, bundle([put])));
    expect(await whole()).toMatchObject({ status: "cancelled", description: "CANARYdescription" });
  });

  it.each(WITHHELD)("AT-24 an update that speaks of %s is refused, also where there is nothing", async (name) => {
    const bare = valueOf(await doctors.create(clinical, appointment())).version;
    const own = {
      [name]: why[name as keyof typeof why],
      ...(name === "reasonReference" && { reasonReference: [{ display: "x" }] }),
    };
    for (const { id } of [bare, booked]) {
      const update = withId(appointment(own), id);
      expect(errorOf(await office.update(desk, update, { ifMatch: 1 }))).toMatchObject({ rule: "redacted" });
      const put = { resource: update, request: { method: "PUT", url: `Appointment/${id}`, ifMatch: 'W/"1"' } };
      expect(errorOf(await office.transaction(desk, bundle([put])))).toMatchObject({
        rule: "redacted",
        path: "Bundle.entry[0].request",
      });
    }
  });

  it("AT-24 a new appointment may say why, and is answered without it", async () => {
    const made = valueOf(await office.create(desk, appointment({ description: "CANARYcalled" }))).version;
    expect(made.text).not.toContain("CANARY");
    expect(valueOf(await doctors.read(clinical, "Appointment", made.id)).text).toContain("CANARYcalled");
  });

  it("AT-24 one that is nobody's yet is projected too", async () => {
    const slot = appointment({
      participant: [{ actor: { display: "somebody" }, status: "needs-action" }],
      comment: "CANARYnobody",
    });
    const made = valueOf(await doctors.create(clinical, slot)).version;
    expect(valueOf(await office.read(desk, "Appointment", made.id)).text).not.toContain("CANARY");
  });

  it("AT-24 billing is the office, a rule of care beside it is not, and a grant without a rule is", async () => {
    const sees = async (...rules: string[]) => {
      const grant = officeOf(...rules);
      return valueOf(await world.for(grant).read(grant, "Appointment", booked.id)).text?.includes("CANARY");
    };
    expect(await sees("billing-demographics-read")).toBe(false);
    expect(await sees()).toBe(false);
    expect(await sees("front-desk-demographics", "nurse-chart")).toBe(true);
  });
});
