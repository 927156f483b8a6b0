import { beforeEach, describe, expect, it } from "vitest";
import { type VisitState, VISIT_STATES } from "../../../core/contract/index.ts";
import {
  changeVisit,
  type EncounterDesk,
  listVisits,
  readVisit,
  startNote,
  startVisit,
} from "../../../core/encounter/index.ts";
import { VISIT_CHANGES } from "../../../core/encounter/visit-states.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";
import { resource } from "../record/world.ts";
import { ADA, BEN, type Clinic, openClinic } from "./world.ts";

const UTC = { timeZone: "UTC" };
let clinic: Clinic;
let ada: EncounterDesk;
beforeEach(async () => {
  clinic = await openClinic();
  ada = clinic.desk(ADA);
});

async function book(status = "arrived"): Promise<string> {
  const appointment = resource({
    resourceType: "Appointment",
    status,
    start: "2026-11-22T09:00:00Z",
    end: "2026-11-22T09:30:00Z",
    participant: [{ actor: { reference: `Patient/${clinic.patientId}` }, status: "accepted" }],
  });
  return valueOf(await ada.records.create(ada.grant, appointment)).version.id;
}

async function inState(state: VisitState): Promise<string> {
  const encounter = resource({
    resourceType: "Encounter",
    status: state,
    class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB" },
    subject: { reference: `Patient/${clinic.patientId}` },
  });
  return valueOf(await ada.records.create(ada.grant, encounter)).version.id;
}

describe("visits", () => {
  const cells = VISIT_STATES.flatMap((from) => VISIT_STATES.map((to) => [from, to] as const));
  it.each(cells)("CLIN-3 from %s to %s, as the table says and in no other way", async (from, to) => {
    const id = await inState(from);
    const done = await changeVisit(ada, id, { to, version: 1 });
    const isPermitted = VISIT_CHANGES[from].includes(to);
    expect(done.ok).toBe(isPermitted);
    if (!isPermitted) expect(errorOf(done)).toEqual({ kind: "rule", rule: "visit-change" });
    expect(valueOf(await readVisit(ada, id)).state).toBe(isPermitted ? to : from);
  });

  it("CLIN-3 nothing that has ended begins again", () => {
    for (const ended of ["finished", "cancelled", "entered-in-error"] as const)
      expect(VISIT_CHANGES[ended].filter((to) => to !== "entered-in-error")).toEqual([]);
  });

  it("CLIN-3 somebody who walked in is seen by who opens the visit", async () => {
    const visit = valueOf(await startVisit(ada, { patient: clinic.patientId, class: "AMB", reason: "Cough" }, UTC));
    expect(visit).toMatchObject({ state: "in-progress", reason: "Cough", participants: [{ user: ADA, isMe: true }] });
  });

  it("CLIN-3 an appointment has one visit, however often and by whom it is opened", async () => {
    const appointment = await book();
    const asked = { patient: clinic.patientId, appointment, class: "AMB" } as const;
    const ben = clinic.desk(BEN, { name: "Dr. Ben Okri" });
    const both = await Promise.all([startVisit(ada, asked, UTC), startVisit(ben, asked, UTC)]);
    expect(new Set(both.map((each) => valueOf(each).id)).size).toBe(1);
    const again = valueOf(await startVisit(ben, asked, UTC));
    expect(again.participants.some(({ isMe }) => isMe)).toBe(true);
    expect(valueOf(await listVisits(ada, clinic.patientId)).visits).toHaveLength(1);
  });

  it.each(["cancelled", "noshow"])(
    "CLIN-3 no visit of an appointment that is %s, nor of somebody else's",
    async (status) => {
      const asked = { patient: clinic.patientId, class: "AMB" } as const;
      expect(errorOf(await startVisit(ada, { ...asked, appointment: await book(status) }, UTC))).toMatchObject({
        rule: "visit-appointment",
      });
      const other = { ...asked, patient: "01jd8x3k9m2n4p5q6r7s8t9v0w", appointment: await book() };
      expect(errorOf(await startVisit(ada, other, UTC))).toMatchObject({ rule: "visit-appointment" });
    },
  );

  it("CLIN-3 a note is begun at a visit that goes on or is over, and shows with it", async () => {
    const begin = (encounter: string) =>
      startNote(ada, { encounter, template: "nurse", carryForward: false }, clinic.templates);
    const open = await inState("in-progress");
    const note = valueOf(await begin(open));
    expect(valueOf(await readVisit(ada, open)).notes).toMatchObject([{ id: note.id, state: "draft" }]);
    for (const state of ["planned", "cancelled", "entered-in-error"] as const)
      expect(errorOf(await begin(await inState(state)))).toMatchObject({ rule: "visit-without-notes" });
    expect(
      errorOf(await startNote(ada, { encounter: open, template: "none", carryForward: false }, clinic.templates)),
    ).toMatchObject({
      rule: "template-unknown",
    });
  });
});
