import type { AddImmunization, ImmunizationItem, ItemFacts } from "../contract/chart.ts";
import type { JsonObject } from "../fhir/index.ts";
import { keepLexeme, lexemeOf } from "../fhir/decimal.ts";
import {
  codedText,
  concept,
  conceptFor,
  conceptForCode,
  dateFor,
  defined,
  listOf,
  notesFor,
  textOf,
  usCore,
} from "./elements.ts";
import type { FieldIssue } from "./failure.ts";

const UCUM = "http://unitsofmeasure.org";

const CODED = ["site", "route", "refusal"] as const;
type CodedField = (typeof CODED)[number];
const ELEMENTS = { site: "site", route: "route", refusal: "statusReason" } as const;

function codedFor(name: CodedField, content: AddImmunization, before: JsonObject): JsonObject | undefined {
  const code = content[name];
  return code === undefined ? undefined : conceptForCode(name, code, before[ELEMENTS[name]]);
}

const manufacturerOf = (record: JsonObject): string | undefined =>
  textOf(listOf(record["manufacturer"])[0]?.["display"]);

/**
 * What a record of a vaccine has to say. One that was given here names its lot: 42 U.S.C. 300aa-25(a). One that was not
 * given says why, and nothing of an injection that there was not.
 */
export function immunizationIssues(content: AddImmunization, before: JsonObject = {}): FieldIssue[] {
  const issues: FieldIssue[] = [];
  const isGiven = content.status === "completed";
  if (conceptFor("vaccine", content.vaccine, before["vaccineCode"]) === undefined)
    issues.push({ path: "vaccine.code", rule: "code-unknown" });
  for (const name of CODED) {
    const code = content[name];
    if (code !== undefined && conceptForCode(name, code, before[ELEMENTS[name]]) === undefined)
      issues.push({ path: name, rule: "code-unknown" });
  }
  if (isGiven && content.source === "here" && content.lot === undefined)
    issues.push({ path: "lot", rule: "lot-required" });
  if (isGiven && content.refusal !== undefined) issues.push({ path: "refusal", rule: "not-given-detail" });
  if (!isGiven && content.refusal === undefined) issues.push({ path: "refusal", rule: "refusal-required" });
  const ofInjection = ["lot", "expires", "site", "route", "doseMl", "doseNumber"] as const;
  if (!isGiven)
    for (const name of ofInjection)
      if (content[name] !== undefined) issues.push({ path: name, rule: "not-given-detail" });
  return issues;
}

function doseOf(doseMl: string | undefined): JsonObject | undefined {
  if (doseMl === undefined) return undefined;
  const quantity = { value: Number(doseMl), unit: "mL", system: UCUM, code: "mL" };
  keepLexeme(quantity, "value", quantity.value, doseMl);
  return quantity;
}

/** Elements of an Immunization. US Core 8, us-core-immunization. */
export const immunizationContent = (content: AddImmunization, before: JsonObject = {}): JsonObject => ({
  status: content.status,
  statusReason: codedFor("refusal", content, before),
  vaccineCode: conceptFor("vaccine", content.vaccine, before["vaccineCode"]),
  occurrenceDateTime: dateFor(content.date, before["occurrenceDateTime"]),
  primarySource: content.source === "here",
  lotNumber: content.lot,
  expirationDate: content.expires,
  manufacturer:
    content.manufacturer === undefined || content.manufacturer === manufacturerOf(before)
      ? content.manufacturer && before["manufacturer"]
      : { display: content.manufacturer },
  site: codedFor("site", content, before),
  route: codedFor("route", content, before),
  doseQuantity: doseOf(content.doseMl),
  protocolApplied: content.doseNumber === undefined ? undefined : [{ doseNumberPositiveInt: content.doseNumber }],
  note: notesFor(content.note, before),
});

/** HL7 v2 table 0443: who gave it. */
const ADMINISTERING = {
  coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0443", code: "AP" }],
};

export const newImmunization = (
  content: AddImmunization,
  patientId: string,
  at: string,
  author: JsonObject,
): JsonObject =>
  defined({
    resourceType: "Immunization",
    meta: usCore("immunization"),
    patient: { reference: `Patient/${patientId}` },
    recorded: at,
    ...immunizationContent(content),
    ...(content.source === "reported" && content.status === "completed"
      ? { reportOrigin: concept("immunization-origin", "recall") }
      : {}),
    ...(content.source === "here" &&
      content.status === "completed" && { performer: [{ function: ADMINISTERING, actor: author }] }),
  });

export const movedImmunization = (record: JsonObject, to: string): JsonObject => ({ ...record, status: to });

export function immunizationItem(record: JsonObject, facts: ItemFacts): ImmunizationItem {
  const [dose] = listOf(record["doseQuantity"]);
  const [protocol] = listOf(record["protocolApplied"]);
  const number = protocol?.["doseNumberPositiveInt"] ?? protocol?.["doseNumberString"];
  const optional = {
    date: textOf(record["occurrenceDateTime"]) ?? textOf(record["occurrenceString"]),
    lot: textOf(record["lotNumber"]),
    expires: textOf(record["expirationDate"]),
    manufacturer: manufacturerOf(record),
    site: codedText(record["site"]),
    route: codedText(record["route"]),
    doseMl: dose?.["code"] === "mL" ? (lexemeOf(dose, "value") ?? String(dose["value"] as number)) : undefined,
    doseNumber: number === undefined ? undefined : String(number as number | string),
    refusal: codedText(record["statusReason"]),
    givenBy: textOf(listOf(listOf(record["performer"])[0]?.["actor"])[0]?.["display"]),
  };
  return {
    ...facts,
    vaccine: codedText(record["vaccineCode"]) ?? { text: "" },
    source: record["primarySource"] === false ? "reported" : "here",
    ...(defined(optional) as Partial<ImmunizationItem>),
  };
}
