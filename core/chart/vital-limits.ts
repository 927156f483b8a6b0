import type { Measure } from "../contract/chart.ts";
import { ageInMonths } from "./age.ts";
import { compare, exact, type Exact } from "./decimal.ts";

/**
 * What a measurement can be. `possible`: outside of it the entry is refused. `likely`: outside of it somebody looks
 * again and says so. Both only catch slips of the hand; what is healthy stands in vital-ranges.ts. In the first unit of
 * the measure, ends included.
 */
interface Limits {
  readonly possible: readonly [string, string];
  readonly likely: readonly { readonly untilMonths: number; readonly between: readonly [string, string] }[];
}

const EVER = Number.POSITIVE_INFINITY;
const always = (low: string, high: string) => [{ untilMonths: EVER, between: [low, high] as const }];

/** Our own: set wide enough that no value which a patient can have is refused. */
const LIMITS: Readonly<Record<Exclude<Measure, "bmi"> | "diastolic", Limits>> = {
  "blood-pressure": {
    possible: ["20", "350"],
    likely: [
      { untilMonths: 12, between: ["50", "130"] },
      { untilMonths: 156, between: ["65", "160"] },
      { untilMonths: EVER, between: ["70", "230"] },
    ],
  },
  diastolic: { possible: ["10", "250"], likely: always("25", "140") },
  "heart-rate": {
    possible: ["10", "350"],
    likely: [
      { untilMonths: 24, between: ["70", "230"] },
      { untilMonths: EVER, between: ["35", "180"] },
    ],
  },
  "respiratory-rate": {
    possible: ["2", "120"],
    likely: [
      { untilMonths: 24, between: ["15", "80"] },
      { untilMonths: EVER, between: ["8", "45"] },
    ],
  },
  temperature: { possible: ["25", "45"], likely: always("34", "41") },
  "oxygen-saturation": { possible: ["30", "100"], likely: always("80", "100") },
  height: {
    possible: ["20", "275"],
    likely: [
      { untilMonths: 12, between: ["35", "90"] },
      { untilMonths: 60, between: ["60", "130"] },
      { untilMonths: 156, between: ["85", "190"] },
      { untilMonths: EVER, between: ["120", "220"] },
    ],
  },
  weight: {
    possible: ["0.3", "650"],
    likely: [
      { untilMonths: 12, between: ["1.5", "15"] },
      { untilMonths: 60, between: ["5", "40"] },
      { untilMonths: 156, between: ["12", "110"] },
      { untilMonths: EVER, between: ["30", "250"] },
    ],
  },
  pain: { possible: ["0", "10"], likely: always("0", "10") },
  "head-circumference": { possible: ["15", "70"], likely: always("28", "62") },
};

const isWithin = (value: Exact, [low, high]: readonly [string, string]): boolean =>
  compare(value, exact(low)) >= 0 && compare(value, exact(high)) <= 0;

export type Plausibility = "likely" | "unlikely" | "impossible";

/**
 * How plausible a value is at an age; an unknown age is taken for an adult's.
 * @param value In the first unit of the measure.
 */
export function plausibility(
  what: keyof typeof LIMITS,
  value: Exact,
  birthDate: string | undefined,
  day: string,
): Plausibility {
  const { possible, likely } = LIMITS[what];
  if (!isWithin(value, possible)) return "impossible";
  const months = ageInMonths(birthDate, day) ?? EVER;
  const band = likely.find(({ untilMonths }) => months < untilMonths) ?? likely.at(-1);
  return band === undefined || isWithin(value, band.between) ? "likely" : "unlikely";
}
