// `npm test`: every check, every test, and the browser tests over the built portal. Arguments leave the checks out: paths
// below tests/web go to Playwright, any others to vitest. The checks, the browser's installation and the portal's build go
// on beside vitest: they leave a processor idle each, and wait for disk and network.
import { prepareBrowser, runBrowserTests } from "./test/browser.ts";
import { checks, runCheck } from "./test/checks.ts";
import { type Counts, lineOf, sum, vitestCounts } from "./test/counts.ts";
import { runTests } from "./test/runner.ts";
import { checkVulnerabilities, vulnerabilityLine } from "./test/vulnerabilities.ts";

const runVitest = (args: readonly string[]): Promise<Counts> =>
  runTests({
    script: "node_modules/vitest/vitest.mjs",
    args: (report) => ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...args],
    count: vitestCounts,
  });

const args = process.argv.slice(2);
const isAll = args.length === 0;
const isWeb = args.some((arg) => /^(\.\/)?tests\/web(\/|$)/.test(arg));

const vitest = isWeb ? undefined : runVitest(args);
const vulnerabilities = isAll ? checkVulnerabilities() : undefined;
const checked = isAll ? checks.map(runCheck) : [];
const chromium = isAll || isWeb ? await prepareBrowser() : undefined;
const failedChecks = checked.filter((failure) => failure !== undefined);
const parts: Counts[] = [
  {
    passed: checked.length - failedChecks.length,
    failed: failedChecks.length,
    skipped: 0,
    failures: failedChecks,
  },
];
if (vulnerabilities !== undefined) {
  const found = await vulnerabilities;
  process.stdout.write(`${vulnerabilityLine(found)}\n`);
  parts.push(found);
}
if (vitest !== undefined) parts.push(await vitest);
if (isAll || isWeb) parts.push(await runBrowserTests(chromium, args));
const total = sum(parts);
// What failed stands far above by now, and whoever reads a log reads its end.
for (const failure of total.failures) process.stdout.write(`FAIL ${failure}\n`);
process.stdout.write(`${lineOf(total)}\n`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
