import { spawnSync } from "node:child_process";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
const bin = (name: string): string => path.join(root, "node_modules", ".bin", name);

export interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

/** What must hold of the source itself. Each is one command that a developer can run alone. */
export const checks: readonly Check[] = [
  { name: "format", command: [bin("oxfmt"), "--check", "."] },
  { name: "types", command: [bin("tsc"), "-p", "tsconfig.json"] },
  { name: "types of the portal", command: [bin("tsc"), "-p", "web/tsconfig.json"] },
  { name: "types of the browser tests", command: [bin("tsc"), "-p", "tests/web/tsconfig.json"] },
  { name: "types of stacks", command: [process.execPath, "scripts/plan/platform.ts", "--types"] },
  { name: "lint", command: [bin("oxlint"), "--type-aware", "--deny-warnings"] },
  { name: "unused code", command: [bin("knip")] },
];

/** Of a check that failed, said again at the end of all. */
const LINES_AGAIN = 12;
const OUTPUT_MAX = 64 * 1024 * 1024;

/**
 * Runs one check, and gives the end of what it said where it failed. What it says is shown when it is done, in one piece:
 * tests may be running beside it.
 */
export function runCheck(check: Check): string | undefined {
  const [command, ...args] = check.command;
  const { status, stdout, stderr } = spawnSync(command ?? "", args, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: OUTPUT_MAX,
  });
  const said = `${stdout ?? ""}${stderr ?? ""}`;
  process.stdout.write(`${said}${status === 0 ? "ok  " : "FAIL"} ${check.name}\n`);
  return status === 0 ? undefined : `${check.name}\n${said.trimEnd().split("\n").slice(-LINES_AGAIN).join("\n")}`;
}

if (import.meta.main) {
  process.exit(checks.map(runCheck).every((failure) => failure === undefined) ? 0 : 1);
}
