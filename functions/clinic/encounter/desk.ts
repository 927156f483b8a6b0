import type { NoteAct } from "../../../core/contract/index.ts";
import type { EncounterDesk, EncounterFailure, Signer } from "../../../core/encounter/index.ts";
import { patientOfId, type ResourceType } from "../../../core/fhir/index.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import type { Result } from "../../../core/kernel/result.ts";
import { authorizeClinic, type Demand } from "../../../core/policy/index.ts";
import { type Exchange, identityOf } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import { toFailure } from "../../records/failures.ts";
import { onAlarm } from "../../runtime/record-alarm.ts";
import { type Charts, effectOf, openCharts, type Said } from "../charts.ts";
import { openScope, ownName, standingOptions } from "../context.ts";

/** A request on visits and notes that policy permits. */
export interface Visiting {
  readonly charts: Charts;
  readonly desk: EncounterDesk;
}

/** A demand on records of a type that may be segmented, in the class that each turns out to be in. */
export const clinical = (action: Demand["action"], type: ResourceType, patientId?: string): Demand => ({
  action,
  type,
  classes: ["C", "S"],
  ...(patientId === undefined ? {} : { patientId }),
});

/** Reading a note looks at its signatures too, and at what it appends to. */
export const reading = (patientId?: string): readonly Demand[] => [clinical("read", "DocumentReference", patientId)];

/** A signature is a record of its own beside the note. */
export const writing = (patientId?: string): readonly Demand[] => [
  clinical("update", "DocumentReference", patientId),
  clinical("create", "Provenance", patientId),
];

/** The action of policy that an act to a note is. */
const ACTIONS: Readonly<Record<NoteAct, string>> = {
  write: "note.write",
  sign: "note.sign",
  lock: "note.sign",
  cosign: "note.cosign",
  addend: "note.addend",
  unlock: "note.unlock",
  discard: "note.discard",
};

export async function signerOf(exchange: Exchange): Promise<Signer> {
  const { principal } = identityOf(exchange);
  const { userId, roles, practitionerId } = principal;
  return { userId, name: await ownName(exchange), roles, ...(practitionerId !== undefined && { practitionerId }) };
}

/** Opens the charts that the demands name, and what visits and notes are worked on with. */
export async function openVisiting(
  exchange: Exchange,
  demands: readonly Demand[],
  about?: { readonly type: ResourceType; readonly id: string },
  why?: Said,
): Promise<Visiting> {
  const charts = await openCharts(exchange, demands, about, why);
  const { principal, records, recordGrant } = charts;
  const { audit, table, keyring, keyScope } = openScope(exchange, recordGrant);
  const patientId = about === undefined ? undefined : patientOfId(about.id);
  const asked = { ...standingOptions(exchange), ...(patientId !== undefined && { patientId }), steppedUp: true };
  const desk: EncounterDesk = {
    records,
    grant: recordGrant,
    me: await signerOf(exchange),
    clock: systemClock,
    ...effectOf(exchange),
    drafts: {
      grant: recordGrant,
      audit,
      table,
      keyring,
      keyScope,
      tenantId: recordGrant.tenantId,
      clock: systemClock,
      onAlarm,
    },
    isPermitted: (act) => authorizeClinic(principal, ACTIONS[act], asked).ok,
  };
  return { charts, desk };
}

export const must = <T>(result: Result<T, EncounterFailure>): T => {
  if (result.ok) return result.value;
  const { error } = result;
  return fail(error.kind === "rule" ? { kind: "business-rule", rule: error.rule } : toFailure(error));
};

/** Does a request that reads, and begins it again once where a consent or a hold changed while it ran. */
export async function visiting<T>(
  open: () => Promise<Visiting>,
  work: (desk: EncounterDesk) => Promise<Result<T, EncounterFailure>>,
): Promise<T> {
  const first = await work((await open()).desk);
  const hasChanged = !first.ok && first.error.kind === "conflict" && first.error.reason === "decision";
  return must(hasChanged ? await work((await open()).desk) : first);
}
