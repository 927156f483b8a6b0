import { newId } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Approval } from "./approvals.ts";
import { spendApproval } from "./approvals.ts";
import type { PrivacyFailure } from "./failure.ts";
import type { Hold, Protection } from "./protection.ts";
import { protectionWrite, readProtections } from "./protection.ts";
import type { Change, Marks, Opened, Person, PrivacyDeps } from "./rows.ts";

export type { Hold } from "./protection.ts";

/** The action of the approval that releases a hold; its subject is `{ patientId, holdId }`. */
export const RELEASE_HOLD = "hold.release";

/**
 * Puts a patient's chart under a legal hold: from the commit on, no record of hers is replaced or deleted, because each
 * write carries a check of this row. `frozen` leaves reading as it is; `restricted` leaves it to those who keep the hold.
 * One hold at a time: `hold-exists`.
 */
export async function placeHold(
  deps: PrivacyDeps,
  before: Protection,
  input: {
    readonly mode: Hold["mode"];
    readonly reasonCode: string;
    readonly matter: string;
    readonly by: Person;
    readonly id?: string;
  },
  marks: Marks,
): Promise<Result<Change<Hold>, PrivacyFailure>> {
  if (before.hold) return err({ kind: "business-rule", rule: "hold-exists" });
  const nowMs = deps.clock.now();
  const { mode, reasonCode, matter, by, id = newId(nowMs) } = input;
  const hold: Hold = { id, mode, reasonCode, matter, placedBy: by.userId, placedAtMs: nowMs };
  const write = await protectionWrite(deps, before, { hold }, marks);
  return write.ok ? ok({ value: hold, writes: [write.value] }) : write;
}

/** Takes the hold away with an approval that a second person gave, which is spent in the same transaction. */
export async function releaseHold(
  deps: PrivacyDeps,
  before: Protection,
  approval: Opened<Approval>,
  by: Person,
  marks: Marks,
): Promise<Result<Change<Hold>, PrivacyFailure>> {
  const { hold } = before;
  if (!hold) return err({ kind: "business-rule", rule: "no-hold" });
  const subject = { patientId: before.patientId, holdId: hold.id };
  const spent = await spendApproval(deps, approval, { action: RELEASE_HOLD, subject, by }, marks);
  if (!spent.ok) return spent;
  const write = await protectionWrite(deps, before, { hold: null }, marks);
  return write.ok ? ok({ value: hold, writes: [write.value, ...spent.value.writes] }) : write;
}

/** Every patient under a hold. */
export async function listHolds(
  deps: PrivacyDeps,
): Promise<Result<readonly { readonly patientId: string; readonly hold: Hold }[], PrivacyFailure>> {
  const protections = await readProtections(deps);
  if (!protections.ok) return protections;
  return ok([...protections.value.values()].flatMap(({ patientId, hold }) => (hold ? [{ patientId, hold }] : [])));
}
