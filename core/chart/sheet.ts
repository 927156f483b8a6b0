import {
  type VitalFlag,
  MEASURES,
  type Reading,
  UNIT_SYSTEMS,
  UNITS,
  type UnitSystem,
  unitIn,
  UNIT_LABELS,
  type VitalCell,
  type VitalColumn,
  type VitalsSheet,
} from "../contract/chart.ts";
import type { FhirResource, JsonObject } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { clinicDay } from "../schedule/clinic-time.ts";
import { isRedacted } from "../view/index.ts";
import { ageInMonths } from "./age.ts";
import { changeOf, recordingOf } from "./author.ts";
import { exact, rounded } from "./decimal.ts";
import { codeIn, textOf } from "./elements.ts";
import { versionOf } from "./lists.ts";
import { IN_ERROR } from "./states.ts";
import { digitsOf, fromFirstUnit, shownIn } from "./units.ts";
import { type ChartLook, recordsIn, shownList } from "./view-input.ts";
import { interpretationOf, type Measurement, measurementOf } from "./vital-records.ts";
import type { Interpretation } from "./vital-ranges.ts";

const bySystem = <T>(make: (system: UnitSystem) => T): Readonly<Record<UnitSystem, T>> =>
  Object.fromEntries(UNIT_SYSTEMS.map((system) => [system, make(system)])) as Record<UnitSystem, T>;

function readingOf({ measure, amounts }: Measurement, system: UnitSystem): Reading {
  const shown = amounts.map(({ value, unit }) => shownIn(measure, value, unit, system));
  const [first] = shown;
  return {
    value: shown.map(({ value }) => value).join("/"),
    unit: first?.unit ?? "",
    label: first?.label ?? "",
    isEntered: first?.isEntered ?? true,
  };
}

/** `90–119`, or `90/60–119/79` for a blood pressure, in the unit of the system. */
function rangeText({ measure }: Measurement, { low, high }: Interpretation, system: UnitSystem): string {
  const unit = unitIn(measure, system);
  const inUnit = (limit: string): string =>
    limit
      .split("/")
      .map((part) =>
        unit === UNITS[measure][0] ? part : rounded(fromFirstUnit(measure, exact(part), unit), digitsOf(unit)),
      )
      .join("/");
  const between = [low, high].map((limit) => (limit === undefined ? "" : inUnit(limit))).join("–");
  return `${between} ${UNIT_LABELS[unit]}`;
}

/** Of a record from elsewhere the flag that its author gave it comes before ours. */
const GIVEN: Readonly<Record<string, VitalFlag>> = {
  N: "normal",
  L: "low",
  H: "high",
  LL: "critically-low",
  HH: "critically-high",
};

const STATES = ["final", "corrected", IN_ERROR, "preliminary"] as const;

function cellOf(record: FhirResource, birthDate: string | undefined, look: ChartLook): VitalCell | undefined {
  const measurement = measurementOf(record);
  const at = textOf(record["effectiveDateTime"]);
  const status = textOf(record["status"]) ?? "final";
  if (measurement === undefined || at === undefined || status === "cancelled") return undefined;
  const judged = interpretationOf(measurement, birthDate, dayOf(look.zone, at));
  const given = GIVEN[codeIn((record["interpretation"] as readonly JsonObject[] | undefined)?.[0]) ?? ""];
  const [version, changed] = [versionOf(record), changeOf(record)];
  const hasRange = judged.low !== undefined && judged.high !== undefined;
  return {
    id: record.id ?? "",
    version,
    measure: measurement.measure,
    shown: bySystem((system) => readingOf(measurement, system)),
    points: bySystem((system) => readingOf(measurement, system).value.split("/").map(Number)),
    flag: given ?? judged.flag,
    ...(judged.finding !== undefined && { finding: judged.finding }),
    ...(hasRange && { range: bySystem((system) => rangeText(measurement, judged, system)) }),
    ...(judged.source !== undefined && { source: judged.source }),
    state: STATES.find((known) => known === status) ?? (status === "amended" ? "corrected" : "final"),
    recorded: { ...(version === 1 && changed), ...recordingOf(record) },
    ...(version > 1 && changed !== undefined && { changed }),
    mayCorrect: look.may.change && measurement.measure !== "bmi" && status !== IN_ERROR && !isRedacted(record),
  };
}

const dayOf = (zone: string, at: string): string =>
  at.length <= 10 ? at.padEnd(10, "-01") : clinicDay(zone, Date.parse(at));

/** Columns by the instant at which they were measured, the newest first; cells in the order of the sheet. */
export function columnsOf(look: ChartLook): readonly VitalColumn[] {
  const chart = recordsIn(look);
  const birthDate = textOf(chart.patient?.["birthDate"]);
  const columns = new Map<number, { at: string; cells: VitalCell[] }>();
  for (const record of chart.of("Observation")) {
    const cell = cellOf(record, birthDate, look);
    const at = textOf(record["effectiveDateTime"]) ?? "";
    const ms = Date.parse(at);
    if (cell === undefined || Number.isNaN(ms)) continue;
    const known = columns.get(ms);
    if (known === undefined) columns.set(ms, { at, cells: [cell] });
    else known.cells.push(cell);
  }
  return [...columns.entries()]
    .toSorted(([left], [right]) => right - left)
    .map(([, { at, cells }]) => ({
      at,
      cells: cells.toSorted((left, right) => MEASURES.indexOf(left.measure) - MEASURES.indexOf(right.measure)),
    }));
}

const INFANT_MONTHS = 36;

export function vitalsSheet(look: ChartLook): VitalsSheet {
  const columns = shownList(look, "vitals", () => columnsOf(look));
  const isReached = columns.state === "value" || columns.state === "absent" || columns.state === "stale";
  const months = isReached ? ageInMonths(textOf(recordsIn(look).patient?.["birthDate"]), look.today) : undefined;
  return {
    patient: look.input.patientId,
    at: toInstant(look.input.nowMs),
    columns,
    mayRecord: isReached && look.may.record,
    isInfant: months !== undefined && months < INFANT_MONTHS,
  };
}
