import { readFileSync } from "node:fs";
import path from "node:path";
import * as esbuild from "esbuild";
import { describe, expect, it } from "vitest";
import { FUNCTION_NAMES, functionName } from "../../core/iam/names.ts";
import { at } from "../../stacks/guardrails/guardrail.ts";
import { committedPlan, ofType, root } from "./plans.ts";

const plan = committedPlan("production");
const site = { stage: "production", cell: "c01", accountId: plan.account, region: plan.region } as const;
/** Lambda sets it in every function. */
const GIVEN = ["AWS_REGION"];
/** Packages that read files beside their code, so that a bundle alone would not run. */
const WITH_FILES = ["@cedar-policy/cedar-wasm"];

interface Entry {
  readonly exports: readonly string[];
  readonly files: readonly string[];
  readonly packages: readonly string[];
}

/** What the function's handler file exports and reaches, without running any of it. */
async function reach(handler: string): Promise<Entry> {
  const result = await esbuild.build({
    entryPoints: [path.join(root, `${handler.replace(/\.[^.]+$/, "")}.ts`)],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "silent",
  });
  const [output] = Object.values(result.metafile.outputs);
  return {
    exports: output?.exports ?? [],
    files: Object.keys(result.metafile.inputs),
    packages: (output?.imports ?? []).map((one) => one.path),
  };
}

/** The variables that the files ask readConfig for. */
function variablesRead(files: readonly string[]): string[] {
  const calls = files.flatMap((file) => [
    ...readFileSync(path.join(root, file), "utf8").matchAll(/\breadConfig\(\s*\[([^\]]*)\]/g),
  ]);
  const names = calls.flatMap(([, list = ""]) => [...list.matchAll(/"([A-Z_]+)"/g)].map(([, name = ""]) => name));
  return [...new Set(names)].filter((name) => !GIVEN.includes(name)).sort();
}

describe("INF-2 a function is what the stack says it is", () => {
  it("the plan has each function once", () => {
    expect(plan.functions.map(({ name }) => name).sort()).toEqual(
      FUNCTION_NAMES.map((name) => functionName(site, name)).sort(),
    );
  });

  it.each(plan.functions)("$name: $handler exists and exports its handler", async ({ handler }) => {
    const { exports } = await reach(handler);
    expect(exports).toContain(handler.split(".").at(-1));
  });

  it.each(plan.functions)("$name is told what its code reads, and no more", async ({ name, handler }) => {
    const { files } = await reach(handler);
    const lambda = ofType(plan, "aws:lambda/function:Function").find(({ inputs }) => inputs["name"] === name);
    const told = Object.keys((at(lambda?.inputs, "environment", "variables") ?? {}) as object).sort();
    expect(told).toEqual(variablesRead(files));
  });

  it.each(plan.functions)("$name ships the packages that a bundle would leave behind", async ({ handler, install }) => {
    const { packages } = await reach(handler);
    const needed = WITH_FILES.filter((name) => packages.some((one) => one === name || one.startsWith(`${name}/`)));
    expect(Object.keys(install)).toEqual(needed);
  });

  it("at the versions of package.json", () => {
    const { dependencies } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    for (const { install } of plan.functions) {
      for (const [name, version] of Object.entries(install)) expect(version).toBe(dependencies[name]);
    }
  });
});
