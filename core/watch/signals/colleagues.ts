import * as z from "zod";
import type { WatchedEvent } from "../coverage.ts";
import { patientsOf } from "../index-row.ts";
import { opaqueName } from "../opaque-name.ts";
import { makeSignal, type Signal } from "../signal.ts";

/** Somebody who works in the clinic and is a patient of it: opaque ids alone, as the registry has them. */
export interface Member {
  readonly userId: string;
  readonly patientId: string;
}

/** A member who is more than a patient, and still is one. Patients with an account are nobody's colleagues. */
export const isColleague = (member: { readonly roles: readonly string[]; readonly status: string }): boolean =>
  member.status === "active" && member.roles.some((role) => role !== "patient");

/** What shows a chart, or a part of one. */
const SHOWS: ReadonlySet<string> = new Set(["read", "vread", "history", "search", "everything", "view.read"]);
const CLINICAL: ReadonlySet<string> = new Set(["C", "S"]);
const DAY_MS = 86_400_000;

/** Who looked: the member, also where an assistant did it for her. A system of the clinic is nobody's colleague. */
const viewerOf = ({ actor, delegation }: WatchedEvent): string | undefined =>
  actor.kind === "user" ? actor.user : delegation?.user;

/**
 * A list of patients with nothing clinical beside them opens nobody's chart; one that found her alone does. A search of
 * any other record names the patients whom the viewer asked for.
 */
const isPatientList = (
  { interaction, patient, entities, classes }: WatchedEvent,
  patients: readonly string[],
): boolean =>
  interaction === "search" &&
  patient === undefined &&
  patients.length > 1 &&
  entities.every(({ type }) => type === "Patient") &&
  !classes.some((letter) => CLINICAL.has(letter));

const Inputs = z.looseObject({
  circumstances: z.array(z.looseObject({ relationship: z.string().optional() })).optional(),
});

/** Policy was told that the viewer treats her, and of nobody in the same request that he does not. */
function isTreating({ decision }: WatchedEvent): boolean {
  const inputs = Inputs.safeParse(decision.inputs);
  const told = (inputs.data?.circumstances ?? []).flatMap(({ relationship }) => relationship ?? []);
  return told.length > 0 && told.every((relationship) => relationship === "present");
}

/**
 * Members who open the chart of a colleague, or their own for another purpose than a patient's request, without a reason
 * that the event holds: a treatment relationship that policy saw, or an emergency, which is told by itself. Once for
 * each viewer, patient and day (UTC), with the events that show it.
 */
export function colleagueRecords(
  tenant: string,
  events: readonly WatchedEvent[],
  members: readonly Member[],
): Signal[] {
  const patients = new Set(members.map(({ patientId }) => opaqueName(patientId)));
  const own = new Set(members.map(({ userId, patientId }) => JSON.stringify([userId, opaqueName(patientId)])));
  if (patients.size === 0) return [];
  const found = new Map<string, { readonly facts: Facts; readonly startMs: number; readonly evidence: string[] }>();
  for (const event of events.toSorted((left, right) => left.at - right.at)) {
    const user = viewerOf(event);
    if (user === undefined || event.outcome !== "success" || !SHOWS.has(event.interaction)) continue;
    if (event.emergency !== undefined || isTreating(event)) continue;
    const shown = patientsOf(event);
    if (isPatientList(event, shown)) continue;
    for (const patient of shown.filter((name) => patients.has(name))) {
      const isOwn = own.has(JSON.stringify([user, patient]));
      // Everybody may see her own chart, as a patient.
      if (isOwn && event.purpose === "PATRQT") continue;
      const startMs = event.at - (event.at % DAY_MS);
      const key = JSON.stringify([user, patient, startMs]);
      const known = found.get(key);
      if (known !== undefined) known.evidence.unshift(event.id);
      else {
        const kind = isOwn ? "own-record" : "colleague-record";
        found.set(key, { facts: { tenant, at: event.at, kind, user, patient }, startMs, evidence: [event.id] });
      }
    }
  }
  return [...found.values()].map(({ facts, startMs, evidence }) =>
    makeSignal({ ...facts, count: evidence.length, evidence }, [facts.user, facts.patient], startMs),
  );
}

interface Facts {
  readonly tenant: string;
  readonly at: number;
  readonly kind: "own-record" | "colleague-record";
  readonly user: string;
  readonly patient: string;
}
