/** Measures that a vitals flowsheet has a row for. The order is that of the sheet. */
export const MEASURES = [
  "blood-pressure",
  "heart-rate",
  "respiratory-rate",
  "temperature",
  "oxygen-saturation",
  "height",
  "weight",
  "bmi",
  "pain",
  "head-circumference",
] as const;
export type Measure = (typeof MEASURES)[number];

/** What somebody measures: the rest is computed from it. */
export const MEASURED = MEASURES.filter((measure) => measure !== "bmi");
export type Measured = Exclude<Measure, "bmi">;

/** UCUM units in which each may be entered, the first being the one that limits and ranges are written in. */
export const UNITS = {
  "blood-pressure": ["mm[Hg]"],
  "heart-rate": ["/min"],
  "respiratory-rate": ["/min"],
  temperature: ["Cel", "[degF]"],
  "oxygen-saturation": ["%"],
  height: ["cm", "[in_i]"],
  weight: ["kg", "[lb_av]"],
  bmi: ["kg/m2"],
  pain: ["{score}"],
  "head-circumference": ["cm", "[in_i]"],
} as const satisfies Readonly<Record<Measure, readonly string[]>>;
export type Unit = (typeof UNITS)[Measure][number];

/** How a unit is written for people. */
export const UNIT_LABELS: Readonly<Record<Unit, string>> = {
  "mm[Hg]": "mmHg",
  "/min": "/min",
  Cel: "°C",
  "[degF]": "°F",
  "%": "%",
  cm: "cm",
  "[in_i]": "in",
  kg: "kg",
  "[lb_av]": "lb",
  "kg/m2": "kg/m²",
  "{score}": "/10",
};

/** Which units a whole sheet is shown in. */
export const UNIT_SYSTEMS = ["us", "metric"] as const;
export type UnitSystem = (typeof UNIT_SYSTEMS)[number];

export const unitIn = (measure: Measure, system: UnitSystem): Unit => {
  const [metric, us = metric] = UNITS[measure];
  return system === "us" ? us : metric;
};
