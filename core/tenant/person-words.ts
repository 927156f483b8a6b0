import type { PersonPlace } from "../crypto/person-word.ts";
import type { TenantId } from "../kernel/ids.ts";
import { ok, type Result } from "../kernel/result.ts";
import type { AccountRow } from "./account-rows.ts";
import { accountKey, type MembershipRow, membershipKey } from "./rows.ts";

/** What the registry says of people by name is sealed for the clinic whose row it stands in, and opens in no other. */
export type SealWord = (word: string, place: PersonPlace) => Promise<Uint8Array>;

/** The clinic's keys are suspended or gone: nobody is known there by name. */
export type WordFailure = { readonly kind: "closed" };

/** Throws where nobody answers, and `SealBroken` for what was moved or altered. */
export type OpenWord = (sealed: Uint8Array, place: PersonPlace) => Promise<Result<string, WordFailure>>;

export const namePlace = (userId: string, tenantId: string): PersonPlace => ({
  tenantId: tenantId as TenantId,
  ...membershipKey(userId, tenantId),
  field: "name",
});

export const loginPlace = (userId: string, tenantId: string): PersonPlace => ({
  tenantId: tenantId as TenantId,
  ...accountKey(userId, tenantId),
  field: "login",
});

/** The name that a clinic has for a member. Systems and apps have theirs in rows of their own. */
export async function openName(
  open: OpenWord,
  {
    userId,
    tenantId,
    nameSealed,
  }: Pick<MembershipRow, "userId" | "tenantId"> & { readonly nameSealed?: Uint8Array | undefined },
): Promise<Result<string, WordFailure>> {
  return nameSealed === undefined ? ok("") : open(nameSealed, namePlace(userId, tenantId));
}

export const openLogin = (
  open: OpenWord,
  { userId, tenantId, loginSealed }: Pick<AccountRow, "userId" | "tenantId" | "loginSealed">,
): Promise<Result<string, WordFailure>> => open(loginSealed, loginPlace(userId, tenantId));
