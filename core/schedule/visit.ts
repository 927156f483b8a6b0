import { CANCEL_REASONS, type CancelReason, type Stage, STAGES } from "../contract/index.ts";
import { copyLexemes, type FhirResource, isJsonObject, type JsonObject, parseReference } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { stageOf, STATUS, type Taken } from "./stages.ts";

/** An Appointment as the schedule reads and writes it: the only place that knows its FHIR form. */

/** The path of a visit, a step each: `stage` and when it came there. */
export const STAGE_EXTENSION = "urn:keyward:appointment-stage";
const CANCEL_SYSTEM = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason";
/** HL7 v2 table 0276, the binding of Appointment.appointmentType. */
const TYPE_SYSTEM = "http://terminology.hl7.org/CodeSystem/v2-0276";
const MINUTE_MS = 60_000;

/** Who and what a visit takes. */
export const ACTORS = {
  provider: "Practitioner",
  room: "Location",
  visitType: "HealthcareService",
} as const;
export type ActorRole = keyof typeof ACTORS;

export interface Visit {
  readonly id: string;
  readonly version: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly patientId: string;
  readonly provider?: string;
  readonly room?: string;
  readonly visitType?: string;
  readonly stage: Stage;
  /** Empty for one that another system wrote. */
  readonly path: readonly Taken[];
  readonly isWalkIn: boolean;
  readonly cancelReason?: CancelReason;
  /** Undefined also where who asks is not shown it. */
  readonly reason?: string;
}

const objects = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? (value as unknown[]).filter(isJsonObject) : [];

function actorOf(appointment: FhirResource, type: string): string | undefined {
  for (const { actor } of objects(appointment["participant"])) {
    const text = isJsonObject(actor) ? actor["reference"] : undefined;
    const target = typeof text === "string" ? parseReference(text) : undefined;
    if (target?.kind === "relative" && target.type === type) return target.id;
  }
  return undefined;
}

function takenOf({ extension }: JsonObject): Taken | undefined {
  const parts = objects(extension);
  const stage = STAGES.find((known) => parts.some(({ url, valueCode }) => url === "stage" && valueCode === known));
  const at = parts.find(({ url }) => url === "at")?.["valueInstant"];
  const atMs = typeof at === "string" ? Date.parse(at) : Number.NaN;
  return stage === undefined || Number.isNaN(atMs) ? undefined : { stage, atMs };
}

const pathOf = (appointment: FhirResource): readonly Taken[] =>
  objects(appointment["extension"]).flatMap((each) => (each["url"] === STAGE_EXTENSION ? (takenOf(each) ?? []) : []));

const codeOf = (concept: unknown, system: string): unknown =>
  isJsonObject(concept)
    ? objects(concept["coding"]).find((coding) => coding["system"] === system)?.["code"]
    : undefined;

/** Undefined for what is on no board: a request without a time or a patient, and what was entered in error. */
export function visitOf(appointment: FhirResource, version: number): Visit | undefined {
  const { id } = appointment;
  const startMs = Date.parse(String(appointment["start"]));
  const endMs = Date.parse(String(appointment["end"]));
  const patientId = actorOf(appointment, "Patient");
  const path = pathOf(appointment);
  const stage = stageOf(String(appointment["status"]), path);
  if (id === undefined || patientId === undefined || stage === undefined || !(startMs < endMs)) return undefined;
  const [provider, room, visitType] = Object.values(ACTORS).map((type) => actorOf(appointment, type));
  const cancelCode = codeOf(appointment["cancelationReason"], CANCEL_SYSTEM);
  const cancelReason = CANCEL_REASONS.find((known) => known === cancelCode);
  const reason = objects(appointment["reasonCode"])[0]?.["text"];
  return {
    id,
    version,
    startMs,
    endMs,
    patientId,
    stage,
    path: path.at(-1)?.stage === stage ? path : [],
    isWalkIn: codeOf(appointment["appointmentType"], TYPE_SYSTEM) === "WALKIN",
    ...(provider !== undefined && { provider }),
    ...(room !== undefined && { room }),
    ...(visitType !== undefined && { visitType }),
    ...(cancelReason !== undefined && { cancelReason }),
    ...(typeof reason === "string" && { reason }),
  };
}

/** Somebody or something that a visit takes, by its id and by the name that it had when it was booked. */
export interface Actor {
  readonly id: string;
  readonly name?: string | undefined;
}

const participant = (type: string, { id, name }: Actor): JsonObject => ({
  actor: { reference: `${type}/${id}`, ...(name !== undefined && name !== "" && { display: name }) },
  status: "accepted",
});

const stepExtension = ({ stage, atMs }: Taken): JsonObject => ({
  url: STAGE_EXTENSION,
  extension: [
    { url: "stage", valueCode: stage },
    { url: "at", valueInstant: toInstant(atMs) },
  ],
});

export interface NewVisit {
  readonly patientId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly actors: Partial<Readonly<Record<ActorRole, Actor | undefined>>>;
  readonly reason?: string | undefined;
  readonly path: readonly [Taken, ...Taken[]];
  readonly isWalkIn: boolean;
}

const timesOf = (startMs: number, endMs: number): JsonObject => ({
  start: toInstant(startMs),
  end: toInstant(endMs),
  minutesDuration: Math.round((endMs - startMs) / MINUTE_MS),
});

export function newAppointment(input: NewVisit): FhirResource {
  const { patientId, startMs, endMs, actors, reason, path, isWalkIn } = input;
  const others = (Object.keys(ACTORS) as ActorRole[]).flatMap((role) => {
    const actor = actors[role];
    return actor === undefined ? [] : [participant(ACTORS[role], actor)];
  });
  const last = path.at(-1) ?? path[0];
  return {
    resourceType: "Appointment",
    extension: path.map(stepExtension),
    status: STATUS[last.stage],
    appointmentType: { coding: [{ system: TYPE_SYSTEM, code: isWalkIn ? "WALKIN" : "ROUTINE" }] },
    ...(reason !== undefined && reason !== "" && { reasonCode: [{ text: reason }] }),
    ...timesOf(startMs, endMs),
    created: toInstant(path[0].atMs),
    participant: [participant("Patient", { id: patientId }), ...others],
  } as unknown as FhirResource;
}

const changed = (appointment: FhirResource, change: Readonly<Record<string, unknown>>): FhirResource =>
  copyLexemes(appointment, {
    ...Object.fromEntries(Object.entries(appointment).filter(([name]) => !(name in change))),
    ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
  }) as unknown as FhirResource;

/** The appointment on another path: its status follows, and why it was cancelled goes where it no longer is. */
export function onPath(
  appointment: FhirResource,
  path: readonly [Taken, ...Taken[]],
  cancelled?: { readonly reason: CancelReason; readonly note?: string | undefined },
): FhirResource {
  const stage = (path.at(-1) ?? path[0]).stage;
  const others = objects(appointment["extension"]).filter(({ url }) => url !== STAGE_EXTENSION);
  return changed(appointment, {
    extension: [...others, ...path.map(stepExtension)],
    status: STATUS[stage],
    cancelationReason: cancelled && {
      coding: [{ system: CANCEL_SYSTEM, code: cancelled.reason }],
      ...(cancelled.note !== undefined && cancelled.note !== "" && { text: cancelled.note }),
    },
  });
}

/** The appointment at another time. */
export const atTime = (appointment: FhirResource, startMs: number, endMs: number): FhirResource =>
  changed(appointment, timesOf(startMs, endMs));

/** The appointment with another actor in a role, or with none. */
export function withActor(appointment: FhirResource, role: ActorRole, actor: Actor | null): FhirResource {
  const type = ACTORS[role];
  const kept = objects(appointment["participant"]).filter(({ actor }) => {
    const text = isJsonObject(actor) ? actor["reference"] : undefined;
    const target = typeof text === "string" ? parseReference(text) : undefined;
    return target?.kind !== "relative" || target.type !== type;
  });
  return changed(appointment, { participant: [...kept, ...(actor === null ? [] : [participant(type, actor)])] });
}
