// Writes core/policy/policies.generated.ts from the .cedar files that an auditor reads, after Cedar has validated them.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { policySetTextToParts, policyToJson, validate } from "@cedar-policy/cedar-wasm/nodejs";

const folder = path.resolve(import.meta.dirname, "../core/policy");
const target = path.join(folder, "policies.generated.ts");

/** The generated module's text. Throws with Cedar's message when a policy does not parse, validate or carry an id. */
export function generatePolicies(): string {
  const schema = readFileSync(path.join(folder, "schema.cedarschema"), "utf8");
  const policies: Record<string, string> = {};
  for (const file of readdirSync(path.join(folder, "policies")).toSorted()) {
    const parts = policySetTextToParts(readFileSync(path.join(folder, "policies", file), "utf8"));
    if (parts.type === "failure") throw new Error(`${file}: ${parts.errors.map((error) => error.message).join("; ")}`);
    for (const text of parts.policies) {
      const parsed = policyToJson(text);
      const id = parsed.type === "success" ? parsed.json.annotations?.["id"] : undefined;
      if (typeof id !== "string") throw new Error(`${file}: a policy has no @id`);
      if (id in policies) throw new Error(`${file}: the id ${id} is taken`);
      policies[id] = text;
    }
  }
  const answer = validate({ schema, policies: { staticPolicies: policies } });
  const problems =
    answer.type === "failure"
      ? answer.errors.map((error) => error.message)
      : answer.validationErrors.map((found) => `${found.policyId}: ${found.error.message}`);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return [
    "// Written by `npm run policies` from policies/*.cedar and schema.cedarschema: change those.",
    `export const schemaText = ${JSON.stringify(schema)};`,
    `export const policyTexts: Readonly<Record<string, string>> = ${JSON.stringify(policies, null, 2)};`,
    "",
  ].join("\n\n");
}

if (import.meta.main) {
  writeFileSync(target, generatePolicies());
  process.stdout.write(`wrote ${path.relative(process.cwd(), target)}\n`);
}
