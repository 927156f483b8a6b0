import { createHash } from "node:crypto";
import { policyTexts, schemaText } from "./policies.generated.ts";

/**
 * SHA-256 over the schema and every policy, hex: two decisions with one version came from the same rules. Beside the
 * engine, so that a zone which asks Cedar nothing can name the version without loading it.
 */
export const policyVersion = createHash("sha256")
  .update(
    JSON.stringify([schemaText, Object.entries(policyTexts).toSorted(([left], [right]) => (left < right ? -1 : 1))]),
  )
  .digest("hex");
