import type { CorrectVital, Measured, RecordVitals, VitalEntry } from "../contract/chart.ts";
import { copyLexemes, type FhirResource, isJsonObject, type JsonObject, parseJson } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { atWallClock, clinicDay } from "../schedule/clinic-time.ts";
import { ageInMonths } from "./age.ts";
import { referenceTo } from "./author.ts";
import { compare, exact, parseDecimal } from "./decimal.ts";
import { type ChartDesk, atVersion, commit, type Done, type Entry, once, recordsOf } from "./desk.ts";
import { listOf, textOf } from "./elements.ts";
import { type ChartFailure, chartFailure, fieldFailure, type FieldIssue } from "./failure.ts";
import { IN_ERROR } from "./states.ts";
import { inFirstUnit } from "./units.ts";
import { plausibility } from "./vital-limits.ts";
import {
  type Amount,
  bmiOf,
  type Measurement,
  measurementFrom,
  measurementOf,
  valueElements,
  VITAL_CODES,
  vitalRecord,
} from "./vital-records.ts";

/** A clock may run a little ahead of ours. */
const AHEAD_MS = 2 * 60_000;
/** From this age on a body has its height: a weight alone gives a BMI with the last one of a year. */
const GROWN_MONTHS = 20 * 12;
const YEAR_MS = 366 * 86_400_000;

interface Sheet {
  readonly birthDate: string | undefined;
  readonly observations: readonly FhirResource[];
}

async function readSheet(desk: ChartDesk): Promise<Result<Sheet, ChartFailure>> {
  const found = await desk.records.read(desk.grant, "Patient", desk.patientId);
  if (!found.ok) return found;
  const patient = parseJson(found.value.text ?? "");
  const birthDate = patient.ok && isJsonObject(patient.value) ? textOf(patient.value["birthDate"]) : undefined;
  const observations = await recordsOf(desk, ["Observation"], `&code=${VITAL_CODES.join(",")}`);
  if (!observations.ok) return observations;
  return ok({ birthDate, observations: observations.value });
}

/** What is impossible is refused; what is unlikely is, until somebody has looked at it again and says so. */
function judgeEntry(
  entry: VitalEntry,
  path: string,
  confirmed: readonly Measured[],
  birthDate: string | undefined,
  day: string,
): FieldIssue[] {
  const { measure, amounts } = measurementFrom(entry);
  const names = measure === "blood-pressure" ? (["systolic", "diastolic"] as const) : (["value"] as const);
  const issues = amounts.flatMap(({ value, unit }, index): FieldIssue[] => {
    const number = parseDecimal(value);
    const field = `${path}.${names[index] ?? "value"}`;
    if (number === undefined) return [{ path: field, rule: "vital-impossible" }];
    const what = measure === "blood-pressure" && index === 1 ? "diastolic" : measure;
    const isWhole = measure !== "pain" || !value.includes(".");
    const found = plausibility(what, inFirstUnit(measure, number, unit), birthDate, day);
    if (found === "impossible" || !isWhole) return [{ path: field, rule: "vital-impossible" }];
    return found === "unlikely" && !confirmed.includes(measure) ? [{ path: field, rule: "vital-unlikely" }] : [];
  });
  if (issues.length > 0 || measure !== "blood-pressure") return issues;
  const [systolic, diastolic] = amounts.map(({ value }) => exact(value));
  const isUpright = systolic !== undefined && diastolic !== undefined && compare(systolic, diastolic) > 0;
  return isUpright ? [] : [{ path: `${path}.diastolic`, rule: "vital-order" }];
}

const MINUTE_MS = 60_000;

/** When it was measured, on the minute: the clinic's clock says it, or now. */
function timeOf(desk: ChartDesk, at: RecordVitals["at"]): Result<number, ChartFailure> {
  if (at === undefined) return ok(Math.floor(desk.nowMs / MINUTE_MS) * MINUTE_MS);
  const found = atWallClock(desk.zone, at.day, at.time);
  if (!found.ok) return err(fieldFailure("at.time", "time-skipped"));
  // A clock that shows a time twice that day: the later one where it has been, for what is written down now was just measured.
  const { ms, laterMs = ms } = found.value;
  const meant = laterMs <= desk.nowMs + AHEAD_MS ? laterMs : ms;
  return meant > desk.nowMs + AHEAD_MS ? err(fieldFailure("at.time", "date-future")) : ok(meant);
}

const isGood = (record: JsonObject): boolean => {
  const status = textOf(record["status"]);
  return status !== IN_ERROR && status !== "cancelled";
};
const instantMs = (record: JsonObject): number => Date.parse(textOf(record["effectiveDateTime"]) ?? "");

interface Found {
  readonly amount: Amount;
  readonly reference: string;
}

/** The last height of a grown patient, no more than a year before. */
function lastHeight({ observations, birthDate }: Sheet, atMs: number, day: string): Found | undefined {
  if ((ageInMonths(birthDate, day) ?? 0) < GROWN_MONTHS) return undefined;
  const [newest] = observations
    .filter((record) => isGood(record) && measurementOf(record)?.measure === "height")
    .filter((record) => instantMs(record) <= atMs && atMs - instantMs(record) <= YEAR_MS)
    .toSorted((left, right) => instantMs(right) - instantMs(left));
  const amount = newest && measurementOf(newest)?.amounts[0];
  return newest && amount && { amount, reference: `Observation/${newest.id ?? ""}` };
}

const nameOf = (index: number): string => `urn:uuid:00000000-0000-8000-8000-${String(index).padStart(12, "0")}`;

/**
 * Records one column of the flowsheet: all of it or nothing. The body mass index is computed, from the height of the same
 * column or the last one of a grown patient, and says what it was computed from.
 */
export async function recordVitals(desk: ChartDesk, { at, entries, confirmed, note }: RecordVitals): Done {
  return once(desk, async () => {
    const when = timeOf(desk, at);
    if (!when.ok) return when;
    const sheet = await readSheet(desk);
    if (!sheet.ok) return sheet;
    const { birthDate, observations } = sheet.value;
    const day = clinicDay(desk.zone, when.value);
    if (birthDate !== undefined && day < birthDate.slice(0, 10))
      return err(fieldFailure("at.day", "date-before-birth"));
    const taken = new Set(
      observations
        .filter((record) => isGood(record) && instantMs(record) === when.value)
        .map((record) => measurementOf(record)?.measure),
    );
    const issues = entries.flatMap((entry, index): FieldIssue[] => {
      const path = `entries.${index}`;
      if (entries.findIndex(({ measure }) => measure === entry.measure) !== index)
        return [{ path, rule: "vital-twice" }];
      if (taken.has(entry.measure)) return [{ path, rule: "vital-exists" }];
      return judgeEntry(entry, path, confirmed, birthDate, day);
    });
    if (issues.length > 0) return err({ kind: "fields", issues });
    const measured = entries.map(measurementFrom);
    const about = { patientId: desk.patientId, birthDate, day, at: toInstant(when.value) };
    const performer = referenceTo(desk.author);
    const written: Entry[] = measured.map((measurement, index) => ({
      name: nameOf(index),
      record: vitalRecord(measurement, about, performer, index === 0 ? note : undefined),
    }));
    const index = bodyMassIndex(sheet.value, measured, when.value, day);
    if (index !== undefined && !taken.has("bmi")) {
      const derivedFrom = index.from.map((reference) => ({ reference }));
      const record = vitalRecord({ measure: "bmi", amounts: [index.amount] }, about, performer, undefined);
      written.push({ record: { ...record, derivedFrom } });
    }
    return commit(desk, written);
  });
}

function bodyMassIndex(
  sheet: Sheet,
  measured: readonly Measurement[],
  atMs: number,
  day: string,
): { readonly amount: Amount; readonly from: readonly string[] } | undefined {
  const own = (measure: string): Found | undefined => {
    const index = measured.findIndex((each) => each.measure === measure);
    const amount = measured[index]?.amounts[0];
    return amount && { amount, reference: nameOf(index) };
  };
  const [weight, height] = [own("weight"), own("height") ?? lastHeight(sheet, atMs, day)];
  const amount = weight && height && bmiOf(weight.amount, height.amount);
  return amount && { amount, from: [weight.reference, height.reference] };
}

/**
 * Corrects one measurement: a new version with its reason, beside which the old one stays in the record's history. What
 * was computed from it is computed anew in the same transaction, or marked as entered in error with it.
 */
export async function correctVital(
  desk: ChartDesk,
  id: string,
  ifMatch: number,
  { entry, confirmed, reason }: CorrectVital,
): Done {
  return once(desk, async () => {
    const sheet = await readSheet(desk);
    if (!sheet.ok) return sheet;
    const { observations, birthDate } = sheet.value;
    const record = atVersion(desk, observations, id, ifMatch);
    if (!record.ok) return record;
    const measure = measurementOf(record.value)?.measure;
    if (!isGood(record.value) || measure === undefined || measure === "bmi") return err(chartFailure("not-editable"));
    const day = clinicDay(desk.zone, instantMs(record.value));
    if (entry !== undefined && entry.measure !== measure) return err(fieldFailure("entry.measure", "vital-measure"));
    const issues = entry === undefined ? [] : judgeEntry(entry, "entry", confirmed, birthDate, day);
    if (issues.length > 0) return err({ kind: "fields", issues });
    const next =
      entry === undefined
        ? { ...record.value, status: IN_ERROR }
        : replaced(record.value, measurementFrom(entry), birthDate, day);
    const after = observations.map((each) => (each.id === id ? (next as FhirResource) : each));
    const derived = observations
      .filter((each) => isGood(each) && isDerivedFrom(each, id))
      .map((each) => recomputed(each, after, birthDate, clinicDay(desk.zone, instantMs(each))));
    return commit(
      desk,
      [next, ...derived].map((each) => ({ record: each, reason })),
    );
  });
}

const VALUES = ["valueQuantity", "component", "interpretation", "referenceRange", "dataAbsentReason"];

/** FHIR R4 valueset-observation-status.html: `corrected` is what was wrong and is put right. */
function replaced(
  record: FhirResource,
  measurement: Measurement,
  birthDate: string | undefined,
  day: string,
): JsonObject {
  const kept = Object.entries(record).filter(([name]) => !VALUES.includes(name));
  const values = valueElements(measurement, birthDate, day);
  return copyLexemes(record, { ...Object.fromEntries(kept), ...values, status: "corrected" } as JsonObject);
}

const sourcesOf = (record: JsonObject): readonly string[] =>
  listOf(record["derivedFrom"]).flatMap(({ reference }) => textOf(reference) ?? []);
const isDerivedFrom = (record: JsonObject, id: string): boolean => sourcesOf(record).includes(`Observation/${id}`);

function recomputed(
  record: FhirResource,
  observations: readonly FhirResource[],
  birthDate: string | undefined,
  day: string,
): JsonObject {
  const sources = sourcesOf(record).map((reference) =>
    observations.find((each) => `Observation/${each.id ?? ""}` === reference && isGood(each)),
  );
  const amountFor = (measure: string): Amount | undefined =>
    sources.map((source) => source && measurementOf(source)).find((measurement) => measurement?.measure === measure)
      ?.amounts[0];
  const [weight, height] = [amountFor("weight"), amountFor("height")];
  const amount = weight && height && bmiOf(weight, height);
  return amount === undefined
    ? { ...record, status: IN_ERROR }
    : replaced(record, { measure: "bmi", amounts: [amount] }, birthDate, day);
}
