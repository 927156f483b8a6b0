import { describe, expect, it } from "vitest";
import { defaultProfile } from "../../../core/schedule/index.ts";
import type { Attribute, Row } from "../../../core/table/index.ts";
import { createClinicReader } from "../../../functions/schedule/watch/clinics.ts";
import { OTHER_TENANT, TENANT } from "../../core/audit/fixtures.ts";

const MINUTE_MS = 60_000;
const USER = "01hxyzabcd0123456789abcdez";
const day = [{ opens: "08:00", closes: "17:00" }];
const week = { monday: day, tuesday: day, wednesday: day, thursday: day, friday: day, saturday: [], sunday: [] };
const profile = { ...defaultProfile("Cedar"), week } as unknown as Attribute;
const hours = { timeZone: "America/New_York", profile };
const settings = (more: object = {}): Row => ({ pk: "p", sk: "s", tenantId: TENANT, ...more });
const member = (more: object = {}): Row => ({
  ...settings(),
  userId: USER,
  roles: ["nurse"],
  status: "active",
  patientId: "patient-1",
  ...more,
});

/** A registry that counts how often it is asked. */
function registry(own: readonly Row[], members: readonly Row[]) {
  let asked = 0;
  const reader = createClinicReader({
    hours: () => Promise.resolve((asked += 1) > 0 ? own : []),
    members: () => Promise.resolve(members),
  });
  return { reader, asked: () => asked };
}

describe("AUD-6 what the watch knows of a clinic", () => {
  it("its hours, and the patients among those who work in it", async () => {
    const others = [
      member({ patientId: undefined }),
      member({ roles: ["patient"] }),
      member({ status: "disabled" }),
    ].map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as Row);
    const { reader } = registry([settings(hours)], [member(), ...others]);
    const { isOpen, members } = await reader.read(TENANT, 0);
    expect(members).toEqual([{ userId: USER, patientId: "patient-1" }]);
    // Monday, 23 November 2026, on a clock of New York.
    const at = ["12:59", "13:00", "21:59", "22:00"].map((time) => isOpen?.(Date.parse(`2026-11-23T${time}:00Z`)));
    expect(at).toEqual([false, true, true, false]);
  });

  it("no hours where nothing was ever chosen, or no clock that they are on", async () => {
    for (const own of [[], [settings()], [settings({ profile })]]) {
      expect(await registry(own, []).reader.read(TENANT, 0)).toEqual({ isOpen: undefined, members: [] });
    }
  });

  it("is remembered for five minutes and no longer", async () => {
    const { reader, asked } = registry([], []);
    for (const atMs of [0, MINUTE_MS, 5 * MINUTE_MS - 1]) await reader.read(TENANT, atMs);
    expect(asked()).toBe(1);
    await reader.read(TENANT, 5 * MINUTE_MS);
    expect(asked()).toBe(2);
  });

  it.each([
    ["hours in a zone that nobody knows", [settings({ ...hours, timeZone: "Clinic/Springfield" })], []],
    ["another tenant's hours", [settings({ tenantId: OTHER_TENANT, ...hours })], []],
    ["another tenant's member", [], [member({ tenantId: OTHER_TENANT })]],
    ["a member that does not parse", [], [member({ roles: [] })]],
  ])("%s are a failure, and are not remembered", async (_title, own, members) => {
    const { reader, asked } = registry(own, members);
    await expect(reader.read(TENANT, 0)).rejects.toThrow();
    await expect(reader.read(TENANT, 1)).rejects.toThrow();
    expect(asked()).toBe(2);
  });
});
