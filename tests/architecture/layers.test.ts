import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

/** A folder may import itself and what stands at a lower level; folders of one level may import each other without a cycle (oxlint import/no-cycle). */
const LEVELS: readonly (readonly string[])[] = [
  ["core/kernel"],
  ["core/fhir", "core/contract"],
  [
    "core/iam",
    "core/identity",
    "core/tenant",
    "core/policy",
    "core/crypto",
    "core/table",
    "core/archive",
    "core/audit",
  ],
  ["core/privacy"],
  ["core/record", "core/view", "core/watch", "core/lifecycle", "core/cost"],
  [
    "core/export",
    "core/encounter",
    "core/schedule",
    "core/consent",
    "core/patient",
    "core/chart",
    "core/message",
    "core/document",
    "core/portal",
  ],
  ["functions", "scripts"],
];

const SDK_ALLOWED = [
  "core/table",
  "core/crypto",
  "core/archive",
  "core/identity",
  "core/lifecycle",
  "functions/runtime",
  "scripts",
  "tests",
];
const STACKS_MAY_IMPORT = ["stacks", "core/iam", "core/contract", "core/kernel", "core/table/definitions.ts"];
const WEB_MAY_IMPORT = ["web", "core/kernel", "core/contract"];

interface Import {
  readonly from: string;
  readonly to: string;
}

function sourceFiles(folder: string): string[] {
  const full = path.join(root, folder);
  if (!existsSync(full)) return [];
  return readdirSync(full, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|tsx|mts)$/.test(file) && !file.includes("node_modules"))
    .map((file) => path.posix.join(folder, file.replaceAll(path.sep, "/")));
}

const IMPORT_PATTERN =
  /(?:^|[\s;])(?:import|export)\s[^"';]*?from\s*["']([^"']+)["']|(?:^|[\s;(=])import\s*\(?\s*["']([^"']+)["']/g;

function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(IMPORT_PATTERN)].map((match) => {
    const specifier = match[1] ?? match[2] ?? "";
    const to = specifier.startsWith(".")
      ? path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier))
      : specifier;
    return { from: file, to };
  });
}

const inside = (file: string, folder: string): boolean => file === folder || file.startsWith(`${folder}/`);
const levelOf = (file: string): number => LEVELS.findIndex((folders) => folders.some((folder) => inside(file, folder)));

/** The sentence that says what is wrong with one import, or undefined. */
function judge({ from, to }: Import): string | undefined {
  const isPackage = !/^(core|functions|stacks|web|scripts|tests)(\/|$)/.test(to);
  if (isPackage) {
    const isSdk = /^@(aws-sdk|smithy)\//.test(to);
    if (isSdk && !SDK_ALLOWED.some((folder) => inside(from, folder))) return `${from} imports the AWS SDK (${to})`;
    return undefined;
  }
  if (inside(from, "tests")) return undefined;
  if (inside(to, "tests")) return `${from} imports a test (${to})`;
  if (inside(to, "stacks") && !inside(from, "stacks") && from !== "sst.config.ts") {
    return `${from} imports stacks (${to})`;
  }
  if (inside(from, "stacks"))
    return STACKS_MAY_IMPORT.some((folder) => inside(to, folder)) ? undefined : `${from} imports ${to}`;
  if (inside(from, "web"))
    return WEB_MAY_IMPORT.some((folder) => inside(to, folder)) ? undefined : `${from} imports ${to}`;
  // A benchmark measures what runs.
  if (inside(to, "functions") && inside(from, "scripts/bench")) return undefined;
  if (inside(to, "functions") && !inside(from, "functions")) return `${from} imports a function (${to})`;
  const [own, other] = [levelOf(from), levelOf(to)];
  if (own === -1) return `${from} stands in no layer`;
  if (other === -1) return `${from} imports ${to}, which stands in no layer`;
  return other > own ? `${from} imports upwards (${to})` : undefined;
}

const findings = (imports: readonly Import[]): string[] => imports.flatMap((found) => judge(found) ?? []);

describe("layers", () => {
  const files = ["core", "functions", "scripts", "stacks", "web"].flatMap(sourceFiles);
  const imports = files.flatMap((file) => importsOf(file, readFileSync(path.join(root, file), "utf8")));

  it("every import goes down, the SDK stays where it may be, and nobody imports stacks, functions or tests", () => {
    expect(files.length).toBeGreaterThan(20);
    expect(imports.length).toBeGreaterThan(files.length / 2);
    expect(findings(imports)).toEqual([]);
  });

  it.each([
    ["upwards", "core/kernel/ids.ts", `import { seal } from "../crypto/seal.ts";`],
    ["a domain from policy", "core/policy/engine.ts", `import type { Records } from "../record/index.ts";`],
    ["the SDK in a domain", "core/record/read.ts", `import { DynamoDBClient } from "@aws-sdk/client-dynamodb";`],
    ["the SDK in a function's entry", "functions/fhir.ts", `const sdk = await import("@aws-sdk/client-kms");`],
    ["a function from core", "core/record/read.ts", `export { problem } from "../../functions/http/problem.ts";`],
    ["stacks from a script", "scripts/start.ts", `import { tables } from "../stacks/tables.ts";`],
    ["a test from the product", "core/fhir/index.ts", `import "../../tests/fixtures/patients.ts";`],
    ["a domain from stacks", "stacks/tables.ts", `import { seal } from "../core/crypto/index.ts";`],
    ["a repository from the portal", "web/src/app.ts", `import { records } from "../../core/record/index.ts";`],
    ["a folder outside the house", "core/helpers/x.ts", `import { ok } from "../kernel/result.ts";`],
  ])("finds a planted import: %s", (_title, file, line) => {
    expect(findings(importsOf(file, `${line}\n`))).toHaveLength(1);
  });
});
