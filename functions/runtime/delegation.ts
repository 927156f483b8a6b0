import type { Principal } from "../../core/identity/principal.ts";
import { parseUserId } from "../../core/kernel/ids.ts";
import { ok, type Result } from "../../core/kernel/result.ts";
import type { Purpose } from "../../core/policy/index.ts";
import { activeDelegations, type Delegation, type PrivacyDeps, type PrivacyFailure } from "../../core/privacy/index.ts";
import type { RegistryStore } from "../../core/tenant/registry-store.ts";
import { MembershipRow, membershipKey, parseRow, UserRow, userKey } from "../../core/tenant/index.ts";

/** The header in which an assistant says for whom it acts. */
export const ON_BEHALF_OF = "x-on-behalf-of";

/** A delegation that stands, and what the member who gave it may do at this moment. */
export interface Delegated {
  readonly delegation: Delegation;
  readonly roles: readonly string[];
  readonly practitionerId?: string;
}

export interface DelegationDeps {
  readonly registry: RegistryStore;
  /** With the credentials of the assistant's own session. */
  readonly privacy: PrivacyDeps;
}

export const isAssistant = ({ kind, roles }: Pick<Principal, "kind" | "roles">): boolean =>
  kind === "client" && roles.includes("assistant");

/**
 * For whom an assistant acts, or undefined where nobody let it: an unknown member, one who has left or was disabled, a
 * delegation that was never given, that ended, or that does not reach the patient are all the same to it. Delegation and
 * member are read in this request and kept for none other. Nobody but an assistant acts for somebody else.
 * @param stated The `x-on-behalf-of` header: a user's id.
 * @param about What it must reach: a patient, a purpose.
 */
export async function delegatedTo(
  principal: Principal,
  stated: string | undefined,
  about: { readonly patientId?: string; readonly purpose?: Purpose },
  { registry, privacy }: DelegationDeps,
): Promise<Result<Delegated | undefined, PrivacyFailure>> {
  const userId = parseUserId(stated);
  if (userId === undefined || !isAssistant(principal)) return ok(undefined);
  const [found, rows] = await Promise.all([
    activeDelegations(privacy, principal.clientId, { ...about, userId }),
    registry.getMany([userKey(userId), membershipKey(userId, principal.tenantId)]),
  ]);
  if (!found.ok) return found;
  const [delegation] = found.value;
  const user = rows.find(({ sk }) => sk === userKey(userId).sk);
  const membership = rows.find(({ sk }) => sk === membershipKey(userId, principal.tenantId).sk);
  if (delegation === undefined || user === undefined || membership === undefined) return ok(undefined);
  const member = parseRow(MembershipRow, membership);
  if (parseRow(UserRow, user).status !== "active" || member.status !== "active") return ok(undefined);
  const { roles, practitionerId } = member;
  return ok({ delegation, roles, ...(practitionerId === undefined ? {} : { practitionerId }) });
}
