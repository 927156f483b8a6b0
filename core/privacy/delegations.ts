import * as z from "zod";
import { ID_PATTERN, isId, newId } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import { PURPOSES, type Purpose } from "../policy/grant.ts";
import { delegationKey, delegationPartition, delegationPrefix } from "../table/index.ts";
import type { PrivacyFailure } from "./failure.ts";
import type { Change, Marks, Opened, Person, PrivacyDeps } from "./rows.ts";
import { putOver, readAll } from "./rows.ts";
import { isWithin } from "./window.ts";

/** At most: an assistant's standing is renewed or it ends. */
const DELEGATION_DAYS = 90;
const DAY_MS = 86_400_000;

const id = z.string().regex(ID_PATTERN);

/** What one clinician lets one assistant do in her place. It never does more than she may do at that moment. */
export const Delegation = z.strictObject({
  id,
  /** The assistant: a registered client. */
  clientId: id,
  userId: id,
  purposes: z.array(z.enum(PURPOSES)).min(1),
  /** Absent: every patient whom she may reach. */
  patientIds: z.array(z.string()).min(1).max(200).optional(),
  grantedAtMs: z.int(),
  expiresAtMs: z.int(),
  revokedAtMs: z.int().optional(),
  revokedBy: id.optional(),
});
export type Delegation = z.infer<typeof Delegation>;

/** Emergencies are met by people, and what is the patient's own is asked for by her. */
const NEVER_DELEGATED: ReadonlySet<Purpose> = new Set(["ETREAT", "PATRQT"]);

export async function grantDelegation(
  deps: PrivacyDeps,
  input: {
    readonly clientId: string;
    readonly by: Person;
    readonly purposes: readonly Purpose[];
    readonly patientIds?: readonly string[];
    readonly days: number;
    /** A new id of ours, where the event is to name it. */
    readonly id?: string;
  },
  marks: Marks,
): Promise<Result<Change<Delegation>, PrivacyFailure>> {
  const { clientId, by, purposes, patientIds, days } = input;
  if (!isId(clientId)) return err({ kind: "not-found" });
  const isInBounds = Number.isInteger(days) && days >= 1 && days <= DELEGATION_DAYS;
  if (!isInBounds) return err({ kind: "business-rule", rule: "delegation-duration" });
  const isDelegable = purposes.length > 0 && purposes.every((purpose) => !NEVER_DELEGATED.has(purpose));
  if (!isDelegable) return err({ kind: "business-rule", rule: "delegation-purpose" });
  const nowMs = deps.clock.now();
  const delegation: Delegation = {
    id: input.id ?? newId(nowMs),
    clientId,
    userId: by.userId,
    purposes: [...purposes],
    ...(patientIds && { patientIds: [...patientIds] }),
    grantedAtMs: nowMs,
    expiresAtMs: nowMs + days * DAY_MS,
  };
  return changed(deps, delegation, 0, marks);
}

/** Whether the assistant may still act under it. */
export const isStanding = ({ revokedAtMs, grantedAtMs, expiresAtMs }: Delegation, nowMs: number): boolean =>
  revokedAtMs === undefined && isWithin(nowMs, grantedAtMs, expiresAtMs);

/**
 * What the assistant may act under at this moment, strongly consistent, the newest first. With a patient, only what
 * reaches her; with a user, only what that clinician granted.
 */
export async function activeDelegations(
  deps: PrivacyDeps,
  clientId: string,
  about: { readonly patientId?: string; readonly userId?: string; readonly purpose?: Purpose } = {},
): Promise<Result<readonly Delegation[], PrivacyFailure>> {
  if (!isId(clientId)) return ok([]);
  const pk = delegationPartition(deps.tenantId);
  const found = await readAll(deps, "delegation", pk, Delegation, { prefix: delegationPrefix(clientId) });
  if (!found.ok) return found;
  const nowMs = deps.clock.now();
  const { patientId, userId, purpose } = about;
  return ok(
    found.value
      .map(({ value }) => value)
      .filter(
        (each) =>
          isStanding(each, nowMs) &&
          // A list of patients reaches nothing that is not about one of them.
          (each.patientIds === undefined || (patientId !== undefined && each.patientIds.includes(patientId))) &&
          (userId === undefined || each.userId === userId) &&
          (purpose === undefined || each.purposes.includes(purpose)),
      )
      .toSorted((left, right) => right.grantedAtMs - left.grantedAtMs),
  );
}

/** A delegation by its id alone, ended ones too; `not-found` for any other id. */
export async function findDelegation(
  deps: PrivacyDeps,
  delegationId: string,
): Promise<Result<Opened<Delegation>, PrivacyFailure>> {
  if (!isId(delegationId)) return err({ kind: "not-found" });
  const found = await readAll(deps, "delegation", delegationPartition(deps.tenantId), Delegation, {
    isOne: (sk) => sk.split("#")[1] === delegationId,
  });
  if (!found.ok) return found;
  const [delegation] = found.value;
  return delegation ? ok(delegation) : err({ kind: "not-found" });
}

/** Ends a delegation at once: the assistant's next request has none. `delegation-ended` where it is over already. */
export async function revokeDelegation(
  deps: PrivacyDeps,
  { value, version }: Opened<Delegation>,
  by: Person,
  marks: Marks,
): Promise<Result<Change<Delegation>, PrivacyFailure>> {
  const nowMs = deps.clock.now();
  if (!isStanding(value, nowMs)) return err({ kind: "business-rule", rule: "delegation-ended" });
  return changed(deps, { ...value, revokedAtMs: nowMs, revokedBy: by.userId }, version, marks);
}

/** Those that stand, of the whole clinic or of one clinician. */
export async function listDelegations(
  deps: PrivacyDeps,
  userId?: string,
): Promise<Result<readonly Delegation[], PrivacyFailure>> {
  const found = await readAll(deps, "delegation", delegationPartition(deps.tenantId), Delegation);
  if (!found.ok) return found;
  const nowMs = deps.clock.now();
  const standing = found.value.map(({ value }) => value).filter((each) => isStanding(each, nowMs));
  return ok(standing.filter((each) => userId === undefined || each.userId === userId));
}

async function changed(
  deps: PrivacyDeps,
  delegation: Delegation,
  before: number,
  marks: Marks,
): Promise<Result<Change<Delegation>, PrivacyFailure>> {
  const key = delegationKey(deps.tenantId, delegation.clientId, delegation.id);
  const write = await putOver(deps, "delegation", key, delegation, before, marks);
  return write.ok ? ok({ value: delegation, writes: [write.value] }) : write;
}
