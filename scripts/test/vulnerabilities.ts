import { spawn } from "node:child_process";
import path from "node:path";
import * as z from "zod";
import { type Counts, NONE } from "./counts.ts";

const root = path.resolve(import.meta.dirname, "../..");

const Advisory = z.object({ title: z.string(), url: z.string() });
const Report = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    z.object({ severity: z.string(), via: z.array(z.union([z.string(), Advisory])) }),
  ),
});
const GRAVE: readonly string[] = ["high", "critical"];

/**
 * What `npm audit --json` says of the packages of the lockfile, by npm's advisories of today: failed for each package with
 * a grave one, skipped where the registry keeps no advisories or cannot be reached. Nothing else is taken for "none".
 */
export function auditCounts(report: string): Counts {
  const parsed = Report.safeParse(json(report));
  if (!parsed.success) return { ...NONE, skipped: 1 };
  const failures = Object.entries(parsed.data.vulnerabilities)
    .filter(([, { severity }]) => GRAVE.includes(severity))
    .map(([name, { severity, via }]) => {
      const why = via.map((each) => (typeof each === "string" ? `by way of ${each}` : `${each.title} (${each.url})`));
      return `known vulnerability, ${severity}: ${name}\n${why.join("\n")}`;
    });
  return { ...NONE, passed: failures.length === 0 ? 1 : 0, failed: failures.length, failures };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Asks npm's registry, which takes a while and no processor. */
export const checkVulnerabilities = (): Promise<Counts> =>
  new Promise((resolve) => {
    const isWindows = process.platform === "win32";
    const child = spawn(
      isWindows ? "npm.cmd" : "npm",
      ["audit", "--json", "--fetch-retries=0", "--fetch-timeout=20000"],
      {
        cwd: root,
        shell: isWindows,
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    let report = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (report += text));
    child.once("error", () => resolve(auditCounts("")));
    child.once("close", () => resolve(auditCounts(report)));
  });

/** The line that is shown for it. */
export const vulnerabilityLine = ({ failed, skipped }: Counts): string =>
  skipped > 0
    ? "skip known vulnerabilities: this registry gives no advisories"
    : `${failed === 0 ? "ok  " : "FAIL"} known vulnerabilities`;
