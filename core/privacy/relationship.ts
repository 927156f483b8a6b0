import type { SealedRow } from "../crypto/index.ts";
import { openItem, SealBroken, sealedUnder } from "../crypto/index.ts";
import type { JsonObject } from "../fhir/index.ts";
import { isJsonObject, parseJson, parseReference } from "../fhir/index.ts";
import { dateRange } from "../fhir/search/dates.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Row } from "../table/index.ts";
import { currentPrefix, homePartition, parseRecordId, transactionKey } from "../table/index.ts";
import type { PrivacyFailure } from "./failure.ts";
import { keyFailure, readFailure } from "./failure.ts";
import type { PrivacyDeps } from "./rows.ts";
import { alarmOf } from "./rows.ts";

export type Relationship = "present" | "absent";

const DAY_MS = 86_400_000;
const APPOINTMENT_PAST_DAYS = 90;
const APPOINTMENT_AHEAD_DAYS = 30;
const ENCOUNTER_PAST_DAYS = 365;

/** The types that tell of treatment, with the class that holds them, the cheapest answer first. */
const SOURCES = [
  { type: "CareTeam", dataClass: "C" },
  { type: "Appointment", dataClass: "D" },
  { type: "Encounter", dataClass: "C" },
] as const;

/**
 * Whether the practitioner treats the patient: a member of one of her active care teams, a participant of an appointment
 * in the past 90 or the next 30 days, or of an encounter that is in progress or ended within 365 days. Strongly
 * consistent. The scope holds classes C and D; records of class S are not asked, so that who treats nobody knows of says
 * nothing. Without a practitioner it is `absent`.
 */
export async function relationship(
  deps: PrivacyDeps,
  patientId: string,
  practitionerId: string | undefined,
): Promise<Result<Relationship, PrivacyFailure>> {
  const home = parseRecordId(patientId);
  if (home === undefined || practitionerId === undefined) return ok("absent");
  const nowMs = deps.clock.now();
  for (const { type, dataClass } of SOURCES) {
    const pk = homePartition(deps.tenantId, dataClass, { patientId: home });
    const found = await deps.table.queryAll("data", { pk, prefix: currentPrefix(type), isConsistent: true });
    if (!found.ok) return err(readFailure(found.error, alarmOf(deps)));
    for (const row of found.value) {
      const record = await openRecord(deps, row, pk, type, dataClass);
      if (!record.ok) return record;
      if (record.value && tells(record.value, practitionerId, nowMs)) return ok("present");
    }
  }
  return ok("absent");
}

/** A record's row, as core/record seals it; undefined for one that is deleted, moved away or not yet committed. */
async function openRecord(
  deps: PrivacyDeps,
  row: Row,
  pk: string,
  type: string,
  dataClass: "C" | "D",
): Promise<Result<JsonObject | undefined, PrivacyFailure>> {
  try {
    const sealed = row as SealedRow;
    const dataKey = await deps.keyring.openingKey(deps.keyScope, sealedUnder(sealed, dataClass));
    if (!dataKey.ok) {
      if (dataKey.error.kind === "not-found") throw new SealBroken("key");
      return err(keyFailure(dataKey.error, alarmOf(deps)));
    }
    const place = { tenantId: deps.tenantId, table: "data", dataClass, pk, sk: row.sk };
    const { phi, _t, _del, _mv, _tx } = openItem(sealed, place, dataKey.value).item;
    if (_t !== type) throw new SealBroken("legend");
    if (_del === true || _mv === true) return ok(undefined);
    if (typeof _tx === "string") {
      const marker = await deps.table.get("data", transactionKey(deps.tenantId, _tx), { isConsistent: true });
      if (!marker.ok) return err(readFailure(marker.error, alarmOf(deps)));
      if (marker.value?.["state"] !== "COMMITTED") return ok(undefined);
    }
    const parsed = parseJson(typeof phi === "string" ? phi : "");
    if (!parsed.ok || !isJsonObject(parsed.value)) throw new SealBroken("frame");
    return ok(parsed.value);
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    alarmOf(deps)({ kind: "integrity", fault: error.fault });
    return err({ kind: "integrity" });
  }
}

const list = (value: unknown): readonly JsonObject[] =>
  (Array.isArray(value) ? (value as unknown[]) : []).filter(isJsonObject);

function isPractitioner(reference: unknown, practitionerId: string): boolean {
  if (!isJsonObject(reference) || typeof reference["reference"] !== "string") return false;
  const target = parseReference(reference["reference"]);
  return target.kind === "relative" && target.type === "Practitioner" && target.id === practitionerId;
}

interface Span {
  readonly low: number;
  readonly high: number;
}

/** The time between two FHIR dateTimes; open where one is missing, and undefined where one does not read. */
function spanOf(start: unknown, end: unknown): Span | undefined {
  const low = typeof start === "string" ? dateRange(start)?.low : -Infinity;
  const high = typeof end === "string" ? dateRange(end)?.high : Infinity;
  return low === undefined || high === undefined ? undefined : { low, high };
}

const meets = (span: Span | undefined, from: number, until: number): boolean =>
  span !== undefined && span.low < until && span.high > from;

/** FHIR R4 valueset-appointmentstatus.html, valueset-encounter-status.html: those that say that nobody came. */
const VOID_APPOINTMENT: ReadonlySet<unknown> = new Set(["cancelled", "noshow", "entered-in-error"]);
const LIVE_ENCOUNTER: ReadonlySet<unknown> = new Set(["arrived", "triaged", "in-progress", "onleave"]);

function tells(record: JsonObject, practitionerId: string, nowMs: number): boolean {
  const period = (value: unknown): Span | undefined =>
    isJsonObject(value) ? spanOf(value["start"], value["end"]) : { low: -Infinity, high: Infinity };
  const isNow = (value: unknown): boolean => meets(period(value), nowMs, nowMs + 1);
  switch (record["resourceType"]) {
    case "CareTeam":
      return (
        record["status"] === "active" &&
        isNow(record["period"]) &&
        list(record["participant"]).some(
          (each) => isPractitioner(each["member"], practitionerId) && isNow(each["period"]),
        )
      );
    case "Appointment": {
      // One without a time is a wish, and lets nobody in.
      if (VOID_APPOINTMENT.has(record["status"]) || typeof record["start"] !== "string") return false;
      const span = spanOf(record["start"], record["end"] ?? record["start"]);
      const isNear = meets(span, nowMs - APPOINTMENT_PAST_DAYS * DAY_MS, nowMs + APPOINTMENT_AHEAD_DAYS * DAY_MS);
      const participants = list(record["participant"]).filter((each) => each["status"] !== "declined");
      return isNear && participants.some((each) => isPractitioner(each["actor"], practitionerId));
    }
    case "Encounter": {
      const span = isJsonObject(record["period"]) ? period(record["period"]) : undefined;
      const isRecent =
        record["status"] === "finished" &&
        span !== undefined &&
        Number.isFinite(span.high) &&
        meets(span, nowMs - ENCOUNTER_PAST_DAYS * DAY_MS, nowMs + 1);
      const isOne = LIVE_ENCOUNTER.has(record["status"]) || isRecent;
      return isOne && list(record["participant"]).some((each) => isPractitioner(each["individual"], practitionerId));
    }
    default:
      return false;
  }
}
