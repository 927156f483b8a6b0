import { describe, expect, it } from "vitest";
import {
  EMPTY_STATE,
  reconcile,
  type SeenEvent,
  signalRow,
  readSignalRow,
  touchOf,
  type DataCall,
} from "../../../core/watch/index.ts";
import { defaultProfile, openingOf } from "../../../core/schedule/index.ts";
import { OTHER_TENANT } from "../audit/fixtures.ts";
import { MINUTE, patientId, seenAt, T0, TENANT, USER } from "./fixtures.ts";

const day = [{ opens: "07:00", closes: "19:00" }];
const week = { monday: day, tuesday: day, wednesday: day, thursday: day, friday: day, saturday: [], sunday: [] };
const isOpen = openingOf({ profile: { ...defaultProfile("Cedar"), week }, timeZone: "America/New_York" });

const look = (events: readonly SeenEvent[], nowMs: number, calls: readonly DataCall[] = []) =>
  reconcile(
    { events, requests: [], keyUses: [], calls, keyCalls: [], objects: [], changes: [] },
    {
      nowMs,
      states: new Map([[TENANT, EMPTY_STATE]]),
      rules: { plainReaders: new Set() },
      clinicOf: () => ({ isOpen, members: [] }),
    },
  ).signals.filter(({ kind }) => kind !== "not-archived" && kind !== "unexplained-read");

const view = (atMs: number, patient: number, more: object = {}): SeenEvent =>
  seenAt(atMs, { patient: patientId(patient), entities: [{ type: "Patient", id: patientId(patient) }], ...more });
const many = (count: number, everyMs: number, more: object = {}, startMs = T0 + 6 * 60 * MINUTE): SeenEvent[] =>
  Array.from({ length: count }, (_each, index) => view(startMs + index * everyMs, index, more));

/** 15:00 UTC on a Monday: 10 in the morning in New York. */
const MONDAY = Date.UTC(2026, 10, 23, 15);

describe("signals", () => {
  it("AUD-6 many charts in a short time are told once, with the events that show it", () => {
    const events = many(45, 10_000, {}, MONDAY);
    const found = look(events, MONDAY + 10 * MINUTE);
    expect(found).toMatchObject([{ kind: "bulk-views", severity: "notice", user: USER, count: 30 }]);
    expect(found[0]?.evidence.length).toBe(20);
    expect(events.map(({ id }) => id)).toEqual(expect.arrayContaining([...(found[0]?.evidence ?? [])]));
    // A later look begins elsewhere, and tells the same thing under the same id.
    expect(look(events.slice(8), MONDAY + 11 * MINUTE).map(({ id }) => id)).toEqual(found.map(({ id }) => id));
  });

  it.each([
    ["spread over the day", many(45, 60_000, {}, MONDAY)],
    ["of one patient again and again", Array.from({ length: 60 }, (_each, index) => view(MONDAY + index * 1_000, 1))],
    [
      "by a system that imports",
      many(
        45,
        1_000,
        { actor: { user: USER, kind: "client", roles: ["integration"], client: "c", session: "s" } },
        MONDAY,
      ),
    ],
    ["that were all refused but nine", many(45, 1_000, {}, MONDAY).slice(0, 9)],
  ])("charts %s are no bulk view", (_title, events) => {
    expect(look(events, MONDAY + 60 * MINUTE)).toEqual([]);
  });

  it("refusals again and again are told once", () => {
    const denials = many(24, 5_000, { outcome: "denied" }, MONDAY);
    expect(look(denials.slice(0, 9), MONDAY + 5 * MINUTE)).toEqual([]);
    expect(look(denials, MONDAY + 5 * MINUTE)).toMatchObject([{ kind: "repeated-denials", user: USER, count: 10 }]);
  });

  it("charts that are opened at night or on a Sunday are told, by the clinic's own clock", () => {
    const night = Date.UTC(2026, 10, 24, 3);
    const sunday = Date.UTC(2026, 10, 22, 15);
    for (const startMs of [night, sunday]) {
      expect(look(many(5, 1_000, {}, startMs), startMs + MINUTE * 5)).toMatchObject([{ kind: "off-hours", count: 3 }]);
    }
    expect(look(many(5, 1_000, {}, MONDAY), MONDAY + 5 * MINUTE)).toEqual([]);
    expect(look(many(5, 1_000, { emergency: "e-1" }, night), night + 5 * MINUTE)).toEqual([]);
  });

  it("AT-34 an emergency that begins is an alert that names its patient and its event", () => {
    const begun = view(MONDAY, 1, { interaction: "break-glass.begin", action: "C" });
    expect(look([begun], MONDAY + 2 * MINUTE)).toMatchObject([
      { kind: "break-glass", severity: "alert", patient: patientId(1), evidence: [begun.id] },
    ]);
    expect(
      look([view(MONDAY, 1, { interaction: "break-glass.begin", outcome: "denied" })], MONDAY + 2 * MINUTE),
    ).toEqual([]);
  });

  it("a call for another tenant's row is told to whose session made it, and names nothing of the other", () => {
    const own = view(MONDAY, 1, { request: "r-1" });
    const probe: DataCall = {
      eventId: "e-1",
      operation: "GetItem",
      isWrite: false,
      atMs: MONDAY,
      request: "r-1",
      principal: "keyward-dev-c01-tenant-request",
      sourceIdentity: `u-${USER}`,
      touches: [touchOf(`T#${OTHER_TENANT}#C#P#${patientId(9)}`, "R#Observation#x")],
      isDenied: true,
    };
    const found = look([own], MONDAY + 2 * MINUTE, [probe]);
    expect(found).toMatchObject([
      { kind: "cross-tenant-probe", severity: "alert", tenant: TENANT, user: USER, evidence: [own.id] },
    ]);
    expect(JSON.stringify(found)).not.toContain(patientId(9));
    const misread = { ...probe, touches: [touchOf(`T#${TENANT}#S#P#${patientId(1)}`, "R#Observation#x")] };
    expect(look([own], MONDAY + 2 * MINUTE, [misread])).toEqual([]);
  });

  it("a signal comes back from its row as it went in", () => {
    const [signal] = look(many(45, 10_000, {}, MONDAY), MONDAY + 10 * MINUTE);
    if (signal === undefined) throw new Error("a signal");
    expect(readSignalRow(TENANT, { ...signalRow(signal), attempt: "x" })).toEqual(signal);
  });
});
