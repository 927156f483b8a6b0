import { createHmac, createSecretKey, hkdfSync } from "node:crypto";
import { invariant } from "../kernel/invariant.ts";
import { lengthPrefixed } from "./bytes.ts";
import type { DataKey } from "./data-key.ts";

/** 128 bits, as 32 hexadecimal digits. */
const TOKEN_BYTES = 16;

/** Folds what a search treats as equal: accents, case, runs of white space. */
export const foldSearchValue = (value: string): string =>
  value
    .normalize("NFD")
    .replaceAll(/\p{M}+/gu, "")
    .toLowerCase()
    .replaceAll(/\s+/gu, " ")
    .trim();

/**
 * The search token of a value in one field (`Patient.identifier`) of one tenant: equal values give equal tokens, inside
 * one field and one tenant only. HMAC-SHA-256 under a key that HKDF derives from the X key for the field alone.
 * Never for clinical codes, gender or status: `fhir.md` 6 measured what their frequencies give away.
 */
export function searchToken(xKey: DataKey, field: string, value: string): string {
  invariant(xKey.dataClass === "X", "search tokens are made under the X key");
  const info = lengthPrefixed(["keyward search token 1", xKey.tenantId, field]);
  const fieldKey = Buffer.from(hkdfSync("sha256", xKey.secret(), Buffer.alloc(0), info, 32));
  const token = createHmac("sha256", createSecretKey(fieldKey)).update(foldSearchValue(value), "utf8").digest();
  fieldKey.fill(0);
  return token.toString("hex", 0, TOKEN_BYTES);
}

/**
 * The search token of a value in records of one class: the value is keyed with the class's own data key first, so that
 * nobody who cannot open the record can ask for it, although every session of the tenant has the X key. Folding is the caller's: ids differ by case.
 */
export function classSearchToken(xKey: DataKey, classKey: DataKey, field: string, value: string): string {
  invariant(classKey.tenantId === xKey.tenantId, "both keys of a token are one tenant's");
  const info = lengthPrefixed(["keyward search class 1", classKey.tenantId, classKey.dataClass, field]);
  const key = Buffer.from(hkdfSync("sha256", classKey.secret(), Buffer.alloc(0), info, 32));
  const keyed = createHmac("sha256", createSecretKey(key)).update(value, "utf8").digest("hex");
  key.fill(0);
  return searchToken(xKey, field, keyed);
}
