import type { People } from "../../../core/contract/index.ts";
import { toInstant } from "../../../core/kernel/clock.ts";
import { type IndexedEvent, searchTrail, type TrailPage, type TrailQuery } from "../../../core/watch/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import { failTold, tell } from "../act.ts";
import { type Affair, openAffair } from "../context.ts";
import { namesOf } from "../people.ts";
import { readPeriod, readTrailQuery } from "./query.ts";
import { isOurs, trailOf } from "./reader.ts";

async function search(affair: Affair, query: TrailQuery): Promise<TrailPage> {
  const page = await searchTrail(trailOf(affair).table, affair.grant.tenantId, query);
  return page.ok ? page.value : fail({ kind: "unavailable" });
}

const listed = ({ at, line, ...event }: IndexedEvent) => ({
  ...event,
  at: toInstant(at),
  receipt: `${event.id}.${line}`,
});

const pageOf = (
  { events, next }: TrailPage,
  show: (event: IndexedEvent) => object,
  more: { readonly people?: People } = {},
): Answer => json(200, { events: events.map(show), ...more, ...(next !== undefined && { next }) });

/** Events by patient, actor, action, outcome and time, newest first. The search is an event itself. */
export async function searchAudit(exchange: Exchange): Promise<Answer> {
  const query = await readTrailQuery(exchange);
  const affair = await openAffair(exchange);
  const page = await search(affair, query);
  const { patient, actor } = query;
  const named = patient !== undefined && isOurs(patient) ? [{ type: "Patient", id: patient }] : [];
  const entities = [{ type: "AuditEvent" }, ...named, ...(actor === undefined ? [] : [{ type: "User", id: actor }])];
  await tell(affair, { entities, count: page.events.length });
  const people = await namesOf(affair, [actor, ...page.events.flatMap(({ user, recipient }) => [user, recipient])]);
  return pageOf(page, listed, { people });
}

/** What a patient sees of each access: who, as what, when and why; not from where, nor in which session. */
const ownView = ({
  id,
  at,
  interaction,
  action,
  outcome,
  user,
  kind,
  role,
  purpose,
  types,
  emergency,
}: IndexedEvent) => ({
  id,
  at: toInstant(at),
  interaction,
  action,
  outcome,
  user,
  kind,
  role,
  purpose,
  types,
  ...(emergency !== undefined && { emergency: true }),
});

/** The accesses to the caller's own chart. Whose chart that is comes from her membership and from nothing that she sends. */
export async function ownAccessLog(exchange: Exchange): Promise<Answer> {
  const period = await readPeriod(exchange);
  const patientId = exchange.identity?.principal.patientId;
  const affair = await openAffair(exchange, patientId === undefined ? {} : { patientId });
  // Policy permits it to the patient herself alone; without a chart of her own there is nothing to show.
  if (patientId === undefined) return failTold(affair, {}, { kind: "forbidden" });
  const page = await search(affair, { ...period, patient: patientId });
  await tell(affair, { patientId, entities: [{ type: "AuditEvent" }], count: page.events.length });
  return pageOf(page, ownView);
}
