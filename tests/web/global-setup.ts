import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isPortalCurrent } from "../../scripts/portal/build.ts";
import { currentPlan } from "../../scripts/plan/current.ts";
import { LOOKS_FILE } from "./harness/looks.ts";

const root = path.resolve(import.meta.dirname, "../..");

/**
 * Before the first worker: the portal must be built, and the stage is planned from the tree as it is, so that a route can
 * be seen in the browser before `npm run plan` has been run. Gives what cleans up behind the last test.
 */
export default async function globalSetup(): Promise<() => void> {
  if (!existsSync(path.join(root, "web/dist/index.html")))
    throw new Error("the portal is not built: run `node scripts/portal.ts` first");
  if (!isPortalCurrent(root))
    process.stderr.write("keyward: web/dist is older than its sources: `node scripts/portal.ts` builds it\n");
  const folder = mkdtempSync(path.join(tmpdir(), "keyward-web-"));
  const file = path.join(folder, "plan.json");
  writeFileSync(file, JSON.stringify(await currentPlan("dev")));
  process.env["KEYWARD_TEST_PLAN"] = file;
  process.env[LOOKS_FILE] = path.join(folder, "looks.jsonl");
  writeFileSync(process.env[LOOKS_FILE], "");
  return () => rmSync(folder, { recursive: true, force: true });
}
