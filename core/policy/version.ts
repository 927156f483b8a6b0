import { policyTexts, schemaText } from "./policies.generated.ts";
import { policySetOf } from "./policy-set.ts";

/** The policies that this build carries. Beside the engine, so that a zone which asks Cedar nothing need not load it. */
export const currentPolicies = policySetOf(schemaText, policyTexts);

/** SHA-256 over the schema and every policy, hex: two decisions with one version came from the same rules. */
export const policyVersion = currentPolicies.version;

/**
 * The running policies as the one text that their version is the SHA-256 of: what the archive keeps under
 * `v1/log/policy/<version>.json`, so that a decision can be made again when these files are long gone.
 */
export const policyBundle = (): { readonly version: string; readonly text: string } => ({
  version: currentPolicies.version,
  text: currentPolicies.text,
});
