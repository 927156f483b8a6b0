import { overBudget } from "../portal/budget.ts";
import { buildPortal, PortalBuildError } from "../portal/build.ts";
import { findChromium } from "./chromium.ts";
import { type Counts, failedBecause, playwrightCounts } from "./counts.ts";
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

/** A browser and the portal that it opens; undefined, and said why, where one of them is not to be had. */
export async function prepareBrowser(): Promise<string | undefined> {
  const chromium = findChromium();
  const problem = chromium.ok ? await portalProblem() : chromium.error;
  if (chromium.ok && problem === undefined) return chromium.value;
  process.stderr.write(`keyward: ${problem}\n`);
  return undefined;
}

/** Runs the browser tests over the built portal. `args` are Playwright's own, such as a folder. */
export const runBrowserTests = async (chromium: string | undefined, args: readonly string[]): Promise<Counts> =>
  chromium === undefined
    ? failedBecause("the browser tests: no browser, or no portal")
    : runTests({
        script: "node_modules/@playwright/test/cli.js",
        args: () => ["test", "-c", "tests/web/playwright.config.ts", "--reporter=list,json", ...args],
        environment: (report) => ({ CHROMIUM: chromium, PLAYWRIGHT_JSON_OUTPUT_FILE: report }),
        count: playwrightCounts,
      });
