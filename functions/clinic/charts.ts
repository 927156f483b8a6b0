import { systemClock } from "../../core/kernel/clock.ts";
import { newId } from "../../core/kernel/ids.ts";
import type { ResourceType } from "../../core/fhir/index.ts";
import type { Demand, Grant } from "../../core/policy/index.ts";
import type { AuditSink, RecordEvent } from "../../core/record/audit-sink.ts";
import {
  createCommittedTransactions,
  createRecords,
  type OneEffect,
  type Privacy,
  type Records,
  requestFingerprint,
} from "../../core/record/index.ts";
import { type Exchange, interactionOf } from "../http/exchange.ts";
import { createRecordSessions } from "../records/session.ts";
import { onAlarm } from "../runtime/record-alarm.ts";
import { createPatientScopes } from "../runtime/patient-scope.ts";
import { type Affair, openAffair, openScope, scopes, tellAlone, zone } from "./context.ts";

export const patientScopes = createPatientScopes({ scopes, registry: zone.registry, clock: systemClock, onAlarm });
const committed = createCommittedTransactions();

/** Why a change is made: its code, and what else its event should hold, sealed. */
export type Said = Pick<RecordEvent, "reason" | "detail">;

const said = new WeakMap<Exchange, Said>();

/** Says why what is written from now on is, where that is known only once the chart was read. */
export const sayWhy = (exchange: Exchange, why: Said): void => void said.set(exchange, why);

/**
 * Events of the record layer as the route tells them: what the route is for has the route's name, and what it reads on
 * the way to a change keeps its own.
 */
function namedSink(sink: AuditSink, exchange: Exchange): AuditSink {
  const interaction = interactionOf(exchange);
  const isRead = exchange.definition.idempotency === "safe";
  const named = (event: RecordEvent): RecordEvent => ({ ...event, interaction });
  return {
    draft: (grant, event) => sink.draft(grant, { ...named(event), ...said.get(exchange) }),
    record: (grant, event, guards) => sink.record(grant, isRead ? named(event) : event, guards),
  };
}

function recordsOf(exchange: Exchange, grant: Grant, privacy: Privacy): Records {
  const scope = openScope(exchange, grant);
  const audit = namedSink(scope.audit, exchange);
  return createRecords({ ...scope, audit, privacy, clock: systemClock, newId, onAlarm, committed });
}

const authorizeRecords = createRecordSessions({ patientScopes, recordsOf, recordAlone: tellAlone });

/** A request of the clinic's day that policy permits, and the records that it works on. */
export interface Charts extends Affair {
  /** What the route's demands were granted. `Affair.grant` reaches no clinical record. */
  readonly recordGrant: Grant;
  readonly records: Records;
}

/**
 * Asks policy twice: for the route's own action, and for what it does to records, under the circumstances of each patient
 * who is named. Refusals are in the clinic's trail before they are answered.
 * @param about A record whose id may not tell its patient.
 * @param why Goes into the event of what is written.
 */
export async function openCharts(
  exchange: Exchange,
  demands: readonly Demand[],
  about?: { readonly type: ResourceType; readonly id: string },
  why?: Said,
): Promise<Charts> {
  if (why !== undefined) said.set(exchange, why);
  const named = new Set(demands.flatMap(({ patientId }) => patientId ?? []));
  const [patientId] = named;
  const affair = await openAffair(exchange, named.size === 1 && patientId !== undefined ? { patientId } : {});
  const { grant, records } = await authorizeRecords(exchange, interactionOf(exchange), demands, about);
  return { ...affair, recordGrant: grant, records };
}

/** The request as one effect, by its Idempotency-Key. */
export function effectOf({ idempotencyKey, event, rawBody, headers }: Exchange): { readonly effect?: OneEffect } {
  if (idempotencyKey === undefined) return {};
  const text = `${headers["if-match"] ?? ""}\n${rawBody}`;
  return {
    effect: {
      key: idempotencyKey,
      fingerprint: requestFingerprint(event.requestContext.http.method, event.rawPath, text),
    },
  };
}
