import { describe, expect, it } from "vitest";
import { changeOn, narrowed } from "../../../web/src/screens/visit-summary/changes.ts";

const day = "2026-11-02";
/** Of a clinic five hours behind. */
const dayOf = (at: string): string =>
  at.length <= 10 ? at : new Date(Date.parse(at) - 5 * 3_600_000).toISOString().slice(0, 10);
const item = (state: string, recorded: string, changed?: string) => ({
  state,
  isActive: state === "active" || state === "on-hold",
  recorded: { at: recorded },
  ...(changed !== undefined && { changed: { at: changed } }),
});

describe("CLIN-17 what came of a list at a visit", () => {
  it.each([
    ["begun on the day", item("active", "2026-11-02"), "new"],
    ["begun that evening, the next day in London", item("active", "2026-11-03T02:00:00Z"), "new"],
    ["begun and changed on the day", item("active", "2026-11-02", "2026-11-02T15:00:00Z"), "new"],
    ["changed on the day", item("active", "2024-05-17", "2026-11-02T15:00:00Z"), "changed"],
    ["changed later", item("active", "2024-05-17", "2026-11-09T15:00:00Z"), undefined],
    ["ended on the day", item("stopped", "2024-05-17", "2026-11-02T15:00:00Z"), "ended"],
    ["begun and ended on the day", item("stopped", "2026-11-02", "2026-11-02T15:00:00Z"), "ended"],
    ["ended before", item("stopped", "2024-05-17", "2026-10-01T15:00:00Z"), undefined],
    ["entered in error on the day", item("entered-in-error", "2026-11-02", "2026-11-02T15:00:00Z"), undefined],
    ["of an unknown day", { ...item("active", ""), recorded: {} }, undefined],
  ] as const)("%s", (_title, facts, change) => {
    expect(changeOn(day, facts, dayOf)).toBe(change);
  });

  it("a list of which nothing is left is empty, and what is withheld or old stays so", () => {
    const isOdd = (value: number): boolean => value % 2 === 1;
    expect(narrowed({ state: "value", value: [1, 2, 3] }, isOdd)).toEqual({ state: "value", value: [1, 3] });
    expect(narrowed({ state: "value", value: [2] }, isOdd)).toEqual({ state: "absent" });
    const old = { state: "stale", value: [2], asOf: "2026-11-02T15:00:00Z" } as const;
    expect(narrowed(old, isOdd)).toEqual({ ...old, value: [] });
    const kept = { state: "restricted", reason: "consent", howToAsk: "ask-the-patient" } as const;
    expect(narrowed<number>(kept, isOdd)).toBe(kept);
  });
});
