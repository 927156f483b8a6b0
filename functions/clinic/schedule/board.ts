import type { Step } from "../../../core/contract/index.ts";
import { parseSearch } from "../../../core/fhir/index.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import { invariant } from "../../../core/kernel/invariant.ts";
import type { Result } from "../../../core/kernel/result.ts";
import { authorizeClinic, type Demand, isOfficeGrant } from "../../../core/policy/index.ts";
import {
  appointmentView,
  type BoardInput,
  type Clinic,
  isOfVisit,
  type ScheduleDesk,
  type ScheduleFailure,
  type SeenPatient,
  seenPatient,
  type Visit,
} from "../../../core/schedule/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import { must, toFailure } from "../../records/failures.ts";
import { type Charts, effectOf } from "../charts.ts";
import { standingOptions } from "../context.ts";

/** A demand on what the day is made of. */
export const on = (action: Demand["action"], type: string, patientId?: string): Demand => ({
  action,
  type,
  classes: ["D"],
  patientId,
});

/** What policy is asked for each step. */
export const ACTIONS: Readonly<Record<Step | "move", string>> = {
  arrive: "appointment.step",
  ready: "appointment.step",
  complete: "appointment.step",
  "no-show": "appointment.step",
  undo: "appointment.step",
  room: "appointment.room",
  start: "appointment.start",
  cancel: "appointment.cancel",
  move: "appointment.move",
};

/** Patients that one search names. */
const PATIENTS_A_SEARCH = 100;

/** What may be shown of these patients. One who is hidden is in no answer. */
async function seenOf({ records, recordGrant }: Charts, ids: readonly string[]) {
  const seen = new Map<string, SeenPatient>();
  const named = [...new Set(ids)];
  for (let at = 0; at < named.length; at += PATIENTS_A_SEARCH) {
    const some = named.slice(at, at + PATIENTS_A_SEARCH).join(",");
    const query = parseSearch("Patient", `_id=${some}&_count=${String(PATIENTS_A_SEARCH)}`);
    invariant(query.ok, "a search by ids reads");
    const page = must(await records.search(recordGrant, query.value));
    for (const patient of page.matches) seen.set(patient.id ?? "", seenPatient(patient));
  }
  return seen;
}

/** What rows of the board are shown from, for who asks. */
export async function boardInput(
  exchange: Exchange,
  charts: Charts,
  clinic: Clinic,
  visits: readonly Visit[],
): Promise<BoardInput> {
  const options = standingOptions(exchange);
  const may = new Map(
    Object.values(ACTIONS).map((action) => [action, authorizeClinic(charts.principal, action, options).ok]),
  );
  return {
    clinic,
    nowMs: systemClock.now(),
    patients: await seenOf(
      charts,
      visits.map(({ patientId }) => patientId),
    ),
    isOffice: isOfficeGrant(charts.recordGrant),
    may: (asked, stage) => may.get(isOfVisit(asked, stage) ? ACTIONS.start : ACTIONS[asked]) === true,
  };
}

/** Of what stands against an appointment, each conflict with its field. */
export const mustSchedule = <T>(result: Result<T, ScheduleFailure>): T => {
  if (result.ok) return result.value;
  const { error } = result;
  invariant(error.kind !== "of-a-visit", "a step that is of the visit too was handed on");
  if (error.kind !== "refused") return fail(toFailure(error));
  const issues = error.conflicts.map(({ rule, path }) => ({
    path,
    rule,
    severity: "error" as const,
    code: "business-rule" as const,
  }));
  return fail({ kind: "invalid", issues });
};

/** The row as the board shows it after an act. */
export async function answerOf(
  exchange: Exchange,
  charts: Charts,
  clinic: Clinic,
  done: Result<Visit, ScheduleFailure>,
  status: 200 | 201 = 200,
): Promise<Answer> {
  const visit = mustSchedule(done);
  const view = appointmentView(await boardInput(exchange, charts, clinic, [visit]), visit);
  return json(status, view, { etag: `W/"${String(visit.version)}"` });
}

export const deskOf = (exchange: Exchange, { records, recordGrant }: Charts, clinic: Clinic): ScheduleDesk => ({
  records,
  grant: recordGrant,
  clinic,
  clock: systemClock,
  ...effectOf(exchange),
});
