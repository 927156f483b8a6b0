import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ageInMonths, ageOn } from "../../../core/chart/age.ts";
import { exact, parseDecimal, rounded } from "../../../core/chart/decimal.ts";
import { fromFirstUnit, inFirstUnit, shownIn } from "../../../core/chart/units.ts";
import { plausibility } from "../../../core/chart/vital-limits.ts";
import { interpret, interpretPressure } from "../../../core/chart/vital-ranges.ts";
import { bmiOf, measurementFrom, measurementOf, vitalRecord } from "../../../core/chart/vital-records.ts";
import { MEASURED, UNITS, type VitalEntry } from "../../../core/contract/chart.ts";
import { parseJson, stringifyJson, validateResource } from "../../../core/fhir/index.ts";

describe("CLIN-5 units", () => {
  it.each([
    ["temperature", "98.6", "[degF]", "metric", "37.0", "°C"],
    ["temperature", "37", "Cel", "us", "98.6", "°F"],
    ["temperature", "-40", "Cel", "us", "-40.0", "°F"],
    ["weight", "154.5", "[lb_av]", "metric", "70.1", "kg"],
    ["weight", "70", "kg", "us", "154.3", "lb"],
    ["weight", "3400", "g", "metric", "3.4", "kg"],
    ["height", "70", "[in_i]", "metric", "177.8", "cm"],
    ["height", "177.8", "cm", "us", "70.0", "in"],
    ["heart-rate", "72", "/min", "us", "72", "/min"],
  ] as const)("shows %s of %s %s in %s as %s %s", (measure, value, unit, system, shown, label) => {
    expect(shownIn(measure, value, unit, system)).toMatchObject({ value: shown, label });
  });

  it("keeps what was entered to the last digit where its unit is shown", () => {
    expect(shownIn("temperature", "98.60", "[degF]", "us")).toEqual({
      value: "98.60",
      unit: "[degF]",
      label: "°F",
      isEntered: true,
    });
  });

  it("converts there and back without loss", () => {
    const units = MEASURED.flatMap((measure) => UNITS[measure].map((unit) => [measure, unit] as const));
    fc.assert(
      fc.property(fc.constantFrom(...units), fc.integer({ min: 1, max: 9_999_999 }), ([measure, unit], thousandths) => {
        const value = { numerator: BigInt(thousandths), denominator: 1000n };
        const back = fromFirstUnit(measure, inFirstUnit(measure, value, unit), unit);
        expect(back.numerator * value.denominator).toBe(value.numerator * back.denominator);
      }),
    );
  });

  it("rounds halves away from zero and reads plain decimals alone", () => {
    expect([rounded(exact("2.25"), 1), rounded(exact("-2.25"), 1), rounded(exact("-0.04"), 1)]).toEqual([
      "2.3",
      "-2.3",
      "0.0",
    ]);
    expect(["1e3", ".5", "", "1,5", "0x10"].map(parseDecimal)).toEqual(Array.from({ length: 5 }));
  });
});

describe("CLIN-5 ages", () => {
  it.each([
    ["2024-02-29", "2025-02-28", 11],
    ["2024-02-29", "2025-03-01", 12],
    ["2000-01-15", "2026-01-14", 311],
    ["1990", "2026-07-01", 432],
    ["2026-05-02", "2026-05-01", undefined],
  ])("%s is %s months old on %s", (born, day, months) => {
    expect(ageInMonths(born, day)).toBe(months);
  });

  it("is told in days, months and years", () => {
    expect(ageOn("2026-05-01", "2026-05-20")).toEqual({ count: 19, unit: "days" });
    expect(ageOn("2025-01-01", "2026-05-20")).toEqual({ count: 16, unit: "months" });
    expect(ageOn("1980-06-01", "2026-05-20")).toEqual({ count: 45, unit: "years" });
  });
});

const ADULT = "1980-01-01";
const INFANT = "2026-01-10";
const DAY = "2026-05-20";

describe("CLIN-5 plausibility", () => {
  it.each([
    ["weight", "70", ADULT, "likely"],
    ["weight", "20", ADULT, "unlikely"],
    ["weight", "700", ADULT, "impossible"],
    ["weight", "70", INFANT, "unlikely"],
    ["oxygen-saturation", "101", ADULT, "impossible"],
    ["temperature", "98.6", ADULT, "impossible"],
    ["heart-rate", "150", INFANT, "likely"],
    ["heart-rate", "200", ADULT, "unlikely"],
    ["pain", "11", ADULT, "impossible"],
  ] as const)("a %s of %s for one born %s is %s", (what, value, born, found) => {
    expect(plausibility(what, exact(value), born, DAY)).toBe(found);
  });
});

describe("CLIN-5 reference ranges", () => {
  const adult = ageInMonths(ADULT, DAY);
  it.each([
    ["heart-rate", "72", adult, "normal"],
    ["heart-rate", "39", adult, "critically-low"],
    ["heart-rate", "110", adult, "high"],
    ["heart-rate", "150", 6, "normal"],
    ["respiratory-rate", "28", adult, "critically-high"],
    ["oxygen-saturation", "93", adult, "low"],
    ["oxygen-saturation", "91", adult, "critically-low"],
    ["temperature", "38.0", 2, "critically-high"],
    ["bmi", "22", 100, "no-range"],
    ["heart-rate", "72", undefined, "no-range"],
  ] as const)("%s of %s at %s months is %s", (what, value, months, flag) => {
    expect(interpret(what, exact(value), months).flag).toBe(flag);
  });

  it.each([
    ["118", "76", "normal", undefined],
    ["124", "78", "high", "elevated-blood-pressure"],
    ["124", "82", "high", "hypertension-1"],
    ["150", "70", "high", "hypertension-2"],
    ["182", "95", "critically-high", "severe-hypertension"],
    ["88", "70", "low", undefined],
  ] as const)("a blood pressure of %s over %s is %s, %s", (systolic, diastolic, flag, finding) => {
    const found = interpretPressure(exact(systolic), exact(diastolic), adult);
    expect([found.flag, found.finding]).toEqual([flag, finding]);
    expect(found.source).toContain("ACC/AHA");
  });
});

const ENTRIES: readonly VitalEntry[] = [
  { measure: "blood-pressure", systolic: "128", diastolic: "82" },
  { measure: "heart-rate", value: "72", unit: "/min" },
  { measure: "respiratory-rate", value: "14", unit: "/min" },
  { measure: "temperature", value: "98.60", unit: "[degF]" },
  { measure: "oxygen-saturation", value: "98", unit: "%" },
  { measure: "height", value: "70", unit: "[in_i]" },
  { measure: "weight", value: "154.5", unit: "[lb_av]" },
  { measure: "pain", value: "3", unit: "{score}" },
  { measure: "head-circumference", value: "41.5", unit: "cm" },
];

describe("CLIN-5 records", () => {
  const about = { patientId: "p1", birthDate: ADULT, day: DAY, at: "2026-05-20T15:00:00.000Z" };
  const performer = { display: "Nurse" };

  it.each(ENTRIES.map((entry) => [entry.measure, entry] as const))(
    "a %s is a valid Observation that reads back as it was entered",
    (_measure, entry) => {
      const measurement = measurementFrom(entry);
      const text = stringifyJson(vitalRecord(measurement, about, performer, undefined));
      const parsed = parseJson(text);
      expect(parsed.ok).toBe(true);
      const valid = validateResource(parsed.ok && parsed.value);
      expect(valid.ok ? [] : valid.error.issues).toEqual([]);
      expect(valid.ok && measurementOf(valid.value)).toEqual(measurement);
    },
  );

  it("asks for what US Core wants of a pulse oximetry and a blood pressure", () => {
    const oximetry = vitalRecord(measurementFrom(ENTRIES[4] as VitalEntry), about, performer, undefined);
    expect(oximetry).toMatchObject({
      meta: { profile: ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-pulse-oximetry"] },
      code: { coding: [{ code: "59408-5" }, { code: "2708-6" }] },
    });
    const pressure = vitalRecord(measurementFrom(ENTRIES[0] as VitalEntry), about, performer, undefined);
    expect(pressure).toMatchObject({
      component: [{ code: { coding: [{ code: "8480-6" }] } }, { code: { coding: [{ code: "8462-4" }] } }],
      interpretation: [{ coding: [{ code: "H" }] }],
    });
  });

  it("computes a body mass index exactly", () => {
    expect(bmiOf({ value: "154.5", unit: "[lb_av]" }, { value: "70", unit: "[in_i]" })?.value).toBe("22.2");
    expect(bmiOf({ value: "80", unit: "kg" }, { value: "2", unit: "m" })?.value).toBe("20.0");
    expect(bmiOf({ value: "80", unit: "stone" }, { value: "180", unit: "cm" })).toBeUndefined();
    expect(bmiOf({ value: "80", unit: "kg" }, { value: "0", unit: "cm" })).toBeUndefined();
  });
});
