import { beforeEach, describe, expect, it } from "vitest";
import {
  type EncounterDesk,
  listVisits,
  startAppointment,
  startNote,
  startVisit,
  takeBackStart,
} from "../../../core/encounter/index.ts";
import type { FhirResource } from "../../../core/fhir/index.ts";
import { resourceOf } from "../../../core/record/index.ts";
import { type ScheduleDesk, stepAppointment, type Visit, visitOf, walkIn } from "../../../core/schedule/index.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";
import { clinicWith } from "../schedule/clinic.ts";
import { ADA, BEN, type Clinic, openClinic } from "./world.ts";

/** A clinic in Chicago, at ten in the morning of a Monday: somebody has arrived. */
const CHICAGO = clinicWith();
let clinic: Clinic;
let ada: EncounterDesk;
let ben: EncounterDesk;
let arrived: Visit;

const scheduleOf = ({ records, grant, clock, effect }: EncounterDesk): ScheduleDesk => ({
  records,
  grant,
  clock,
  clinic: CHICAGO,
  ...(effect && { effect }),
});
const asked = () => ({ patient: clinic.patientId, appointment: arrived.id, class: "AMB" }) as const;
const boardStart = (desk = ada, { id, version } = arrived) => startAppointment(desk, scheduleOf(desk), id, version);
const chartStart = (desk = ada) => startVisit(desk, asked(), CHICAGO);

async function onBoard(): Promise<Visit> {
  const { version } = valueOf(await ada.records.read(ada.grant, "Appointment", arrived.id));
  const stored = valueOf(await ada.records.read(ada.grant, "Appointment", arrived.id));
  return visitOf(resourceOf(stored), version) as Visit;
}
const inChart = async () => valueOf(await listVisits(ada, clinic.patientId)).visits;

beforeEach(async () => {
  clinic = await openClinic();
  clinic.world.clock.nowMs = Date.parse("2026-03-02T16:00:00Z");
  ada = clinic.desk(ADA);
  ben = clinic.desk(BEN, { name: "Dr. Ben Okri" });
  arrived = valueOf(await walkIn(scheduleOf(ada), { patient: clinic.patientId, minutes: 20, accept: [] }));
});

describe("CLIN-3 a visit begins once, on the board or in the chart", () => {
  it("CLIN-3 begun on the board, it stands in the chart, and the chart's door leads into the same", async () => {
    expect(valueOf(await boardStart())).toMatchObject({ stage: "in-visit", version: 2 });
    expect(await inChart()).toMatchObject([{ state: "in-progress", appointment: arrived.id, version: 1 }]);
    const opened = valueOf(await chartStart(ben));
    expect(opened.participants).toHaveLength(2);
    expect(await inChart()).toHaveLength(1);
    expect((await onBoard()).version).toBe(2);
  });

  it("CLIN-3 begun in the chart, the board shows it in the visit", async () => {
    const opened = valueOf(await chartStart());
    const visit = await onBoard();
    expect(visit.path.map(({ stage }) => stage)).toEqual(["booked", "arrived", "in-visit"]);
    expect(errorOf(await boardStart(ben))).toEqual({ kind: "conflict", reason: "version" });
    expect(errorOf(await boardStart(ben, visit))).toMatchObject({ kind: "refused" });
    expect((await inChart()).map(({ id }) => id)).toEqual([opened.id]);
  });

  it("CLIN-3 whoever is seen has arrived, also where the desk never said so; another day's board stays as it was", async () => {
    const stored = resourceOf(valueOf(await ada.records.read(ada.grant, "Appointment", arrived.id)));
    const booked = async (start: string): Promise<Visit> => {
      const { id: _id, meta: _meta, extension: _path, ...rest } = stored;
      const end = new Date(Date.parse(start) + 1_200_000).toISOString();
      const made = { ...rest, status: "booked", start, end } as FhirResource;
      const { version } = valueOf(await ada.records.create(ada.grant, made));
      return visitOf(resourceOf(version), 1) as Visit;
    };
    arrived = await booked("2026-03-02T18:00:00.000Z");
    valueOf(await chartStart());
    expect((await onBoard()).path.map(({ stage }) => stage)).toEqual(["booked", "arrived", "in-visit"]);
    arrived = await booked("2026-03-01T18:00:00.000Z");
    valueOf(await chartStart());
    expect((await onBoard()).stage).toBe("booked");
  });

  it("CLIN-3 six who begin one visit at once, from both sides, begin one", async () => {
    const six = [boardStart(), chartStart(), boardStart(ben), chartStart(ben), boardStart(), chartStart()] as const;
    const done = await Promise.all<{ readonly ok: boolean }>(six);
    const visits = await inChart();
    expect(visits).toHaveLength(1);
    expect(visits[0]).toMatchObject({ state: "in-progress", appointment: arrived.id });
    expect((await onBoard()).stage).toBe("in-visit");
    // Who asks for the chart comes in; of those before the board, one at most did not see an older day.
    expect([done[1], done[3], done[5]].every((each) => each?.ok === true)).toBe(true);
    expect([done[0], done[2], done[4]].filter((each) => each?.ok === true).length).toBeLessThanOrEqual(1);
  });

  it("CLIN-3 a repeat of a start is answered by what it did", async () => {
    const once = { ...ada, effect: { key: "once-upon-a-start", fingerprint: "f" } };
    const first = valueOf(await boardStart(once));
    expect(valueOf(await boardStart(once))).toEqual(first);
    expect(await inChart()).toHaveLength(1);
  });

  it("CLIN-3 a start that is taken back never was, and the next one is a visit of its own", async () => {
    const started = valueOf(await boardStart());
    const back = valueOf(await takeBackStart(ada, scheduleOf(ada), started.id, started.version));
    expect(back.stage).toBe("arrived");
    expect(await inChart()).toMatchObject([{ state: "entered-in-error" }]);
    valueOf(await boardStart(ada, back));
    const visits = await inChart();
    expect(visits.map(({ state }) => state).toSorted()).toEqual(["entered-in-error", "in-progress"]);
    expect(new Set(visits.map(({ id }) => id)).size).toBe(2);
  });

  it("CLIN-3 a start is not taken back once a note says what was done, nor once the visit is over", async () => {
    const started = valueOf(await boardStart());
    const [visit] = await inChart();
    const note = { encounter: visit?.id ?? "", template: "nurse", carryForward: false };
    valueOf(await startNote(ada, note, clinic.templates));
    const refused = errorOf(await takeBackStart(ada, scheduleOf(ada), started.id, started.version));
    expect(refused).toEqual({ kind: "rule", rule: "visit-written" });
    expect((await onBoard()).stage).toBe("in-visit");
  });

  it("CLIN-3 a step that would take half of it back is handed on, and writes nothing", async () => {
    const started = valueOf(await boardStart());
    const half = await stepAppointment(scheduleOf(ada), started.id, started.version, "undo");
    expect(errorOf(half)).toEqual({ kind: "of-a-visit" });
    expect(await onBoard()).toMatchObject({ stage: "in-visit", version: started.version });
  });
});
