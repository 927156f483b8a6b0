import { coding, DAY_MS, instantOf, type Resource, TEST_META } from "./clinic.ts";
import type { Random } from "./random.ts";
import { SYSTEMS } from "./vocabulary.ts";

const CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category";
const round = (value: number, decimals: number): number => Number(value.toFixed(decimals));

interface Measure {
  readonly code: string;
  readonly display: string;
  readonly unit: string;
  readonly ucum: string;
  readonly mean: number;
  readonly deviation: number;
  readonly decimals: number;
}

const MEASURES: readonly Measure[] = [
  { code: "8867-4", display: "Heart rate", unit: "/min", ucum: "/min", mean: 74, deviation: 9, decimals: 0 },
  { code: "9279-1", display: "Respiratory rate", unit: "/min", ucum: "/min", mean: 15, deviation: 2, decimals: 0 },
  { code: "8310-5", display: "Body temperature", unit: "Cel", ucum: "Cel", mean: 36.8, deviation: 0.3, decimals: 1 },
  {
    code: "59408-5",
    display: "Oxygen saturation in Arterial blood by Pulse oximetry",
    unit: "%",
    ucum: "%",
    mean: 97.5,
    deviation: 0.9,
    decimals: 0,
  },
];

/** When and of whom; `ownId` names a record by what it measures. */
export interface Taking {
  readonly patientId: string;
  readonly atMs: number;
  /** The visit that they were taken at. */
  readonly encounterId?: string;
  readonly ownId: (kind: string) => string;
}

/** What a person weighs, kg, 55 to 99: the same each time that somebody is put on the scale. */
const weightOf = (patientId: string): number =>
  55 + (Array.from(patientId, (letter) => letter.codePointAt(0) ?? 0).reduce((sum, code) => sum + code, 0) % 45);

/** Blood pressure, heart, breath, temperature, oxygen and weight of one moment, as a nurse takes them. */
export function vitalsOf(random: Random, { patientId, atMs, encounterId, ownId }: Taking): readonly Resource[] {
  const common = (kind: string) => ({
    resourceType: "Observation",
    id: ownId(kind),
    meta: TEST_META,
    status: "final",
    category: [coding(CATEGORY, { code: "vital-signs", display: "Vital Signs" })],
    subject: { reference: `Patient/${patientId}` },
    ...(encounterId !== undefined && { encounter: { reference: `Encounter/${encounterId}` } }),
    effectiveDateTime: instantOf(atMs),
  });
  const pressure = (code: string, display: string, value: number) => ({
    code: coding(SYSTEMS.loinc, { code, display }),
    valueQuantity: { value: Math.round(value), unit: "mmHg", system: SYSTEMS.ucum, code: "mm[Hg]" },
  });
  const quantity = ({ code, display, unit, ucum, mean, deviation, decimals }: Measure): Resource => ({
    ...common(code),
    code: coding(SYSTEMS.loinc, { code, display }),
    valueQuantity: {
      value: Math.min(ucum === "%" ? 100 : Infinity, round(random.around(mean, deviation), decimals)),
      unit,
      system: SYSTEMS.ucum,
      code: ucum,
    },
  });
  return [
    {
      ...common("85354-9"),
      code: coding(SYSTEMS.loinc, { code: "85354-9", display: "Blood pressure panel with all children optional" }),
      component: [
        pressure("8480-6", "Systolic blood pressure", random.around(128, 13)),
        pressure("8462-4", "Diastolic blood pressure", random.around(79, 8)),
      ],
    },
    ...MEASURES.map(quantity),
    quantity({
      code: "29463-7",
      display: "Body weight",
      unit: "kg",
      ucum: "kg",
      mean: weightOf(patientId),
      deviation: 0.4,
      decimals: 1,
    }),
  ];
}

const MONTH_MS = 30 * DAY_MS;

/** Monthly pressures and weights of the last `months` before `atMs`, as of somebody in treatment who loses weight. */
export function vitalsOverMonths(
  random: Random,
  months: number,
  { patientId, atMs, ownId }: Taking,
): readonly Resource[] {
  return Array.from({ length: months }, (_, index) => months - index).flatMap((ago) => {
    const taking = {
      patientId,
      atMs: atMs - ago * MONTH_MS + random.integer(-5, 5) * DAY_MS,
      ownId: (kind: string) => ownId(`${kind}-${ago}`),
    };
    const all = vitalsOf(random, taking);
    const [panel] = all;
    const scale = all.at(-1);
    if (panel === undefined || scale === undefined) return [];
    const value = round(weightOf(patientId) + ago * 0.45 + random.around(0, 0.4), 1);
    return [panel, { ...scale, valueQuantity: { ...(scale["valueQuantity"] as object), value } }];
  });
}
