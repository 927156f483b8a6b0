import type { TenantId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import type { Result } from "../kernel/result.ts";
import type { Kid } from "./data-key.ts";
import { makeKid } from "./data-key.ts";
import type { SealTooLong } from "./seal-item.ts";
import { sealHolds } from "./seal-broken.ts";
import { kidSealedTo, openSealedTo, PrivateKey, type PublicKey, sealTo, type Sort } from "./sealed-to.ts";

/** The event that a detail belongs to: it opens for no other tenant and no other event. */
export interface AuditPlace {
  readonly tenantId: TenantId;
  readonly eventId: string;
}

const DETAIL: Sort = { magic: "KWA1", pairClass: "A", label: "keyward audit detail 1" };
const placed = ({ tenantId, eventId }: AuditPlace): readonly string[] => [tenantId, eventId];

/** Seals the detail of an audit event to the tenant's audit public key. Layout: core/crypto/README.md, "Audit detail". */
export function sealAuditDetail(
  detail: string,
  place: AuditPlace,
  recipient: PublicKey,
): Result<Uint8Array, SealTooLong> {
  invariant(recipient.tenantId === place.tenantId, "audit detail is sealed to the key of its own tenant");
  return sealTo(DETAIL, detail, placed(place), recipient);
}

/** The version of the audit key that a detail was sealed to. Throws SealBroken. */
export const auditDetailKid = (sealed: Uint8Array): Kid => kidSealedTo(DETAIL, sealed);

/** Opens a detail with the tenant's audit private key (PKCS #8, DER, as kms:Decrypt gives it). Throws SealBroken. */
export function openAuditDetail(
  sealed: Uint8Array,
  place: AuditPlace,
  { kver, privateKey }: { readonly kver: number; readonly privateKey: Uint8Array },
): string {
  sealHolds(auditDetailKid(sealed) === makeKid("A", kver), "key");
  const key = new PrivateKey(place.tenantId, "A", kver, Uint8Array.from(privateKey));
  try {
    return openSealedTo(DETAIL, sealed, placed(place), key);
  } finally {
    key.wipe();
  }
}
