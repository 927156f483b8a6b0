import type { KeyObject } from "node:crypto";
import { createSecretKey } from "node:crypto";
import type { KeyedClass } from "../kernel/data-class.ts";
import { KEYED_CLASSES } from "../kernel/data-class.ts";
import { InvariantError, invariant } from "../kernel/invariant.ts";
import type { Branded, TenantId } from "../kernel/ids.ts";
import { LIMITS } from "./limits.ts";

/** Names a data key inside its tenant: class letter, dot, version as six digits. `C.000001`, always eight characters. */
export type Kid = Branded<string, "Kid">;

export const KID_BYTES = 8;
const KID_PATTERN = /^([A-Z])\.(\d{6})$/;

export function makeKid(dataClass: KeyedClass, kver: number): Kid {
  invariant(Number.isInteger(kver) && kver >= 1 && kver <= 999_999, "a key version is 1 to 999999");
  return `${dataClass}.${String(kver).padStart(6, "0")}` as Kid;
}

/** The class and version that a kid names, or undefined for anything that `makeKid` does not make. */
export function parseKid(text: string): { kid: Kid; dataClass: KeyedClass; kver: number } | undefined {
  const match = KID_PATTERN.exec(text);
  const dataClass = KEYED_CLASSES.find((letter) => letter === match?.[1]);
  const kver = Number(match?.[2]);
  return dataClass === undefined || !(kver >= 1) ? undefined : { kid: text as Kid, dataClass, kver };
}

/**
 * An unwrapped data key of one tenant and class. The 32 bytes are private to the object, so that neither a log nor
 * JSON can show them, and are zeroed by `wipe`; a wiped key refuses to work instead of working with zeroes.
 */
export class DataKey {
  readonly tenantId: TenantId;
  readonly dataClass: KeyedClass;
  readonly kver: number;
  readonly kid: Kid;
  readonly #bytes: Buffer;
  #isWiped = false;
  #sealedItems = 0;

  /** Takes the bytes over: the caller's buffer is zeroed. */
  constructor(tenantId: TenantId, dataClass: KeyedClass, kver: number, bytes: Uint8Array) {
    invariant(bytes.length === 32, "a data key has 32 bytes");
    this.tenantId = tenantId;
    this.dataClass = dataClass;
    this.kver = kver;
    this.kid = makeKid(dataClass, kver);
    this.#bytes = Buffer.from(bytes);
    bytes.fill(0);
  }

  get isWiped(): boolean {
    return this.#isWiped;
  }

  /**
   * The key for one derivation, never kept. A KeyObject, because Node 24 spends 15 us on every key that is given as
   * bytes; OpenSSL clears its copy when it is freed.
   */
  secret(): KeyObject {
    if (this.#isWiped) throw new InvariantError("a data key is not used after it was wiped");
    return createSecretKey(this.#bytes);
  }

  /** Counts an item against the version's limit. */
  countSealed(): void {
    this.#sealedItems += 1;
    invariant(this.#sealedItems <= LIMITS.itemsPerKeyVersion, "a key version seals at most 2^32 items");
  }

  wipe(): void {
    this.#isWiped = true;
    this.#bytes.fill(0);
  }
}
