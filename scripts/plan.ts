import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { firstDifference } from "./plan/difference.ts";
import { POLICY_PACK, writePolicyPack } from "./plan/policy-pack.ts";
import { planStages } from "./plan/run.ts";

/**
 * `npm run plan`: writes what `sst deploy` would make, for every stage, to stacks/plan/<stage>.json, and the guardrails
 * to where `sst deploy --policy` takes them from.
 * `npm run plan -- --check`: writes nothing and fails, naming the first difference, when a committed plan is not that.
 */
const root = path.resolve(import.meta.dirname, "..");
const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });

try {
  const plans = await planStages(root);
  const folder = path.join(root, "stacks", "plan");
  mkdirSync(folder, { recursive: true });
  for (const [stage, text] of plans) {
    const file = path.join(folder, `${stage}.json`);
    if (!values.check) {
      writeFileSync(file, text);
      const { resources } = JSON.parse(text) as { resources: unknown[] };
      process.stdout.write(`${path.relative(root, file)}  ${resources.length} resources\n`);
      continue;
    }
    const difference = firstDifference(readCommitted(file), text);
    if (difference === undefined) continue;
    process.stderr.write(
      `keyward: stacks/plan/${stage}.json is stale: ${difference}; run npm run plan and commit it\n`,
    );
    process.exitCode = 1;
  }
  if (!values.check) {
    await writePolicyPack(root);
    process.stdout.write(`${POLICY_PACK}  guardrails for sst deploy --policy\n`);
  }
} catch (error) {
  process.stderr.write(`keyward: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function readCommitted(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
