import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { portalPolicy } from "../../core/contract/portal-headers.ts";
import { auditCounts, vulnerabilityLine } from "../../scripts/test/vulnerabilities.ts";

const root = path.resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

const Locked = z.looseObject({
  version: z.string(),
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  optional: z.boolean().optional(),
});
const Names = z.record(z.string(), z.string());
const Own = z.looseObject({ dependencies: Names, devDependencies: Names, scripts: Names });
const Lock = z.looseObject({ packages: z.record(z.string(), z.unknown()) });

const own = Own.parse(JSON.parse(read("package.json")));
const { "": locked, ...packages } = Lock.parse(JSON.parse(read("package-lock.json"))).packages;
const installed = Object.entries(packages).map(([name, entry]) => ({ name, ...Locked.parse(entry) }));

describe("UIX-9 what is installed is what the lockfile names", () => {
  it("UIX-9 every way in installs by the lockfile, runs no package's script, and a package.json beside it is refused", () => {
    for (const command of Object.values(own.scripts))
      expect(command).toMatch(/^(node scripts\/bootstrap\.mjs |oxfmt$)/);
    expect(read("scripts/bootstrap.mjs")).toContain('["ci", "--ignore-scripts"');
    // npm ci ends where the two differ.
    expect(locked).toMatchObject({ dependencies: own.dependencies, devDependencies: own.devDependencies });
  });

  it("UIX-9 each version is exact, and each package is npm's own with the digest of its content", () => {
    for (const version of Object.values({ ...own.dependencies, ...own.devDependencies }))
      expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    expect(installed.length).toBeGreaterThan(100);
    // No address in the lockfile: each comes by its name, from the registry that npm is told of, and by its digest.
    expect(installed.filter(({ resolved }) => resolved !== undefined)).toEqual([]);
    // Builds for another machine than the one that wrote the lockfile are optional.
    const undigested = installed.filter(({ integrity }) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ""));
    expect(undigested.filter(({ optional }) => optional !== true)).toEqual([]);
  });

  it("UIX-9 the portal's page names no script but its own, and the policy lets no other run", () => {
    const page = read("web/index.html");
    expect(
      [...page.matchAll(/<script\b([^>]*)>([^<]*)</g)].map(([, attributes = "", text]) => [attributes, text]),
    ).toEqual([[' type="module" src="/src/main.tsx"', ""]]);
    expect(page).not.toMatch(/https?:|\bon\w+=/);
    const policy = portalPolicy("https://documents.example").split("; ");
    expect(policy).toEqual(expect.arrayContaining(["default-src 'none'", "script-src 'self'", "object-src 'none'"]));
  });

  describe("UIX-9 the scan for known vulnerabilities", () => {
    const via = [{ title: "a hole", url: "https://example.test/1", severity: "high" }, "deeper"];
    const report = (severity: string): string =>
      JSON.stringify({ auditReportVersion: 2, vulnerabilities: { "some-package": { severity, via } } });

    it.each(["high", "critical"])("fails for a %s one, and names package and advisory", (severity) => {
      const found = auditCounts(report(severity));
      expect(found).toMatchObject({ passed: 0, failed: 1, skipped: 0 });
      expect(found.failures).toEqual([
        `known vulnerability, ${severity}: some-package\na hole (https://example.test/1)\nby way of deeper`,
      ]);
      expect(vulnerabilityLine(found)).toBe("FAIL known vulnerabilities");
    });

    it("passes where there is none, or none that is grave", () => {
      expect(auditCounts(report("moderate"))).toMatchObject({ passed: 1, failed: 0, skipped: 0 });
      expect(auditCounts('{"auditReportVersion":2,"vulnerabilities":{}}')).toMatchObject({ passed: 1, failed: 0 });
    });

    it.each(["", "{}", '{"message":"405 Method Not Allowed"}', '{"auditReportVersion":2}', '{"vulnerabilities":{}}'])(
      "takes no other answer for none: %s",
      (text) => {
        expect(auditCounts(text)).toMatchObject({ passed: 0, failed: 0, skipped: 1 });
        expect(vulnerabilityLine(auditCounts(text))).toMatch(/^skip /);
      },
    );
  });
});
