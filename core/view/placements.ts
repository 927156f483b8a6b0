import { CONSUMERS, type Consumer } from "./consumer.ts";
import { type AnySection, type Column } from "./columns.ts";
import { type ColumnName, SECTIONS, type SectionName } from "./model.ts";

/**
 * `V` value, `M` masked, `R` restricted: said to be withheld, whether or not there is something; `H` hidden: the bytes of
 * an absent field, whether or not there is something.
 */
export type Placement = "V" | "M" | "R" | "H";
export type PlacedFor = Readonly<Record<Consumer, Placement>>;

/** Every field of the model: one that stands in it and not here does not compile. */
export type Placements = {
  readonly [S in SectionName]: { readonly [F in ColumnName<S>]: PlacedFor };
};

const place = (
  clinician: Placement,
  nurse: Placement,
  frontDesk: Placement,
  billing: Placement,
  auditor: Placement,
  patient: Placement,
  integration: Placement,
  referralPartner: Placement,
): PlacedFor => ({
  clinician,
  nurse,
  "front-desk": frontDesk,
  billing,
  auditor,
  patient,
  integration,
  "referral-partner": referralPartner,
});

const CARE = place("V", "V", "R", "R", "R", "V", "V", "V");
/** A clinician's own words: no system and no other clinic has a need of them unasked. */
const WORDS = place("V", "V", "R", "R", "R", "V", "R", "R");
const CLAIM = place("V", "R", "R", "V", "R", "V", "V", "H");
/** Of what is segmented an office, a system or another clinic does not even learn that it could be. */
const SEGMENTED = place("V", "V", "H", "H", "R", "V", "H", "H");
/** 45 CFR 164.501, 164.508(a)(2), 164.524(a)(1)(i): the author's, and nobody's by role. */
const PSYCHOTHERAPY = place("V", "R", "H", "H", "R", "R", "H", "H");

/**
 * Which field each consumer sees: the minimum necessary, 45 CFR 164.502(b) and 164.514(d), one line a field. What a grant
 * does not reach, or consent withholds, is restricted however it is placed.
 */
export const PLACEMENTS: Placements = {
  //                      clinician nurse desk billing auditor patient integration referral
  banner: {
    name: place(/*       */ "V", "V", "V", "V", "R", "V", "V", "V"),
    birthDate: place(/*  */ "V", "V", "V", "V", "M", "V", "V", "V"),
    sex: place(/*        */ "V", "V", "V", "V", "R", "V", "V", "V"),
    // How somebody is spoken to.
    pronouns: place(/*   */ "V", "V", "V", "V", "R", "V", "V", "V"),
    identifiers: place(/**/ "V", "V", "V", "M", "M", "V", "V", "M"),
    allergies: place(/*  */ "V", "V", "R", "R", "R", "V", "V", "V"),
  },
  demographics: {
    address: place(/*            */ "V", "V", "V", "V", "R", "V", "V", "M"),
    telecom: place(/*            */ "V", "V", "V", "M", "R", "V", "V", "M"),
    language: place(/*           */ "V", "V", "V", "R", "R", "V", "V", "V"),
    maritalStatus: place(/*      */ "V", "V", "R", "R", "R", "V", "R", "H"),
    deceased: place(/*           */ "V", "V", "V", "V", "R", "V", "V", "V"),
    generalPractitioner: place(/**/ "V", "V", "V", "R", "R", "V", "V", "V"),
  },
  contacts: {
    name: place(/*        */ "V", "V", "V", "R", "R", "V", "R", "H"),
    relationship: place(/**/ "V", "V", "V", "R", "R", "V", "R", "H"),
    telecom: place(/*     */ "V", "V", "V", "R", "R", "V", "R", "H"),
  },
  coverage: {
    ref: CLAIM,
    payor: CLAIM,
    memberId: place(/*    */ "M", "R", "R", "V", "R", "V", "V", "H"),
    plan: CLAIM,
    period: CLAIM,
    status: CLAIM,
  },
  problems: { ref: CARE, code: CARE, status: CARE, verification: CARE, onset: CARE, note: WORDS },
  allergies: { ref: CARE, code: CARE, status: CARE, criticality: CARE, reactions: CARE, note: WORDS },
  medications: { ref: CARE, medication: CARE, status: CARE, dosage: CARE, date: CARE, note: WORDS },
  immunizations: { ref: CARE, vaccine: CARE, status: CARE, date: CARE },
  vitals: { ref: CARE, code: CARE, value: CARE, date: CARE },
  results: { ref: CARE, code: CARE, value: CARE, interpretation: CARE, date: CARE, note: WORDS },
  encounters: {
    ref: place(/*     */ "V", "V", "R", "V", "R", "V", "V", "V"),
    period: place(/*  */ "V", "V", "R", "V", "R", "V", "V", "V"),
    service: place(/* */ "V", "V", "R", "V", "R", "V", "V", "V"),
    status: CARE,
    reason: place(/*  */ "V", "V", "R", "R", "R", "V", "V", "V"),
    note: WORDS,
  },
  appointments: {
    ref: place(/*    */ "V", "V", "V", "R", "R", "V", "V", "H"),
    start: place(/*  */ "V", "V", "V", "R", "R", "V", "V", "H"),
    end: place(/*    */ "V", "V", "V", "R", "R", "V", "V", "H"),
    status: place(/* */ "V", "V", "V", "R", "R", "V", "V", "H"),
    service: place(/**/ "V", "V", "V", "R", "R", "V", "V", "H"),
    with: place(/*   */ "V", "V", "V", "R", "R", "V", "V", "H"),
    // Why somebody comes is as telling as a diagnosis.
    reason: place(/* */ "V", "V", "R", "R", "R", "V", "R", "H"),
  },
  documents: { ref: CARE, type: CARE, title: WORDS, date: CARE, status: CARE },
  notes: { ref: WORDS, type: WORDS, title: WORDS, date: WORDS, author: WORDS, text: WORDS },
  psychotherapyNotes: {
    ref: PSYCHOTHERAPY,
    title: PSYCHOTHERAPY,
    date: PSYCHOTHERAPY,
    author: PSYCHOTHERAPY,
    text: PSYCHOTHERAPY,
  },
  substanceUse: {
    ref: SEGMENTED,
    type: SEGMENTED,
    summary: SEGMENTED,
    date: SEGMENTED,
    text: SEGMENTED,
    labels: SEGMENTED,
  },
  otherSegmented: {
    ref: SEGMENTED,
    type: SEGMENTED,
    summary: SEGMENTED,
    date: SEGMENTED,
    text: SEGMENTED,
    labels: SEGMENTED,
  },
  billing: {
    ref: CLAIM,
    type: CLAIM,
    status: CLAIM,
    date: CLAIM,
    diagnosis: CLAIM,
    service: CLAIM,
    total: place(/*  */ "R", "R", "R", "V", "R", "V", "V", "H"),
    outcome: place(/**/ "R", "R", "R", "V", "R", "V", "V", "H"),
  },
  careTeam: { member: CARE, role: CARE, period: CARE },
  consents: {
    ref: place(/*     */ "V", "V", "R", "R", "V", "V", "R", "H"),
    status: place(/*  */ "V", "V", "R", "R", "V", "V", "R", "H"),
    scope: place(/*   */ "V", "V", "R", "R", "V", "V", "R", "H"),
    decision: place(/**/ "V", "V", "R", "R", "V", "V", "R", "H"),
    period: place(/*  */ "V", "V", "R", "R", "V", "V", "R", "H"),
    labels: place(/*  */ "V", "R", "R", "R", "R", "V", "R", "H"),
  },
};

type Model = Readonly<Record<string, Pick<AnySection, "columns">>>;
type Table = Readonly<Record<string, Readonly<Record<string, Partial<PlacedFor>>> | undefined>>;

/**
 * What is wrong between a model and its placements, one sentence each: a field that nobody has decided on, one that is
 * placed and does not exist, and one that is to be masked and cannot be.
 */
export function misplaced(model: Model = SECTIONS, placements: Table = PLACEMENTS): string[] {
  const found: string[] = [];
  const names = new Set([...Object.keys(model), ...Object.keys(placements)]);
  for (const section of names) {
    const columns: Readonly<Record<string, Column>> = model[section]?.columns ?? {};
    const placed = placements[section] ?? {};
    for (const field of new Set([...Object.keys(columns), ...Object.keys(placed)])) {
      const column = columns[field];
      if (column === undefined) found.push(`${section}.${field} is placed and not in the model`);
      for (const consumer of CONSUMERS) {
        const placement = placed[field]?.[consumer];
        if (column !== undefined && placement === undefined) {
          found.push(`${section}.${field} is not placed for ${consumer}`);
        }
        if (placement === "M" && column?.mask === undefined) {
          found.push(`${section}.${field} is masked for ${consumer} and has no mask`);
        }
      }
    }
  }
  return found;
}
