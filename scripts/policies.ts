// Writes core/policy/policies.generated.ts from the .cedar files that an auditor reads, after Cedar has validated them.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { readPolicyFolder } from "./cli/policy-folder.ts";

const folder = path.resolve(import.meta.dirname, "../core/policy");
const target = path.join(folder, "policies.generated.ts");

/** The generated module's text. Throws with Cedar's message when a policy does not parse, validate or carry an id. */
export function generatePolicies(from = folder): string {
  const { schema, policies } = readPolicyFolder(from);
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
