import type { AddAllergy, AllergyItem, ItemFacts, Named, NoneKnown } from "../contract/chart.ts";
import type { JsonObject } from "../fhir/index.ts";
import {
  codeIn,
  codedText,
  codeOfSystem,
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
import { partOf } from "./problems.ts";
import { IN_ERROR, isActiveState, stateOf } from "./states.ts";

const SNOMED = "http://snomed.info/sct";
/** SNOMED CT 716186003 and its children. */
const NONE_KNOWN: Readonly<Record<string, NoneKnown["about"]>> = {
  "716186003": "any",
  "409137002": "drug",
  "429625007": "food",
  "428607008": "environment",
};

/** What a statement says of which no allergies are known; undefined for an allergy. */
export const noneKnownAbout = (record: JsonObject): NoneKnown["about"] | undefined => {
  const code = codeOfSystem(record["code"], SNOMED) ?? codeIn(record["code"]);
  return code === undefined ? undefined : NONE_KNOWN[code];
};

/** Categories of AllergyIntolerance that each statement is about; one without a category may be of any. */
const ABOUT: Readonly<Record<NoneKnown["about"], readonly string[] | undefined>> = {
  any: undefined,
  drug: ["medication", "biologic"],
  food: ["food"],
  environment: ["environment"],
};

const categoriesOf = (record: JsonObject): readonly string[] =>
  Array.isArray(record["category"]) ? record["category"].flatMap((each) => textOf(each) ?? []) : [];

/** Whether a statement cannot stand beside an allergy. */
export function contradicts(statement: JsonObject, allergy: JsonObject): boolean {
  const about = noneKnownAbout(statement);
  if (about === undefined || noneKnownAbout(allergy) !== undefined) return false;
  const [named, categories] = [ABOUT[about], categoriesOf(allergy)];
  return named === undefined || categories.length === 0 || categories.some((category) => named.includes(category));
}

export const isActiveAllergy = (record: JsonObject): boolean =>
  isActiveState("allergies", stateOf("allergies", record));

export interface AllergiesSeen {
  readonly statements: readonly JsonObject[];
  readonly allergies: readonly JsonObject[];
}

/** Active statements and active allergies of a chart. */
export const activeAllergies = (records: readonly JsonObject[]): AllergiesSeen => {
  const active = records.filter(isActiveAllergy);
  return {
    statements: active.filter((record) => noneKnownAbout(record) !== undefined),
    allergies: active.filter((record) => noneKnownAbout(record) === undefined),
  };
};

export const isContradicted = ({ statements, allergies }: AllergiesSeen): boolean =>
  statements.some((statement) => allergies.some((allergy) => contradicts(statement, allergy)));

type Content = Omit<AddAllergy, "endsNoneKnown">;

/** The manifestation that stands in the record under these words. */
const manifestationBefore = (before: JsonObject, { text }: Named): JsonObject | undefined =>
  listOf(before["reaction"])
    .flatMap(({ manifestation }) => listOf(manifestation))
    .find((each) => codedText(each)?.text === text);

export const allergyIssues = ({ substance, reactions }: Content, before: JsonObject = {}): FieldIssue[] => [
  ...(conceptFor("allergen", substance, before["code"]) === undefined
    ? [{ path: "substance.code", rule: "code-unknown" } as const]
    : []),
  ...reactions.flatMap(({ manifestation }, index) =>
    conceptFor("reaction", manifestation, manifestationBefore(before, manifestation)) === undefined
      ? [{ path: `reactions.${index}.manifestation.code`, rule: "code-unknown" } as const]
      : [],
  ),
];

/** What a form says of an allergy, as elements of an AllergyIntolerance. US Core 8, us-core-allergyintolerance. */
export const allergyContent = (content: Content, before: JsonObject = {}): JsonObject => ({
  code: conceptFor("allergen", content.substance, before["code"]),
  type: content.type,
  category: content.category === undefined ? undefined : [content.category],
  criticality: content.criticality,
  verificationStatus: concept("allergyintolerance-verification", content.verification),
  onsetDateTime: dateFor(content.onset, before["onsetDateTime"]),
  reaction:
    content.reactions.length === 0
      ? undefined
      : content.reactions.map(({ manifestation, severity }) =>
          defined({
            manifestation: [conceptFor("reaction", manifestation, manifestationBefore(before, manifestation))],
            severity,
          }),
        ),
  note: notesFor(content.note, before),
});

const base = (patientId: string): JsonObject => ({
  resourceType: "AllergyIntolerance",
  meta: usCore("allergyintolerance"),
  clinicalStatus: concept("allergyintolerance-clinical", "active"),
  patient: { reference: `Patient/${patientId}` },
});

export const newAllergy = (content: Content, patientId: string): JsonObject =>
  defined({ ...base(patientId), ...allergyContent(content) });

/** The statement that no allergies are known: a record with an author and a date, and no empty list. */
export const newNoneKnown = (patientId: string, note: string | undefined): JsonObject =>
  defined({
    ...base(patientId),
    verificationStatus: concept("allergyintolerance-verification", "confirmed"),
    code: {
      coding: [{ system: SNOMED, code: "716186003", display: "No known allergy" }],
      text: "No known allergies",
    },
    note: note === undefined ? undefined : [{ text: note }],
  });

/** FHIR R4 ait-1 and ait-2: an error has no clinical status, and everything else has one. */
export function movedAllergy(record: JsonObject, to: string): JsonObject {
  const { clinicalStatus: _clinical, ...rest } = record;
  const verification = (code: string) => concept("allergyintolerance-verification", code);
  if (to === IN_ERROR) return { ...rest, verificationStatus: verification(IN_ERROR) };
  const clinical = (code: string) => concept("allergyintolerance-clinical", code);
  if (to === "refuted") return { ...rest, clinicalStatus: clinical("inactive"), verificationStatus: verification(to) };
  const wasRefuted = codeIn(record["verificationStatus"]) === "refuted";
  return {
    ...rest,
    clinicalStatus: clinical(to),
    ...(wasRefuted && { verificationStatus: verification("unconfirmed") }),
  };
}

export function allergyItem(record: JsonObject, facts: ItemFacts): AllergyItem {
  const [type, criticality] = [textOf(record["type"]), textOf(record["criticality"])];
  const [category] = categoriesOf(record);
  const verification = codeIn(record["verificationStatus"]);
  const onset = partOf(record, "onset");
  return {
    ...facts,
    substance: codedText(record["code"]) ?? { text: "" },
    reactions: listOf(record["reaction"]).flatMap((reaction) => {
      const severity = textOf(reaction["severity"]);
      return listOf(reaction["manifestation"]).flatMap((each) => {
        const manifestation = codedText(each);
        return manifestation === undefined ? [] : [{ manifestation, ...(severity !== undefined && { severity }) }];
      });
    }),
    ...(type !== undefined && { type }),
    ...(category !== undefined && { category }),
    ...(criticality !== undefined && { criticality }),
    ...(verification !== undefined && { verification }),
    ...(onset !== undefined && { onset }),
  };
}

export const noneKnownItem = (record: JsonObject, facts: ItemFacts): NoneKnown => ({
  ...facts,
  about: noneKnownAbout(record) ?? "any",
});
