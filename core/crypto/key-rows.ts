import type { KeyedClass } from "../kernel/data-class.ts";
import type { TenantId } from "../kernel/ids.ts";

/** What a key row allows. SUSPENDED comes back, SHREDDED never does. */
export const KEY_STATES = ["ACTIVE", "DECRYPT_ONLY", "SUSPENDED", "SHREDDED"] as const;
export type KeyState = (typeof KEY_STATES)[number];

interface KeyRowBase {
  readonly tenantId: TenantId;
  readonly dataClass: KeyedClass;
  readonly kver: number;
  readonly state: KeyState;
  /** The tenant's epoch when the row was last changed. */
  readonly epoch: number;
}

/** Points at the version that seals. */
export interface ActiveKeyRow extends KeyRowBase {
  readonly slot: "active";
}

/** One wrapped version, never changed but for its state. */
export interface KeyVersionRow extends KeyRowBase {
  readonly slot: "version";
  /** The data key under the KEK; for a pair class the private key (PKCS #8). */
  readonly enc: Uint8Array;
  /** Pair classes alone: the public key (SPKI, DER), which whoever writes seals with. */
  readonly publicKey?: Uint8Array;
  readonly createdAtMs: number;
}

export type KeyRow = ActiveKeyRow | KeyVersionRow;

/** KMS encryption context of a wrapped key. KMS refuses a key under any other context. */
export interface KeyContext extends Readonly<Record<string, string>> {
  readonly tenant: string;
  readonly cell: string;
  readonly class: string;
  readonly kver: string;
}

export const keyContext = (tenantId: TenantId, cell: string, dataClass: KeyedClass, kver: number): KeyContext => ({
  tenant: tenantId,
  cell,
  class: dataClass,
  kver: String(kver),
});
