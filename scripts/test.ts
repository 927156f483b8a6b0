// `npm test`: every check and every test. Arguments are passed to vitest and leave the checks out.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { checks, runCheck } from "./test/checks.ts";

const root = path.resolve(import.meta.dirname, "..");

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

function runVitest(args: readonly string[]): Counts {
  const folder = mkdtempSync(path.join(tmpdir(), "keyward-test-"));
  const report = path.join(folder, "report.json");
  try {
    const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
    const result = spawnSync(
      process.execPath,
      [
        "--disable-warning=ExperimentalWarning",
        vitest,
        "run",
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${report}`,
        ...args,
      ],
      { cwd: root, stdio: ["ignore", "inherit", "inherit"] },
    );
    if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
    const counted = JSON.parse(readFileSync(report, "utf8")) as Record<string, number>;
    const failed = (counted["numFailedTests"] ?? 0) + (counted["numFailedTestSuites"] ?? 0);
    return {
      passed: counted["numPassedTests"] ?? 0,
      // A runner that ends badly without a failed test (a leaked rejection, a crash) is a failure too.
      failed: result.status === 0 ? failed : Math.max(1, counted["numFailedTests"] ?? 0),
      skipped: (counted["numPendingTests"] ?? 0) + (counted["numTodoTests"] ?? 0),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const args = process.argv.slice(2);
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
if (args.length === 0) {
  for (const check of checks) {
    if (runCheck(check)) total.passed += 1;
    else total.failed += 1;
  }
}
const tests = runVitest(args);
for (const key of ["passed", "failed", "skipped"] as const) total[key] += tests[key];
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
