import { describe, expect, it } from "vitest";
import { ClinicProfile } from "../../../core/contract/index.ts";
import { type BoardInput, clinicOf, dayView, freeTimes, spanOf, type Visit } from "../../../core/schedule/index.ts";
import { readClinicTime } from "../../../core/schedule/profile.ts";
import { clinicWith } from "./clinic.ts";

const clinic = clinicWith();
const at = (text: string): number => Date.parse(text);
const visit = (more: Partial<Visit> = {}): Visit => ({
  id: "a",
  version: 1,
  startMs: at("2026-03-02T15:30:00Z"),
  endMs: at("2026-03-02T15:50:00Z"),
  patientId: "ada",
  provider: "reyes",
  stage: "booked",
  path: [{ stage: "booked", atMs: at("2026-03-01T15:00:00Z") }],
  isWalkIn: false,
  reason: "Cough",
  ...more,
});
const input = (more: Partial<BoardInput> = {}): BoardInput => ({
  clinic,
  nowMs: at("2026-03-02T15:00:00Z"),
  patients: new Map([["ada", { name: { given: ["Ada"], family: "Lovelace" }, birthDate: "1980-02-29" }]]),
  isOffice: false,
  may: () => true,
  ...more,
});
const board = (visits: readonly Visit[], more: Partial<BoardInput> = {}) => dayView(input(more), "2026-03-02", visits);

describe("CLIN-2 the board", () => {
  it("CLIN-2 shows the day in its order, with what may be done next", () => {
    const view = board([
      visit({ id: "b", startMs: at("2026-03-02T17:00:00Z"), endMs: at("2026-03-02T17:20:00Z") }),
      visit(),
    ]);
    expect(view.rows.map(({ start }) => start.time)).toEqual(["09:30", "11:00"]);
    expect(view.rows[0]?.steps).toEqual(["arrive", "cancel"]);
    expect(view).toMatchObject({
      previous: "2026-03-01",
      next: "2026-03-03",
      today: "2026-03-02",
      counts: { booked: 2 },
    });
    expect(view.open.map(({ from, to }) => [from.time, to.time])).toEqual([["08:00", "17:00"]]);
  });

  it("CLIN-2 AT-24 tells the office nothing of why somebody comes, and the clinician all of it", () => {
    const [office] = board([visit()], { isOffice: true }).rows;
    const [none] = board([visit({ reason: undefined } as object)], { isOffice: true }).rows;
    expect(office?.reason).toEqual(none?.reason);
    expect(office?.reason).toMatchObject({ state: "restricted", reason: "minimum-necessary" });
    expect(JSON.stringify(office)).not.toContain("Cough");
    expect(board([visit()]).rows[0]?.reason).toEqual({ state: "value", value: "Cough" });
  });

  it("CLIN-2 UIX-4 says of a patient who is hidden that she is, and nothing of her", () => {
    const [row] = board([visit()], { patients: new Map() }).rows;
    expect(row?.patient.name).toMatchObject({ state: "restricted", reason: "consent" });
  });

  it("CLIN-2 offers no step that policy does not permit", () => {
    const may = (step: string): boolean => step !== "cancel" && step !== "move";
    expect(board([visit()], { may }).rows[0]).toMatchObject({ steps: ["arrive"], canMove: false });
  });

  it("CLIN-2 flags who is late, who came without an appointment, and a provider with two at once", () => {
    const other = visit({ id: "b", isWalkIn: true, stage: "arrived" });
    const rows = board([visit(), other], { nowMs: at("2026-03-02T15:45:00Z") }).rows;
    expect(rows.map(({ flags }) => flags)).toEqual([
      ["double-booked", "late"],
      ["walk-in", "double-booked"],
    ]);
    const gone = board([visit(), visit({ id: "b", stage: "cancelled" })]).rows;
    expect(gone.map(({ flags }) => flags)).toEqual([[], []]);
  });

  it("CLIN-2 names an hour that comes twice, and both times of it", () => {
    const [first, second] = ["06:30", "07:30"].map((time, index) =>
      visit({ id: String(index), startMs: at(`2026-11-01T${time}:00Z`), endMs: at(`2026-11-01T${time}:20Z`) }),
    );
    const view = dayView(input(), "2026-11-01", first && second ? [second, first] : []);
    expect(view.rows.map(({ start }) => [start.time, start.occurrence])).toEqual([
      ["01:30", "first"],
      ["01:30", "second"],
    ]);
    expect(view.clockChange).toMatchObject({ direction: "back", minutes: 60, from: "01:00", to: "02:00" });
    expect(dayView(input(), "2026-03-08", []).clockChange).toMatchObject({
      direction: "forward",
      minutes: 60,
      from: "02:00",
      to: "03:00",
    });
    expect(view.open).toEqual([]);
  });
});

describe("CLIN-2 free times", () => {
  const query = { from: "2026-03-02", minutes: 20, providers: ["Practitioner/reyes"], days: 3, limit: 5 };
  const now = at("2026-03-02T22:10:00Z");
  const timesOf = (found: ReturnType<typeof freeTimes>) =>
    found.map(({ day, startMs }) => `${day} ${new Date(startMs).toISOString().slice(11, 16)}`);

  it("CLIN-2 are within hours, yet to come, and nobody's", () => {
    const busy = [
      { actor: "Practitioner/reyes", startMs: at("2026-03-02T22:25:00Z"), endMs: at("2026-03-02T22:35:00Z") },
    ];
    expect(timesOf(freeTimes(clinic, query, busy, now))).toEqual([
      "2026-03-02 22:40",
      "2026-03-03 14:00",
      "2026-03-03 14:10",
      "2026-03-03 14:20",
      "2026-03-03 14:30",
    ]);
  });

  it("CLIN-2 are of whoever is free first, and only while the room is", () => {
    const busy = [
      { actor: "Practitioner/reyes", startMs: now, endMs: now + 36e5 },
      { actor: "Location/one", startMs: now, endMs: at("2026-03-02T22:30:00Z") },
    ];
    const found = freeTimes(
      clinic,
      { ...query, providers: ["Practitioner/reyes", "Practitioner/okafor"], room: "Location/one", limit: 1 },
      busy,
      now,
    );
    expect(found).toEqual([
      { day: "2026-03-02", startMs: at("2026-03-02T22:30:00Z"), provider: "Practitioner/okafor" },
    ]);
  });

  it("CLIN-2 are none on a holiday, and look no further than asked", () => {
    const closed = clinicWith({ exceptions: [{ from: "2026-03-03", to: "2026-03-03", name: "Holiday", hours: [] }] });
    expect(timesOf(freeTimes(closed, { ...query, minutes: 55 }, [], now)).map((text) => text.slice(0, 10))).toEqual(
      Array.from({ length: 5 }, () => "2026-03-04"),
    );
    expect(freeTimes(closed, { ...query, days: 2, minutes: 55 }, [], now)).toEqual([]);
    expect(spanOf(clinic, query)).toEqual({ startMs: at("2026-03-02T06:00:00Z"), endMs: at("2026-03-05T06:00:00Z") });
  });

  it("CLIN-2 through the night of a change leave out what is not there, and offer twice what comes twice", () => {
    const night = clinicWith({
      slotMinutes: 30,
      week: { ...clinic.profile.week, sunday: [{ opens: "00:00", closes: "04:00" }] },
    });
    const ask = { ...query, minutes: 30, days: 1, limit: 20 };
    const local = (day: string, zoneNow: number) => freeTimes(night, { ...ask, from: day }, [], zoneNow).length;
    expect(local("2026-03-08", at("2026-03-08T05:00:00Z"))).toBe(6);
    expect(local("2026-11-01", at("2026-11-01T04:00:00Z"))).toBe(10);
    expect(local("2026-11-08", at("2026-11-08T04:00:00Z"))).toBe(8);
  });
});

describe("CLIN-2 the profile", () => {
  it("CLIN-2 of a clinic that never chose has no time zone, and says so", async () => {
    expect(clinicOf(undefined, "Lakeside")).toMatchObject({ timeZone: "UTC", isTimeZoneSet: false, version: 0 });
    expect(await readClinicTime({ get: () => Promise.resolve(undefined) }, "t")).toEqual({ locale: "en-US" });
  });

  it.each([
    [
      "hours that overlap",
      {
        monday: [
          { opens: "08:00", closes: "12:00" },
          { opens: "11:00", closes: "17:00" },
        ],
      },
    ],
    ["a day that closes before it opens", { monday: [{ opens: "17:00", closes: "08:00" }] }],
  ])("CLIN-2 refuses %s", (_title, more) => {
    const { profile } = clinic;
    expect(ClinicProfile.safeParse(profile).success).toBe(true);
    expect(ClinicProfile.safeParse({ ...profile, week: { ...profile.week, ...more } }).success).toBe(false);
  });
});
