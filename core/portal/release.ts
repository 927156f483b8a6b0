import type { PortalSettings, ReleasedKind, ReleaseRule } from "../contract/patient-portal.ts";
import { type FhirResource, isJsonObject, type JsonObject, parseReference } from "../fhir/index.ts";
import { isReviewed } from "../record/inbox-guard.ts";
import { addDays, atWallClock, wallClock } from "../schedule/clinic-time.ts";

/**
 * When a record shows in the patient's own portal. Notes and results wait by the clinic's rule; all else shows at once.
 * What waits is taken out before anything is made of the records, so that no list, count or reference can tell of it.
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

/** Of which rule a record is; undefined for what shows at once. */
export function releasedKindOf(record: FhirResource): ReleasedKind | undefined {
  const { resourceType } = record;
  if (resourceType === "DocumentReference") return "notes";
  if (resourceType === "DiagnosticReport") return "results";
  if (resourceType === "Observation" && hasCode(record, RESULT_CATEGORIES)) return "results";
  return undefined;
}

/** States in which nobody has said yet that it is so: FHIR R4 valueset-observation-status, composition-status. */
const UNFINISHED: ReadonlySet<unknown> = new Set(["registered", "preliminary", "partial", "unknown"]);
const WITHDRAWN: ReadonlySet<unknown> = new Set(["entered-in-error", "cancelled", "superseded"]);

/** Invariant: what nobody has finished, or what was entered in error, is never released. */
const isFinal = (record: FhirResource): boolean =>
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

function relativeTo(reference: unknown): string | undefined {
  const target = isJsonObject(reference) ? parseReference(String(reference["reference"])) : undefined;
  return target?.kind === "relative" ? `${target.type}/${target.id}` : undefined;
}

/** The results that a reviewed report names: who signs a report off has looked at them. */
const signedOffRefs = (records: readonly FhirResource[]): ReadonlySet<string> =>
  new Set(
    records
      .filter((record) => record.resourceType === "DiagnosticReport" && isReviewed(record))
      .flatMap((report) => [refOf(report), ...listOf(report["result"]).flatMap((each) => relativeTo(each) ?? [])]),
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
    const kind = releasedKindOf(record);
    if (kind === undefined) return true;
    if (!isFinal(record)) return false;
    return isDue(at.rules[kind], record, isOwnSignOff(record) || signedOff.has(refOf(record)), at);
  };
  const waitingReports = records.filter((record) => record.resourceType === "DiagnosticReport" && !isReleased(record));
  const waiting = new Set(
    waitingReports.flatMap((report) => listOf(report["result"]).flatMap((each) => relativeTo(each) ?? [])),
  );
  return records.filter((record) => isReleased(record) && !waiting.has(refOf(record)));
}

/** A value without the references to what is not shown: an object that holds one is left out of its list. */
export function withoutReferencesTo<T>(value: T, shown: ReadonlySet<string>, hidden: ReadonlySet<string>): T {
  const strip = (each: unknown): unknown => {
    if (Array.isArray(each)) return (each as unknown[]).map(strip).filter((one) => one !== undefined);
    if (!isJsonObject(each)) return each;
    const target = relativeTo(each);
    if (target !== undefined && hidden.has(target) && !shown.has(target)) return undefined;
    return Object.fromEntries(
      Object.entries(each)
        .map(([name, member]) => [name, strip(member)] as const)
        .filter(([, member]) => member !== undefined),
    );
  };
  return strip(value) as T;
}
