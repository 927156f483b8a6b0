import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import * as esbuild from "esbuild";

/** Where `sst deploy --policy` finds the guardrails, relative to the root. */
export const POLICY_PACK = path.join(".sst", "platform", "guardrails");

const DESCRIPTION = [
  "description: What no stage of Keyward may be deployed without",
  "runtime: nodejs",
  "main: index.js",
];

/**
 * Writes stacks/guardrails as a policy pack that Pulumi can start: plain JavaScript, because Pulumi's runner compiles
 * TypeScript with a compiler older than ours, and inside the platform, whose packages hold that compiler once SST has
 * installed them for a deploy. Gives the folder.
 */
export async function writePolicyPack(root: string): Promise<string> {
  const folder = path.join(root, POLICY_PACK);
  await mkdir(folder, { recursive: true });
  await esbuild.build({
    entryPoints: [path.join(root, "stacks", "guardrails", "index.ts")],
    outfile: path.join(folder, "index.js"),
    bundle: true,
    format: "cjs",
    platform: "node",
    external: ["@pulumi/*"],
    logLevel: "silent",
  });
  await writeFile(path.join(folder, "PulumiPolicy.yaml"), `${DESCRIPTION.join("\n")}\n`);
  await writeFile(
    path.join(folder, "package.json"),
    `${JSON.stringify({ name: "guardrails", version: "1.0.0", main: "index.js" })}\n`,
  );
  return folder;
}
