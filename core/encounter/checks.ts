import type { CheckRule, NoteCheckView } from "../contract/index.ts";
import type { NoteBody } from "./note-body.ts";

/** What the chart says that a note is checked against. */
export interface CheckFacts {
  /** Vital signs that were measured at the visit. */
  readonly hasVitals: boolean;
  /** Whether anybody has written down an allergy, or that there is none. */
  readonly hasAllergies: boolean;
}

interface Rule {
  readonly rule: CheckRule;
  /** Undefined where the note does not ask for it. */
  readonly weight: (body: NoteBody) => NoteCheckView["weight"] | undefined;
  /** Where it is not met. */
  readonly unmet: (body: NoteBody, facts: CheckFacts) => readonly NoteCheckView["at"][];
}

const must = () => "must" as const;
const asked = (ask: "no" | "should" | "must"): NoteCheckView["weight"] | undefined => (ask === "no" ? undefined : ask);
const sectionsWhere = (body: NoteBody, isOne: (section: NoteBody["sections"][number]) => boolean) =>
  body.sections.filter(isOne).map(({ key, title }) => ({ section: key, title }));
const isEmpty = ({ text }: { readonly text: string }): boolean => text.trim() === "";
/** A place that a snippet left to be filled. */
const PLACEHOLDER = /\*{3}/;

/** What is looked at before a note is signed, one line each. */
const RULES: readonly Rule[] = [
  {
    rule: "nothing-written",
    weight: must,
    unmet: (body) => (body.sections.every(isEmpty) ? sectionsWhere(body, () => true).slice(0, 1) : []),
  },
  {
    rule: "required-section",
    weight: must,
    unmet: (body) => sectionsWhere(body, (section) => section.isRequired && isEmpty(section)),
  },
  {
    rule: "carried-unconfirmed",
    weight: must,
    unmet: (body) => sectionsWhere(body, ({ carried }) => carried?.isConfirmed === false),
  },
  {
    rule: "placeholder-left",
    weight: must,
    unmet: (body) => sectionsWhere(body, ({ text }) => PLACEHOLDER.test(text)),
  },
  {
    rule: "vitals-missing",
    weight: ({ asks }) => asked(asks.vitals),
    unmet: (_body, { hasVitals }) => (hasVitals ? [] : [{ tab: "vitals" }]),
  },
  {
    rule: "allergies-not-recorded",
    weight: ({ asks }) => asked(asks.allergies),
    unmet: (_body, { hasAllergies }) => (hasAllergies ? [] : [{ tab: "allergies" }]),
  },
  {
    rule: "allergies-not-reviewed",
    weight: ({ asks }) => asked(asks.allergies),
    unmet: ({ attested }) => (attested.includes("allergies-reviewed") ? [] : [{ tab: "allergies" }]),
  },
];

/** Everything that stands between a note and a signature, in the order in which it is shown. */
export const checksOf = (body: NoteBody, facts: CheckFacts): readonly NoteCheckView[] =>
  RULES.flatMap(({ rule, weight, unmet }) => {
    const own = weight(body);
    return own === undefined ? [] : unmet(body, facts).map((at) => ({ rule, weight: own, at }));
  });

/** Whether it may be signed by who has read these warnings. */
export const isReady = (checks: readonly NoteCheckView[], acknowledged: readonly string[]): boolean =>
  checks.every(({ rule, weight }) => weight === "should" && acknowledged.includes(rule));
