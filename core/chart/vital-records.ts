import type { Measure, Measured, VitalEntry } from "../contract/chart.ts";
import { keepLexeme, lexemeOf } from "../fhir/decimal.ts";
import type { JsonObject } from "../fhir/index.ts";
import { ageInMonths } from "./age.ts";
import { type Exact, exact, over, parseDecimal, rounded, times } from "./decimal.ts";
import { defined, listOf, textOf } from "./elements.ts";
import { digitsOf, inFirstUnit, isUnitOf } from "./units.ts";
import { UNIT_LABELS, UNITS } from "../contract/chart.ts";
import { type Interpretation, interpret, interpretPressure } from "./vital-ranges.ts";

const LOINC = "http://loinc.org";
const UCUM = "http://unitsofmeasure.org";
const US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition";

interface Definition {
  /** The first is the one that says what it is; US Core asks for the others beside it. */
  readonly codes: readonly string[];
  readonly text: string;
  /** US Core 8. */
  readonly profile?: string;
  /** Codes under which records from elsewhere have it too. */
  readonly also?: readonly string[];
}

/** LOINC, FHIR R4 observation-vitalsigns.html and US Core 8 vital signs. */
const DEFINITIONS: Readonly<Record<Measure, Definition>> = {
  "blood-pressure": {
    codes: ["85354-9"],
    text: "Blood pressure",
    profile: "us-core-blood-pressure",
    also: ["55284-4"],
  },
  "heart-rate": { codes: ["8867-4"], text: "Heart rate", profile: "us-core-heart-rate" },
  "respiratory-rate": { codes: ["9279-1"], text: "Respiratory rate", profile: "us-core-respiratory-rate" },
  temperature: { codes: ["8310-5"], text: "Body temperature", profile: "us-core-body-temperature" },
  "oxygen-saturation": {
    codes: ["59408-5", "2708-6"],
    text: "Oxygen saturation by pulse oximetry",
    profile: "us-core-pulse-oximetry",
  },
  height: { codes: ["8302-2"], text: "Body height", profile: "us-core-body-height" },
  weight: { codes: ["29463-7"], text: "Body weight", profile: "us-core-body-weight" },
  bmi: { codes: ["39156-5"], text: "Body mass index", profile: "us-core-bmi" },
  pain: { codes: ["72514-3"], text: "Pain severity, 0 to 10", also: ["38208-5"] },
  "head-circumference": { codes: ["9843-4"], text: "Head circumference", profile: "us-core-head-circumference" },
};

const SYSTOLIC = { code: "8480-6", text: "Systolic blood pressure" };
const DIASTOLIC = { code: "8462-4", text: "Diastolic blood pressure" };

const MEASURE_OF: ReadonlyMap<string, Measure> = new Map(
  (Object.entries(DEFINITIONS) as [Measure, Definition][]).flatMap(([measure, { codes, also = [] }]) =>
    [...codes, ...also].map((code) => [code, measure] as const),
  ),
);

/** Every LOINC code of the flowsheet, for a search. */
export const VITAL_CODES: readonly string[] = [...MEASURE_OF.keys()];

const loincCodes = (concept: unknown): readonly string[] =>
  listOf((concept as JsonObject | undefined)?.["coding"]).flatMap(({ system, code }) =>
    system === LOINC ? (textOf(code) ?? []) : [],
  );

/** The row of the flowsheet that an Observation belongs to. */
export const measureOf = (record: JsonObject): Measure | undefined =>
  loincCodes(record["code"])
    .map((code) => MEASURE_OF.get(code))
    .find((measure) => measure !== undefined);

/** A number as it was written, in a UCUM unit. */
export interface Amount {
  readonly value: string;
  readonly unit: string;
}

function amountOf(quantity: unknown): Amount | undefined {
  const [found] = listOf(quantity);
  if (typeof found?.["value"] !== "number") return undefined;
  const unit = textOf(found["code"]) ?? textOf(found["unit"]) ?? "";
  return { value: lexemeOf(found, "value") ?? String(found["value"]), unit };
}

export interface Measurement {
  readonly measure: Measure;
  /** One, or systolic and diastolic. */
  readonly amounts: readonly Amount[];
}

/** What an Observation of the flowsheet measured; undefined for one without a number. */
export function measurementOf(record: JsonObject): Measurement | undefined {
  const measure = measureOf(record);
  if (measure === undefined) return undefined;
  if (measure !== "blood-pressure") {
    const amount = amountOf(record["valueQuantity"]);
    return amount && { measure, amounts: [amount] };
  }
  const part = (code: string): Amount | undefined =>
    amountOf(listOf(record["component"]).find((each) => loincCodes(each["code"]).includes(code))?.["valueQuantity"]);
  const [systolic, diastolic] = [part(SYSTOLIC.code), part(DIASTOLIC.code)];
  return systolic && diastolic && { measure, amounts: [systolic, diastolic] };
}

/** The amount in its measure's first unit, rounded as it is shown; undefined for a unit that we cannot convert. */
export function judgedValue(measure: Measure, { value, unit }: Amount): Exact | undefined {
  const number = parseDecimal(value);
  if (number === undefined || !isUnitOf(measure, unit)) return undefined;
  const [first] = UNITS[measure];
  const converted = inFirstUnit(measure, number, unit);
  return unit === first ? converted : exact(rounded(converted, digitsOf(first)));
}

/** How a measurement lies to the range of the patient's age at that time. */
export function interpretationOf(
  { measure, amounts }: Measurement,
  birthDate: string | undefined,
  day: string,
): Interpretation {
  const months = ageInMonths(birthDate, day);
  const [first, second] = amounts.map((amount) => judgedValue(measure, amount));
  if (first === undefined) return { flag: "no-range" };
  if (measure !== "blood-pressure") return interpret(measure, first, months);
  return second === undefined ? { flag: "no-range" } : interpretPressure(first, second, months);
}

/** FHIR R4 valueset-observation-interpretation.html. */
const INTERPRETATIONS = {
  normal: { code: "N", display: "Normal" },
  low: { code: "L", display: "Low" },
  high: { code: "H", display: "High" },
  "critically-low": { code: "LL", display: "Critical low" },
  "critically-high": { code: "HH", display: "Critical high" },
} as const;

function quantity({ value, unit }: Amount): JsonObject {
  const label = UNIT_LABELS[unit as keyof typeof UNIT_LABELS];
  const made = { value: Number(value), unit: label, system: UCUM, code: unit };
  keepLexeme(made, "value", made.value, value);
  return made;
}

const loinc = (code: string, text: string): JsonObject => ({ coding: [{ system: LOINC, code }], text });

/** What was judged of a measurement when it was written: it stays with it, whatever a later guideline says. */
function judgement(measure: Measure, { flag, low, high, source }: Interpretation): JsonObject {
  if (flag === "no-range") return {};
  const text = source === undefined ? {} : { text: source };
  const unit = UNITS[measure][0];
  // A panel's two ranges do not fit into one low and high: they stand in the words.
  const isPair = measure === "blood-pressure";
  const range = isPair
    ? { text: `${low ?? ""} to ${high ?? ""} mmHg. ${source ?? ""}` }
    : defined({
        low: low === undefined ? undefined : quantity({ value: low, unit }),
        high: high === undefined ? undefined : quantity({ value: high, unit }),
        ...text,
      });
  return {
    interpretation: [
      {
        coding: [
          {
            system: "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
            ...INTERPRETATIONS[flag],
          },
        ],
      },
    ],
    referenceRange: [range],
  };
}

export const amountsOf = (entry: VitalEntry): readonly Amount[] =>
  entry.measure === "blood-pressure"
    ? [entry.systolic, entry.diastolic].map((value) => ({ value, unit: "mm[Hg]" }))
    : [{ value: entry.value, unit: entry.unit }];

/** The elements of an Observation that hold its value and what is judged of it. */
export function valueElements(measurement: Measurement, birthDate: string | undefined, day: string): JsonObject {
  const { measure, amounts } = measurement;
  const [first, second] = amounts;
  const judged = judgement(measure, interpretationOf(measurement, birthDate, day));
  if (measure !== "blood-pressure") return { valueQuantity: first && quantity(first), ...judged };
  const part = ({ code, text }: typeof SYSTOLIC, amount: Amount | undefined) => ({
    code: loinc(code, text),
    valueQuantity: amount && quantity(amount),
  });
  return { component: [part(SYSTOLIC, first), part(DIASTOLIC, second)], ...judged };
}

/** A new Observation of the flowsheet. US Core 8 vital signs: status, category, code, subject, time, value with UCUM unit. */
export function vitalRecord(
  measurement: Measurement,
  about: {
    readonly patientId: string;
    readonly birthDate: string | undefined;
    readonly day: string;
    readonly at: string;
  },
  performer: JsonObject,
  note: string | undefined,
): JsonObject {
  const { codes, text, profile } = DEFINITIONS[measurement.measure];
  return defined({
    resourceType: "Observation",
    meta: profile === undefined ? undefined : { profile: [`${US_CORE}/${profile}`] },
    status: "final",
    category: [
      {
        coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "vital-signs" }],
      },
    ],
    code: { coding: codes.map((code) => ({ system: LOINC, code })), text },
    subject: { reference: `Patient/${about.patientId}` },
    effectiveDateTime: about.at,
    performer: [performer],
    ...valueElements(measurement, about.birthDate, about.day),
    note: note === undefined ? undefined : [{ text: note }],
  });
}

/** kg/m², one digit after the point. Undefined where either is not one that converts. */
export function bmiOf(weight: Amount, height: Amount): Amount | undefined {
  const [heavy, tall] = [parseDecimal(weight.value), parseDecimal(height.value)];
  if (heavy === undefined || tall === undefined) return undefined;
  if (!isUnitOf("weight", weight.unit) || !isUnitOf("height", height.unit)) return undefined;
  const metres = times(inFirstUnit("height", tall, height.unit), exact("0.01"));
  if (metres.numerator <= 0n) return undefined;
  const value = over(inFirstUnit("weight", heavy, weight.unit), times(metres, metres));
  return { value: rounded(value, 1), unit: "kg/m2" };
}

export const measurementFrom = (entry: VitalEntry): Measurement & { readonly measure: Measured } => ({
  measure: entry.measure,
  amounts: amountsOf(entry),
});
