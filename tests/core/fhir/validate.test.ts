import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { definedTypes, typeDefinition } from "../../../core/fhir/definitions.ts";
import { describeRule, parseJson, RESOURCE_TYPES, validateResource } from "../../../core/fhir/index.ts";
import { copyOf, resource, seed, seedFiles, seeds, usCoreExamples } from "./fixtures.ts";

type Changes = Record<string, unknown>;
const patient = { reference: "Patient/example" };

const issuesOf = (value: unknown): string[] => {
  const result = validateResource(value);
  return result.ok ? [] : result.error.issues.map(({ path, rule }) => `${path} ${rule}`);
};
const issuesWith = (type: string, changes: Changes): string[] => issuesOf({ ...seed(type), ...changes });

describe("validateResource", () => {
  it("has a seed for every supported type, and accepts each unchanged", () => {
    expect(seedFiles()).toEqual(RESOURCE_TYPES.map((type) => `${type}.json`).toSorted());
    for (const value of seeds()) {
      const before = copyOf(value);
      const result = validateResource(value);
      expect(result.ok ? [] : result.error.issues, String(value["resourceType"])).toEqual([]);
      expect(result.ok && result.value === value).toBe(true);
      expect(value).toEqual(before);
    }
  });

  it.each([
    ["null", null],
    ["a string", "Patient"],
    ["an array", [{ resourceType: "Patient" }]],
    ["a number", 1],
    ["undefined", undefined],
  ])("refuses %s as no resource", (_, value) => {
    expect(validateResource(value)).toEqual({
      ok: false,
      error: {
        kind: "structure",
        issues: [{ path: "Resource", rule: "resource-shape", severity: "error", code: "structure" }],
      },
    });
  });

  it.each([
    ["no type", {}],
    ["a type that is not stored", { resourceType: "Group" }],
    ["a Bundle", { resourceType: "Bundle", type: "batch" }],
    ["an inherited name", { resourceType: "constructor" }],
    ["an abstract type", { resourceType: "DomainResource" }],
    ["a datatype", { resourceType: "HumanName" }],
    ["a type that is no string", { resourceType: ["Patient"] }],
  ])("refuses %s as not supported", (_, value) => {
    expect(validateResource(value)).toMatchObject({
      ok: false,
      error: { kind: "not-supported", issues: [{ path: "Resource", rule: "resource-type" }] },
    });
  });

  it.each<[string, string, Changes, string[]]>([
    ["unknown property at the root", "Patient", { nickname: "x" }, ["Patient unknown-property"]],
    [
      "unknown property inside",
      "Patient",
      { name: [{ family: "x", middle: "y" }] },
      ["Patient.name[0] unknown-property"],
    ],
    ["sibling of a complex element", "Patient", { _name: [{ id: "x" }] }, ["Patient unknown-property"]],
    ["sibling of resourceType", "Patient", { _resourceType: { id: "x" } }, ["Patient unknown-property"]],
    [
      "resourceType inside of a datatype",
      "Patient",
      { name: [{ resourceType: "HumanName", family: "x" }] },
      ["Patient.name[0] unknown-property"],
    ],
    [
      "choice name without its type",
      "Patient",
      { deceased: true, deceasedBoolean: undefined },
      ["Patient unknown-property"],
    ],
    [
      "choice with a type that it has not",
      "Patient",
      { deceasedString: "x", deceasedBoolean: undefined },
      ["Patient unknown-property"],
    ],
    ["two choices", "Patient", { deceasedDateTime: "2020" }, ["Patient.deceased[x] choice"]],
    [
      "a choice and the sibling of another",
      "Patient",
      { _deceasedDateTime: { extension: [{ url: "http://x", valueString: "y" }] } },
      ["Patient.deceased[x] choice"],
    ],
    [
      "missing required choice",
      "MedicationRequest",
      { medicationReference: undefined, contained: undefined },
      ["MedicationRequest.medication[x] required"],
    ],
    [
      "missing required inside",
      "Appointment",
      { participant: [{ actor: patient }] },
      ["Appointment.participant[0].status required"],
    ],
    ["empty name", "Patient", { name: [{}] }, ["Patient.name[0] ele-1"]],
    ["name with an id only", "Patient", { name: [{ id: "n" }] }, ["Patient.name[0] ele-1"]],
    ["white space for a string", "Patient", { name: [{ family: "  " }] }, ["Patient.name[0].family ele-1"]],
    ["null property", "Patient", { birthDate: null }, ["Patient.birthDate null"]],
    ["null in an array of objects", "Patient", { name: [null] }, ["Patient.name[0] null"]],
    [
      "null in primitives beside nothing",
      "Patient",
      { name: [{ given: ["a", null] }] },
      ["Patient.name[0].given[1] null"],
    ],
    ["null sibling", "Patient", { _birthDate: null }, ["Patient.birthDate null"]],
    ["array in an array", "Patient", { name: [[{ family: "x" }]] }, ["Patient.name[0] array"]],
    ["empty extension", "Patient", { extension: [{ url: "http://x" }] }, ["Patient.extension[0] ext-1"]],
    [
      "extension with value and extensions",
      "Patient",
      { extension: [{ url: "http://x", valueString: "y", extension: [{ url: "z", valueString: "w" }] }] },
      ["Patient.extension[0] ext-1"],
    ],
    ["extension without url", "Patient", { extension: [{ valueString: "y" }] }, ["Patient.extension[0].url required"]],
    [
      "extension with two values",
      "Patient",
      { extension: [{ url: "http://x", valueString: "y", valueCode: "y" }] },
      ["Patient.extension[0].value[x] choice"],
    ],
    ["bad code", "Patient", { gender: "woman" }, ["Patient.gender binding"]],
    ["code in another case", "Patient", { gender: "Female" }, ["Patient.gender binding"]],
    ["code with a space at its end", "Patient", { gender: "female " }, ["Patient.gender format"]],
    [
      "concept of a required binding as text alone",
      "AllergyIntolerance",
      { clinicalStatus: { text: "active" } },
      ["AllergyIntolerance.clinicalStatus binding"],
    ],
    ["media type", "Binary", { contentType: "text" }, ["Binary.contentType binding"]],
    ["currency", "Invoice", { totalNet: { value: 1, currency: "dollars" } }, ["Invoice.totalNet.currency binding"]],
    ["bad id", "Patient", { id: "a/b" }, ["Patient.id format"]],
    ["element id with a space", "Patient", { name: [{ id: "a b", family: "x" }] }, ["Patient.name[0].id format"]],
    [
      "date of 30 February",
      "Patient",
      { birthDate: "1981-02-29", _birthDate: undefined },
      ["Patient.birthDate format"],
    ],
    [
      "date with a time",
      "Patient",
      { birthDate: "1981-02-28T10:00:00Z", _birthDate: undefined },
      ["Patient.birthDate format"],
    ],
    [
      "dateTime without a zone",
      "Condition",
      { recordedDate: "2020-01-01T10:00:00" },
      ["Condition.recordedDate format"],
    ],
    ["dateTime without seconds", "Condition", { recordedDate: "2020-01-01T10:00Z" }, ["Condition.recordedDate format"]],
    [
      "dateTime with a zone and no time",
      "Condition",
      { recordedDate: "2020-01-01Z" },
      ["Condition.recordedDate format"],
    ],
    ["hour 24", "Condition", { recordedDate: "2020-01-01T24:00:00Z" }, ["Condition.recordedDate format"]],
    ["year 0", "Condition", { recordedDate: "0000" }, ["Condition.recordedDate format"]],
    ["instant as a date", "Observation", { issued: "2025-03-01" }, ["Observation.issued format"]],
    ["integer with a fraction", "Patient", { multipleBirthInteger: 1.5 }, ["Patient.multipleBirthInteger format"]],
    [
      "integer beyond 31 bits",
      "Patient",
      { multipleBirthInteger: 2147483648 },
      ["Patient.multipleBirthInteger format"],
    ],
    [
      "positiveInt of 0",
      "Patient",
      { telecom: [{ system: "phone", value: "1", rank: 0 }] },
      ["Patient.telecom[0].rank format"],
    ],
    ["boolean as text", "Patient", { active: "true" }, ["Patient.active json-type"]],
    ["decimal as text", "ChargeItem", { factorOverride: "0.8" }, ["ChargeItem.factorOverride json-type"]],
    ["base64 of a wrong length", "Binary", { data: "aGk" }, ["Binary.data format"]],
    ["base64 with a padding inside", "Binary", { data: "aG=kaGk=" }, ["Binary.data format"]],
    ["control character in a string", "Patient", { name: [{ family: "a\u0007b" }] }, ["Patient.name[0].family format"]],
    ["uri with a space", "Questionnaire", { url: "http://a b" }, ["Questionnaire.url format"]],
    ["script in a url", "Endpoint", { address: "javascript:alert(1)" }, ["Endpoint.address uri-scheme"]],
    [
      "comparator on a SimpleQuantity",
      "Specimen",
      { collection: { quantity: { value: 5, comparator: "<" } } },
      ["Specimen.collection.quantity.comparator cardinality"],
    ],
    [
      "string beyond 1 MB",
      "Patient",
      { name: [{ text: "x".repeat(1024 * 1024 + 1) }] },
      ["Patient.name[0].text too-long"],
    ],
  ])("refuses %s", (_, type, changes, expected) => {
    expect(issuesWith(type, changes)).toEqual(expected);
  });

  it.each<[string, Changes, string[]]>([
    ["another type", { subject: { reference: "Practitioner/1" } }, ["Observation.subject reference-target"]],
    [
      "another type by URL",
      { subject: { reference: "https://a.example/fhir/Practitioner/1" } },
      ["Observation.subject reference-target"],
    ],
    [
      "another type by condition",
      { subject: { reference: "Practitioner?identifier=a|b" } },
      ["Observation.subject reference-target"],
    ],
    [
      "another type by its type element",
      { subject: { type: "Practitioner", identifier: { value: "1" } } },
      ["Observation.subject reference-target"],
    ],
    [
      "a type that disagrees",
      { subject: { reference: "Patient/1", type: "Group" } },
      ["Observation.subject reference-type"],
    ],
    [
      "a type that FHIR does not know",
      { subject: { reference: "Person1/1" } },
      ["Observation.subject reference-format"],
    ],
    ["no id", { subject: { reference: "Patient/" } }, ["Observation.subject reference-format"]],
    [
      "a path that climbs",
      { subject: { reference: "Patient/../Practitioner/1" } },
      ["Observation.subject reference-format"],
    ],
    ["a script", { subject: { reference: "javascript:alert(1)" } }, ["Observation.subject reference-format"]],
    ["a file", { subject: { reference: "file:///etc/passwd" } }, ["Observation.subject reference-format"]],
    ["plain text", { subject: { reference: "the patient" } }, ["Observation.subject reference-format"]],
    ["nothing contained", { subject: { reference: "#p" } }, ["Observation.subject ref-1"]],
    ["the container, from the container", { subject: { reference: "#" } }, ["Observation.subject ref-1"]],
    [
      "a contained resource of another type",
      { contained: [{ resourceType: "Practitioner", id: "p" }], subject: { reference: "#p" } },
      ["Observation.subject reference-target"],
    ],
  ])("refuses a reference to %s", (_, changes, expected) => {
    expect(issuesWith("Observation", changes)).toEqual(expected);
  });

  it.each([
    { reference: "Patient/1" },
    { reference: "Patient/1/_history/2" },
    { reference: "https://a.example/fhir/Patient/1" },
    { reference: "https://a.example/something/else" },
    { reference: "urn:uuid:59bc5dbb-1957-47ef-b6b5-25952e6bfdab" },
    { reference: "urn:oid:1.2.3" },
    { reference: "Patient?identifier=http://a.example|1" },
    { reference: "Group/1" },
    { reference: "Patient/1", type: "Patient" },
    { type: "Patient", identifier: { system: "http://a.example", value: "1" } },
    { display: "Somebody" },
  ])("accepts the reference %j", (subject) => {
    expect(issuesWith("Observation", { subject })).toEqual([]);
  });

  it("does not let the references of an Identifier's assigner stand for its own", () => {
    const subject = {
      reference: "Practitioner/1",
      identifier: { value: "1", assigner: { reference: "Organization/1" } },
    };
    expect(issuesWith("Observation", { subject })).toEqual(["Observation.subject reference-target"]);
  });

  it.each<[string, unknown[], string[]]>([
    ["that nobody refers to", [{ resourceType: "Practitioner", id: "x" }], ["Observation.contained[0] dom-3"]],
    ["without an id", [{ resourceType: "Practitioner" }], ["Observation.contained[0] dom-3"]],
    ["of a type that is not stored", [{ resourceType: "Group", id: "p" }], ["Observation.contained[0] resource-type"]],
    [
      "with an id that another has",
      [
        { resourceType: "Practitioner", id: "p" },
        { resourceType: "Practitioner", id: "p" },
      ],
      ["Observation.contained[1] contained-id"],
    ],
    [
      "that contains another",
      [{ resourceType: "Practitioner", id: "p", contained: [{ resourceType: "Practitioner", id: "q" }] }],
      ["Observation.contained[0] dom-2"],
    ],
    [
      "with a version",
      [{ resourceType: "Practitioner", id: "p", meta: { versionId: "1" } }],
      ["Observation.contained[0] dom-4"],
    ],
    [
      "with a security label",
      [{ resourceType: "Practitioner", id: "p", meta: { security: [{ code: "R" }] } }],
      ["Observation.contained[0] dom-5"],
    ],
    [
      "with a fault of its own",
      [{ resourceType: "Practitioner", id: "p", gender: "x" }],
      ["Observation.contained[0].gender binding"],
    ],
    ["that is no object", ["x"], ["Observation.contained[0] json-type"]],
  ])("refuses a contained resource %s", (_, contained, expected) => {
    const isReferred = contained.some((inner) => (inner as { id?: string }).id === "p");
    const found = issuesWith("Observation", { contained, ...(isReferred ? { performer: [{ reference: "#p" }] } : {}) });
    // A reference to what is not stored has no type that is allowed, either.
    expect(found.filter((text) => !text.startsWith("Observation.performer"))).toEqual(expected);
  });

  it("accepts a contained resource that refers to its container", () => {
    const contained = [
      {
        resourceType: "Provenance",
        id: "v",
        target: [{ reference: "#" }],
        recorded: "2025-01-01T00:00:00Z",
        agent: [{ who: { display: "x" } }],
      },
    ];
    expect(issuesWith("Observation", { contained })).toEqual([]);
  });

  it("takes a Substance or a ValueSet inside of another record, and nowhere else", () => {
    const contained = [{ resourceType: "Substance", id: "s", code: { text: "water" } }];
    const ingredient = [{ itemReference: { reference: "#s" } }];
    expect(issuesWith("Medication", { contained, ingredient })).toEqual([]);
    expect(issuesOf(contained[0])).toEqual(["Resource resource-type"]);
  });

  it.each<[string, string, Changes]>([
    ["base64 with white space", "Binary", { data: "aGVs\n bG8g\r\nd29y bGQ=" }],
    [
      "a primitive with only an extension",
      "Patient",
      { gender: undefined, _gender: { extension: [{ url: "http://x", valueCode: "masked" }] } },
    ],
    [
      "an array with a hole that its sibling fills",
      "Patient",
      { name: [{ given: ["a", null], _given: [null, { extension: [{ url: "http://x", valueString: "y" }] }] }] },
    ],
    [
      "an array of siblings alone",
      "Patient",
      { name: [{ _given: [{ id: "g", extension: [{ url: "http://x", valueString: "y" }] }] }] },
    ],
    ["a leap second", "Observation", { issued: "2016-12-31T23:59:60Z" }],
    ["29 February 2000", "Patient", { birthDate: "2000-02-29" }],
    ["the zone +14:00", "Condition", { recordedDate: "2020-01-01T10:00:00+14:00" }],
    ["undefined properties", "Patient", { gender: undefined }],
    ["markdown with line breaks", "Questionnaire", { description: "# a\n\n- b\t*c*" }],
    [
      "a media type with parameters",
      "Binary",
      { contentType: `application/fhir+json; fhirVersion=4.0; charset="utf-8"` },
    ],
  ])("accepts %s", (_, type, changes) => {
    expect(issuesWith(type, changes)).toEqual([]);
  });

  it("tells 1.0 from 1 where an integer is wanted, and keeps it where a decimal is", () => {
    const read = (text: string): unknown => {
      const result = parseJson(text);
      return result.ok ? result.value : undefined;
    };
    const attachment = (size: string): string =>
      `{"resourceType":"Patient","photo":[{"contentType":"image/png","size":${size}}]}`;
    expect(issuesOf(read(attachment("1.0")))).toEqual(["Patient.photo[0].size format"]);
    expect(issuesOf(read(attachment("1e2")))).toEqual(["Patient.photo[0].size format"]);
    expect(issuesOf(read(attachment("100")))).toEqual([]);
    const quantity = `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50}}`;
    expect(issuesOf(read(quantity))).toEqual([]);
  });

  it("stops at 50 issues", () => {
    const name = Array.from({ length: 200 }, () => ({ family: 5 }));
    expect(issuesWith("Patient", { name })).toHaveLength(50);
  });

  it("refuses nesting that the JSON layer would not have let in", () => {
    let extension: unknown[] = [{ url: "http://x", valueString: "y" }];
    for (let depth = 0; depth < 5_000; depth += 1) extension = [{ url: "http://x", extension }];
    expect(issuesWith("Patient", { extension }).at(-1)).toMatch(/ depth$/);
  });

  it("takes time in proportion to a large record", () => {
    const items = (length: number): object[] =>
      Array.from({ length }, (_, index) => ({ linkId: `${index}`, type: "string" }));
    expect(issuesWith("Questionnaire", { item: items(9_000) })).toEqual([]);
    expect(issuesWith("Questionnaire", { item: items(10_001) })).toEqual(["Resource too-many-values"]);
  });

  it("judges each constraint of a record with many codings once, not once for each pair of a hostile many", () => {
    const coding = Array.from({ length: 3_000 }, (_, index) => ({ system: "http://x", code: `c${index}` }));
    const started = process.cpuUsage().user;
    const issues = issuesWith("Observation", {
      code: { coding },
      valueString: "x",
      component: [{ code: { coding: [{ system: "http://y", code: "z" }] } }],
    });
    expect(issues).toEqual([]);
    expect((process.cpuUsage().user - started) / 1000).toBeLessThan(10_000);
  });
});

describe("issues", () => {
  /** Names that may stand in a path. */
  const known = new Set<string>(["Resource"]);
  const addName = (name: string): void => {
    const definition = typeDefinition(name);
    if (!definition || known.has(`type ${name}`)) return;
    known.add(`type ${name}`);
    known.add(name);
    for (const [key, { element, type }] of definition.properties) {
      known.add(key);
      known.add(element.name);
      addName(type.name);
    }
  };
  for (const name of definedTypes()) addName(name);

  const CANARY = "Canary-Ω7f3a";
  /** Puts the canary into keys and values at random places. */
  const poisoned = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown>(CANARY, `#${CANARY}`, `${CANARY}/1`, 5, true, null, {}, []),
      fc.array(tie("value"), { maxLength: 2 }),
      fc.dictionary(
        fc.constantFrom(CANARY, `_${CANARY}`, "coding", "extension", "reference", "value", "id", "system", "div"),
        tie("value"),
        { maxKeys: 3 },
      ),
    ),
  })).value;

  it("hold element names and rules, never content and never an unknown name", () => {
    const types = fc.constantFrom(...RESOURCE_TYPES);
    fc.assert(
      fc.property(types, fc.nat(), poisoned, (type, place, poison) => {
        const value = seed(type);
        const keys = [...Object.keys(value).filter((key) => key !== "resourceType"), CANARY];
        value[keys[place % keys.length] ?? CANARY] = poison;
        const result = validateResource(value);
        if (result.ok) return;
        for (const { path, rule, code, severity } of result.error.issues) {
          expect(`${path}${rule}${code}${severity}`).not.toContain("Canary");
          for (const part of path.split(".")) expect(known).toContain(part.replace(/\[\d+\]$/, ""));
          expect(describeRule(rule)?.length).toBeGreaterThan(3);
        }
      }),
      { numRuns: 800 },
    );
  });

  it("never come as a throw, whatever the value", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withMap: true }), (value) => {
        expect(validateResource(value).ok).toBe(false);
        expect(
          typeof validateResource({ resourceType: "Patient", name: value, contained: [value], _birthDate: value }).ok,
        ).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });
});

describe("US Core 8 examples (skipped with this notice where ../shared is missing)", () => {
  const examples = usCoreExamples();

  it.skipIf(examples.length === 0)("are accepted, but for images that would be fetched from elsewhere", () => {
    const refused = examples.flatMap(({ name, resource: value }) => issuesOf(value).map((text) => `${name} ${text}`));
    expect(examples.length).toBeGreaterThan(200);
    expect(refused.filter((text) => !text.endsWith("text.div txt-1"))).toEqual([]);
    // The IG publisher draws questionnaire trees with relative images (tbl_spacer.png), which a browser would ask us for.
    expect(refused).toHaveLength(13);
    expect(refused.every((text) => /^Questionnaire(?:Response)?-/.test(text))).toBe(true);
  });

  it("leave the seeds standing without them", () => {
    expect(resource("Patient").resourceType).toBe("Patient");
  });
});
