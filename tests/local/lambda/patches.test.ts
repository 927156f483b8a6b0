import { pathToFileURL } from "node:url";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { bundleFunctions } from "../../../scripts/local/lambda/bundle.ts";
import type { SourcePatch } from "../../../scripts/local/lambda/index.ts";

const root = path.resolve(import.meta.dirname, "..", "..", "..");
const file = "tests/fixtures/lambda/patched.ts";
const bundle = async (patches: readonly SourcePatch[]): Promise<string> => {
  const input = { functionName: "patched", handler: "tests/fixtures/lambda/patched.handler", patches };
  const made = (await bundleFunctions(root, [input])).get("patched");
  const module = (await import(pathToFileURL(made?.file ?? "").href)) as { handler: () => string };
  return module.handler();
};

describe("TST-2 a fault that a test puts into a function's source", () => {
  it("is in that bundle, and in no other", async () => {
    expect(await bundle([])).toBe("sound");
    expect(await bundle([{ file, from: `"sound"`, to: `"faulty"` }])).toBe("faulty");
    expect(await bundle([])).toBe("sound");
  });

  it.each<readonly [string, SourcePatch]>([
    ["stands nowhere", { file, from: "no such text", to: "" }],
    ["stands more than once", { file, from: "o", to: "" }],
    ["is of a file that the function does not have", { file: "core/kernel/clock.ts", from: "x", to: "" }],
  ])("fails the bundle where it %s", async (_title, patch) => {
    await expect(bundle([patch])).rejects.toThrow("a handler does not bundle");
  });
});
