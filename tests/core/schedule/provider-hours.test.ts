import { beforeEach, describe, expect, it } from "vitest";
import { type MovesView, type NotAvailable, type OpeningWeek, ProviderHours } from "../../../core/contract/index.ts";
import {
  bookAppointment,
  type Clinic,
  dayView,
  freeTimes,
  moveAppointment,
  movesOf,
  type Visit,
  walkIn,
  withoutPast,
} from "../../../core/schedule/index.ts";
import { absenceOn, availableOn } from "../../../core/schedule/provider-hours.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";
import { clinicWith, openPractice, type Practice } from "./clinic.ts";

const span = (opens: string, closes: string) => ({ opens, closes });
const NONE: OpeningWeek = {
  monday: [],
  tuesday: [],
  wednesday: [],
  thursday: [],
  friday: [],
  saturday: [],
  sunday: [],
};
const MORNINGS: OpeningWeek = { ...NONE, monday: [span("08:00", "12:00")], sunday: [span("00:00", "04:00")] };
const off = (start: string, end = start, more: Partial<NotAvailable> = {}): NotAvailable => ({
  reason: "time-off",
  during: { start, end },
  availableTime: [],
  ...more,
});
const hours = (notAvailable: readonly NotAvailable[] = [], availableTime: OpeningWeek | null = MORNINGS) => ({
  availableTime,
  notAvailable: [...notAvailable],
});
/** Open day and night, so that only the provider's hours tell. */
const ALWAYS = [span("00:00", "24:00")];
const OPEN = Object.fromEntries(Object.keys(NONE).map((day) => [day, ALWAYS])) as unknown as OpeningWeek;
const staffed = (reyes: ProviderHours, week = OPEN): Clinic =>
  clinicWith({ week, slotMinutes: 30 }, "America/Chicago", { reyes });

describe("CLIN-2 a provider's hours", () => {
  it.each([
    ["on a day of her week", hours(), "2026-03-02", "14:00 18:00"],
    ["on a day that her week leaves out", hours(), "2026-03-03", ""],
    ["where she has no week, the clinic's alone tell", hours([], null), "2026-03-03", "06:00 06:00"],
    ["on a day off", hours([off("2026-03-02")]), "2026-03-02", ""],
    ["on the first of many", hours([off("2026-03-02", "2026-03-09")]), "2026-03-02", ""],
    ["on the last of many", hours([off("2026-02-20", "2026-03-02")]), "2026-03-02", ""],
    ["the day after", hours([off("2026-02-20", "2026-03-01")]), "2026-03-02", "14:00 18:00"],
    [
      "on a changed day",
      hours([off("2026-03-02", "2026-03-02", { reason: "other-hours", availableTime: [span("13:00", "15:00")] })]),
      "2026-03-02",
      "19:00 21:00",
    ],
    [
      "on a day within a holiday, whichever was said first",
      hours([
        off("2026-03-02", "2026-03-02", { availableTime: [span("09:00", "10:00")] }),
        off("2026-03-01", "2026-03-31"),
      ]),
      "2026-03-02",
      "15:00 16:00",
    ],
    // 8 March: 02:00 CST (08:00Z) becomes 03:00 CDT. 1 November: 02:00 CDT (07:00Z) becomes 01:00 CST.
    ["on the day of 23 hours, three of them", hours(), "2026-03-08", "06:00 09:00"],
    ["on the day of 25 hours, five of them", hours(), "2026-11-01", "05:00 10:00"],
  ])("CLIN-2 %s", (_title, reyes, day, expected) => {
    const spans = availableOn(staffed(reyes), "reyes", day) ?? [];
    const text = spans
      .flatMap(({ startMs, endMs }) => [startMs, endMs])
      .map((ms) => new Date(ms).toISOString().slice(11, 16));
    expect(text.join(" ")).toBe(expected);
  });

  it("CLIN-2 are nobody else's, and no name of an object's own", () => {
    for (const other of ["okafor", "constructor", "toString"])
      expect(availableOn(staffed(hours()), other, "2026-03-02")).toBeUndefined();
  });

  it("CLIN-2 say why by a code, and forget what is over", () => {
    const settled = hours([off("2026-03-01", "2026-03-31"), off("2026-03-02", "2026-03-02", { reason: "training" })]);
    expect(["2026-02-28", "2026-03-01", "2026-03-02"].map((day) => absenceOn(settled, day))).toEqual([
      undefined,
      "time-off",
      "training",
    ]);
    expect(withoutPast(settled, "2026-03-03").notAvailable).toHaveLength(1);
    expect(withoutPast(settled, "2026-03-02").notAvailable).toHaveLength(2);
  });

  it.each([
    ["words of one's own", { ...off("2026-03-02"), reason: "surgery on Tuesday" }],
    ["a note", { ...off("2026-03-02"), note: "surgery" }],
    ["a period that ends before it begins", off("2026-03-03", "2026-03-02")],
    ["a day that is not there", off("2026-02-30")],
    [
      "hours that overlap",
      off("2026-03-02", "2026-03-02", { availableTime: [span("09:00", "11:00"), span("10:00", "12:00")] }),
    ],
  ])("CLIN-2 refuse %s", (_title, entry) => {
    expect(ProviderHours.safeParse(hours([off("2026-03-02")])).success).toBe(true);
    expect(ProviderHours.safeParse({ availableTime: null, notAvailable: [entry] }).success).toBe(false);
  });
});

describe("CLIN-2 free times within a provider's hours", () => {
  const query = { from: "2026-03-02", minutes: 30, providers: ["Practitioner/reyes"], days: 1, limit: 99 };
  const count = (clinic: Clinic, more: Partial<typeof query> = {}): number =>
    freeTimes(clinic, { ...query, ...more }, [], 0).length;

  it.each([
    ["a morning of hers", "2026-03-02", 8],
    ["the day of 23 hours", "2026-03-08", 6],
    ["the day of 25 hours", "2026-11-01", 10],
    ["a day that she does not work", "2026-03-03", 0],
  ])("CLIN-2 on %s", (_title, from, expected) => {
    expect(count(staffed(hours()), { from })).toBe(expected);
  });

  it("CLIN-2 are inside the clinic's as well, and a colleague's where she is away", () => {
    const week = { ...NONE, monday: [span("10:00", "17:00")] };
    expect(count(staffed(hours(), week))).toBe(4);
    const both = { ...query, providers: ["Practitioner/reyes", "Practitioner/okafor"] };
    const found = freeTimes(staffed(hours(), week), both, [], 0).map(({ provider }) => provider);
    expect([found.length, found.lastIndexOf("Practitioner/reyes"), found.indexOf("Practitioner/okafor")]).toEqual([
      14, 3, 4,
    ]);
  });
});

describe("CLIN-2 booking against a provider's hours", () => {
  let practice: Practice;
  const away = { kind: "refused", conflicts: [{ rule: "provider-away", path: "provider" }] };
  const open = async (rule: "refuse" | "confirm" | "allow"): Promise<void> => {
    practice = await openPractice();
    const { profile } = practice.clinic;
    const clinic = {
      ...practice.clinic,
      profile: { ...profile, rules: { ...profile.rules, "outside-hours": rule } },
      hours: { version: 1, providers: { [practice.provider]: hours() } },
    };
    practice = { ...practice, clinic, desk: { ...practice.desk, clinic } };
  };
  const book = (more: Parameters<Practice["booking"]>[0] = {}) =>
    bookAppointment(practice.desk, practice.booking(more));
  beforeEach(() => open("confirm"));

  it("CLIN-2 takes the word that hours of the clinic take, and says which is meant", async () => {
    expect(await book()).toMatchObject({ ok: true });
    expect(errorOf(await book({ time: "12:00" }))).toMatchObject(away);
    expect(errorOf(await book({ time: "11:50" }))).toMatchObject(away);
    expect(errorOf(await book({ time: "12:00", accept: ["outside-hours"] }))).toMatchObject(away);
    expect(await book({ time: "12:00", accept: ["provider-away"] })).toMatchObject({ ok: true });
    expect(await book({ patient: practice.bea, time: "12:00", provider: practice.other })).toMatchObject({ ok: true });
  });

  it("CLIN-2 is refused for good, or not at all, where the clinic has it so", async () => {
    await open("refuse");
    expect(errorOf(await book({ time: "12:00", accept: ["provider-away"] }))).toMatchObject(away);
    await open("allow");
    expect(await book({ time: "12:00" })).toMatchObject({ ok: true });
  });

  it("CLIN-2 holds for who walks in", async () => {
    const request = { patient: practice.ada, minutes: 20, provider: practice.provider, accept: [] };
    expect(await walkIn(practice.desk, request)).toMatchObject({ ok: true });
    practice.world.clock.nowMs = Date.parse("2026-03-02T19:00:00Z");
    expect(errorOf(await walkIn(practice.desk, { ...request, patient: practice.bea }))).toMatchObject(away);
  });

  it("CLIN-2 is asked where time or provider are moved, and not where both stay", async () => {
    const { desk, provider, other } = practice;
    const move = (visit: Visit, more: object) =>
      moveAppointment(desk, visit.id, visit.version, { accept: [], ...more });
    const hers = valueOf(await book({ time: "12:00", accept: ["provider-away"] }));
    const roomed = valueOf(await move(hers, { room: practice.room }));
    expect(errorOf(await move(roomed, { time: "12:30" }))).toMatchObject(away);
    const moved = valueOf(await move(roomed, { time: "12:30", provider: other }));
    expect(errorOf(await move(moved, { provider }))).toMatchObject(away);
    expect(await move(moved, { provider: null })).toMatchObject({ ok: true });
  });
});

describe("CLIN-2 where an appointment could go", () => {
  const at = (text: string): number => Date.parse(text);
  const visit = {
    startMs: at("2026-03-02T15:35:00Z"),
    endMs: at("2026-03-02T16:05:00Z"),
    patientId: "ada",
    provider: "okafor",
    room: "one",
  };
  const clinic = staffed(hours(), { ...NONE, monday: [span("08:00", "17:00")], sunday: ALWAYS });
  const ask = (more: Partial<Parameters<typeof movesOf>[2]> = {}) =>
    ({ day: "2026-03-02", by: "provider", lanes: ["reyes", "okafor", undefined], ...more }) as const;
  const shown = ({ obstacles }: MovesView["lanes"][number]): readonly string[] =>
    obstacles.map(
      ({ from, to, rules, effect }) => `${from.slice(11, 16)}-${to.slice(11, 16)} ${effect} ${rules.join()}`,
    );
  const nowMs = at("2026-03-02T14:45:00Z");

  it("CLIN-2 tells by lane what the move itself would be refused for", () => {
    const taken = [
      { actor: "Practitioner/reyes", startMs: at("2026-03-02T16:00:00Z"), endMs: at("2026-03-02T16:30:00Z") },
      { actor: "Patient/ada", startMs: at("2026-03-02T20:00:00Z"), endMs: at("2026-03-02T20:30:00Z") },
      { actor: "Location/one", startMs: at("2026-03-02T21:00:00Z"), endMs: at("2026-03-02T21:30:00Z") },
    ];
    const [reyes = { obstacles: [] }, okafor = { obstacles: [] }, none] = movesOf(clinic, visit, ask(), taken, nowMs);
    expect(shown(okafor)).toEqual([
      "06:00-14:00 refuse in-the-past,outside-hours",
      "14:00-15:00 refuse in-the-past",
      "20:00-20:30 confirm patient-busy",
      "21:00-21:30 refuse room-busy",
      "23:00-06:00 confirm outside-hours",
    ]);
    expect(shown(reyes)).toEqual([
      "06:00-14:00 refuse in-the-past,outside-hours,provider-away",
      "14:00-15:00 refuse in-the-past",
      "15:30-16:30 refuse provider-busy",
      "18:00-20:00 confirm provider-away",
      "20:00-20:30 confirm provider-away,patient-busy",
      "20:30-21:00 confirm provider-away",
      "21:00-21:30 refuse provider-away,room-busy",
      "21:30-23:00 confirm provider-away",
      "23:00-06:00 confirm outside-hours,provider-away",
    ]);
    expect(none).toMatchObject({ obstacles: okafor.obstacles });
  });

  it("CLIN-2 in its own slot it keeps its own minute, and takes nothing anew", () => {
    const own = visit.startMs;
    const taken = [{ actor: "Practitioner/okafor", startMs: own, endMs: visit.endMs }];
    const [okafor = { obstacles: [] }] = movesOf(clinic, visit, ask({ lanes: ["okafor"] }), taken, nowMs);
    expect(shown(okafor)).toContain("16:00-16:30 refuse provider-busy");
    expect(shown(okafor).some((line) => line.startsWith("15:30"))).toBe(false);
  });

  it.each([
    ["2026-03-08", 46],
    ["2026-11-01", 50],
  ])("CLIN-2 on %s has each half hour once, and no other", (day, expected) => {
    const [lane = { obstacles: [] }] = movesOf(
      clinic,
      visit,
      ask({ day, lanes: ["reyes"] }),
      [],
      at("2026-01-01T00:00:00Z"),
    );
    const [first, last] = [lane.obstacles[0], lane.obstacles.at(-1)];
    expect((at(last?.to ?? "") - at(first?.from ?? "")) / 1_800_000).toBe(expected - (day === "2026-03-08" ? 6 : 10));
    const view = dayView(
      { clinic: staffed(hours()), nowMs, patients: new Map(), isOffice: false, may: () => true },
      day,
      [],
    );
    expect(view.slots).toHaveLength(expected);
    expect(new Set(view.slots.map(({ time, occurrence }) => `${time} ${occurrence ?? ""}`)).size).toBe(expected);
  });
});

describe("CLIN-2 the board with hours of providers", () => {
  const board = (reyes: ProviderHours, visits: readonly Visit[] = []) =>
    dayView(
      {
        clinic: staffed(reyes, { ...NONE, monday: [span("09:00", "17:00")] }),
        nowMs: Date.parse("2026-03-02T15:00:00Z"),
        patients: new Map(),
        isOffice: false,
        may: () => true,
      },
      "2026-03-02",
      visits,
    );
  const visit = (startMs: number): Visit => ({
    id: "a",
    version: 1,
    startMs,
    endMs: startMs + 1_800_000,
    patientId: "ada",
    provider: "reyes",
    stage: "booked",
    path: [{ stage: "booked", atMs: 0 }],
    isWalkIn: false,
  });

  it("CLIN-2 says when each works and why not, and flags who is booked while she is away", () => {
    const view = board(hours(), [visit(Date.parse("2026-03-02T19:00:00Z")), visit(Date.parse("2026-03-02T14:00:00Z"))]);
    expect(view.providerHours.map(({ open }) => open.map(({ from, to }) => [from.time, to.time]))).toEqual([
      [["08:00", "12:00"]],
    ]);
    expect(view.rows.map(({ flags }) => flags)).toEqual([["late", "outside-hours"], ["provider-away"]]);
    expect(view.slots.at(0)?.time).toBe("08:00");
    expect(view.slotsEnd).toBe("2026-03-02T23:00:00.000Z");
    expect(board(hours([off("2026-03-02", "2026-03-02", { reason: "training" })])).providerHours).toEqual([
      { provider: "reyes", open: [], reason: "training" },
    ]);
  });
});
