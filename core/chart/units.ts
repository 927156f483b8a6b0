import { type Measure, type Unit, UNIT_LABELS, UNITS, type UnitSystem, unitIn } from "../contract/chart.ts";
import { type Exact, exact, over, parseDecimal, plus, rounded, times } from "./decimal.ts";

interface Conversion {
  /** value in the first unit of the measure = (value + shift) * factor */
  readonly shift?: Exact;
  readonly factor: Exact;
}

/** NIST SP 811 appendix B: 1 in is 2.54 cm and 1 lb is 0.45359237 kg, both exactly; degrees by 5/9 from 32. */
const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  "[degF]": { shift: exact("-32"), factor: over(exact("5"), exact("9")) },
  "[in_i]": { factor: exact("2.54") },
  "[lb_av]": { factor: exact("0.45359237") },
  // Not offered for entry, and found in records from elsewhere: US Core 8 body weight takes grams.
  g: { factor: exact("0.001") },
  m: { factor: exact("100") },
};

const ONE: Conversion = { factor: exact("1") };

/** Digits after the point in which a measure is shown in a unit. */
const DIGITS: Readonly<Partial<Record<Unit, number>>> = {
  Cel: 1,
  "[degF]": 1,
  cm: 1,
  "[in_i]": 1,
  kg: 1,
  "[lb_av]": 1,
  "kg/m2": 1,
};
export const digitsOf = (unit: Unit): number => DIGITS[unit] ?? 0;

const OTHERS: Readonly<Partial<Record<Measure, readonly string[]>>> = { weight: ["g"], height: ["m"] };

/** Whether a value in this UCUM unit is one of the measure. */
export const isUnitOf = (measure: Measure, unit: string): boolean =>
  UNITS[measure].some((known) => known === unit) || OTHERS[measure]?.includes(unit) === true;

/** A value in the unit in which the measure's limits are written. */
export function inFirstUnit(measure: Measure, value: Exact, unit: string): Exact {
  const { shift, factor } = unit === UNITS[measure][0] ? ONE : (CONVERSIONS[unit] ?? ONE);
  return times(shift === undefined ? value : plus(value, shift), factor);
}

/** A value of the measure's first unit in another one of it. */
export function fromFirstUnit(measure: Measure, value: Exact, unit: Unit): Exact {
  const { shift, factor } = unit === UNITS[measure][0] ? ONE : (CONVERSIONS[unit] ?? ONE);
  const scaled = over(value, factor);
  return shift === undefined ? scaled : plus(scaled, { numerator: -shift.numerator, denominator: shift.denominator });
}

/** A number as it is shown in a system of units: as it was entered where that is its unit, converted and rounded else. */
export function shownIn(
  measure: Measure,
  value: string,
  unit: string,
  system: UnitSystem,
): { readonly value: string; readonly unit: string; readonly label: string; readonly isEntered: boolean } {
  const wanted = unitIn(measure, system);
  const number = parseDecimal(value);
  if (unit === wanted || number === undefined || !isUnitOf(measure, unit)) {
    const label = Object.hasOwn(UNIT_LABELS, unit) ? UNIT_LABELS[unit as Unit] : unit;
    return { value, unit, label, isEntered: true };
  }
  const converted = fromFirstUnit(measure, inFirstUnit(measure, number, unit), wanted);
  return {
    value: rounded(converted, digitsOf(wanted)),
    unit: wanted,
    label: UNIT_LABELS[wanted],
    isEntered: false,
  };
}
