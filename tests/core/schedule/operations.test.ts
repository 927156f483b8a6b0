import { beforeEach, describe, expect, it } from "vitest";
import type { Step } from "../../../core/contract/index.ts";
import { validateResource } from "../../../core/fhir/index.ts";
import { resourceOf } from "../../../core/record/index.ts";
import {
  bookAppointment,
  moveAppointment,
  planStep,
  stepAppointment,
  type Visit,
  visitOf,
  walkIn,
} from "../../../core/schedule/index.ts";
import { NEXT } from "../../../core/schedule/stages.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";
import { bundle, grantOf, resource } from "../record/world.ts";
import { clinicWith, openPractice, type Practice } from "./clinic.ts";

let practice: Practice;
beforeEach(async () => {
  practice = await openPractice();
});

const book = (more: Parameters<Practice["booking"]>[0] = {}) => bookAppointment(practice.desk, practice.booking(more));
const booked = async (more: Parameters<Practice["booking"]>[0] = {}): Promise<Visit> => valueOf(await book(more));
const take = ({ id, version }: Visit, step: Step, details = {}) =>
  stepAppointment(practice.desk, id, version, step, details);
/** Into the visit, as core/encounter writes it beside the Encounter. */
async function begin({ id, version }: Visit): Promise<Visit> {
  const { desk } = practice;
  const planned = valueOf(await planStep(desk, id, version, "start"));
  const done = valueOf(await desk.records.update(desk.grant, planned.appointment, { ifMatch: version }));
  const visit = visitOf(resourceOf(done.version), done.version.version);
  expect(visit?.stage).toBe("in-visit");
  return visit as Visit;
}
const refused = (...rules: string[]) => ({ kind: "refused", conflicts: rules.map((rule) => ({ rule })) });
const at = (text: string): void => {
  practice.world.clock.nowMs = Date.parse(text);
};

describe("CLIN-2 booking", () => {
  it("CLIN-2 writes a FHIR Appointment that a reader of R4 understands", async () => {
    const visit = await booked({ room: practice.room, reason: "Cough" });
    const { desk } = practice;
    const stored = resourceOf(valueOf(await desk.records.read(desk.grant, "Appointment", visit.id)));
    expect(validateResource(stored)).toMatchObject({ ok: true });
    expect(stored).toMatchObject({
      status: "booked",
      start: "2026-03-02T15:30:00.000Z",
      end: "2026-03-02T15:50:00.000Z",
      minutesDuration: 20,
      reasonCode: [{ text: "Cough" }],
    });
    // Whoever reads it elsewhere knows with whom and where it is; who comes, the chart says.
    expect(stored["participant"]).toEqual([
      { actor: { reference: `Patient/${practice.ada}` }, status: "accepted" },
      { actor: { reference: `Practitioner/${practice.provider}`, display: "Reyes" }, status: "accepted" },
      { actor: { reference: `Location/${practice.room}`, display: "Room 1" }, status: "accepted" },
    ]);
    const { id, version } = visit;
    const moved = valueOf(
      await moveAppointment(desk, id, version, { provider: practice.other, room: null, accept: [] }),
    );
    const after = resourceOf(valueOf(await desk.records.read(desk.grant, "Appointment", moved.id)));
    expect(JSON.stringify(after["participant"])).toContain('"display":"Okafor"');
    expect(JSON.stringify(after["participant"])).not.toMatch(/Reyes|Room 1/);
    expect(visitOf(stored, 1)).toEqual(visit);
  });

  it.each([
    ["the provider has another", { time: "09:40", room: undefined }, ["provider-busy"]],
    ["it only touches the one before", { time: "09:50" }, undefined],
    ["the room is taken", { provider: undefined }, ["room-busy"]],
    ["everything at once", { patient: "ada", time: "09:20" }, ["provider-busy", "room-busy", "patient-busy"]],
    ["it is over", { time: "07:00" }, ["in-the-past", "outside-hours"]],
    ["it ends after the clinic closes", { time: "16:50" }, ["outside-hours"]],
    ["the clinic is closed", { day: "2026-03-07" }, ["outside-hours"]],
  ] as const)("CLIN-2 where %s", async (_title, more, rules) => {
    await booked({ room: practice.room });
    const { ada, bea, room } = practice;
    const asked = await book({ patient: bea, room, ...more, ...("patient" in more && { patient: ada }) } as object);
    if (rules === undefined) expect(asked).toMatchObject({ ok: true });
    else expect(errorOf(asked)).toMatchObject(refused(...rules));
  });

  it("CLIN-2 what the clinic asks a word for is booked once it is said, and what it refuses is not", async () => {
    await booked();
    expect(errorOf(await book({ accept: ["patient-busy"] }))).toMatchObject(refused("provider-busy"));
    const { other: provider } = practice;
    expect(errorOf(await book({ provider }))).toMatchObject(refused("patient-busy"));
    expect(await book({ provider, accept: ["patient-busy"] })).toMatchObject({ ok: true });
    expect(errorOf(await book({ accept: ["provider-busy", "patient-busy"] }))).toMatchObject(refused("provider-busy"));
  });

  it("CLIN-2 a clinic that allows double booking gets it", async () => {
    const rules = { ...practice.clinic.profile.rules, "provider-busy": "allow" } as const;
    practice = await openPractice(clinicWith({ rules }));
    await booked();
    expect(await book({ patient: practice.bea })).toMatchObject({ ok: true });
  });

  it("CLIN-2 two desks on one slot: one of them gets it, and nothing of the other is written", async () => {
    const { bea } = practice;
    const others = Array.from({ length: 6 }, (_desk, index) =>
      book(index % 2 === 0 ? {} : { patient: bea, time: "09:35" }),
    );
    const done = await Promise.all(others);
    expect(done.filter(({ ok }) => ok)).toHaveLength(1);
    const { desk, provider } = practice;
    const span = { startMs: Date.parse("2026-03-02T00:00Z"), endMs: Date.parse("2026-03-03T00:00Z") };
    expect(
      valueOf(await practice.world.for(desk.grant).busy(desk.grant, [`Practitioner/${provider}`], span)),
    ).toHaveLength(1);
  });

  it("CLIN-2 two desks on one day of a provider, at different times, both get theirs", async () => {
    const { ada, bea } = practice;
    const done = await Promise.all([
      book({ patient: ada, time: "10:00" }),
      book({ patient: bea, time: "10:20" }),
      book({ patient: bea, time: "11:00" }),
      book({ patient: ada, time: "11:20" }),
    ]);
    expect(done.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  });

  it("CLIN-2 an appointment that came over FHIR takes its provider's time as well", async () => {
    const { desk, provider, bea, world } = practice;
    const entry = (time: string) => ({
      request: { method: "POST", url: "Appointment" },
      resource: {
        resourceType: "Appointment",
        status: "booked",
        start: `2026-03-02T${time}:00Z`,
        end: `2026-03-02T${time.slice(0, 3)}55:00Z`,
        participant: [`Patient/${bea}`, `Practitioner/${provider}`].map((reference) => ({
          actor: { reference },
          status: "accepted",
        })),
      },
    });
    valueOf(await world.for(desk.grant).transaction(desk.grant, bundle([entry("15:30"), entry("17:00")])));
    expect(errorOf(await book())).toMatchObject(refused("provider-busy"));
    expect(errorOf(await book({ time: "11:30" }))).toMatchObject(refused("provider-busy"));
    expect(await book({ time: "12:00" })).toMatchObject({ ok: true });
  });

  it("CLIN-2 a time that another patient's hidden appointment takes is taken", async () => {
    const { world, bea, desk } = practice;
    await booked({ patient: bea });
    const grant = grantOf();
    const blind = world.for(grant, ({ patientId }) =>
      Promise.resolve({
        ok: true,
        value: {
          ruling: {
            byClass: { C: "none", S: "none", B: "none", D: "none" },
            ids: [],
            permits: () => patientId !== bea,
            redacts: () => false,
          },
          classes: patientId === bea ? [] : ["D"],
        },
      }),
    );
    const asked = await bookAppointment({ ...desk, records: blind }, practice.booking());
    expect(errorOf(asked)).toMatchObject(refused("provider-busy"));
  });
});

describe("CLIN-2 days on which the clocks change", () => {
  const night = { ...practiceWeek(), sunday: [{ opens: "00:00", closes: "24:00" }] };
  function practiceWeek() {
    return clinicWith().profile.week;
  }
  beforeEach(async () => {
    practice = await openPractice(clinicWith({ week: night }));
  });

  it("CLIN-2 a time that is not there is not bookable", async () => {
    at("2026-03-08T06:30:00Z");
    expect(errorOf(await book({ day: "2026-03-08", time: "02:30" }))).toMatchObject(refused("time-skipped"));
    const visit = await booked({ day: "2026-03-08", time: "03:00" });
    expect(new Date(visit.startMs).toISOString()).toBe("2026-03-08T08:00:00.000Z");
  });

  it("CLIN-2 a time that comes twice has to be named, and both are two times", async () => {
    at("2026-11-01T05:30:00Z");
    const when = { day: "2026-11-01", time: "01:30" } as const;
    expect(errorOf(await book(when))).toMatchObject(refused("time-doubled"));
    const first = await booked({ ...when, occurrence: "first" });
    const second = await booked({ ...when, occurrence: "second" });
    expect(second.startMs - first.startMs).toBe(3_600_000);
    expect(errorOf(await book({ ...when, occurrence: "second", patient: practice.bea }))).toMatchObject(
      refused("provider-busy"),
    );
  });
});

describe("CLIN-2 the day of a visit", () => {
  it("CLIN-2 goes from the desk to the door, a step at a time", async () => {
    let visit = await booked();
    for (const [step, stage] of [
      ["arrive", "arrived"],
      ["room", "roomed"],
    ] as const) {
      visit = valueOf(await take(visit, step, step === "room" ? { room: practice.room } : {}));
      expect(visit.stage).toBe(stage);
    }
    // A visit begins with its Encounter, and so not here.
    expect(errorOf(await take(visit, "start"))).toEqual({ kind: "of-a-visit" });
    visit = await begin(visit);
    expect(errorOf(await take(visit, "undo"))).toEqual({ kind: "of-a-visit" });
    for (const [step, stage] of [
      ["ready", "ready"],
      ["complete", "completed"],
    ] as const) {
      visit = valueOf(await take(visit, step));
      expect(visit.stage).toBe(stage);
    }
    expect(visit).toMatchObject({ room: practice.room, version: 6 });
    expect(visit.path.map(({ stage }) => stage)).toEqual([
      "booked",
      "arrived",
      "roomed",
      "in-visit",
      "ready",
      "completed",
    ]);
  });

  it("CLIN-2 refuses every step that the table does not have", async () => {
    const visit = await booked();
    for (const step of ["room", "start", "ready", "complete", "undo"] as const)
      expect(errorOf(await take(visit, step))).toMatchObject(refused("step-refused"));
    expect(Object.values(NEXT).filter((next) => Object.keys(next).length === 0)).toHaveLength(3);
  });

  it("CLIN-2 nobody arrives on another day, and nobody failed to come before it was time", async () => {
    const visit = await booked({ day: "2026-03-03" });
    expect(errorOf(await take(visit, "arrive"))).toMatchObject(refused("not-today"));
    expect(errorOf(await take(visit, "no-show"))).toMatchObject(refused("too-early"));
    at("2026-03-03T15:31:00Z");
    expect(valueOf(await take(visit, "no-show")).stage).toBe("no-show");
  });

  it("CLIN-2 the last step of today is taken back, and no other", async () => {
    const visit = await booked();
    const arrived = valueOf(await take(visit, "arrive"));
    const back = valueOf(await take(arrived, "undo"));
    expect(back).toMatchObject({ stage: "booked", version: 3 });
    const again = valueOf(await take(back, "arrive"));
    at("2026-03-03T15:00:00Z");
    expect(errorOf(await take(again, "undo"))).toMatchObject(refused("undo-past"));
  });

  it("CLIN-2 what is cancelled frees its time, and comes back only while that is free", async () => {
    const visit = await booked();
    const cancelled = valueOf(await take(visit, "cancel", { cancelled: { reason: "pat", note: "Has a cold" } }));
    expect(cancelled).toMatchObject({ stage: "cancelled", cancelReason: "pat" });
    const taken = await booked({ patient: practice.bea });
    expect(errorOf(await take(cancelled, "undo"))).toMatchObject(refused("provider-busy"));
    valueOf(await take(taken, "cancel", { cancelled: { reason: "prov" } }));
    const back = valueOf(await take(cancelled, "undo"));
    expect(back).not.toHaveProperty("cancelReason");
    expect(errorOf(await book({ patient: practice.bea }))).toMatchObject(refused("provider-busy"));
  });

  it("CLIN-2 of two who act on one version one is told that it has changed", async () => {
    const visit = await booked();
    const done = await Promise.all([take(visit, "arrive"), take(visit, "cancel", { cancelled: { reason: "pat" } })]);
    expect(done.filter(({ ok }) => ok)).toHaveLength(1);
    expect(done.flatMap((each) => (each.ok ? [] : [each.error]))).toEqual([{ kind: "conflict", reason: "version" }]);
  });

  it("CLIN-2 a repeat of a step is answered by what the first sending did", async () => {
    const visit = await booked();
    const desk = { ...practice.desk, effect: { key: "once-upon-a-step", fingerprint: "f" } };
    const first = valueOf(await stepAppointment(desk, visit.id, 1, "arrive"));
    expect(valueOf(await stepAppointment(desk, visit.id, 1, "arrive"))).toEqual(first);
    expect(first.version).toBe(2);
  });

  it("CLIN-2 a walk-in is here now, whatever the slots are", async () => {
    at("2026-03-02T16:07:40Z");
    const { ada: patient, room } = practice;
    const visit = valueOf(await walkIn(practice.desk, { patient, minutes: 15, room, accept: [] }));
    expect(visit).toMatchObject({ stage: "arrived", isWalkIn: true, startMs: Date.parse("2026-03-02T16:07:00Z") });
  });

  it("CLIN-2 an appointment whose status another system changed stands where that says", async () => {
    const visit = await booked();
    const { desk, world } = practice;
    const records = world.for(desk.grant);
    const stored = resourceOf(valueOf(await records.read(desk.grant, "Appointment", visit.id)));
    const changed = resource({ ...stored, status: "fulfilled" });
    const { version } = valueOf(await records.update(desk.grant, changed, { ifMatch: 1 }));
    expect(visitOf(resourceOf(version), 2)).toMatchObject({ stage: "completed", path: [] });
  });
});

describe("CLIN-2 moving", () => {
  const move = ({ id, version }: Visit, more: object) =>
    moveAppointment(practice.desk, id, version, { accept: [], ...more });

  it("CLIN-2 takes the new time and gives the old one back", async () => {
    const visit = await booked();
    const moved = valueOf(await move(visit, { day: "2026-03-03", time: "10:00" }));
    expect(moved).toMatchObject({ startMs: Date.parse("2026-03-03T16:00:00Z"), version: 2 });
    expect(await book({ patient: practice.bea })).toMatchObject({ ok: true });
    expect(errorOf(await book({ day: "2026-03-03", time: "10:10" }))).toMatchObject(
      refused("provider-busy", "patient-busy"),
    );
  });

  it("CLIN-2 keeps the time of day on another day, across a change of the clocks", async () => {
    const visit = await booked({ day: "2026-03-06", time: "09:30" });
    const moved = valueOf(await move(visit, { day: "2026-03-09" }));
    expect(new Date(moved.startMs).toISOString()).toBe("2026-03-09T14:30:00.000Z");
  });

  it("CLIN-2 to another provider or room, with nothing else changed", async () => {
    const visit = await booked({ room: practice.room, reason: "Cough" });
    const { other, otherRoom, provider } = practice;
    const moved = valueOf(await move(visit, { provider: other, room: otherRoom }));
    expect(moved).toMatchObject({ provider: other, room: otherRoom, reason: "Cough", startMs: visit.startMs });
    expect(await book({ patient: practice.bea, provider })).toMatchObject({ ok: true });
    expect(valueOf(await move(moved, { provider: null }))).not.toHaveProperty("provider");
  });

  it("CLIN-2 who has arrived is not moved in time, and what is over not at all", async () => {
    const arrived = valueOf(await take(await booked(), "arrive"));
    expect(errorOf(await move(arrived, { time: "11:00" }))).toMatchObject(refused("step-refused"));
    const gone = valueOf(await take(arrived, "cancel", { cancelled: { reason: "pat" } }));
    expect(errorOf(await move(gone, { provider: null }))).toMatchObject(refused("step-refused"));
  });

  it("CLIN-2 into itself is no conflict with itself", async () => {
    const visit = await booked();
    expect(valueOf(await move(visit, { time: "09:40", minutes: 30 }))).toMatchObject({ version: 2 });
  });
});
