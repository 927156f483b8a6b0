import { overBudget } from "../portal/budget.ts";
import { buildPortal, PortalBuildError } from "../portal/build.ts";
import { findChromium } from "./chromium.ts";
import { type Counts, FAILED, playwrightCounts } from "./counts.ts";
import { runTests } from "./runner.ts";

/** The portal as it is deployed; the sentence that says why there is none. */
async function portalProblem(): Promise<string | undefined> {
  try {
    return overBudget((await buildPortal()).size);
  } catch (error) {
    if (error instanceof PortalBuildError) return error.message;
    throw error;
  }
}

/** Builds the portal and runs the browser tests over it. `args` are Playwright's own, such as a folder. */
export async function runBrowserTests(args: readonly string[]): Promise<Counts> {
  const chromium = findChromium();
  const problem = chromium.ok ? await portalProblem() : chromium.error;
  if (!chromium.ok || problem !== undefined) {
    process.stderr.write(`keyward: ${problem}\n`);
    return FAILED;
  }
  return runTests({
    script: "node_modules/@playwright/test/cli.js",
    args: () => ["test", "-c", "tests/web/playwright.config.ts", "--reporter=list,json", ...args],
    environment: (report) => ({ CHROMIUM: chromium.value, PLAYWRIGHT_JSON_OUTPUT_FILE: report }),
    count: playwrightCounts,
  });
}
