import type { FhirResource } from "../../core/fhir/index.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { RECORD_CLASSES, type RecordClass } from "../../core/kernel/data-class.ts";
import { newId } from "../../core/kernel/ids.ts";
import { ok } from "../../core/kernel/result.ts";
import { authorize, type Demand, type Grant, notAsked, type Purpose, purposeOf } from "../../core/policy/index.ts";
import type { AuditSink } from "../../core/record/audit-sink.ts";
import { createCommittedTransactions, createRecords, type RecordFailure } from "../../core/record/index.ts";
import {
  type ClassReading,
  type Consumer,
  consumerOf,
  type SectionName,
  VIEW_VERSION,
  type ViewInput,
} from "../../core/view/index.ts";
import { type Exchange, identityOf } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { ON_BEHALF_OF } from "../runtime/delegation.ts";
import type { PatientReader, PatientStanding } from "../runtime/patient-scope.ts";
import { failTold } from "./act.ts";
import { patientScopes } from "./charts.ts";
import { type Affair, openAffair, openScope, refuse, standingOptions } from "./context.ts";
import { onAlarm } from "../runtime/record-alarm.ts";
import { failureOf } from "./failures.ts";

const committed = createCommittedTransactions();

/**
 * Whose view it is: of the caller's own roles, or of those of the member for whom an assistant acts. Nothing that the
 * request says can choose another.
 */
const consumerFor = (affair: Affair, { circumstances }: PatientStanding): Consumer | undefined =>
  consumerOf(circumstances.delegation?.roles ?? affair.principal.roles, affair.purpose);

interface Viewing {
  readonly affair: Affair;
  readonly patients: PatientReader;
  readonly standing: PatientStanding;
  readonly consumer: Consumer;
  readonly sections: readonly SectionName[];
}

/** A chart that was read for whoever asks: all that a view is made of. */
export interface Viewed {
  readonly affair: Affair;
  readonly standing: PatientStanding;
  readonly input: ViewInput;
}

/**
 * Reads a patient's chart as the caller's role sees it, once policy permits. The event names the sections that are answered.
 * What could not be had at the moment is a reading that failed, and no failure of the request.
 */
export async function viewChart(
  exchange: Exchange,
  patientId: string,
  sections: readonly SectionName[],
): Promise<Viewed> {
  const { principal, tenantEpoch, privacy } = identityOf(exchange);
  const options = standingOptions(exchange);
  const stated = purposeOf(principal, options.purpose);
  // Whom no view is made for is refused before anything of the patient is read.
  if (!stated.ok || !canHaveView(principal.roles, stated.value)) {
    await openAffair(exchange, { patientId });
    return refuse(exchange, { kind: "forbidden", decision: notAsked("no-view", ["no-view"]) }, patientId);
  }
  const patients = patientScopes.open({
    principal,
    tenantEpoch,
    privacy,
    purpose: stated.value,
    action: "access",
    onBehalfOf: exchange.headers[ON_BEHALF_OF],
  });
  const standing = await patients.standing(patientId);
  if (!standing.ok) return fail(failureOf(standing.error));
  const { circumstances } = standing.value;
  const affair = await openAffair(exchange, { patientId, circumstances });
  const consumer = consumerFor(affair, standing.value);
  if (consumer === undefined)
    return refuse(exchange, { kind: "forbidden", decision: notAsked("no-view", ["no-view"]) }, patientId);
  const granted = authorize(principal, [demandOn(patientId, consumer)], { ...options, circumstances });
  if (!granted.ok) return refuse(exchange, granted.error, patientId);
  return read({ affair, patients, standing: standing.value, consumer, sections }, granted.value);
}

/** What policy is asked for a view: to read the chart, or where it is another clinic's, to disclose it. */
const demandOn = (patientId: string, consumer: Consumer): Demand => ({
  action: consumer === "referral-partner" ? "disclose" : "read",
  type: "Patient",
  classes: RECORD_CLASSES,
  patientId,
});

const canHaveView = (roles: readonly string[], purpose: Purpose): boolean =>
  roles.includes("assistant") || consumerOf(roles, purpose) !== undefined;

/** Events of the record layer, told as one of a view: which one, which sections of it, and to whom it is disclosed. */
function viewSink(sink: AuditSink, { affair, consumer, sections }: Viewing, isLast: boolean): AuditSink {
  const told = (event: Parameters<AuditSink["record"]>[1]): Parameters<AuditSink["record"]>[1] => ({
    ...event,
    interaction: "view.read",
    sections,
    ...(consumer === "referral-partner" && { recipientId: affair.principal.clientId }),
    entities: [...event.entities, { type: "View", id: `${consumer}.${VIEW_VERSION}` }],
  });
  return {
    draft: (grant, event) => sink.draft(grant, told(event)),
    record: (grant, event, guards) =>
      // What is tried again with less is told by what comes of that.
      event.outcome === "failure" && !isLast ? Promise.resolve(ok(undefined)) : sink.record(grant, told(event), guards),
  };
}

const PAGE = 1_000;

async function readChart(viewing: Viewing, grant: Grant, isLast: boolean) {
  const { affair, patients, standing, consumer } = viewing;
  const { patientId } = standing.protection;
  const options = standingOptions(affair.exchange);
  const scope = openScope(affair.exchange, grant);
  const records = createRecords({
    ...scope,
    audit: viewSink(scope.audit, viewing, isLast),
    clock: systemClock,
    newId,
    onAlarm,
    committed,
    privacy: {
      rows: patients.rows,
      known: [standing.protection],
      release: patients.release,
      async judge(protection, listed) {
        const now = await patients.of(protection, listed);
        if (!now.ok) return now;
        const { circumstances, ruling } = now.value;
        const demand = demandOn(protection.patientId, consumer);
        const seen = authorize(affair.principal, [demand], { ...options, circumstances });
        return ok({
          ruling,
          classes: RECORD_CLASSES.filter((letter) => seen.ok && seen.value.classes.includes(letter)),
        });
      },
    },
  });
  const found: FhirResource[] = [];
  let cursor: string | undefined;
  do {
    const page = await records.everything(grant, patientId, { count: PAGE, ...(cursor !== undefined && { cursor }) });
    if (!page.ok) return page;
    found.push(...page.value.resources);
    cursor = page.value.next;
  } while (cursor !== undefined);
  return ok(found);
}

const isOutage = ({ kind }: RecordFailure): boolean => kind === "unavailable" || kind === "throttled";

/** The chart, or where a part of it cannot be had at the moment, who the patient is and what is missing. */
async function read(viewing: Viewing, grant: Grant): Promise<Viewed> {
  const { affair, standing, consumer } = viewing;
  const held = RECORD_CLASSES.filter((letter) => grant.classes.includes(letter));
  const canDegrade = held.length > 1 && held.includes("D");
  const whole = await readChart(viewing, grant, !canDegrade);
  const isWhole = whole.ok || !canDegrade || !isOutage(whole.error);
  const found = isWhole ? whole : await readChart(viewing, { ...grant, classes: ["D"] }, true);
  if (!found.ok) return refused(affair, found.error);
  const asOfMs = systemClock.now();
  const readingOf = (letter: RecordClass): ClassReading =>
    isWhole || letter === "D" ? { state: "read", asOfMs } : { state: "failed" };
  const input: ViewInput = {
    consumer,
    patientId: standing.protection.patientId,
    readings: Object.fromEntries(held.map((letter) => [letter, readingOf(letter)])),
    ruling: standing.ruling,
    records: found.value,
    nowMs: asOfMs,
  };
  return { affair, standing, input };
}

/** The record layer has told the trail already. */
function refused(affair: Affair, failure: RecordFailure): Promise<never> {
  switch (failure.kind) {
    case "not-found":
    case "deleted":
      return fail({ kind: "not-found" });
    case "throttled":
      return fail({ kind: "throttled", retryAfterMs: 1000 });
    case "suspended":
      return fail({ kind: "forbidden" });
    case "conflict":
      return fail({ kind: "conflict" });
    case "integrity":
      return fail({ kind: "exception" });
    case "unavailable":
      return fail({ kind: "unavailable" });
    default:
      return failTold(affair, {}, { kind: "exception" });
  }
}
