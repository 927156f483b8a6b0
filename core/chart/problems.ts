import type { AddProblem, ItemFacts, ProblemItem } from "../contract/chart.ts";
import type { JsonObject } from "../fhir/index.ts";
import {
  codeIn,
  codedText,
  concept,
  conceptFor,
  dateFor,
  defined,
  listOf,
  notesFor,
  textOf,
  usCore,
} from "./elements.ts";
import type { FieldIssue } from "./failure.ts";
import { IN_ERROR } from "./states.ts";

/** SNOMED CT, FHIR R4 valueset-condition-severity.html. */
const SEVERITY = { mild: "255604002", moderate: "6736007", severe: "24484000" } as const;
const SNOMED = "http://snomed.info/sct";

export const problemIssues = ({ problem }: AddProblem, before: JsonObject = {}): FieldIssue[] =>
  conceptFor("problem", problem, before["code"]) === undefined ? [{ path: "problem.code", rule: "code-unknown" }] : [];

/** What a form says of a problem, as elements of a Condition. US Core 8, us-core-condition-problems-health-concerns. */
export const problemContent = (
  { problem, verification, severity, onset, note }: AddProblem,
  before: JsonObject = {},
): JsonObject => ({
  code: conceptFor("problem", problem, before["code"]),
  verificationStatus: concept("condition-ver-status", verification),
  severity: severity && { coding: [{ system: SNOMED, code: SEVERITY[severity] }], text: severity },
  onsetDateTime: dateFor(onset, before["onsetDateTime"]),
  note: notesFor(note, before),
});

export const newProblem = (content: AddProblem, patientId: string): JsonObject =>
  defined({
    resourceType: "Condition",
    meta: usCore("condition-problems-health-concerns"),
    clinicalStatus: concept("condition-clinical", "active"),
    category: [concept("condition-category", "problem-list-item")],
    subject: { reference: `Patient/${patientId}` },
    ...problemContent(content),
  });

const withoutAbatement = (record: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !/^_?abatement/.test(name)));

/** Of a Condition in its new state. FHIR R4 con-4: only what is over has an end; con-5: an error has no clinical status. */
export function movedProblem(record: JsonObject, to: string, on: string | undefined): JsonObject {
  const { clinicalStatus: _clinical, ...rest } = record;
  const verification = (code: string) => ({ verificationStatus: concept("condition-ver-status", code) });
  const clinical = (code: string) => ({ clinicalStatus: concept("condition-clinical", code) });
  switch (to) {
    case IN_ERROR:
      return { ...withoutAbatement(rest), ...verification(IN_ERROR) };
    case "refuted":
      return { ...rest, ...clinical("inactive"), ...verification("refuted") };
    case "resolved":
    case "inactive":
      return on === undefined
        ? { ...rest, ...clinical(to) }
        : { ...withoutAbatement(rest), ...clinical(to), abatementDateTime: on };
    default:
      return { ...withoutAbatement(rest), ...clinical(to) };
  }
}

export function problemItem(record: JsonObject, facts: ItemFacts): ProblemItem {
  const severityCode = codeIn(record["severity"]);
  const severity = Object.entries(SEVERITY).find(([, code]) => code === severityCode)?.[0];
  const verification = codeIn(record["verificationStatus"]);
  const [onset, ended] = [partOf(record, "onset"), partOf(record, "abatement")];
  return {
    ...facts,
    problem: codedText(record["code"]) ?? { text: "" },
    ...(verification !== undefined && { verification }),
    ...(severity !== undefined && { severity }),
    ...(onset !== undefined && { onset }),
    ...(ended !== undefined && { ended }),
  };
}

/** A date or words, of `onset[x]` and `abatement[x]`. */
export const partOf = (record: JsonObject, name: "onset" | "abatement"): string | undefined =>
  textOf(record[`${name}DateTime`]) ??
  textOf(listOf(record[`${name}Period`])[0]?.["start"]) ??
  textOf(record[`${name}String`]);
