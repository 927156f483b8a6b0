import type { Assignee } from "../../../core/contract/index.ts";
import { classesOfType, type ResourceType } from "../../../core/fhir/index.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import { err, type Result } from "../../../core/kernel/result.ts";
import type { MessageDesk, MessageFailure, Owner } from "../../../core/message/index.ts";
import type { Signer } from "../../../core/encounter/index.ts";
import type { UserId } from "../../../core/kernel/ids.ts";
import type { Demand } from "../../../core/policy/index.ts";
import type { Exchange } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import { toFailure } from "../../records/failures.ts";
import { type Charts, effectOf, openCharts, type Said } from "../charts.ts";
import { clinicFor } from "../clinic-profile.ts";
import { signerOf } from "../encounter/desk.ts";
import { mayKnowPeople, membersOf } from "../people.ts";

/** A demand on records of a type in whatever class each turns out to be. */
export const on = (action: Demand["action"], type: ResourceType, patientId?: string): Demand => ({
  action,
  type,
  classes: classesOfType(type),
  ...(patientId === undefined ? {} : { patientId }),
});

/** What reading messages and tasks looks at. */
export const mail = (patientId?: string): readonly Demand[] => [
  on("search", "Communication", patientId),
  on("search", "Task", patientId),
];

/** What a result is shown with. */
export const resultDemands = (patientId?: string): readonly Demand[] => [
  on("read", "DiagnosticReport", patientId),
  on("search", "Observation", patientId),
  on("search", "ServiceRequest", patientId),
  on("search", "Task", patientId),
];

export type StaffDesk = MessageDesk & { readonly me: { readonly kind: "staff"; readonly signer: Signer } };

/** A request on the inbox that policy permits. */
export interface Working {
  readonly charts: Charts;
  readonly desk: StaffDesk;
}

/** Opens the charts that the demands name, and what messages and tasks are worked on with. */
export async function openWorking(
  exchange: Exchange,
  demands: readonly Demand[],
  about?: { readonly type: ResourceType; readonly id: string },
  why?: Said,
): Promise<Working> {
  const charts = await openCharts(exchange, demands, about, why);
  const [signer, clinic] = [await signerOf(exchange), await clinicFor(exchange)];
  const desk: StaffDesk = {
    records: charts.records,
    grant: charts.recordGrant,
    me: { kind: "staff", signer },
    clock: systemClock,
    timeZone: clinic.timeZone,
    ...effectOf(exchange),
  };
  return { charts, desk };
}

export const must = <T>(result: Result<T, MessageFailure>): T => {
  if (result.ok) return result.value;
  const { error } = result;
  return fail(error.kind === "rule" ? { kind: "business-rule", rule: error.rule } : toFailure(error));
};

/** Does a request that reads, and begins it again once where a consent or a hold changed while it ran. */
export async function reading<T>(
  open: () => Promise<Working>,
  work: (desk: StaffDesk, charts: Charts) => Promise<Result<T, MessageFailure>>,
): Promise<T> {
  const once = async () => {
    const { desk, charts } = await open();
    return work(desk, charts);
  };
  const first = await once();
  const hasChanged = !first.ok && first.error.kind === "conflict" && first.error.reason === "decision";
  return must(hasChanged ? await once() : first);
}

/** Whom a request means, as the registry knows her now: a name and roles are never a request's own. */
export async function ownerFor(charts: Charts, assignee: Assignee): Promise<Owner> {
  if ("pool" in assignee) return { kind: "pool", pool: assignee.pool };
  const found = mayKnowPeople(charts) ? await personFor(charts, assignee.user) : undefined;
  return found ?? must(err({ kind: "rule", rule: "assignee-unknown" }));
}

/** Somebody who works in the clinic now; undefined for everybody else, a patient's own account among them. */
export async function personFor(charts: Charts, user: string): Promise<Extract<Owner, { kind: "person" }> | undefined> {
  const person = (await membersOf(charts)).find(
    ({ id, kind, status }) => id === user && kind === "user" && status === "active",
  );
  if (person === undefined) return undefined;
  const { id, name, roles, practitionerId } = person;
  const userId = id as UserId;
  return { kind: "person", userId, name, roles, ...(practitionerId !== undefined && { practitionerId }) };
}
