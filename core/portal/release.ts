import type { PortalSettings, ReleasedKind, ReleaseRule } from "../contract/patient-portal.ts";
import { type FhirResource, isJsonObject, type JsonObject, labelsOf, type ResourceType } from "../fhir/index.ts";
import { documentScanOf, isDocument, isReviewed, namedBy, type Release } from "../record/index.ts";
import { addDays, atWallClock, wallClock } from "../schedule/clinic-time.ts";

/**
 * When a record shows to the patient herself, in the portal and to her applications. Notes and results wait by the
 * clinic's rule; all else shows at once. The gate of core/record holds every read of hers to it.
 */
export interface ReleaseAt {
  readonly rules: PortalSettings["release"];
  readonly nowMs: number;
  /** IANA zone of the clinic: its days are what a rule counts. */
  readonly zone: string;
}

const listOf = (value: unknown): readonly JsonObject[] =>
  (Array.isArray(value) ? (value as unknown[]) : []).filter(isJsonObject);

const hasCode = (record: FhirResource, codes: readonly string[]): boolean =>
  listOf(record["category"]).some(({ coding }) =>
    listOf(coding).some(({ code }) => typeof code === "string" && codes.includes(code)),
  );

const RESULT_CATEGORIES = ["laboratory", "imaging", "procedure", "LAB", "RAD"];

/** Types of which some wait: one that stands in no released list is not there. */
const WAITING: ReadonlySet<ResourceType> = new Set([
  "DocumentReference",
  "DiagnosticReport",
  "Observation",
  "ImagingStudy",
  "Media",
]);
/** Types that say nothing but about another record, and show where what they name does. */
const FOLLOWING: ReadonlySet<ResourceType> = new Set(["Binary", "Provenance", "Task"]);
/** Psychotherapy notes are no part of what she has a right to read: 45 CFR 164.524(a)(1)(i). */
const PSYCHOTHERAPY = "PSYTHPN";

const isNever = (record: FhirResource): boolean => labelsOf(record).includes(PSYCHOTHERAPY);

/** Of which rule a record is; undefined for what shows at once. */
export function releasedKindOf(record: FhirResource): ReleasedKind | undefined {
  const { resourceType } = record;
  if (resourceType === "DocumentReference") return "notes";
  if (resourceType === "DiagnosticReport") return "results";
  // What says of itself nothing else may be a result.
  const isResult = hasCode(record, RESULT_CATEGORIES) || listOf(record["category"]).length === 0;
  return resourceType === "Observation" && isResult ? "results" : undefined;
}

/** States in which nobody has said yet that it is so: FHIR R4 valueset-observation-status, composition-status. */
const UNFINISHED: ReadonlySet<unknown> = new Set(["registered", "preliminary", "partial", "unknown"]);
const WITHDRAWN: ReadonlySet<unknown> = new Set(["entered-in-error", "cancelled", "superseded"]);

/** Invariant: what nobody has finished, looked at for what is harmful, or entered in error, is never released. */
const isFinal = (record: FhirResource): boolean =>
  (!isDocument(record) || documentScanOf(record) === "clean") &&
  ![record["status"], record["docStatus"]].some((state) => UNFINISHED.has(state) || WITHDRAWN.has(state));

/** When it became final, as far as the record says: milliseconds. */
function finalAtMs(record: FhirResource): number | undefined {
  const { issued, date, effectiveDateTime, meta } = record;
  const updated: unknown = meta?.["lastUpdated"];
  // A note is final with its signature, which is its newest version; `date` is when it was begun.
  const told = record.resourceType === "DocumentReference" ? [updated, date] : [issued, updated, effectiveDateTime];
  const at = told.find((each) => typeof each === "string");
  const ms = typeof at === "string" ? Date.parse(at) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** The same time of day that many days of the clinic's calendar later; where the clock skips it, when it goes on. */
export function daysAfter(zone: string, ms: number, days: number): number {
  const shown = wallClock(zone, ms);
  const at = atWallClock(zone, addDays(shown.day, days), shown.time);
  const secondsMs = ms % 60_000;
  return at.ok ? at.value.ms + secondsMs : at.error.nextMs;
}

function isDue(rule: ReleaseRule, record: FhirResource, isSignedOff: boolean, { nowMs, zone }: ReleaseAt): boolean {
  if (rule.when === "at-once") return true;
  if (rule.when === "after-sign-off" && isSignedOff) return true;
  const finalMs = finalAtMs(record);
  // A result without any time could wait for ever, which no rule means.
  if (finalMs === undefined) return rule.when === "after-days";
  return nowMs >= daysAfter(zone, finalMs, rule.when === "after-days" ? rule.days : rule.atLatestDays);
}

const refOf = (record: FhirResource): string => `${record.resourceType}/${record.id ?? ""}`;

/** What stands in a report: its values, its pictures and its studies. */
const partsOf = (report: FhirResource): readonly string[] =>
  [report["result"], report["imagingStudy"], report["media"]].flatMap((part) => namedBy(part));

/** Results that were signed off, and those that a signed report names: who signs it has looked at them. */
const signedOffRefs = (records: readonly FhirResource[]): ReadonlySet<string> =>
  new Set(
    records
      .filter(({ resourceType }) => resourceType === "DiagnosticReport" || resourceType === "Observation")
      .filter(isReviewed)
      .flatMap((report) => [refOf(report), ...partsOf(report)]),
  );

/** Signed notes are signed off by whom signed them. */
const isOwnSignOff = (record: FhirResource): boolean =>
  record.resourceType === "DocumentReference" && record["docStatus"] === "final";

/**
 * The records that show in the portal now, in their order. A result that stands in a report which waits, waits with it.
 * Pure.
 */
export function releasedOf(records: readonly FhirResource[], at: ReleaseAt): readonly FhirResource[] {
  const signedOff = signedOffRefs(records);
  const isReleased = (record: FhirResource): boolean => {
    if (isNever(record)) return false;
    const kind = releasedKindOf(record);
    if (kind === undefined) return true;
    if (!isFinal(record)) return false;
    return isDue(at.rules[kind], record, isOwnSignOff(record) || signedOff.has(refOf(record)), at);
  };
  const waitingReports = records.filter((record) => record.resourceType === "DiagnosticReport" && !isReleased(record));
  const waiting = new Set(waitingReports.flatMap(partsOf));
  return records.filter((record) => isReleased(record) && !waiting.has(refOf(record)));
}

/** The clinic's rule as it is now, for the gate of core/record. */
export const releaseAt = (at: ReleaseAt): Release => ({
  waiting: WAITING,
  following: FOLLOWING,
  releasedOf: (records) => releasedOf(records, at),
  mayEver: (record) => !isNever(record) && (releasedKindOf(record) === undefined || isFinal(record)),
});
