import type { AddAllergy, AddImmunization, AddMedication, AddProblem, Named } from "../../../../core/contract/chart.ts";
import {
  type AllergyItem,
  type CodedText,
  type ImmunizationItem,
  type MedicationItem,
  type ProblemItem,
  termOf,
  VOCABULARIES,
  type VocabularyName,
} from "../../../../core/contract/chart-words.ts";
import type { ComboboxOption } from "../../ui/index.ts";

/** What a form holds, by field: texts, as they are typed. */
export type Values = Readonly<Record<string, string | undefined>>;

/** Before a code, so that words which read like one stay words: `18` is a vaccine's code, and may be meant as text. */
const CODE = "code:";

export const optionsOf = (name: VocabularyName): readonly ComboboxOption[] =>
  VOCABULARIES[name].terms.map(({ code, text }) => ({ value: `${CODE}${code}`, label: text, detail: code }));

/** What was chosen, with its code, or what was written, without one. */
export function namedOf(name: VocabularyName, value: string | undefined): Named {
  const text = (value ?? "").trim();
  const code = text.startsWith(CODE) ? text.slice(CODE.length) : undefined;
  const term = code === undefined ? undefined : termOf(name, code);
  return term === undefined ? { text } : { text: term.text, code: term.code };
}

/** As a form holds it: by its code where that is one of ours, else by its words, which the server keeps with their code. */
const valueOf = (name: VocabularyName, { text, code }: CodedText): string =>
  code !== undefined && termOf(name, code)?.text === text ? `${CODE}${code}` : text;

const given = (value: string | undefined): string | undefined => {
  const text = value?.trim();
  return text === undefined || text === "" ? undefined : text;
};

/** Without the fields that nobody filled in. */
const filled = <T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;

export const problemBody = (values: Values): AddProblem =>
  filled({
    problem: namedOf("problem", values["problem"]),
    verification: given(values["verification"]) ?? "confirmed",
    severity: given(values["severity"]),
    onset: given(values["onset"]),
    note: given(values["note"]),
  }) as AddProblem;

export const problemValues = (item: ProblemItem): Values => ({
  problem: valueOf("problem", item.problem),
  verification: item.verification,
  severity: item.severity,
  onset: item.onset?.slice(0, 10),
  note: item.note,
});

const MOST_REACTIONS = 10;
export const reactionNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_none, index) => `reaction${index + 1}`);

export const allergyBody = (values: Values): Omit<AddAllergy, "endsNoneKnown"> =>
  filled({
    substance: namedOf("allergen", values["substance"]),
    type: given(values["type"]) ?? "allergy",
    category: given(values["category"]),
    criticality: given(values["criticality"]),
    verification: given(values["verification"]) ?? "confirmed",
    reactions: reactionNames(MOST_REACTIONS).flatMap((name) =>
      given(values[name]) === undefined
        ? []
        : [filled({ manifestation: namedOf("reaction", values[name]), severity: given(values[`${name}Severity`]) })],
    ),
    onset: given(values["onset"]),
    note: given(values["note"]),
  }) as Omit<AddAllergy, "endsNoneKnown">;

export function allergyValues(item: AllergyItem): Values {
  const reactions = item.reactions.flatMap(({ manifestation, severity }, index): [string, string | undefined][] => [
    [`reaction${index + 1}`, valueOf("reaction", manifestation)],
    [`reaction${index + 1}Severity`, severity],
  ]);
  return {
    ...Object.fromEntries(reactions),
    substance: valueOf("allergen", item.substance),
    type: item.type,
    category: item.category,
    criticality: item.criticality,
    verification: item.verification,
    onset: item.onset?.slice(0, 10),
    note: item.note,
  };
}

export const medicationContent = (values: Values): Omit<AddMedication, "kind"> =>
  filled({
    medication: namedOf("medication", values["medication"]),
    dosage: given(values["dosage"]),
    started: given(values["started"]),
    prescriber: given(values["prescriber"]),
    purpose: given(values["purpose"]),
    note: given(values["note"]),
  }) as Omit<AddMedication, "kind">;

export const medicationBody = (values: Values): AddMedication => ({
  ...medicationContent(values),
  kind: values["kind"] === "prescribed" ? "prescribed" : "reported",
});

export const medicationValues = (item: MedicationItem): Values => ({
  medication: valueOf("medication", item.medication),
  kind: item.kind,
  dosage: item.dosage,
  started: item.started?.slice(0, 10),
  prescriber: item.prescriber,
  purpose: item.purpose,
  note: item.note,
});

/** Of a vaccine that was not given nothing is sent that only one that was given has, and the other way round. */
export function immunizationBody(values: Values): AddImmunization {
  const isGiven = values["status"] !== "not-done";
  const doseNumber = given(values["doseNumber"]);
  return filled({
    vaccine: namedOf("vaccine", values["vaccine"]),
    status: isGiven ? "completed" : "not-done",
    source: values["source"] === "reported" ? "reported" : "here",
    date: values["date"] ?? "",
    note: given(values["note"]),
    manufacturer: given(values["manufacturer"]),
    ...(isGiven
      ? {
          lot: given(values["lot"]),
          expires: given(values["expires"]),
          site: given(values["site"]),
          route: given(values["route"]),
          doseMl: given(values["doseMl"])?.replace(",", "."),
          doseNumber: doseNumber === undefined ? undefined : Number(doseNumber),
        }
      : { refusal: given(values["refusal"]) }),
  }) as AddImmunization;
}

export const immunizationValues = (item: ImmunizationItem): Values => ({
  vaccine: valueOf("vaccine", item.vaccine),
  status: item.state === "not-done" ? "not-done" : "completed",
  source: item.source,
  date: item.date?.slice(0, 10),
  lot: item.lot,
  expires: item.expires,
  manufacturer: item.manufacturer,
  site: item.site?.code,
  route: item.route?.code,
  doseMl: item.doseMl,
  doseNumber: item.doseNumber,
  refusal: item.refusal?.code,
  note: item.note,
});
