import { type ChartDesk, type ChartFailure, type ChartLook, type Done, lookAt } from "../../../core/chart/index.ts";
import type { ChartWritten, ListName } from "../../../core/contract/chart.ts";
import { LISTS } from "../../../core/contract/chart.ts";
import type { ResourceType } from "../../../core/fhir/index.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import { RECORD_CLASSES } from "../../../core/kernel/data-class.ts";
import { consentOfAll } from "../../../core/policy/circumstances.ts";
import { authorize, authorizeClinic, type Demand } from "../../../core/policy/index.ts";
import { clinicDay } from "../../../core/schedule/clinic-time.ts";
import type { SectionName } from "../../../core/view/index.ts";
import { noticeHeaders } from "../../fhir/redisclosure.ts";
import { type Answer, type Exchange, json, identityOf } from "../../http/exchange.ts";
import { fail, type Failure } from "../../http/failure.ts";
import { toFailure } from "../../records/failures.ts";
import { clinicFor } from "../clinic-profile.ts";
import { effectOf, openCharts } from "../charts.ts";
import { ownName, standingOptions } from "../context.ts";
import { viewChart, type Viewed } from "../viewing.ts";

/** A demand on a type of the chart's lists: of class C, because what is segmented is not written by a list. */
export const clinical = (action: Demand["action"], type: ResourceType, patientId: string): Demand => ({
  action,
  type,
  classes: ["C"],
  patientId,
});

export const patientIn = ({ path }: Exchange): string => path["id"] ?? "";

export function listIn({ path }: Exchange): ListName {
  const list = LISTS.find((name) => name === path["list"]);
  return list ?? fail({ kind: "not-found" });
}

async function authorOf(exchange: Exchange): Promise<ChartDesk["author"]> {
  const { userId, practitionerId } = identityOf(exchange).principal;
  return { userId, displayName: await ownName(exchange), ...(practitionerId !== undefined && { practitionerId }) };
}

/** Opens a patient's chart for what is written into it. */
export async function openChart(exchange: Exchange, demands: readonly Demand[]): Promise<ChartDesk> {
  const { records, recordGrant } = await openCharts(exchange, demands);
  const [author, { timeZone }] = await Promise.all([authorOf(exchange), clinicFor(exchange)]);
  const nowMs = systemClock.now();
  return {
    records,
    grant: recordGrant,
    patientId: patientIn(exchange),
    author,
    nowMs,
    today: clinicDay(timeZone, nowMs),
    zone: timeZone,
    ...effectOf(exchange),
  };
}

/** What each failure of the chart is on the wire. */
function failureOf(failure: ChartFailure): Failure {
  switch (failure.kind) {
    case "fields":
      return {
        kind: "invalid",
        issues: failure.issues.map(({ path, rule }) => ({ path, rule, severity: "error", code: "business-rule" })),
      };
    case "chart":
      return { kind: "business-rule", rule: failure.rule };
    default:
      return toFailure(failure);
  }
}

export async function written(done: Done, status: 200 | 201): Promise<Answer> {
  const result = await done;
  if (!result.ok) return fail(failureOf(result.error));
  const answer: ChartWritten = { written: result.value.written };
  const [first] = answer.written;
  return json(status, answer, {
    ...(first !== undefined && { etag: `W/"${String(first.version)}"` }),
    ...(result.value.isReplay && { "idempotency-replayed": "true" }),
  });
}

export const mustChart = <T>(result: { ok: true; value: T } | { ok: false; error: ChartFailure }): T =>
  result.ok ? result.value : fail(failureOf(result.error));

/** What the caller may do with the chart that she looks at, as policy says it now: a screen offers no more. */
function mayOf(exchange: Exchange, { standing, input }: Viewed): ChartLook["may"] {
  const { principal } = identityOf(exchange);
  const options = { ...standingOptions(exchange), circumstances: standing.circumstances };
  const { patientId } = input;
  const mayOnClinic = (action: string): boolean => authorizeClinic(principal, action, { ...options, patientId }).ok;
  const mayOnRecords = (action: "create" | "update"): boolean =>
    authorize(principal, [clinical(action, "Condition", patientId)], options).ok;
  const isKept = standing.circumstances.hold !== "none";
  const record = mayOnClinic("chart.record") && mayOnRecords("create");
  const change = !isKept && mayOnClinic("chart.change") && mayOnRecords("update");
  return { record, change, reconcile: change && record && mayOnClinic("chart.reconcile") };
}

/**
 * Whether a consent keeps from the caller what her role would otherwise read. A class that the role reads nowhere is not
 * told as withheld: that a consent speaks of it would be news.
 */
export function isWithheldByConsent(exchange: Exchange, { standing, input }: Viewed): boolean {
  const { principal } = identityOf(exchange);
  const { patientId, readings } = input;
  const unasked = { ...standing.circumstances, consent: { byClass: consentOfAll("none"), ids: [] } };
  const demand: Demand = { action: "read", type: "Patient", classes: RECORD_CLASSES, patientId };
  const otherwise = authorize(principal, [demand], { ...standingOptions(exchange), circumstances: unasked });
  return RECORD_CLASSES.some(
    (letter) => otherwise.ok && otherwise.value.classes.includes(letter) && readings[letter] === undefined,
  );
}

export interface Looking {
  readonly look: ChartLook;
  readonly viewed: Viewed;
  readonly headers: Record<string, string>;
}

/** Opens a patient's chart for a screen of it. */
export async function look(exchange: Exchange, sections: readonly SectionName[]): Promise<Looking> {
  const viewed = await viewChart(exchange, patientIn(exchange), sections);
  const { timeZone } = await clinicFor(exchange);
  const { input } = viewed;
  const today = clinicDay(timeZone, input.nowMs);
  return {
    look: lookAt(input, sections, { may: mayOf(exchange, viewed), today, zone: timeZone }),
    viewed,
    headers: noticeHeaders(input.records),
  };
}
