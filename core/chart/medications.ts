import type { AddMedication, ItemFacts, MedicationItem } from "../contract/chart.ts";
import type { JsonObject } from "../fhir/index.ts";
import { codedText, conceptFor, dateFor, defined, listOf, notesFor, textOf, usCore } from "./elements.ts";
import type { FieldIssue } from "./failure.ts";

type Content = Omit<AddMedication, "kind">;

export const medicationIssues = ({ medication }: Content, before: JsonObject = {}): FieldIssue[] =>
  conceptFor("medication", medication, before["medicationCodeableConcept"]) === undefined
    ? [{ path: "medication.code", rule: "code-unknown" }]
    : [];

const dosageText = (dosage: unknown): string =>
  listOf(dosage)
    .flatMap(({ text }) => textOf(text) ?? [])
    .join("; ");
const purposeOf = (record: JsonObject): string =>
  listOf(record["reasonCode"])
    .flatMap((each) => codedText(each)?.text ?? [])
    .join("; ");
const prescriberOf = (record: JsonObject): string | undefined => textOf(listOf(record["requester"])[0]?.["display"]);

/** The words of a dose; what stands there already, with its structure, where they are the same. */
const dosageFor = (dosage: string | undefined, before: unknown) =>
  dosage === undefined ? undefined : dosageText(before) === dosage ? before : [{ text: dosage }];

/** What a form says of a medication, as elements of the resource that it is: an order or a statement. */
export function medicationContent(type: string, content: Content, before: JsonObject = {}): JsonObject {
  const { dosage, started, prescriber, purpose, note } = content;
  const both = {
    medicationCodeableConcept: conceptFor("medication", content.medication, before["medicationCodeableConcept"]),
    reasonCode:
      purpose === undefined ? undefined : purposeOf(before) === purpose ? before["reasonCode"] : [{ text: purpose }],
    note: notesFor(note, before),
  };
  return type === "MedicationRequest"
    ? {
        ...both,
        dosageInstruction: dosageFor(dosage, before["dosageInstruction"]),
        authoredOn: dateFor(started, before["authoredOn"]),
        requester:
          prescriber === undefined || prescriber === prescriberOf(before)
            ? before["requester"]
            : { display: prescriber },
      }
    : {
        ...both,
        dosage: dosageFor(dosage, before["dosage"]),
        effectivePeriod: started === undefined ? undefined : withStart(started, before),
      };
}

function withStart(started: string, before: JsonObject): JsonObject {
  const [period] = listOf(before["effectivePeriod"]);
  return { ...period, start: dateFor(started, period?.["start"]) };
}

/** An order is US Core 8's MedicationRequest; what she says that she takes is a statement, which US Core has no profile of. */
export function newMedication(content: AddMedication, patientId: string, at: string, recorder: JsonObject): JsonObject {
  const subject = { reference: `Patient/${patientId}` };
  if (content.kind === "reported")
    return defined({
      resourceType: "MedicationStatement",
      status: "active",
      subject,
      dateAsserted: at,
      informationSource: subject,
      ...defined(medicationContent("MedicationStatement", content)),
    });
  const written = medicationContent("MedicationRequest", content);
  return defined({
    resourceType: "MedicationRequest",
    meta: usCore("medicationrequest"),
    status: "active",
    intent: "order",
    reportedBoolean: false,
    subject,
    ...written,
    authoredOn: written["authoredOn"] ?? at,
    requester: written["requester"] ?? recorder,
    recorder,
  });
}

/** HL7 has no code system for why a medication is stopped that both resources share: the words stand in the change. */
export const movedMedication = (record: JsonObject, to: string, on: string | undefined): JsonObject => {
  const period = listOf(record["effectivePeriod"])[0];
  const isOver = to === "stopped" || to === "completed";
  if (period === undefined || record["resourceType"] !== "MedicationStatement") return { ...record, status: to };
  const { end: _end, ...open } = period;
  return { ...record, status: to, effectivePeriod: isOver && on !== undefined ? { ...open, end: on } : open };
};

const medicationText = (record: JsonObject) => {
  const coded = codedText(record["medicationCodeableConcept"]);
  if (coded !== undefined) return coded;
  const [reference] = listOf(record["medicationReference"]);
  return { text: textOf(reference?.["display"]) ?? textOf(reference?.["reference"]) ?? "" };
};

/** What is taken and how, in words: two entries that say the same are one medication twice. */
export const medicationWords = (record: JsonObject): { readonly text: string; readonly dosage: string } => ({
  text: medicationText(record).text,
  dosage: dosageText([...listOf(record["dosageInstruction"]), ...listOf(record["dosage"])]),
});

export function medicationItem(record: JsonObject, facts: ItemFacts): MedicationItem {
  const isOrder = record["resourceType"] === "MedicationRequest";
  const { dosage } = medicationWords(record);
  const started = isOrder
    ? textOf(record["authoredOn"])
    : (textOf(listOf(record["effectivePeriod"])[0]?.["start"]) ?? textOf(record["effectiveDateTime"]));
  const prescriber = isOrder ? prescriberOf(record) : undefined;
  const purpose = purposeOf(record);
  return {
    ...facts,
    medication: medicationText(record),
    kind: isOrder && record["reportedBoolean"] !== true ? "prescribed" : "reported",
    ...(dosage !== "" && { dosage }),
    ...(started !== undefined && { started }),
    ...(prescriber !== undefined && { prescriber }),
    ...(purpose !== "" && { purpose }),
  };
}

/** The dose that is taken now, in the words of who says it. */
export const withDosage = (record: JsonObject, dosage: string): JsonObject =>
  record["resourceType"] === "MedicationRequest"
    ? { ...record, dosageInstruction: dosageFor(dosage, record["dosageInstruction"]) }
    : { ...record, dosage: dosageFor(dosage, record["dosage"]) };
