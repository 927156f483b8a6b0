import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { preparePlatform } from "../../../scripts/plan/platform.ts";

/** SST's command line, as far as the preparation sees it: it counts its runs and leaves what the real one leaves. */
const CLI = `
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
appendFileSync("runs", "x");
mkdirSync(".sst/platform", { recursive: true });
await new Promise((resolve) => setTimeout(resolve, 150));
writeFileSync(".sst/platform/version", "9.9.9");
writeFileSync(".sst/provider-lock.json", "[]");
writeFileSync(".sst/platform/config.d.ts", "");
`;

let root: string;
const at = (...names: string[]): string => path.join(root, ...names);

function installSst(cli: string): void {
  mkdirSync(at("node_modules", "sst", "bin"), { recursive: true });
  writeFileSync(at("node_modules", "sst", "package.json"), JSON.stringify({ version: "9.9.9" }));
  writeFileSync(at("node_modules", "sst", "bin", "sst.mjs"), cli);
}

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "keyward-platform-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("INF-5 the platform is there before the plan is made", () => {
  it("is made once, however many ask at a time, and not again", async () => {
    installSst(CLI);
    await Promise.all([preparePlatform(root), preparePlatform(root), preparePlatform(root)]);
    await preparePlatform(root);
    expect(readFileSync(at("runs"), "utf8")).toBe("x");
  });

  it("is made again for another version of SST", async () => {
    installSst(CLI);
    mkdirSync(at(".sst", "platform"), { recursive: true });
    writeFileSync(at(".sst", "platform", "version"), "9.9.8");
    writeFileSync(at(".sst", "platform", "config.d.ts"), "");
    await preparePlatform(root);
    expect(readFileSync(at(".sst", "platform", "version"), "utf8")).toBe("9.9.9");
  });

  it("leaves SST to install the platform's own packages before a deploy", async () => {
    installSst(CLI);
    await preparePlatform(root);
    expect(existsSync(at(".sst", "provider-lock.json"))).toBe(false);
  });

  it("does not wait for a process that is gone", async () => {
    installSst(CLI);
    mkdirSync(at(".sst"), { recursive: true });
    // Above the largest process id that Linux gives.
    writeFileSync(at(".sst", "preparing"), "4194305");
    await preparePlatform(root);
    expect(existsSync(at(".sst", "preparing"))).toBe(false);
  });

  it.each<[string, () => void, string]>([
    ["a missing package", () => undefined, "the sst package is not installed; run npm ci"],
    [
      "a failing command line",
      () => installSst("process.exit(1);"),
      "sst 9.9.9 could not prepare .sst/platform; check that",
    ],
    ["one that leaves nothing", () => installSst(""), "sst 9.9.9 could not prepare .sst/platform; check that"],
  ])("says in one sentence what to do about %s", async (_what, arrange, sentence) => {
    arrange();
    await expect(preparePlatform(root)).rejects.toThrow(sentence);
    expect(existsSync(at(".sst", "preparing"))).toBe(false);
  });
});
