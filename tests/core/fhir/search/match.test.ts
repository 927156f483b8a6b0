import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  matcher,
  parseSearch,
  type ResourceType,
  RESOURCE_TYPES,
  searchParameter,
  searchParameterCodes,
} from "../../../../core/fhir/index.ts";
import { selectorOf } from "../../../../core/fhir/search/select.ts";
import { resource } from "../fixtures.ts";

const NOW = Date.parse("2013-06-14T00:00:00Z");
const UCUM = "http://unitsofmeasure.org";

function finds(type: ResourceType, query: string, changes: Record<string, unknown>): boolean {
  const parsed = parseSearch(type, query, { base: "https://clinic.example/fhir/" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error.issues));
  return matcher(parsed.value, { nowMs: NOW })(resource(type, changes));
}

const at = (effective: string | { start?: string; end?: string }): Record<string, unknown> =>
  typeof effective === "string"
    ? { effectiveDateTime: effective }
    : { effectiveDateTime: undefined, effectivePeriod: effective };

const onwards = { start: "2013-01-21" };
const fromMarch = { start: "2013-03-15" };
const until = { end: "2013-01-21" };

describe("date (FHIR R4 search.html#date)", () => {
  it.each([
    ["eq2013-01-14", "2013-01-14T00:00:00Z", true],
    ["eq2013-01-14", "2013-01-14T10:00:00Z", true],
    ["eq2013-01-14", "2013-01-15T00:00:00Z", false],
    ["2013-01-14", "2013-01-14", true],
    ["2013-01-14", "2013-01", false],
    ["2013-01", "2013-01-14", true],
    ["2013", "2013-12-31T23:59:59.999Z", true],
    ["2013", "2014-01-01T00:00:00Z", false],
    ["ne2013-01-14", "2013-01-15T00:00:00Z", true],
    ["ne2013-01-14", "2013-01-14T00:00:00Z", false],
    ["ne2013-01-14", "2013-01-14T10:00:00Z", false],
    ["lt2013-01-14T10:00", "2013-01-14", true],
    ["lt2013-01-14T10:00", { start: "2013-01-13T12:00:00Z", end: "2013-01-14T12:00:00Z" }, true],
    ["lt2013-01-14T10:00", { start: "2013-01-14T08:00:00Z", end: "2013-01-15T08:00:00Z" }, true],
    ["lt2013-01-14T10:00", "2013-01-14T10:00:00Z", false],
    ["gt2013-01-14T10:00", "2013-01-14", true],
    ["gt2013-01-14T10:00", { start: "2013-01-13T12:00:00Z", end: "2013-01-14T12:00:00Z" }, true],
    ["gt2013-01-14T10:00", { start: "2013-01-14T08:00:00Z", end: "2013-01-15T08:00:00Z" }, true],
    ["gt2013-01-14", "2013-01-14T23:00:00Z", false],
    ["ge2013-03-14", onwards, true],
    ["ge2013-03-14", "2013-03-14", true],
    ["ge2013-03-14", "2013-03-13", false],
    ["le2013-03-14", onwards, true],
    ["le2013-03-14", "2013-03-14", true],
    ["le2013-03-14", "2013-03-15", false],
    ["sa2013-03-14", fromMarch, true],
    ["sa2013-03-14", onwards, false],
    ["sa2013-03-14", until, false],
    ["eb2013-03-14", fromMarch, false],
    ["eb2013-03-14", onwards, false],
    ["eb2013-03-14", until, true],
    ["ap2013-03-14", "2013-03-14", true],
    ["ap2013-03-14", "2013-03-20", true],
    ["ap2013-03-14", "2015-06-15", false],
    ["eq2013-01-14", onwards, false],
    ["2013-01-14T23:30:00Z", "2013-01-15T00:30:00+01:00", true],
    ["2013-01-14T10:00", "2013-01-14T10:00:59Z", true],
    ["2013-01-14T10:00:00.5Z", "2013-01-14T10:00:00.500Z", true],
    ["2013-01-15T00:30:00 01:00", "2013-01-14T23:30:00Z", true],
    ["2012-02-29", "2012-02-29", true],
  ])("date=%s of %j is %s", (searched, effective, expected) => {
    expect(finds("Observation", `date=${searched}`, at(effective))).toBe(expected);
  });

  it("reads the events and the bounds of a Timing", () => {
    const timing = (effectiveTiming: object): Record<string, unknown> => ({
      effectiveDateTime: undefined,
      effectiveTiming,
    });
    expect(finds("Observation", "date=2013", timing({ event: ["2013-02-01", "2013-03-01"] }))).toBe(true);
    expect(finds("Observation", "date=2013-02", timing({ event: ["2013-02-01", "2013-03-01"] }))).toBe(false);
    expect(finds("Observation", "date=ge2013", timing({ repeat: { boundsPeriod: { start: "2013-01-01" } } }))).toBe(
      true,
    );
  });

  it("is any of its values, and all of its repetitions", () => {
    expect(finds("Observation", "date=2011,2013", at("2013-01-14"))).toBe(true);
    expect(finds("Observation", "date=ge2013&date=lt2014", at("2013-01-14"))).toBe(true);
    expect(finds("Observation", "date=ge2013&date=lt2014", at("2014-01-14"))).toBe(false);
  });

  it("has exactly one of eq, sa, eb or an overlap for any two days", () => {
    const day = fc
      .date({ min: new Date("1990-01-01"), max: new Date("2030-01-01"), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    fc.assert(
      fc.property(day, day, (searched, stored) => {
        const is = (prefix: string): boolean => finds("Observation", `date=${prefix}${searched}`, at(stored));
        expect(is("eq")).toBe(searched === stored);
        expect(is("ne")).toBe(searched !== stored);
        expect(is("gt")).toBe(stored > searched);
        expect(is("sa")).toBe(stored > searched);
        expect(is("lt")).toBe(stored < searched);
        expect(is("eb")).toBe(stored < searched);
        expect(is("ge")).toBe(stored >= searched);
        expect(is("le")).toBe(stored <= searched);
      }),
      { numRuns: 60 },
    );
  });
});

describe("number and quantity (FHIR R4 search.html#number, #quantity)", () => {
  const value = (number: number, more: object = {}): Record<string, unknown> => ({
    valueQuantity: { value: number, unit: "mg", system: UCUM, code: "mg", ...more },
    component: undefined,
  });

  it.each([
    ["100", 99.5, true],
    ["100", 100.49, true],
    ["100", 100.5, false],
    ["100", 99.49, false],
    ["100.00", 100.004, true],
    ["100.00", 100.006, false],
    ["1e2", 104, true],
    ["1e2", 106, false],
    ["lt100", 99.999, true],
    ["lt100", 100, false],
    ["le100", 100, true],
    ["le100", 100.001, false],
    ["gt100", 100.001, true],
    ["gt100", 100, false],
    ["ge100", 100, true],
    ["ge100", 99.999, false],
    ["ne100", 101, true],
    ["ne100", 100, false],
    ["ap100", 109, true],
    ["ap100", 111, false],
    ["sa100", 101, true],
    ["sa100", 100, false],
    ["eb100", 99, true],
    ["eb100", 100, false],
    ["-5", -5, true],
    ["5.4|http://unitsofmeasure.org|mg", 5.4, true],
    ["5.4|http://unitsofmeasure.org|g", 5.4, false],
    ["5.4|http://unitsofmeasure.org|MG", 5.4, false],
    ["5.4||mg", 5.4, true],
    ["5.4||kg", 5.4, false],
    ["5.40e-3", 0.0054, true],
    ["le5.4|http://unitsofmeasure.org|mg", 5, true],
    ["ap5.4|http://unitsofmeasure.org|mg", 5.6, true],
    ["5.4|http://example.org|mg", 5.4, false],
  ])("value-quantity=%s of %d mg is %s", (searched, number, expected) => {
    expect(finds("Observation", `value-quantity=${searched}`, value(number))).toBe(expected);
  });

  it("reads a comparator, a unit as text, a Range and Money", () => {
    expect(finds("Observation", "value-quantity=lt4", value(5, { comparator: "<" }))).toBe(true);
    expect(finds("Observation", "value-quantity=gt6", value(5, { comparator: "<" }))).toBe(false);
    expect(finds("Observation", "value-quantity=gt100", value(5, { comparator: ">=" }))).toBe(true);
    expect(finds("Observation", "value-quantity=5||milligram", value(5, { unit: "milligram" }))).toBe(true);
    const range = {
      onsetAge: undefined,
      onsetRange: { low: { value: 10, unit: "a" }, high: { value: 20, unit: "a" } },
    };
    expect(finds("Condition", "onset-age=gt15", range)).toBe(true);
    expect(finds("Condition", "onset-age=gt25", range)).toBe(false);
    expect(finds("Condition", "onset-age=ap15||a", range)).toBe(true);
    expect(finds("Invoice", "totalnet=40|urn:iso:std:iso:4217|USD", {})).toBe(true);
    expect(finds("Invoice", "totalnet=40|urn:iso:std:iso:4217|EUR", {})).toBe(false);
  });
});

describe("string (FHIR R4 search.html#string)", () => {
  const given = (name: string): Record<string, unknown> => ({ name: [{ family: "Novák", given: [name] }] });

  it.each([
    ["given=eve", "Eve", true],
    ["given=eve", "Evelyn", true],
    ["given=eve", "Severine", false],
    ["given:contains=eve", "Severine", true],
    ["given:contains=eve", "Anna", false],
    ["given:exact=Eve", "Eve", true],
    ["given:exact=Eve", "eve", false],
    ["given:exact=Eve", "Evelyn", false],
    ["given=EVÉ", "eve", true],
    ["family=novak", "x", true],
    ["family:exact=Novak", "x", false],
    ["family:exact=Nov%C3%A1k", "x", true],
    ["name=eve", "Eve", true],
    ["name=eve%20nov", "Eve", true],
    ["name=nov", "x", true],
    ["given=a,eve", "Eve", true],
    [String.raw`given=a\,b`, "A, B", false],
    [String.raw`given=a\,b`, "A,B", true],
    ["address=springfield", "x", true],
    ["address-city=spring", "x", true],
    ["address-postalcode=62701", "x", true],
    ["address=atlantis", "x", false],
  ])("%s of %s is %s", (query, name, expected) => {
    expect(finds("Patient", query, given(name))).toBe(expected);
  });

  it("folds text the same way on both sides", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" }), (name) => {
        fc.pre(/[\p{L}\p{N}]/u.test(name) && !/[\p{C}\\]/u.test(name) && name.trim() === name);
        const query = new URLSearchParams({ given: name.toUpperCase().replace(/[,$|]/g, String.raw`\$&`) });
        expect(finds("Patient", query.toString(), given(name.toUpperCase()))).toBe(true);
      }),
    );
  });
});

describe("token (FHIR R4 search.html#token)", () => {
  const coding = {
    coding: [{ system: "http://loinc.org", code: "85354-9", display: "Blood pressure panel" }],
    text: "Headache diary",
  };
  const code = { code: coding };

  it.each<[ResourceType, string, Record<string, unknown>, boolean]>([
    ["Patient", "gender=female", {}, true],
    ["Patient", "gender=FEMALE", {}, true],
    ["Patient", "gender=male", {}, false],
    ["Patient", "gender=http://hl7.org/fhir/administrative-gender|female", {}, true],
    ["Patient", "gender=http://example.org|female", {}, false],
    ["Patient", "gender:not=male", {}, true],
    ["Patient", "gender:not=female", {}, false],
    ["Patient", "gender:not=female", { gender: undefined }, true],
    ["Patient", "gender:not=male,female", {}, false],
    ["Patient", "gender:missing=true", { gender: undefined }, true],
    ["Patient", "gender:missing=false", {}, true],
    ["Patient", "gender:missing=true", {}, false],
    ["Patient", "active=true", {}, true],
    ["Patient", "active=false", {}, false],
    ["Patient", "_id=example", {}, true],
    ["Patient", "_id=EXAMPLE", {}, false],
    ["Patient", "identifier=http://clinic.example/mrn|12345", {}, true],
    ["Patient", "identifier=12345", {}, true],
    ["Patient", "identifier=http://clinic.example/mrn|", {}, true],
    ["Patient", "identifier=|12345", {}, false],
    ["Patient", "identifier=|12345", { identifier: [{ value: "12345" }] }, true],
    ["Patient", "identifier=http://example.org|12345", {}, false],
    ["Patient", "identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|12345", {}, true],
    ["Patient", "identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|SS|12345", {}, false],
    ["Patient", "identifier:text=medical", {}, true],
    ["Patient", "phone=%2B1-555-0100", {}, true],
    ["Patient", "email=INES@example.org", {}, true],
    ["Patient", "email=%2B1-555-0100", {}, false],
    ["Patient", "telecom=ines@example.org", {}, true],
    ["Patient", "language=en-us", {}, true],
    ["Patient", "deceased=false", {}, true],
    ["Patient", "deceased=true", { deceasedBoolean: undefined, deceasedDateTime: "2020" }, true],
    ["Patient", "deceased=true", { deceasedBoolean: true }, true],
    ["Patient", "deceased=true", { deceasedBoolean: undefined }, false],
    ["Patient", "race=2106-3", {}, true],
    ["Patient", "race=2054-5", {}, false],
    ["Patient", "_profile=http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient", {}, true],
    ["Observation", "code=http://loinc.org|85354-9", code, true],
    ["Observation", "code=85354-9", code, true],
    ["Observation", "code=http://snomed.info/sct|85354-9", code, false],
    ["Observation", "code:text=headache", code, true],
    ["Observation", "code:text=blood", code, true],
    ["Observation", "code:text=pressure", code, false],
    ["Observation", "code=a,85354-9", code, true],
    ["Observation", "combo-code=8480-6", code, true],
    ["Observation", "_security=R", { meta: { security: [{ code: "R" }] } }, true],
    ["Observation", "_tag=x", {}, false],
    ["Encounter", "class=AMB", {}, true],
  ])("%s?%s", (type, query, changes, expected) => {
    expect(finds(type, query, changes)).toBe(expected);
  });
});

describe("reference and uri (FHIR R4 search.html#reference, #uri)", () => {
  it.each<[ResourceType, string, Record<string, unknown>, boolean]>([
    ["Observation", "subject=Patient/example", {}, true],
    ["Observation", "subject=example", {}, true],
    ["Observation", "subject:Patient=example", {}, true],
    ["Observation", "subject:Device=example", {}, false],
    ["Observation", "subject=Device/example", {}, false],
    ["Observation", "subject=https://clinic.example/fhir/Patient/example", {}, true],
    ["Observation", "subject=https://other.example/fhir/Patient/example", {}, false],
    [
      "Observation",
      "subject=https://other.example/fhir/Patient/1",
      { subject: { reference: "https://other.example/fhir/Patient/1" } },
      true,
    ],
    ["Observation", "patient=example", {}, true],
    ["Observation", "patient=example", { subject: { reference: "Device/example" } }, false],
    ["Observation", "patient=Patient/example", { subject: { reference: "Patient/example/_history/2" } }, true],
    [
      "Observation",
      "subject:identifier=http://a|1",
      { subject: { identifier: { system: "http://a", value: "1" } } },
      true,
    ],
    [
      "Observation",
      "subject:identifier=http://a|2",
      { subject: { identifier: { system: "http://a", value: "1" } } },
      false,
    ],
    ["Observation", "subject:missing=true", { subject: undefined }, true],
    ["Observation", "performer=Practitioner/example", {}, true],
    ["Appointment", "practitioner=Practitioner/example", {}, true],
    ["Appointment", "practitioner=Patient/example,Practitioner/example", {}, true],
    ["MedicationRequest", "medication=Medication/med", {}, false],
    ["Questionnaire", "url=http://clinic.example/Questionnaire/smoking", {}, true],
    ["Questionnaire", "url=http://clinic.example/Questionnaire", {}, false],
    ["Questionnaire", "url:below=http://clinic.example/", {}, true],
    ["Questionnaire", "url:below=http://clinic.example/Quest", {}, false],
    ["Questionnaire", "url:above=http://clinic.example/Questionnaire/smoking/v1", {}, true],
    ["Questionnaire", "url:above=http://clinic.example/Questionnaire", {}, false],
    ["QuestionnaireResponse", "questionnaire=http://clinic.example/Questionnaire/smoking", {}, true],
    ["QuestionnaireResponse", "questionnaire=http://clinic.example/Questionnaire/smoking|1.0", {}, true],
    ["QuestionnaireResponse", "questionnaire=http://clinic.example/Questionnaire/smoking|2.0", {}, false],
  ])("%s?%s", (type, query, changes, expected) => {
    if (query.includes("practitioner=Patient")) {
      expect(parseSearch(type, query).ok).toBe(false);
      return;
    }
    expect(finds(type, query, changes)).toBe(expected);
  });
});

describe("composite (FHIR R4 search.html#composite)", () => {
  it.each([
    ["component-code-value-quantity=http://loinc.org|8480-6$gt120", true],
    ["component-code-value-quantity=http://loinc.org|8462-4$gt120", false],
    ["component-code-value-quantity=8462-4$80|http://unitsofmeasure.org|mm[Hg]", true],
    ["combo-code-value-quantity=8480-6$lt200", true],
    ["code-value-quantity=85354-9$gt1", false],
    ["component-code-value-quantity=8462-4$gt120,8480-6$gt120", true],
  ])("%s is %s", (query, expected) => {
    const systolic = {
      code: { coding: [{ system: "http://loinc.org", code: "8480-6" }] },
      valueQuantity: { value: 121, system: UCUM, code: "mm[Hg]" },
    };
    const diastolic = {
      code: { coding: [{ system: "http://loinc.org", code: "8462-4" }] },
      valueQuantity: { value: 80, system: UCUM, code: "mm[Hg]" },
    };
    expect(finds("Observation", query, { component: [systolic, diastolic] })).toBe(expected);
  });

  it("is not offered where R4's definition is broken", () => {
    expect(searchParameter("DocumentReference", "relationship")).toBeUndefined();
    const relatesTo = [{ code: "replaces", target: { reference: "DocumentReference/1" } }];
    expect(finds("DocumentReference", "relatesto=DocumentReference/1&relation=replaces", { relatesTo })).toBe(true);
  });
});

describe("every search parameter", () => {
  it("compiles, and runs over the seed of its type", () => {
    let count = 0;
    for (const type of RESOURCE_TYPES) {
      const value = resource(type);
      for (const code of searchParameterCodes(type)) {
        const parameter = searchParameter(type, code);
        const selected = selectorOf(parameter?.expression ?? "")({ type, value });
        for (const { expression } of parameter?.components ?? []) selected.forEach(selectorOf(expression));
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(900);
  });

  it("fails where an expression is outside of what is compiled", () => {
    expect(() => selectorOf("Patient.name.first().family")).toThrow("every search expression");
  });

  it("does not match a resource of another type", () => {
    const parsed = parseSearch("Patient", "_id=example");
    expect(parsed.ok && matcher(parsed.value, { nowMs: NOW })(resource("Observation"))).toBe(false);
  });
});
