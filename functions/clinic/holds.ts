import type { ApprovalView, HoldView, PlaceHold, ReleaseHold } from "../../core/contract/index.ts";
import { systemClock, toInstant } from "../../core/kernel/clock.ts";
import { newId } from "../../core/kernel/ids.ts";
import {
  approve,
  findApproval,
  type Approval,
  type Hold,
  listHolds as allHolds,
  placeHold as place,
  type Protection,
  readProtection,
  RELEASE_HOLD,
  releaseHold as release,
  requestApproval,
} from "../../core/privacy/index.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { actOnce, commit, failTold, tell, type Told } from "./act.ts";
import { type Affair, openAffair } from "./context.ts";
import { failureOf } from "./failures.ts";
import { checkPatient } from "./patients.ts";
import { namesOf } from "./people.ts";

const view = (patientId: string, { id, mode, reasonCode, matter, placedBy, placedAtMs }: Hold): HoldView => ({
  id,
  patient: patientId,
  mode,
  reason: { code: reasonCode, text: matter },
  placedBy,
  placedAt: toInstant(placedAtMs),
});

const toldOf = (id: string, patientId: string): Told => ({
  patientId,
  entities: [
    { type: "Hold", id },
    { type: "Patient", id: patientId },
  ],
});

async function protectionOf(affair: Affair, patientId: string): Promise<Protection> {
  const found = await readProtection(affair.privacy, patientId);
  return found.ok ? found.value : fail(failureOf(found.error));
}

/** Keeps a chart as it is from the commit on: every change of it carries a check of the row that this writes. */
export async function placeHold(exchange: Exchange): Promise<Answer> {
  const { patient, mode, reason } = exchange.body as PlaceHold;
  const affair = await openAffair(exchange, { patientId: patient });
  await checkPatient(affair, patient, { patientId: patient, entities: [{ type: "Hold" }], reason: reason.code });
  const before = await protectionOf(affair, patient);
  const id = newId(systemClock.now());
  return actOnce(affair, {
    told: { ...toldOf(id, patient), reason: reason.code, detail: { mode, reason: reason.text } },
    change: (marks) => {
      const input = { id, mode, reasonCode: reason.code, matter: reason.text, by: affair.principal };
      return place(affair.privacy, before, input, marks);
    },
    reference: id,
    answer: async (known) => {
      const { hold } = await protectionOf(affair, patient);
      // A repeat that comes after the release finds what it placed no longer there.
      return hold?.id === known ? json(201, view(patient, hold)) : json(200, { id: known, state: "released" });
    },
  });
}

export async function listHolds(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const holds = await allHolds(affair.privacy);
  if (!holds.ok) return fail(failureOf(holds.error));
  await tell(affair, { entities: [{ type: "Hold" }], count: holds.value.length });
  const people = await namesOf(
    affair,
    holds.value.map(({ hold }) => hold.placedBy),
  );
  return json(200, { holds: holds.value.map(({ patientId, hold }) => view(patientId, hold)), people });
}

const waiting = ({ id, action, requestedBy, requestedAtMs, expiresAtMs }: Approval): ApprovalView => ({
  approval: id,
  action,
  requestedBy,
  requestedAt: toInstant(requestedAtMs),
  expiresAt: toInstant(expiresAtMs),
});

/**
 * Takes two: the first call asks and is answered 202; the call of another person, who names that request, approves it and
 * takes the hold away. What is approved is this hold of this patient, and no later one.
 */
export async function releaseHold(exchange: Exchange): Promise<Answer> {
  const patientId = exchange.path["patient"] ?? "";
  const { reason, approval } = exchange.body as ReleaseHold;
  const affair = await openAffair(exchange, { patientId });
  const protection = await protectionOf(affair, patientId);
  const { hold } = protection;
  const told = {
    ...toldOf(hold?.id ?? "none", patientId),
    reason: reason.code,
    detail: { reason: reason.text },
  };
  if (approval !== undefined) return releaseApproved(affair, protection, approval, told);
  if (hold === undefined) return failTold(affair, told, { kind: "business-rule", rule: "no-hold" });
  const id = newId(systemClock.now());
  const subject = { patientId, holdId: hold.id };
  return actOnce(affair, {
    told: { ...told, entities: [...(told.entities ?? []), { type: "Approval", id }], stage: "start" },
    change: (marks) =>
      requestApproval(affair.privacy, { id, action: RELEASE_HOLD, subject, by: affair.principal }, marks),
    reference: id,
    answer: async (known) => {
      const found = await findApproval(affair.privacy, known);
      return found.ok ? json(202, waiting(found.value.value)) : fail(failureOf(found.error));
    },
  });
}

async function releaseApproved(affair: Affair, protection: Protection, id: string, told: Told): Promise<Answer> {
  const { privacy, principal } = affair;
  const { patientId, hold } = protection;
  const named: Told = {
    ...told,
    entities: [...(told.entities ?? []), { type: "Approval", id }],
    approverId: principal.userId,
  };
  const answer = (): Promise<Answer> => Promise.resolve(json(200, { patient: patientId, state: "released" }));
  const found = await findApproval(privacy, id);
  if (!found.ok) return failTold(affair, named, failureOf(found.error));
  let approved = found.value;
  // A call that broke off between the two transactions goes on where it was.
  if (approved.value.approvedBy !== principal.userId) {
    const subject = { patientId, holdId: hold?.id ?? "" };
    const done = await commit(affair, { ...named, stage: "approve" }, (marks) =>
      approve(privacy, approved, { action: RELEASE_HOLD, subject, by: principal }, marks),
    );
    if (!done.ok) return failTold(affair, named, { kind: "conflict" });
    approved = { value: done.value, version: approved.version + 1 };
  }
  return actOnce(affair, {
    told: { ...named, stage: "finish" },
    change: (marks) => release(privacy, protection, approved, principal, marks),
    reference: id,
    answer,
  });
}
