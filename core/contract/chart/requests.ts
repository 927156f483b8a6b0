import * as z from "zod";
import {
  SEVERITIES,
  PROBLEM_VERIFICATIONS,
  ALLERGY_TYPES,
  ALLERGY_CATEGORIES,
  CRITICALITIES,
  ALLERGY_VERIFICATIONS,
  MEDICATION_KINDS,
  IMMUNIZATION_STATUSES,
  IMMUNIZATION_SOURCES,
  MOVES,
} from "./codes.ts";
import { MEASURED, type Measured, type Unit, UNITS } from "./measures.ts";

/** What the portal writes into a chart. The patient stands in the path, the version that is changed in `If-Match`. */

const words = z.string().trim().min(1).max(200);
const note = z.string().trim().min(1).max(2000);
/** FHIR R4 datatypes.html#date: a year, a month or a day of the calendar. */
const partialDay = z
  .string()
  .regex(/^\d{4}(-\d{2}(-\d{2})?)?$/)
  .refine((text) => {
    const full = text.length === 4 ? `${text}-01-01` : text.length === 7 ? `${text}-01` : text;
    const time = Date.parse(`${full}T00:00:00Z`);
    return Number.isFinite(time) && new Date(time).toISOString().startsWith(full);
  });
const day = z.iso.date();
const reason = z.string().trim().min(3).max(500);
const version = z.int().min(1);
/** FHIR R4 datatypes.html#id. */
const recordId = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/);

/** Words with a code of the field's vocabulary, or words alone. */
const Named = z.strictObject({ text: words, code: z.string().max(20).optional() });
export type Named = z.infer<typeof Named>;

const problem = {
  problem: Named,
  verification: z.enum(PROBLEM_VERIFICATIONS).default("confirmed"),
  severity: z.enum(SEVERITIES).optional(),
  onset: partialDay.optional(),
  note: note.optional(),
};
export const AddProblem = z.strictObject(problem);
export type AddProblem = z.infer<typeof AddProblem>;

const allergy = {
  substance: Named,
  type: z.enum(ALLERGY_TYPES).default("allergy"),
  category: z.enum(ALLERGY_CATEGORIES).optional(),
  criticality: z.enum(CRITICALITIES).optional(),
  verification: z.enum(ALLERGY_VERIFICATIONS).default("confirmed"),
  reactions: z
    .array(z.strictObject({ manifestation: Named, severity: z.enum(SEVERITIES).optional() }))
    .max(10)
    .default([]),
  onset: partialDay.optional(),
  note: note.optional(),
};
/** `endsNoneKnown`: the statement of no known allergies that this allergy contradicts, and its version. */
export const AddAllergy = z.strictObject({
  ...allergy,
  endsNoneKnown: z.strictObject({ id: recordId, version }).optional(),
});
export type AddAllergy = z.infer<typeof AddAllergy>;

/** States, or says again, that no allergy is known. */
export const StateNoneKnown = z.strictObject({ note: note.optional() });
export type StateNoneKnown = z.infer<typeof StateNoneKnown>;

const medication = {
  medication: Named,
  dosage: z.string().trim().min(1).max(500).optional(),
  started: partialDay.optional(),
  prescriber: words.optional(),
  purpose: words.optional(),
  note: note.optional(),
};
export const AddMedication = z.strictObject({ ...medication, kind: z.enum(MEDICATION_KINDS) });
export type AddMedication = z.infer<typeof AddMedication>;

const immunization = {
  vaccine: Named,
  status: z.enum(IMMUNIZATION_STATUSES),
  /** Given at this clinic by who records it, or elsewhere and reported. */
  source: z.enum(IMMUNIZATION_SOURCES),
  date: day,
  lot: z.string().trim().min(1).max(40).optional(),
  expires: day.optional(),
  manufacturer: words.optional(),
  site: z.string().max(10).optional(),
  route: z.string().max(10).optional(),
  /** Millilitres. */
  doseMl: z
    .string()
    .regex(/^\d{1,2}(\.\d{1,3})?$/)
    .optional(),
  doseNumber: z.int().min(1).max(20).optional(),
  /** Why it was not given: a code of the refusals. */
  refusal: z.string().max(20).optional(),
  note: note.optional(),
};
export const AddImmunization = z.strictObject(immunization);
export type AddImmunization = z.infer<typeof AddImmunization>;

/** New content for an item of a list; its state is changed by `MoveItem`. */
export const ChangeItem = z.discriminatedUnion("list", [
  z.strictObject({ list: z.literal("problems"), content: z.strictObject(problem), reason: reason.optional() }),
  z.strictObject({ list: z.literal("allergies"), content: z.strictObject(allergy), reason: reason.optional() }),
  z.strictObject({ list: z.literal("medications"), content: z.strictObject(medication), reason: reason.optional() }),
  z.strictObject({
    list: z.literal("immunizations"),
    content: z.strictObject(immunization),
    reason: reason.optional(),
  }),
]);
export type ChangeItem = z.infer<typeof ChangeItem>;

/** Takes an item from one state to another. Which moves there are stands with each item of the answer. */
export const MoveItem = z.strictObject({ move: z.enum(MOVES), reason: reason.optional(), on: partialDay.optional() });
export type MoveItem = z.infer<typeof MoveItem>;

const decided = { id: recordId, version };
const Decision = z.discriminatedUnion("decision", [
  z.strictObject({ ...decided, decision: z.literal("keep") }),
  z.strictObject({ ...decided, decision: z.literal("stop"), reason }),
  /** Medications alone: the dose that she takes now. */
  z.strictObject({ ...decided, decision: z.literal("change"), dosage: z.string().trim().min(1).max(500), reason }),
]);

/** Where what is compared with the chart comes from. */
const Source = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("patient") }),
  z.strictObject({ kind: z.literal("caregiver"), who: words.optional() }),
  z.strictObject({ kind: z.literal("document"), id: recordId }),
]);

/**
 * What is decided of each active item of a list, and what is new. An active item of which nothing is said refuses the
 * whole, and so does one that has changed since it was looked at.
 */
export const Reconcile = z.strictObject({
  list: z.enum(["problems", "allergies", "medications"]),
  source: Source,
  decisions: z.array(Decision).max(90),
  /** For the list that is reconciled. */
  problems: z.array(AddProblem).max(20).default([]),
  allergies: z.array(z.strictObject(allergy)).max(20).default([]),
  medications: z.array(AddMedication).max(20).default([]),
  /** No allergies are known: with the list of allergies, where nothing is kept and nothing is new. */
  noneKnown: z.boolean().default(false),
});
export type Reconcile = z.infer<typeof Reconcile>;

/** A decimal as it was typed: what was entered is kept to the last digit. */
const reading = z.string().regex(/^\d{1,4}(\.\d{1,3})?$/);

const entry = <M extends Exclude<Measured, "blood-pressure">>(measure: M) =>
  z.strictObject({ measure: z.literal(measure), value: reading, unit: z.enum(UNITS[measure] as readonly Unit[]) });

const VitalEntry = z.discriminatedUnion("measure", [
  z.strictObject({ measure: z.literal("blood-pressure"), systolic: reading, diastolic: reading }),
  entry("heart-rate"),
  entry("respiratory-rate"),
  entry("temperature"),
  entry("oxygen-saturation"),
  entry("height"),
  entry("weight"),
  entry("pain"),
  entry("head-circumference"),
]);
export type VitalEntry = z.infer<typeof VitalEntry>;

/** A time on the clinic's own clock. */
const ClinicTime = z.strictObject({ day, time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/) });

/** One column of the flowsheet. */
export const RecordVitals = z.strictObject({
  /** When it was measured; now where it is left out. */
  at: ClinicTime.optional(),
  entries: z.array(VitalEntry).min(1).max(MEASURED.length),
  /** Measures whose unlikely value somebody has looked at again. */
  confirmed: z.array(z.enum(MEASURED)).max(MEASURED.length).default([]),
  note: note.optional(),
});
export type RecordVitals = z.infer<typeof RecordVitals>;

/** Another value for one that was wrong, or none: then it is marked as entered in error. */
export const CorrectVital = z.strictObject({
  entry: VitalEntry.optional(),
  confirmed: z.array(z.enum(MEASURED)).max(1).default([]),
  reason,
});
export type CorrectVital = z.infer<typeof CorrectVital>;
