import { describe, expect, it } from "vitest";
import type { FhirResource } from "../../../core/fhir/index.ts";
import { rankOf, readSpoken } from "../../../core/patient/index.ts";

const NOW = 2026;
const dates = (text: string): readonly string[] =>
  readSpoken(text, NOW).flatMap((term) => (term.kind === "birth-date" ? term.days : []));

describe("CLIN-1 what somebody typed to find a patient", () => {
  it.each([
    ["1980-02-29", ["1980-02-29"]],
    ["2/29/1980", ["1980-02-29"]],
    ["29/2/1980", ["1980-02-29"]],
    ["29.2.80", ["1980-02-29"]],
    ["3/4/1980", ["1980-03-04", "1980-04-03"]],
    ["3/4/25", ["2025-03-04", "2025-04-03"]],
    ["3/4/27", ["1927-03-04", "1927-04-03"]],
    ["19800229", ["1980-02-29"]],
    ["Feb 29, 1980", ["1980-02-29"]],
    ["29 de febrero de 1980", ["1980-02-29"]],
    ["12 ene 1980", ["1980-01-12"]],
    ["2/30/1980", []],
    ["31/31/1980", []],
  ])("%s is %j", (text, days) => {
    expect(dates(text)).toEqual(days);
  });

  it.each([
    ["(617) 555-0117", [{ kind: "number", digits: "6175550117" }]],
    ["+1 617 555 0117", [{ kind: "number", digits: "16175550117" }]],
    ["0117", [{ kind: "number", digits: "0117" }]],
    ["1980", [{ kind: "year", year: "1980", digits: "1980" }]],
    [
      "Núñez, María",
      [
        { kind: "name", text: "nunez" },
        { kind: "name", text: "maria" },
      ],
    ],
    ["O'Brien", [{ kind: "name", text: "obrien" }]],
    ["MRN-1234567", [{ kind: "name", text: "mrn1234567" }]],
    ["12345678A", [{ kind: "name", text: "12345678a" }]],
    ["ada@Example.org", [{ kind: "email", text: "ada@example.org" }]],
  ])("%s is %j", (text, terms) => {
    expect(readSpoken(text, NOW)).toEqual(terms);
  });

  it("mixes them in any order", () => {
    const kinds = (text: string): string[] =>
      readSpoken(text, NOW)
        .map(({ kind }) => kind)
        .toSorted();
    expect(kinds("lovelace 12/10/1915 555-0117")).toEqual(["birth-date", "name", "number"]);
    expect(kinds("10 dec 1915 ada")).toEqual(["birth-date", "name"]);
  });
});

const patient = (more: object): FhirResource =>
  ({
    resourceType: "Patient",
    id: "p",
    name: [{ family: "de la Cruz Núñez", given: ["María", "José"] }],
    birthDate: "1980-02-29",
    identifier: [{ value: "100016" }],
    telecom: [{ system: "phone", value: "(617) 555-0117" }],
    ...more,
  }) as unknown as FhirResource;
const rank = (text: string, more: object = {}): number => rankOf(patient(more), readSpoken(text, NOW));

describe("CLIN-1 a record number that has letters in it", () => {
  const imported = { identifier: [{ value: "100016" }, { value: "MRN-2026/0417-B" }] };
  it.each([
    "MRN-2026/0417-B",
    "mrn20260417b",
    "mrn-2026/0417",
    "MRN-2",
    "cruz MRN-2026/0417-B",
    "mrn-2026/0417-b maria",
  ])("%s finds her", (text) => {
    expect(rank(text, imported)).toBeGreaterThan(0);
  });
  it.each(["MRN", "0417B", "MRN-2026/0418-B", "lovelace MRN-2026/0417-B"])("%s does not", (text) => {
    expect(rank(text, imported)).toBe(0);
  });
  it("a whole number comes before a name that begins so", () => {
    expect(rank("mrn-2026/0417-b", imported)).toBeGreaterThan(rank("cruz", imported));
  });
});

describe("CLIN-1 who meets it", () => {
  it.each([
    "cruz",
    "nunez maria",
    "mar núñ",
    "2/29/1980",
    "29/2/1980 maria",
    "5550117",
    "0117",
    "617-555-0117",
    "100016",
    "1000",
    "1980 cruz",
  ])("%s finds her", (text) => {
    expect(rank(text)).toBeGreaterThan(0);
  });
  it.each(["lovelace", "cruz lovelace", "1/1/1980", "cruz 1981", "555", "9999", "ez", "maria@example.org"])(
    "%s does not",
    (text) => {
      expect(rank(text)).toBe(0);
    },
  );
  it("whole names before beginnings, numbers before names, active before not", () => {
    expect(rank("cruz")).toBeGreaterThan(rank("cru"));
    expect(rank("100016")).toBeGreaterThan(rank("maria"));
    expect(rank("cruz")).toBeGreaterThan(rank("cruz", { active: false }));
    expect(rank("cruz", { active: false })).toBeGreaterThan(0);
  });
});
