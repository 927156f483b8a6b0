import { describe, expect, it } from "vitest";
import { validateResource } from "../../../core/fhir/index.ts";
import { seeds, usCoreExamples } from "./fixtures.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";

/** The mutants that are still taken for valid. */
const survivorsOf = (mutants: readonly Mutant[]): string[] =>
  mutants.flatMap(({ kind, at, build }) => {
    const resource = build();
    return validateResource(resource).ok ? [`${kind} at ${String(resource["resourceType"])}.${at}`] : [];
  });

/** Mutates each valid resource; gives the mutants per class and the survivors. */
function run(
  resources: readonly Record<string, unknown>[],
  share = 1,
): { counts: Map<string, number>; survivors: string[] } {
  const counts = new Map<string, number>();
  const survivors: string[] = [];
  let number = 0;
  for (const mutant of resources.flatMap((resource) => [...mutantsOf(resource)])) {
    number += 1;
    if (number % share !== 0) continue;
    counts.set(mutant.kind, (counts.get(mutant.kind) ?? 0) + 1);
    survivors.push(...survivorsOf([mutant]));
  }
  return { counts, survivors };
}

describe("mutation", () => {
  it("refuses every mutant of the seeds, in 26 classes and over all types", () => {
    const { counts, survivors } = run(seeds());
    expect(survivors).toEqual([]);
    expect(counts.size).toBe(26);
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThan(8_000);
  });

  const examples = usCoreExamples().flatMap(({ resource }) => (validateResource(resource).ok ? [resource] : []));
  it.skipIf(examples.length === 0)(
    "refuses every tenth mutant of US Core 8's examples (skipped without ../shared)",
    () => {
      const { counts, survivors } = run(examples, 10);
      expect(survivors).toEqual([]);
      expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(4_000);
    },
  );

  it("shows a survivor: the display of a coding may be anything", () => {
    const planted = [
      { kind: "planted", at: "", build: () => ({ resourceType: "Patient", maritalStatus: { text: "x" } }) },
    ];
    expect(survivorsOf(planted)).toEqual(["planted at Patient."]);
  });
});
