import * as z from "zod";
import { fhirAuditEvent, type OpenedDetail } from "../../../core/audit/fhir-audit-event.ts";
import { receiptOf } from "../../../core/audit/receipt.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import { isId } from "../../../core/kernel/ids.ts";
import { locateEvent } from "../../../core/watch/index.ts";
import { type Answer, type Exchange, fhirJson, json } from "../../http/exchange.ts";
import { failTold, tell } from "../act.ts";
import { openAffair } from "../context.ts";
import { namesOf } from "../people.ts";
import { trailOf } from "./reader.ts";

/** What the outbox seals of a request, and whatever else an event had to say. */
const Detail = z.looseObject({
  sourceIp: z.string(),
  userAgent: z.string(),
  method: z.string(),
  path: z.string(),
  query: z.string(),
});

const renderable = ({ sourceIp, userAgent, method, path, query }: z.infer<typeof Detail>): OpenedDetail => ({
  sourceIp,
  userAgent,
  request: `${method} ${path}${query === "" ? "" : `?${query}`}`,
});

/** One event with its sealed detail, from the archived line: what stands under lock, not what the index says of it. */
export async function readAuditEvent(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const { id = "" } = exchange.path;
  const told = { entities: [{ type: "AuditEvent", ...(isId(id) && { id }) }] };
  const trail = trailOf(affair);
  const found = await locateEvent(trail.archive, affair.grant.tenantId, id, systemClock.now());
  if (found === undefined) return failTold(affair, told, { kind: "not-found" });
  const { event, line, object } = found;
  const detail = event.detail === undefined ? undefined : await trail.openDetail(event.id, event.detail);
  if (event.detail !== undefined && detail === undefined) return failTold(affair, told, { kind: "unavailable" });
  await tell(affair, told);
  const opened = detail === undefined ? undefined : Detail.parse(JSON.parse(detail));
  const accept = exchange.headers["accept"] ?? "";
  // Whoever takes both is shown the event itself: the AuditEvent says less of it.
  const isFhir = accept.includes("application/fhir+json") && !accept.includes("application/json");
  if (isFhir) return fhirJson(200, fhirAuditEvent(event, opened === undefined ? {} : renderable(opened)));
  const { detail: _sealed, ...clear } = event;
  const receipt = receiptOf(event.id, line);
  const people = await namesOf(affair, [clear.actor.user, clear.approver, clear.delegation?.user, clear.recipient]);
  return json(200, {
    event: clear,
    receipt,
    archived: object,
    people,
    ...(opened !== undefined && { detail: opened }),
  });
}
