import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Counts, failedBecause, withStatus } from "./counts.ts";

export const root = path.resolve(import.meta.dirname, "../..");

/** Where Node keeps what it has compiled: a run begins hundreds of processes, which load the same packages. */
const COMPILE_CACHE = path.join(root, "node_modules/.cache/keyward/node");

export interface Run {
  /** Of the runner's own script, from the root. */
  readonly script: string;
  /** Given the file that the report is to be written to. */
  readonly args: (report: string) => readonly string[];
  readonly environment?: (report: string) => Readonly<Record<string, string>>;
  readonly count: (report: string) => Counts | undefined;
}

/** How a process ended: its status, or null where a signal ended it or it never began. */
const statusOf = (command: string, args: readonly string[], environment: Readonly<Record<string, string>>) =>
  new Promise<number | null>((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env, ...environment },
    });
    child.once("error", () => resolve(null));
    child.once("exit", resolve);
  });

/** Runs a test runner on this Node, its output shown as it comes. One that leaves no report has failed. */
export async function runTests({ script, args, environment = () => ({}), count }: Run): Promise<Counts> {
  const folder = mkdtempSync(path.join(tmpdir(), "keyward-test-"));
  const report = path.join(folder, "report.json");
  try {
    const command = ["--disable-warning=ExperimentalWarning", path.join(root, script), ...args(report)];
    const status = await statusOf(process.execPath, command, environment(report));
    const counts = existsSync(report) ? count(readFileSync(report, "utf8")) : undefined;
    return counts === undefined ? failedBecause(`${script} left no report`) : withStatus(counts, status);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
