import { describe, expect, it } from "vitest";
import {
  type JsonObject,
  parseJson,
  patientOf,
  planBundle,
  readBundle,
  references,
  validateResource,
} from "../../../core/fhir/index.ts";
import { readTgz, sharedFile } from "./fixtures.ts";

const LIMITS = { maxBytes: 20_000_000, maxDepth: 64, maxValues: 2_000_000 };

/** Validates and plans every bundle of an archive; counts resources and refusals by rule. */
function run(file: string): { bundles: number; resources: number; refused: Record<string, number>; homeless: number } {
  const counts = { bundles: 0, resources: 0, refused: {} as Record<string, number>, homeless: 0 };
  let next = 0;
  const newId = (): string => `0${String((next += 1)).padStart(25, "0")}`;
  for (const { name, bytes } of readTgz(file)) {
    if (!name.endsWith(".json")) continue;
    const parsed = parseJson(bytes, LIMITS);
    expect(parsed.ok, name).toBe(true);
    const bundle = (parsed.ok ? parsed.value : {}) as JsonObject;
    for (const { resource } of (bundle["entry"] ?? []) as { resource: JsonObject }[]) {
      counts.resources += 1;
      const result = validateResource(resource);
      if (result.ok) continue;
      for (const { rule } of result.error.issues) counts.refused[rule] = (counts.refused[rule] ?? 0) + 1;
    }
    const envelope = readBundle(bundle);
    if (!envelope.ok) continue;
    const plan = planBundle(envelope.value, {
      matches: new Map(),
      assignId: (_, patientId) => (patientId === undefined ? newId() : `${patientId}.${newId()}`),
    });
    expect(plan.ok, name).toBe(true);
    counts.bundles += 1;
    for (const operation of plan.ok ? plan.value.operations : []) {
      if (operation.kind !== "create") continue;
      expect(references(operation.resource).some(({ target }) => target.kind === "urn")).toBe(false);
      const home = patientOf(operation.resource);
      const isOutside = ["Organization", "Practitioner"].includes(operation.type);
      if (!isOutside && (!home.ok || home.value === undefined)) counts.homeless += 1;
    }
  }
  return counts;
}

describe("Synthea (skipped with this notice where ../shared is missing)", () => {
  const small = sharedFile("synthea-20.tgz");
  it.skipIf(small === undefined)(
    "has 2,406 resources in 20 bundles: all accepted, each in its patient's compartment",
    () => {
      expect(run(small ?? "")).toEqual({ bundles: 20, resources: 2_406, refused: {}, homeless: 0 });
    },
  );

  const large = sharedFile("synthea-100.tgz");
  it.skipIf(large === undefined)("has 29,227 resources of 100 patients: all accepted", () => {
    expect(run(large ?? "")).toMatchObject({ resources: 29_227, refused: {}, homeless: 0 });
  });
});
