// `npm test`: every check, every test, and the browser tests over the built portal. Arguments leave the checks out: paths
// below tests/web go to Playwright, any others to vitest.
import { runBrowserTests } from "./test/browser.ts";
import { checks, runCheck } from "./test/checks.ts";
import { type Counts, lineOf, sum, vitestCounts } from "./test/counts.ts";
import { runTests } from "./test/runner.ts";

const runVitest = (args: readonly string[]): Counts =>
  runTests({
    script: "node_modules/vitest/vitest.mjs",
    args: (report) => ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...args],
    count: vitestCounts,
  });

const args = process.argv.slice(2);
const isWeb = args.some((arg) => /^(\.\/)?tests\/web(\/|$)/.test(arg));
const parts: Counts[] = [];
if (args.length === 0)
  for (const check of checks)
    parts.push({ passed: 0, failed: 0, skipped: 0, [runCheck(check) ? "passed" : "failed"]: 1 });
if (!isWeb) parts.push(runVitest(args));
if (isWeb || args.length === 0) parts.push(await runBrowserTests(args));
const total = sum(parts);
process.stdout.write(`${lineOf(total)}\n`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
