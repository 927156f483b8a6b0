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
