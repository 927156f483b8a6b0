import { CONFIDENTIALITY_LEVELS, type Confidentiality } from "./compiled.ts";

/** 42 CFR 2.32(a)(2): the short form of the notice that goes with each disclosure. */
export const REDISCLOSURE_NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records.";

/** 42 CFR 2.11 "records": substance use disorder, by whichever label. */
const PART_2 = ["42CFRPart2", "SUD", "ETH", "ETHUD", "OPIOIDUD"] as const;

/** True where a record with these labels is one of 42 CFR Part 2. */
export const isPart2 = (labels: readonly string[]): boolean =>
  labels.some((label) => PART_2.some((code) => code === label));

const BEHAVIORAL = ["COGN", "DVD", "EMOTDIS", "MH", "PSY", "PSYTHPN", ...PART_2] as const;

/**
 * What a denial of a label covers besides the label: everything that could be meant. ActInformationSensitivityPolicy of
 * v3-ActCode, wider where the code system lists as siblings what a patient would not part.
 */
const DENIED_WITH: Readonly<Record<string, readonly string[]>> = {
  SPI: ["BH", ...BEHAVIORAL],
  BH: BEHAVIORAL,
  MH: ["EMOTDIS", "PSY", "PSYTHPN"],
  PSY: ["PSYTHPN"],
  "42CFRPart2": PART_2,
  SUD: PART_2,
  ETH: PART_2,
  VIO: ["SDV"],
  GDIS: ["SICKLE"],
};

/**
 * What a permit of a label covers besides the label: what surely was meant. Nothing reaches psychotherapy notes, and no
 * wider category reaches substance use: both are named or not permitted (45 CFR 164.508(a)(2), 42 CFR 2.31(a)(3)).
 */
const PERMITTED_WITH: Readonly<Record<string, readonly string[]>> = {
  SPI: ["BH", "COGN", "DVD", "EMOTDIS", "MH", "PSY"],
  BH: ["COGN", "DVD", "EMOTDIS", "MH", "PSY"],
  "42CFRPart2": PART_2,
  SUD: PART_2,
  ETH: PART_2,
};

/** Never opened by a consent that does not name them: psychotherapy notes, and what was put under quarantine. */
const NAMED_ONLY: ReadonlySet<string> = new Set(["PSYTHPN", "V"]);
export const mustBeNamed = (label: string): boolean => NAMED_ONLY.has(label);

/** Psychotherapy notes; with a label of Part 2 beside it, substance use disorder counseling notes (42 CFR 2.11). */
export const isTherapyNote = (label: string): boolean => label === "PSYTHPN";

/** Whether a rule that lists `named` covers `label`, for its effect. */
export function coversLabel(named: readonly string[], label: string, effect: "permit" | "deny"): boolean {
  const wider = effect === "deny" ? DENIED_WITH : PERMITTED_WITH;
  return named.some((code) => code === label || wider[code]?.includes(label) === true);
}

/** A label's own level: what is of a special category is restricted at least. `undefined` stands for no label. */
export function levelOf(label: string | undefined): Confidentiality {
  if (label === undefined) return "N";
  return CONFIDENTIALITY_LEVELS.find((level) => level === label) ?? "R";
}

export const isAtMost = (level: Confidentiality, mark: Confidentiality): boolean =>
  CONFIDENTIALITY_LEVELS.indexOf(level) <= CONFIDENTIALITY_LEVELS.indexOf(mark);
