import type { Finding, VitalFlag, Measure } from "../contract/chart.ts";
import { compare, exact, type Exact } from "./decimal.ts";

const SOURCES = {
  pals: "American Heart Association, Pediatric Advanced Life Support Provider Manual 2020: vital signs in children",
  acc: "2017 ACC/AHA guideline for high blood pressure in adults, table 6; American Heart Association on low blood pressure",
  aap: "American Academy of Pediatrics 2017 guideline for high blood pressure in children, from 13 years as adults",
  rest: "American Heart Association: heart rate at rest; Royal College of Physicians, NEWS2 2017: limits of alarm",
  news: "Royal College of Physicians, National Early Warning Score (NEWS2) 2017",
  fever: "CDC: fever from 38.0 °C (100.4 °F); NEWS2 2017 for the rest",
  infant: "American Academy of Pediatrics 2021 guideline for febrile infants: fever from 38.0 °C",
  oxygen: "MedlinePlus, pulse oximetry: 95 to 100 %; NEWS2 2017: limits of alarm",
  bmi: "CDC, adult body mass index categories, from 20 years",
} as const;

/** In the first unit of the measure. What lies outside of `low` to `high` is flagged; at the critical limits and beyond, as that. */
interface Range {
  readonly what: Measure | "diastolic";
  readonly fromMonths: number;
  readonly untilMonths: number;
  readonly low?: string;
  readonly high?: string;
  readonly criticallyLow?: string;
  readonly criticallyHigh?: string;
  /** From this value on it is called so; the last that is reached. */
  readonly findings?: readonly (readonly [from: string, Finding])[];
  /** What a value below `low` is called. */
  readonly below?: Finding;
  readonly source: keyof typeof SOURCES;
}

const EVER = Number.POSITIVE_INFINITY;
const YEAR = 12;

const child = (
  what: Range["what"],
  rows: readonly (readonly [fromMonths: number, untilMonths: number, low: string, high: string])[],
): readonly Range[] =>
  rows.map(([fromMonths, untilMonths, low, high]) => ({ what, fromMonths, untilMonths, low, high, source: "pals" }));

const PRESSURE = {
  systolic: {
    low: "90",
    high: "119",
    criticallyHigh: "181",
    findings: [
      ["120", "elevated-blood-pressure"],
      ["130", "hypertension-1"],
      ["140", "hypertension-2"],
      ["181", "severe-hypertension"],
    ],
  },
  diastolic: {
    low: "60",
    high: "79",
    criticallyHigh: "121",
    findings: [
      ["80", "hypertension-1"],
      ["90", "hypertension-2"],
      ["121", "severe-hypertension"],
    ],
  },
} as const satisfies Record<string, Partial<Range>>;

const RANGES: readonly Range[] = [
  ...child("blood-pressure", [
    [0, 1, "67", "84"],
    [1, 12, "72", "104"],
    [12, 36, "86", "106"],
    [36, 72, "89", "112"],
    [72, 120, "97", "115"],
    [120, 156, "102", "120"],
  ]),
  ...child("diastolic", [
    [0, 1, "35", "53"],
    [1, 12, "37", "56"],
    [12, 36, "42", "63"],
    [36, 72, "46", "72"],
    [72, 120, "57", "76"],
    [120, 156, "61", "80"],
  ]),
  { what: "blood-pressure", fromMonths: 156, untilMonths: 18 * YEAR, ...PRESSURE.systolic, source: "aap" },
  { what: "diastolic", fromMonths: 156, untilMonths: 18 * YEAR, ...PRESSURE.diastolic, source: "aap" },
  { what: "blood-pressure", fromMonths: 18 * YEAR, untilMonths: EVER, ...PRESSURE.systolic, source: "acc" },
  { what: "diastolic", fromMonths: 18 * YEAR, untilMonths: EVER, ...PRESSURE.diastolic, source: "acc" },
  ...child("heart-rate", [
    [0, 1, "100", "205"],
    [1, 12, "100", "180"],
    [12, 36, "98", "140"],
    [36, 72, "80", "120"],
    [72, 144, "75", "118"],
    [144, 18 * YEAR, "60", "100"],
  ]),
  {
    what: "heart-rate",
    fromMonths: 18 * YEAR,
    untilMonths: EVER,
    low: "60",
    high: "100",
    criticallyLow: "40",
    criticallyHigh: "131",
    source: "rest",
  },
  ...child("respiratory-rate", [
    [0, 12, "30", "53"],
    [12, 36, "22", "37"],
    [36, 72, "20", "28"],
    [72, 144, "18", "25"],
    [144, 18 * YEAR, "12", "20"],
  ]),
  {
    what: "respiratory-rate",
    fromMonths: 18 * YEAR,
    untilMonths: EVER,
    low: "12",
    high: "20",
    criticallyLow: "8",
    criticallyHigh: "25",
    source: "news",
  },
  {
    what: "temperature",
    fromMonths: 0,
    untilMonths: 3,
    low: "36.1",
    high: "37.9",
    criticallyHigh: "38.0",
    findings: [["38.0", "fever"]],
    source: "infant",
  },
  {
    what: "temperature",
    fromMonths: 3,
    untilMonths: EVER,
    low: "36.1",
    high: "37.9",
    criticallyLow: "35.0",
    findings: [["38.0", "fever"]],
    source: "fever",
  },
  {
    what: "oxygen-saturation",
    fromMonths: 0,
    untilMonths: EVER,
    low: "95",
    high: "100",
    criticallyLow: "91",
    source: "oxygen",
  },
  {
    what: "bmi",
    fromMonths: 20 * YEAR,
    untilMonths: EVER,
    low: "18.5",
    high: "24.9",
    below: "underweight",
    findings: [
      ["25.0", "overweight"],
      ["30.0", "obesity"],
    ],
    source: "bmi",
  },
];

export interface Interpretation {
  readonly flag: VitalFlag;
  readonly finding?: Finding;
  readonly low?: string;
  readonly high?: string;
  readonly source?: string;
}

const reaches = (value: Exact, limit: string | undefined): boolean =>
  limit !== undefined && compare(value, exact(limit)) >= 0;

function flagOf(value: Exact, range: Range): VitalFlag {
  const isBelow = (limit: string | undefined, orAt: boolean): boolean =>
    limit !== undefined && compare(value, exact(limit)) < (orAt ? 1 : 0);
  if (isBelow(range.criticallyLow, true)) return "critically-low";
  if (reaches(value, range.criticallyHigh)) return "critically-high";
  if (isBelow(range.low, false)) return "low";
  return range.high !== undefined && compare(value, exact(range.high)) > 0 ? "high" : "normal";
}

/**
 * How a value lies to the range of an age. Without an age, or where no source gives a range for it, `no-range`: nothing is
 * called normal that nobody has judged.
 * @param value In the first unit of the measure, rounded as it is shown: 37.95 is shown as 38.0, and is a fever.
 */
export function interpret(what: Range["what"], value: Exact, months: number | undefined): Interpretation {
  const range =
    months === undefined
      ? undefined
      : RANGES.find((each) => each.what === what && each.fromMonths <= months && months < each.untilMonths);
  if (range === undefined) return { flag: "no-range" };
  const { low, high } = range;
  const flag = flagOf(value, range);
  const reached = range.findings?.findLast(([from]) => reaches(value, from))?.[1];
  const finding = flag === "low" || flag === "critically-low" ? range.below : reached;
  return {
    flag,
    source: SOURCES[range.source],
    ...(finding !== undefined && { finding }),
    ...(low !== undefined && { low }),
    ...(high !== undefined && { high }),
  };
}

const GRAVITY: readonly VitalFlag[] = ["no-range", "normal", "low", "high", "critically-low", "critically-high"];
const FINDING_GRAVITY: readonly Finding[] = [
  "elevated-blood-pressure",
  "hypertension-1",
  "hypertension-2",
  "severe-hypertension",
];

/** A blood pressure is as grave as the graver of its two numbers. */
export function interpretPressure(systolic: Exact, diastolic: Exact, months: number | undefined): Interpretation {
  const both = [interpret("blood-pressure", systolic, months), interpret("diastolic", diastolic, months)] as const;
  const [upper, lower] = both;
  const [flag = "no-range"] = both
    .map((each) => each.flag)
    .toSorted((left, right) => GRAVITY.indexOf(right) - GRAVITY.indexOf(left));
  const [finding] = both
    .flatMap((each) => each.finding ?? [])
    .toSorted((left, right) => FINDING_GRAVITY.indexOf(right) - FINDING_GRAVITY.indexOf(left));
  const join = (left: string | undefined, right: string | undefined): string | undefined =>
    left === undefined || right === undefined ? undefined : `${left}/${right}`;
  const [low, high] = [join(upper.low, lower.low), join(upper.high, lower.high)];
  return {
    flag,
    ...(upper.source !== undefined && { source: upper.source }),
    ...(finding !== undefined && { finding }),
    ...(low !== undefined && { low }),
    ...(high !== undefined && { high }),
  };
}
