import * as z from "zod";
import { chainHash, type AuditEvent } from "../audit/event.ts";
import { patientOfId } from "../fhir/index.ts";
import type { TenantId } from "../kernel/ids.ts";
import { type Row, type TrailScope, trailPartition } from "../table/index.ts";
import { opaqueName } from "./opaque-name.ts";

export const ACTIONS = ["C", "R", "U", "D", "E"] as const;
export const OUTCOMES = ["success", "denied", "failure"] as const;

/** An event as the index shows it: ids and words of ours, so that a list of these opens no chart and holds no PHI. */
export const IndexedEvent = z.strictObject({
  id: z.string(),
  at: z.int(),
  action: z.enum(ACTIONS),
  interaction: z.string(),
  outcome: z.enum(OUTCOMES),
  service: z.string(),
  user: z.string(),
  kind: z.enum(["user", "client"]),
  role: z.string().optional(),
  purpose: z.string().optional(),
  /** Whom it touched: the partition's patient, the event's own, or the first of several. */
  patient: z.string().optional(),
  /** How many patients it touched, where more than one. */
  patients: z.int().optional(),
  types: z.array(z.string()),
  count: z.int().optional(),
  request: z.string(),
  emergency: z.string().optional(),
  recipient: z.string().optional(),
  /** First 32 hex of the SHA-256 of the archived line: with `id` it finds the line, and tells whether it is the one. */
  line: z.string(),
});
export type IndexedEvent = z.infer<typeof IndexedEvent>;

/** The patients whose records an event names, each once, by opaque names: its own first. */
export function patientsOf(event: Pick<AuditEvent, "patient" | "entities">): string[] {
  const named = event.entities.flatMap(({ type, id }) =>
    id === undefined ? [] : (patientOfId(id) ?? (type === "Patient" ? id : [])),
  );
  return [...new Set([...(event.patient === undefined ? [] : [event.patient]), ...named].map(opaqueName))];
}

const TYPES_MAX = 8;

/** What the index says of an event. `line` is its archived text. */
export function indexed(event: AuditEvent, line: string): IndexedEvent {
  const { id, at, action, interaction, outcome, service, actor, purpose, count, request, emergency, recipient } = event;
  const [patient, ...others] = patientsOf(event);
  const [role] = actor.roles;
  return {
    id,
    at,
    action,
    interaction,
    outcome,
    service,
    user: actor.user,
    kind: actor.kind,
    ...(role !== undefined && { role }),
    ...(purpose !== undefined && { purpose }),
    ...(patient !== undefined && { patient }),
    ...(others.length > 0 && { patients: others.length + 1 }),
    types: [...new Set(event.entities.map(({ type }) => type))].slice(0, TYPES_MAX),
    ...(count !== undefined && { count }),
    request,
    ...(emergency !== undefined && { emergency }),
    ...(recipient !== undefined && { recipient }),
    line: chainHash(line).slice(0, 32),
  };
}

/**
 * The index rows of an event: one for the tenant, one for the actor, and two for each patient that it touched (the
 * patient's, and the actor's with that patient). Keys and content come from the event alone, so that a batch that is
 * delivered again, in any order, writes the same rows.
 */
export function indexRows(event: AuditEvent, line: string): Row[] {
  const tenantId = event.tenant as TenantId;
  const summary = indexed(event, line);
  const row = (scope: TrailScope): Row => {
    const { id, types, ...rest } = { ...summary, ...(scope.patient !== undefined && { patient: scope.patient }) };
    const words = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    return {
      pk: trailPartition(tenantId, scope, event.action, event.outcome),
      sk: id,
      ...(words as Record<string, string | number>),
      types: types.join(" "),
    };
  };
  const actor = event.actor.user;
  return [
    row({}),
    row({ actor }),
    ...patientsOf(event).flatMap((patient) => [row({ patient }), row({ patient, actor })]),
  ];
}

/** The event that an index row tells. Throws where it is none: a row that does not parse is not left out. */
export function readIndexRow({ pk: _pk, sk, types, ...rest }: Row): IndexedEvent {
  const names = typeof types === "string" && types !== "" ? types.split(" ") : [];
  return IndexedEvent.parse({ ...rest, id: sk, types: names });
}
