import type { Measure, UnitSystem } from "./measures.ts";
import type { ListName, Move } from "./codes.ts";

/** What the chart's screens get. Every part that can be withheld says so itself: a browser decides and masks nothing. */

/** A field in one of the six states of core/view. */
export type Shown<T> =
  | { readonly state: "value"; readonly value: T }
  | { readonly state: "masked"; readonly value: unknown }
  | {
      readonly state: "restricted";
      readonly reason: "minimum-necessary" | "consent" | "no-right-of-access";
      readonly howToAsk: "ask-the-clinician" | "ask-the-patient" | "privacy-officer";
    }
  | { readonly state: "absent" }
  | { readonly state: "unavailable"; readonly reason: "not-read" }
  | { readonly state: "stale"; readonly value: unknown; readonly asOf: string };

export interface CodedText {
  readonly text: string;
  readonly code?: string;
  readonly system?: string;
}

/** Who did it, when, and why where that was said. */
export interface Stamp {
  readonly by?: string;
  /** An instant, or a day where the record says no more. */
  readonly at?: string;
  readonly reason?: string;
}

/** What every item of a list says. */
export interface ItemFacts {
  readonly id: string;
  readonly version: number;
  /** Of the list's own states: `active`, `resolved`, `on-hold`, `stopped`, `entered-in-error` and so on. */
  readonly state: string;
  readonly isActive: boolean;
  readonly recorded: Stamp;
  /** The newest change, where there was one. */
  readonly changed?: Stamp;
  /** The moves that its state allows and that the caller may make now. */
  readonly moves: readonly Move[];
  readonly isEditable: boolean;
  /** A part of it is withheld from the caller. */
  readonly isPartial?: boolean;
  readonly note?: string;
}

export interface ProblemItem extends ItemFacts {
  readonly problem: CodedText;
  readonly verification?: string;
  readonly severity?: string;
  readonly onset?: string;
  readonly ended?: string;
}

export interface ReactionShown {
  readonly manifestation: CodedText;
  readonly severity?: string;
}

export interface AllergyItem extends ItemFacts {
  readonly substance: CodedText;
  readonly type?: string;
  readonly category?: string;
  readonly criticality?: string;
  readonly verification?: string;
  readonly reactions: readonly ReactionShown[];
  readonly onset?: string;
}

/** Somebody's statement that no allergies are known. */
export interface NoneKnown extends ItemFacts {
  readonly about: "any" | "drug" | "food" | "environment";
}

export interface MedicationItem extends ItemFacts {
  readonly medication: CodedText;
  readonly kind: "prescribed" | "reported";
  readonly dosage?: string;
  readonly started?: string;
  readonly prescriber?: string;
  readonly purpose?: string;
}

export interface ImmunizationItem extends ItemFacts {
  readonly vaccine: CodedText;
  readonly date?: string;
  readonly source: "here" | "reported";
  readonly lot?: string;
  readonly expires?: string;
  readonly manufacturer?: string;
  readonly site?: CodedText;
  readonly route?: CodedText;
  readonly doseMl?: string;
  readonly doseNumber?: string;
  readonly refusal?: CodedText;
  readonly givenBy?: string;
}

export interface Reconciled extends Stamp {
  readonly source: "patient" | "caregiver" | "document";
}

/** A list as one card: its items in one state of a field, and what the caller may do with it. */
export interface ListCard<T> {
  readonly items: Shown<readonly T[]>;
  readonly mayAdd: boolean;
  readonly mayReconcile: boolean;
  readonly reconciled?: Reconciled;
}

export interface AllergyCard extends ListCard<AllergyItem> {
  /** Absent where nobody has stated it: an empty list is "nothing recorded", which is another thing. */
  readonly noneKnown: readonly NoneKnown[];
  /** A statement and an active allergy contradict each other, as records from elsewhere can. */
  readonly isContradicted: boolean;
}

/** Records of special categories stand apart; their card is the same whether or not there is something. */
export interface SegmentedItem {
  readonly ref: string;
  readonly type?: string;
  readonly summary?: string;
  readonly date?: string;
}
export interface SegmentedCard {
  readonly category: "psychotherapy" | "substance-use" | "other";
  readonly items: Shown<readonly SegmentedItem[]>;
}

export interface ChartLists {
  readonly patient: string;
  readonly at: string;
  readonly problems: ListCard<ProblemItem>;
  readonly allergies: AllergyCard;
  readonly medications: ListCard<MedicationItem>;
  readonly immunizations: ListCard<ImmunizationItem>;
  readonly segmented: readonly SegmentedCard[];
}

export type BannerAlert =
  | { readonly kind: "hold"; readonly mode: "frozen" | "restricted" }
  | { readonly kind: "break-glass"; readonly expiresAt: string }
  | { readonly kind: "consent" }
  | { readonly kind: "allergies-contradicted" }
  | { readonly kind: "merged-into"; readonly patient: string }
  | { readonly kind: "inactive" }
  | { readonly kind: "deceased"; readonly on?: string };

export interface BannerAllergies {
  readonly kind: "recorded" | "none-known" | "not-recorded";
  readonly items: readonly {
    readonly id: string;
    readonly text: string;
    readonly criticality?: string;
    readonly reactions: readonly string[];
  }[];
  /** Who stated that none are known, and when. */
  readonly stated?: Stamp;
}

export interface BannerVisit {
  readonly ref?: string;
  readonly start: string;
  readonly service?: string;
  readonly with?: string;
}

export interface ConsentBadge {
  /** Consents in force, and how many of them hold something back. */
  readonly active: number;
  readonly denying: number;
}

/** Whose chart it is, for the role that looks: sticky over every tab of it. */
export interface ChartBanner {
  readonly patient: string;
  readonly at: string;
  readonly name: Shown<string>;
  readonly pronouns: Shown<string>;
  readonly birthDate: Shown<string>;
  /** Years; months below two years, days below two months. */
  readonly age: Shown<{ readonly count: number; readonly unit: "years" | "months" | "days" }>;
  readonly sex: Shown<string>;
  readonly recordNumber: Shown<string>;
  readonly allergies: Shown<BannerAllergies>;
  readonly nextVisit: Shown<BannerVisit>;
  readonly lastVisit: Shown<BannerVisit>;
  readonly consent: Shown<ConsentBadge>;
  readonly alerts: readonly BannerAlert[];
  /** What the caller may do from the banner. */
  readonly mayRecordVitals: boolean;
}

export const VITAL_FLAGS = ["normal", "low", "high", "critically-low", "critically-high", "no-range"] as const;
export type VitalFlag = (typeof VITAL_FLAGS)[number];

/** Names of what a value is called beside high and low: the screen has the words. */
export const FINDINGS = [
  "elevated-blood-pressure",
  "hypertension-1",
  "hypertension-2",
  "severe-hypertension",
  "fever",
  "underweight",
  "overweight",
  "obesity",
] as const;
export type Finding = (typeof FINDINGS)[number];

/** One number as it was entered and in the other unit of its measure. */
export interface Reading {
  readonly value: string;
  /** UCUM, and as people write it. */
  readonly unit: string;
  readonly label: string;
  readonly isEntered: boolean;
}

export interface VitalCell {
  readonly id: string;
  readonly version: number;
  readonly measure: Measure;
  /** By unit system; a blood pressure reads `128/82`. */
  readonly shown: Readonly<Record<UnitSystem, Reading>>;
  /** For the trend, in the shown units: one number, or systolic and diastolic. */
  readonly points: Readonly<Record<UnitSystem, readonly number[]>>;
  readonly flag: VitalFlag;
  readonly finding?: Finding;
  /** In the shown units. */
  readonly range?: Readonly<Record<UnitSystem, string>>;
  readonly source?: string;
  readonly state: "final" | "corrected" | "entered-in-error" | "preliminary";
  readonly recorded: Stamp;
  readonly changed?: Stamp;
  readonly mayCorrect: boolean;
}

export interface VitalColumn {
  /** The instant of measurement, as the records say it. */
  readonly at: string;
  readonly cells: readonly VitalCell[];
}

export interface VitalsSheet {
  readonly patient: string;
  readonly at: string;
  /** Newest first. */
  readonly columns: Shown<readonly VitalColumn[]>;
  readonly mayRecord: boolean;
  /** Whether a head circumference is measured at this age. */
  readonly isInfant: boolean;
}

export const TIMELINE_KINDS = [
  "notes",
  "encounters",
  "results",
  "vitals",
  "medications",
  "immunizations",
  "problems",
  "documents",
  "appointments",
] as const;
export type TimelineKind = (typeof TIMELINE_KINDS)[number];

export interface TimelineEntry {
  readonly kind: TimelineKind;
  readonly ref?: string;
  /** FHIR date or dateTime, as precise as the record. */
  readonly date?: string;
  readonly title: string;
  readonly detail?: string;
  readonly status?: string;
}

export interface Timeline {
  readonly patient: string;
  readonly entries: readonly TimelineEntry[];
  readonly next?: string;
  /** Of each kind that was asked for: whether it is in `entries`, or why not. */
  readonly kinds: Readonly<Partial<Record<TimelineKind, Exclude<Shown<number>, { state: "masked" | "stale" }>>>>;
}

/** A version of one item: what was so, who wrote it and why. */
export interface ItemVersion extends Stamp {
  readonly version: number;
  readonly state: string;
  readonly title: string;
}
export interface ItemHistory {
  readonly list: ListName;
  readonly versions: readonly ItemVersion[];
}

/** What a write left in the chart. */
export interface ChartWritten {
  readonly written: readonly { readonly type: string; readonly id: string; readonly version: number }[];
}

export interface ChartAnswers {
  readonly readBanner: ChartBanner;
  readonly readLists: ChartLists;
  readonly readItemHistory: ItemHistory;
  readonly readTimeline: Timeline;
  readonly readVitals: VitalsSheet;
  readonly addProblem: ChartWritten;
  readonly addAllergy: ChartWritten;
  readonly stateNoneKnown: ChartWritten;
  readonly addMedication: ChartWritten;
  readonly addImmunization: ChartWritten;
  readonly changeItem: ChartWritten;
  readonly moveItem: ChartWritten;
  readonly reconcileList: ChartWritten;
  readonly recordVitals: ChartWritten;
  readonly correctVital: ChartWritten;
}
