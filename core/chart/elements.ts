import type { CodedText, Named, VocabularyName } from "../contract/chart.ts";
import { termOf, VOCABULARIES } from "../contract/chart.ts";
import { isJsonObject, type JsonObject } from "../fhir/index.ts";

/** Elements of FHIR resources as the chart reads and writes them. What has not the form that R4 gives it is left out. */

export const listOf = (value: unknown): readonly JsonObject[] =>
  (Array.isArray(value) ? (value as readonly unknown[]) : [value]).filter(isJsonObject);

export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

const TERMINOLOGY = "http://terminology.hl7.org/CodeSystem";

/** A CodeableConcept of one of HL7's own code systems. */
export const concept = (system: string, code: string): JsonObject => ({
  coding: [{ system: `${TERMINOLOGY}/${system}`, code }],
});

/** The code of a CodeableConcept's first coding. */
export const codeIn = (value: unknown): string | undefined =>
  isJsonObject(value) ? textOf(listOf(value["coding"])[0]?.["code"]) : undefined;

/** The code of the coding that is of this system. */
export const codeOfSystem = (value: unknown, system: string): string | undefined =>
  isJsonObject(value)
    ? textOf(listOf(value["coding"]).find((coding) => coding["system"] === system)?.["code"])
    : undefined;

/** A CodeableConcept: its text, with the first of its codings. */
export function codedText(value: unknown): CodedText | undefined {
  if (!isJsonObject(value)) return undefined;
  const [coding] = listOf(value["coding"]);
  const [code, system] = [textOf(coding?.["code"]), textOf(coding?.["system"])];
  const text = textOf(value["text"]) ?? textOf(coding?.["display"]) ?? code;
  if (text === undefined) return undefined;
  return { text, ...(code !== undefined && { code }), ...(system !== undefined && { system }) };
}

/** What was chosen of a vocabulary or written freely, as a CodeableConcept; undefined for a code that is not in it. */
export function conceptOf(name: VocabularyName, { text, code }: Named): JsonObject | undefined {
  if (code === undefined) return { text };
  const term = termOf(name, code);
  if (term === undefined) return undefined;
  return { coding: [{ system: VOCABULARIES[name].system, code, display: term.text }], text };
}

/** A code of a vocabulary alone, as a CodeableConcept. */
export const conceptOfCode = (name: VocabularyName, code: string): JsonObject | undefined =>
  conceptOf(name, { code, text: termOf(name, code)?.text ?? code });

/** As `conceptOf`, and what stands there already while its words stay the same: a code from elsewhere is not lost. */
export const conceptFor = (name: VocabularyName, named: Named, before: unknown): JsonObject | undefined =>
  isJsonObject(before) && codedText(before)?.text === named.text ? before : conceptOf(name, named);

/** As `conceptOfCode`, and what stands there already while its code stays the same. */
export const conceptForCode = (name: VocabularyName, code: string, before: unknown): JsonObject | undefined =>
  isJsonObject(before) && codeIn(before) === code ? before : conceptOfCode(name, code);

/** A day that a form shows; what stands there already where it is an instant of that day. */
export const dateFor = (day: string | undefined, before: unknown): unknown =>
  day?.length === 10 && typeof before === "string" && before.startsWith(day) ? before : day;

/** A note in one text; what stands there already where that says the same. */
export const notesFor = (note: string | undefined, before: JsonObject): unknown =>
  note === undefined ? undefined : noteOf(before) === note ? before["note"] : [{ text: note }];

export const noteOf = (record: JsonObject): string | undefined => {
  const texts = listOf(record["note"]).flatMap(({ text }) => textOf(text) ?? []);
  return texts.length === 0 ? undefined : texts.join("\n");
};

/** An object without its undefined members: FHIR has no null. */
export const defined = (object: Readonly<Record<string, unknown>>): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

const US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition";
export const usCore = (profile: string): JsonObject => ({ profile: [`${US_CORE}/us-core-${profile}`] });
