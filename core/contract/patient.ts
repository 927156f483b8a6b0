import * as z from "zod";
import { CalendarDay } from "./clinic-profile.ts";

/** Who the clinic's patients are: finding, registering and editing them, and making one of two charts. */

/** FHIR R4 datatypes.html#id. */
const recordId = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/);
const text = (max: number) => z.string().trim().min(1).max(max);

export const SEXES = ["female", "male", "other", "unknown"] as const;
export type Sex = (typeof SEXES)[number];
/** LOINC answer list LL5144-2, as FHIR's individual-pronouns extension has it. */
export const PRONOUNS = ["she", "he", "they"] as const;
export type Pronouns = (typeof PRONOUNS)[number];
export const PHONE_USES = ["mobile", "home", "work"] as const;
export type PhoneUse = (typeof PHONE_USES)[number];

/** Digits, and what people write between them. */
const PhoneNumber = z
  .string()
  .trim()
  .max(40)
  .regex(/^[+]?[0-9][0-9 ().\-/]{4,}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?$|^\([0-9][0-9 ().\-/]{4,}$/);

export const Demographics = z.strictObject({
  family: text(100),
  given: text(100),
  middle: text(100).optional(),
  /** What she is called. */
  preferredName: text(100).optional(),
  birthDate: CalendarDay,
  /** As records and payers keep it: FHIR Patient.gender. */
  sex: z.enum(SEXES),
  pronouns: z.enum(PRONOUNS).optional(),
  phones: z.array(z.strictObject({ number: PhoneNumber, use: z.enum(PHONE_USES) })).max(4),
  email: z.email().max(200).optional(),
  address: z
    .strictObject({
      line: text(200),
      line2: text(200).optional(),
      city: text(100),
      state: text(60).optional(),
      postalCode: text(20).optional(),
      country: z.string().regex(/^[A-Z]{2}$/),
    })
    .optional(),
  /** BCP 47, such as `en` or `es-MX`. */
  language: z
    .string()
    .regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/)
    .optional(),
  emergencyContact: z.strictObject({ name: text(150), relation: text(60).optional(), phone: PhoneNumber }).optional(),
});
export type Demographics = z.infer<typeof Demographics>;

/** `text`: parts of a name, a birth date, digits of a phone or a record number, in any order. Never in a URL. */
export const SearchPatients = z.strictObject({ text: z.string().trim().min(1).max(120) });
export type SearchPatients = z.infer<typeof SearchPatients>;

export const NoteRecentPatient = z.strictObject({ patient: recordId });
export type NoteRecentPatient = z.infer<typeof NoteRecentPatient>;

/** `despite`: the likely duplicates that were shown, and why she is none of them. */
export const RegisterPatient = z.strictObject({
  demographics: Demographics,
  despite: z.strictObject({ patients: z.array(recordId).min(1).max(10), reason: text(500) }).optional(),
});
export type RegisterPatient = z.infer<typeof RegisterPatient>;

export const EditPatient = z.strictObject({ demographics: Demographics });
export type EditPatient = z.infer<typeof EditPatient>;

export const ReviewMerge = z.strictObject({ duplicate: recordId });
export type ReviewMerge = z.infer<typeof ReviewMerge>;

/** Versions are those of the Patients that were looked at side by side. */
export const MergePatients = z.strictObject({
  duplicate: recordId,
  versions: z.strictObject({ survivor: z.int().min(1), duplicate: z.int().min(1) }),
  reason: text(2000),
});
export type MergePatients = z.infer<typeof MergePatients>;

export const UnmergePatients = z.strictObject({ reason: text(2000) });
export type UnmergePatients = z.infer<typeof UnmergePatients>;

/** A patient on a list. */
export interface PatientRow {
  readonly state: "value";
  readonly id: string;
  readonly name: { readonly family?: string; readonly given: readonly string[]; readonly preferred?: string };
  readonly birthDate?: string;
  readonly sex?: string;
  /** The clinic's own number. */
  readonly recordNumber?: string;
  readonly phone?: string;
  readonly isActive: boolean;
  /** The chart on which this one's shows. */
  readonly replacedBy?: string;
}
/** Somebody was there, and is not to be seen any more: UIX-4. */
export interface RestrictedPatientRow {
  readonly state: "restricted";
  readonly id: string;
}

export interface SearchPatientsAnswer {
  readonly patients: readonly PatientRow[];
  readonly total: number;
}
export interface RecentPatientsAnswer {
  readonly patients: readonly (PatientRow | RestrictedPatientRow)[];
}

/** Why two patients may be one person, strongest first. */
export const DUPLICATE_RULES = [
  "identifier",
  "name-birth-date",
  "birth-date-phone",
  "birth-date-email",
  "similar-name-birth-date",
  "name-swapped-date",
  "name-phone",
] as const;
export type DuplicateRule = (typeof DUPLICATE_RULES)[number];

export interface PossibleDuplicate {
  readonly patient: PatientRow;
  /** 0 to 100. */
  readonly score: number;
  readonly rules: readonly DuplicateRule[];
}

export interface PatientAnswer {
  readonly patient: PatientRow;
  readonly version: number;
  readonly demographics: Partial<Demographics>;
  /** What the form does not know of her name, address or phones and leaves as it is. */
  readonly hasMore: boolean;
  readonly merge?: {
    readonly replacedBy?: PatientRow;
    readonly replaces: readonly (PatientRow | RestrictedPatientRow)[];
  };
  /** Whether the caller's roles may merge, and undo it. */
  readonly mayMerge: boolean;
}

export type RegisterPatientAnswer =
  | { readonly outcome: "registered"; readonly patient: PatientRow; readonly version: number }
  | { readonly outcome: "possible-duplicates"; readonly duplicates: readonly PossibleDuplicate[] };

export interface MergeReviewAnswer {
  readonly survivor: PatientAnswer;
  readonly duplicate: PatientAnswer;
  readonly rules: readonly DuplicateRule[];
  /** Records of the duplicate that the caller may see, by type: they will show on the survivor. */
  readonly moves: readonly { readonly type: string; readonly count: number }[];
  /** Why it cannot be done now; absent where it can. */
  readonly obstacle?: "merge-chain" | "legal-hold";
}

export interface MergeAnswer {
  readonly survivor: PatientRow;
  readonly version: number;
}

export interface PatientAnswers {
  readonly searchPatients: SearchPatientsAnswer;
  readonly recentPatients: RecentPatientsAnswer;
  readonly noteRecentPatient: RecentPatientsAnswer;
  readonly registerPatient: RegisterPatientAnswer;
  readonly readPatient: PatientAnswer;
  readonly editPatient: PatientAnswer;
  readonly reviewMerge: MergeReviewAnswer;
  readonly mergePatients: MergeAnswer;
  readonly unmergePatients: MergeAnswer;
}
