import type { ConsentFormName, SharedPart, RestrictedPart } from "../contract/index.ts";
import type { RecordClass } from "../kernel/data-class.ts";

/** A form of the portal: what it is as a FHIR Consent, and who records it by which action of policy. */
export interface ConsentForm {
  readonly form: ConsentFormName;
  readonly effect: "permit" | "deny";
  /** Asked of policy besides `consent.record`. */
  readonly action: `consent.${string}`;
  /** The law whose elements the form has: `Consent.policy.uri`. */
  readonly law: string;
  readonly scope: "patient-privacy" | "research";
  /** LOINC, `Consent.category`. */
  readonly category: string;
}

const ECFR = "https://www.ecfr.gov/current";
const PATIENT_CONSENT = "59284-0";
const RELEASE_OF_INFORMATION = "64292-6";

/** In the order in which a clinic needs them. */
export const FORMS: readonly ConsentForm[] = [
  {
    form: "share",
    effect: "permit",
    action: "consent.share",
    law: `${ECFR}/title-45/section-164.508`,
    scope: "patient-privacy",
    category: RELEASE_OF_INFORMATION,
  },
  {
    form: "restrict",
    effect: "deny",
    action: "consent.restrict",
    law: `${ECFR}/title-45/section-164.522`,
    scope: "patient-privacy",
    category: PATIENT_CONSENT,
  },
  {
    form: "substance-use",
    effect: "permit",
    action: "consent.substance-use",
    law: `${ECFR}/title-42/section-2.31`,
    scope: "patient-privacy",
    category: RELEASE_OF_INFORMATION,
  },
  {
    form: "research",
    effect: "permit",
    action: "consent.research",
    law: `${ECFR}/title-45/section-164.508`,
    scope: "research",
    category: PATIENT_CONSENT,
  },
  {
    form: "therapy-notes",
    effect: "permit",
    action: "consent.therapy-notes",
    law: `${ECFR}/title-45/section-164.508`,
    scope: "patient-privacy",
    category: RELEASE_OF_INFORMATION,
  },
];

/** What a part of a chart is in a provision: classes of records, or sensitivity labels of v3-ActCode. Never both. */
export interface Matter {
  readonly classes?: readonly RecordClass[];
  readonly labels?: readonly string[];
}

export const SUBSTANCE_USE: Matter = { labels: ["42CFRPart2"] };
export const THERAPY_NOTES: Matter = { labels: ["PSYTHPN"] };

/**
 * A permit by label opens that category alone. None of them opens substance use or psychotherapy notes, which have forms
 * of their own.
 */
export const SHARED: Readonly<Record<SharedPart, Matter>> = {
  clinical: { classes: ["C", "D"] },
  billing: { classes: ["B", "D"] },
  "mental-health": { labels: ["BH"] },
  hiv: { labels: ["HIV"] },
  "sexual-health": { labels: ["SEX", "STD"] },
  genetic: { labels: ["GDIS"] },
  violence: { labels: ["VIO", "SDV"] },
};

export const RESTRICTED: Readonly<Record<RestrictedPart, Matter>> = {
  everything: {},
  clinical: { classes: ["C", "S"] },
  billing: { classes: ["B"] },
  protected: { classes: ["S"] },
};

export const formOf = (name: ConsentFormName): ConsentForm => {
  const found = FORMS.find(({ form }) => form === name);
  if (found === undefined) throw new TypeError("every form of the contract has its definition");
  return found;
};
