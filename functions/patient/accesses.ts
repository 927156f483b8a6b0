import type { OwnAccesses } from "../../core/contract/index.ts";
import { ownAccessOf } from "../../core/portal/index.ts";
import { searchTrail, type TrailPage, type TrailQuery } from "../../core/watch/index.ts";
import { tell } from "../clinic/act.ts";
import { type Affair, openAffair } from "../clinic/context.ts";
import { type Colleague, colleaguesOf } from "../clinic/people.ts";
import { readPeriod } from "../clinic/trail/query.ts";
import { ownTrailOf } from "../clinic/trail/reader.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { ownPatient, settingsFor } from "./desk.ts";

/** A page of the own trail, with credentials that reach no other patient's. */
export async function ownTrail(affair: Affair, patientId: string, query: TrailQuery): Promise<TrailPage> {
  const { table } = ownTrailOf(affair, patientId);
  const page = await searchTrail(table, affair.grant.tenantId, { ...query, patient: patientId });
  return page.ok ? page.value : fail({ kind: "unavailable" });
}

/** Staff by their ids, where the clinic lets its patients read their names. */
export async function staffFor(
  affair: Affair,
  ids: Iterable<string | undefined>,
): Promise<ReadonlyMap<string, Colleague>> {
  const { showsStaffNames } = await settingsFor(affair);
  return showsStaffNames ? colleaguesOf(affair, ids) : new Map<string, Colleague>();
}

/** GET /patient/accesses: who opened the record, newest first. `from`, `to`, `fromDay`, `toDay`, `cursor`, `count`. */
async function listOwnAccesses(exchange: Exchange): Promise<Answer> {
  const patientId = await ownPatient(exchange);
  const period = await readPeriod(exchange);
  const affair = await openAffair(exchange, { patientId });
  const { events, next } = await ownTrail(affair, patientId, period);
  const staff = await staffFor(
    affair,
    events.map(({ user }) => user),
  );
  const names = new Map([...staff].map(([id, { name }]) => [id, name]));
  await tell(affair, { patientId, entities: [{ type: "AuditEvent" }], count: events.length });
  const { userId } = affair.principal;
  const answer: OwnAccesses = {
    events: events.map((event) => ownAccessOf(event, { userId, names })),
    ...(next !== undefined && { next }),
  };
  return json(200, answer);
}

export const accessHandlers = { listOwnAccesses };
