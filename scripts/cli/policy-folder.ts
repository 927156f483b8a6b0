import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { policySetTextToParts, policyToJson, validate } from "@cedar-policy/cedar-wasm/nodejs";
import { parsePolicyBundle, type PolicySet, policySetOf } from "../../core/policy/policy-set.ts";
import { CliFailure, EXIT } from "./failure.ts";

/**
 * The policies of a folder with `schema.cedarschema` and `policies/*.cedar`, as core/policy is one.
 * Throws with Cedar's message when a policy does not parse, does not validate, or carries no id of its own.
 */
export function readPolicyFolder(folder: string): PolicySet {
  const schema = readFileSync(path.join(folder, "schema.cedarschema"), "utf8");
  const policies: Record<string, string> = {};
  for (const file of readdirSync(path.join(folder, "policies")).toSorted()) {
    const parts = policySetTextToParts(readFileSync(path.join(folder, "policies", file), "utf8"));
    if (parts.type === "failure") throw new Error(`${file}: ${parts.errors.map((error) => error.message).join("; ")}`);
    if (parts.policy_templates.length > 0) throw new Error(`${file}: a template decides nothing`);
    for (const text of parts.policies) {
      const parsed = policyToJson(text);
      const id = parsed.type === "success" ? parsed.json.annotations?.["id"] : undefined;
      if (typeof id !== "string") throw new Error(`${file}: a policy has no @id`);
      if (Object.hasOwn(policies, id)) throw new Error(`${file}: the id ${id} is taken`);
      policies[id] = text;
    }
  }
  const answer = validate({ schema, policies: { staticPolicies: policies } });
  const problems =
    answer.type === "failure"
      ? answer.errors.map((error) => error.message)
      : answer.validationErrors.map((found) => `${found.policyId}: ${found.error.message}`);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return policySetOf(schema, policies);
}

/** The policies of a folder, or of one file of the archive's `v1/log/policy/`. Throws CliFailure for anything else. */
export function readPolicies(where: string): PolicySet {
  if (!existsSync(where)) throw new CliFailure(`${where} does not exist`, EXIT.usage);
  if (!statSync(where).isDirectory()) {
    const set = parsePolicyBundle(readFileSync(where, "utf8"));
    if (set === undefined) throw new CliFailure(`${where} is not a policy file of an archive`, EXIT.usage);
    return set;
  }
  if (!existsSync(path.join(where, "schema.cedarschema")))
    throw new CliFailure(`${where} holds no schema.cedarschema and policies/`, EXIT.usage);
  try {
    return readPolicyFolder(where);
  } catch (error) {
    throw new CliFailure(error instanceof Error ? error.message : String(error), EXIT.usage);
  }
}
