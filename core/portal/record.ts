import type { OwnNote, OwnProtected, OwnRecord, OwnResult } from "../contract/patient-portal.ts";
import { type ChartLook, chartLists, vitalsSheet } from "../chart/index.ts";
import { listField, oneField, recordsIn, shownList } from "../chart/view-input.ts";
import type { Shown } from "../contract/chart.ts";
import { type FhirResource, isJsonObject, type JsonObject } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { isDocument } from "../record/index.ts";
import type { Field, Fields, SectionName } from "../view/index.ts";
import { releasedKindOf } from "./release.ts";

/** The patient's own record: what core/view places for her, of what is released. */

const listOf = (value: unknown): readonly JsonObject[] =>
  (Array.isArray(value) ? (value as unknown[]) : []).filter(isJsonObject);
const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

function nameOf(code: unknown): string {
  if (!isJsonObject(code)) return "";
  const [coding] = listOf(code["coding"]);
  return textOf(code["text"]) ?? textOf(coding?.["display"]) ?? textOf(coding?.["code"]) ?? "";
}

/** http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation, as far as a word of it helps a reader. */
const FLAGS: Readonly<Record<string, NonNullable<OwnResult["flag"]>>> = {
  N: "normal",
  L: "low",
  LL: "low",
  H: "high",
  HH: "high",
  A: "abnormal",
  AA: "abnormal",
  POS: "abnormal",
  NEG: "normal",
};

function flagOf({ interpretation }: FhirResource): OwnResult["flag"] {
  const codes = listOf(interpretation).flatMap(({ coding }) => listOf(coding).map(({ code }) => textOf(code) ?? ""));
  return codes.map((code) => FLAGS[code]).find((flag) => flag !== undefined);
}

function rangeOf({ referenceRange }: FhirResource): string | undefined {
  const [range] = listOf(referenceRange);
  if (range === undefined) return undefined;
  const end = (limit: unknown): string | undefined =>
    isJsonObject(limit) && limit["value"] !== undefined ? String(limit["value"] as number) : undefined;
  const [low, high] = [end(range["low"]), end(range["high"])];
  if (low !== undefined && high !== undefined) return `${low}–${high}`;
  return textOf(range["text"]) ?? (low !== undefined ? `≥ ${low}` : high !== undefined ? `≤ ${high}` : undefined);
}

function measured(result: JsonObject): { readonly value?: string; readonly unit?: string } {
  const { valueQuantity, valueString, valueCodeableConcept, conclusion } = result;
  if (isJsonObject(valueQuantity) && valueQuantity["value"] !== undefined) {
    const unit = textOf(valueQuantity["unit"]) ?? textOf(valueQuantity["code"]);
    return { value: String(valueQuantity["value"] as number), ...(unit !== undefined && { unit }) };
  }
  const text = textOf(valueString) ?? (nameOf(valueCodeableConcept) || undefined) ?? textOf(conclusion);
  return text === undefined ? {} : { value: text };
}

const dateOf = ({ effectiveDateTime, issued, effectivePeriod }: FhirResource): string | undefined =>
  textOf(effectiveDateTime) ??
  textOf(isJsonObject(effectivePeriod) ? effectivePeriod["start"] : undefined) ??
  textOf(issued);

function resultOf(record: FhirResource): OwnResult {
  const [date, flag, range] = [dateOf(record), flagOf(record), rangeOf(record)];
  const note = textOf(listOf(record["note"])[0]?.["text"]);
  return {
    id: record.id ?? "",
    name: nameOf(record["code"]),
    ...measured(record),
    ...(date !== undefined && { date }),
    ...(flag !== undefined && { flag }),
    ...(range !== undefined && { range }),
    ...(note !== undefined && { note }),
  };
}

const newestFirst = <T extends { readonly date?: string }>(rows: readonly T[]): readonly T[] =>
  rows.toSorted((one, other) => Date.parse(other.date ?? "1900") - Date.parse(one.date ?? "1900"));

/** Single values, and of reports those that say something themselves. */
export const ownResults = (look: ChartLook): Shown<readonly OwnResult[]> =>
  shownList(look, "results", () =>
    newestFirst(
      recordsIn(look)
        .of("Observation", "DiagnosticReport")
        .filter((record) => releasedKindOf(record) === "results")
        .map(resultOf)
        .filter((result) => result.value !== undefined),
    ),
  );

const fieldText = (fields: Fields, name: string): string | undefined => {
  const field = fields[name];
  if (field?.state !== "value") return undefined;
  const { value } = field;
  if (Array.isArray(value)) return value.filter((each) => typeof each === "string").join(", ") || undefined;
  if (typeof value === "string") return value;
  return isJsonObject(value) ? textOf(value["text"]) : undefined;
};

const idIn = (ref: string | undefined): string => ref?.split("/")[1] ?? "";

function rowsIn<T>(look: ChartLook, section: SectionName, row: (fields: Fields) => T): Shown<readonly T[]> {
  const field: Field<readonly Fields[]> = listField(look, section);
  return shownList(look, section, () =>
    field.state === "value" || field.state === "stale" ? (field.value as readonly Fields[]).map(row) : [],
  );
}

/** What names a person by its id alone is no name for anybody. */
const spokenName = (text: string | undefined): string | undefined =>
  text === undefined || /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}/.test(text) ? undefined : text;

/** Appointments by the notes that were written at their visits. */
function visitsOfNotes(look: ChartLook): ReadonlyMap<string, string> {
  const chart = recordsIn(look);
  const referred = (value: unknown): readonly string[] => listOf(value).map(({ reference }) => idIn(textOf(reference)));
  const visits = new Map(chart.of("Encounter").map((visit) => [visit.id ?? "", referred(visit["appointment"])[0]]));
  return new Map(
    chart.of("DocumentReference").flatMap(({ id = "", context }) => {
      const [encounter = ""] = isJsonObject(context) ? referred(context["encounter"]) : [];
      const visit = visits.get(encounter);
      return visit === undefined ? [] : [[id, visit] as const];
    }),
  );
}

function noteOf(fields: Fields, visits: ReadonlyMap<string, string>): OwnNote {
  const [date, text] = [fieldText(fields, "date"), fieldText(fields, "text")];
  const author = spokenName(fieldText(fields, "author"));
  const id = idIn(fieldText(fields, "ref"));
  const visit = visits.get(id);
  return {
    id,
    ...(visit !== undefined && { visit }),
    title: fieldText(fields, "title") ?? fieldText(fields, "type") ?? "",
    ...(date !== undefined && { date }),
    ...(author !== undefined && { author }),
    ...(text !== undefined && { text }),
  };
}

/** Notes alone: files that the clinic keeps are listed as documents. */
export const ownNotes = (look: ChartLook): Shown<readonly OwnNote[]> => {
  const visits = visitsOfNotes(look);
  const notes = rowsIn(look, "notes", (fields) => noteOf(fields, visits));
  if (notes.state !== "value") return notes;
  const files = new Set(
    recordsIn(look)
      .of("DocumentReference")
      .filter(isDocument)
      .map(({ id }) => id),
  );
  return { ...notes, value: newestFirst(notes.value.filter(({ id }) => !files.has(id))) };
};

/** Psychotherapy notes are in none of these lists, whether or not there are any: 45 CFR 164.524(a)(1)(i). */
function ownProtected(look: ChartLook): Shown<readonly OwnProtected[]> {
  const categories = [
    ["substanceUse", "substance-use"],
    ["otherSegmented", "other"],
  ] as const;
  const lists = categories.map(([section, category]) =>
    rowsIn(look, section, (fields): OwnProtected => {
      const [summary, date, text] = [
        fieldText(fields, "summary"),
        fieldText(fields, "date"),
        fieldText(fields, "text"),
      ];
      return {
        id: idIn(fieldText(fields, "ref")),
        category,
        ...(summary !== undefined && { summary }),
        ...(date !== undefined && { date }),
        ...(text !== undefined && { text }),
      };
    }),
  );
  const failed = lists.find(({ state }) => state !== "value" && state !== "absent");
  const rows = lists.flatMap((list) => (list.state === "value" ? list.value : []));
  return rows.length > 0 ? { state: "value", value: rows } : (failed ?? { state: "absent" });
}

export const OWN_SECTIONS = [
  "banner",
  "demographics",
  "problems",
  "allergies",
  "medications",
  "immunizations",
  "vitals",
  "results",
  "notes",
  "substanceUse",
  "otherSegmented",
] as const satisfies readonly SectionName[];

/** @param look Made of what is released, for the consumer `patient`, with `OWN_SECTIONS`. */
export function ownRecord(look: ChartLook): OwnRecord {
  const lists = chartLists(look);
  return {
    at: toInstant(look.input.nowMs),
    name: oneField(look, "banner", "name") as Shown<string>,
    birthDate: oneField(look, "banner", "birthDate") as Shown<string>,
    problems: lists.problems.items,
    allergies: { items: lists.allergies.items, noneKnown: lists.allergies.noneKnown },
    medications: lists.medications.items,
    immunizations: lists.immunizations.items,
    vitals: vitalsSheet(look).columns,
    results: ownResults(look),
    notes: ownNotes(look),
    protectedItems: ownProtected(look),
  };
}
