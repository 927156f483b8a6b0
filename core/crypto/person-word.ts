import type { TenantId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import type { Kid } from "./data-key.ts";
import { kidSealedTo, openSealedTo, type PrivateKey, type PublicKey, sealTo, type Sort } from "./sealed-to.ts";

/** The attribute of a registry row that a word about a person stands in: for another tenant, row or field it does not open. */
export interface PersonPlace {
  readonly tenantId: TenantId;
  readonly pk: string;
  readonly sk: string;
  readonly field: "name" | "login";
}

const WORD: Sort = { magic: "KWU1", pairClass: "U", label: "keyward person 1" };
const placed = ({ tenantId, pk, sk, field }: PersonPlace): readonly string[] => [tenantId, "registry", pk, sk, field];

/** Seals a name or a login to the tenant's public key of class U. Layout: core/crypto/README.md, "Names and logins". */
export function sealPersonWord(word: string, place: PersonPlace, recipient: PublicKey): Uint8Array {
  invariant(recipient.tenantId === place.tenantId, "a person's word is sealed to the key of its own tenant");
  const sealed = sealTo(WORD, word, placed(place), recipient);
  invariant(sealed.ok, "a name or a login is short");
  return sealed.value;
}

/** The version of the key that a word was sealed to. Throws SealBroken. */
export const personWordKid = (sealed: Uint8Array): Kid => kidSealedTo(WORD, sealed);

/** The inverse of `sealPersonWord`. Throws SealBroken. */
export function openPersonWord(sealed: Uint8Array, place: PersonPlace, key: PrivateKey): string {
  invariant(key.tenantId === place.tenantId, "a person's word is opened with the key of its own tenant");
  return openSealedTo(WORD, sealed, placed(place), key);
}
