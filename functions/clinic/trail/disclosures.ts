import { accountingOf } from "../../../core/audit/disclosures.ts";
import type { AuditEvent } from "../../../core/audit/event.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import { findDisclosures, locateEvent } from "../../../core/watch/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import type { AuditReadScope } from "../../runtime/audit-read-scope.ts";
import { tell } from "../act.ts";
import { openAffair } from "../context.ts";
import { readPeriod } from "./query.ts";
import { isOurs, trailOf } from "./reader.ts";

/** Disclosures of one answer: their lines are read one by one. */
const DISCLOSURES_MAX = 200;
const LINES_AT_ONCE = 16;

async function readLines(trail: AuditReadScope, tenantId: string, ids: readonly string[]): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  for (let at = 0; at < ids.length; at += LINES_AT_ONCE) {
    const some = ids.slice(at, at + LINES_AT_ONCE);
    const found = await Promise.all(some.map((id) => locateEvent(trail.archive, tenantId, id, systemClock.now())));
    // A disclosure that the index knows and the archive lacks is no shorter list: it is no answer.
    if (found.includes(undefined)) return fail({ kind: "unavailable" });
    events.push(...found.flatMap((each) => each?.event ?? []));
  }
  return events;
}

/**
 * The accounting of disclosures of one patient, 45 CFR 164.528, from the archived events of six years. The patient
 * herself sees what must be accounted for; who answers for the clinic sees every disclosure.
 */
export async function readDisclosures(exchange: Exchange): Promise<Answer> {
  const { toMs: until, fromMs = 0 } = await readPeriod(exchange);
  const { patient = "" } = exchange.path;
  const affair = await openAffair(exchange, { patientId: patient });
  const { tenantId } = affair.grant;
  const trail = trailOf(affair);
  const toMs = Math.min(until ?? systemClock.now() + 1, systemClock.now() + 1);
  const found = await findDisclosures(trail.table, tenantId, patient, { fromMs, toMs });
  if (!found.ok) return fail({ kind: "unavailable" });
  const ids = found.value.events.slice(0, DISCLOSURES_MAX);
  const isOwn = affair.principal.patientId === patient && affair.purpose === "PATRQT";
  const view = isOwn ? "patient" : "officer";
  const events = await readLines(trail, tenantId, ids);
  const report = accountingOf(events, new Map(), { patient, toMs, view, withOperations: !isOwn });
  const named = isOurs(patient) ? { patientId: patient } : {};
  await tell(affair, { ...named, entities: [{ type: "AuditEvent" }], count: report.lines.length });
  const isComplete = !found.value.isCut && ids.length === found.value.events.length;
  return json(200, { ...report, complete: isComplete });
}
