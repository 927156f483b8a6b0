import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Command } from "commander";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { registerCost } from "../../scripts/cli/commands/cost.ts";
import { EXIT } from "../../scripts/cli/failure.ts";

const shipped = path.resolve(import.meta.dirname, "../../core/cost/prices/us-east-1.2026-11-23.json");
let folder = "";
let newer = "";

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "keyward-cost-"));
  newer = path.join(folder, "newer.json");
  const list = readFileSync(shipped, "utf8").replaceAll("2026-11-23", "2027-01-15").replace("0.000000625", "0.0000005");
  writeFileSync(newer, list);
  writeFileSync(path.join(folder, "broken.json"), "{}");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  process.exitCode = undefined;
});

/** One run: what a person reads, and what a script does. */
async function run(...args: string[]): Promise<{ readonly text: string; readonly value: unknown }> {
  let said = { text: "", value: undefined as unknown };
  const program = new Command("keyward").exitOverride().configureOutput({ writeErr: () => undefined });
  registerCost(program, {
    isJson: () => true,
    print: (value, text) => {
      said = { text, value: JSON.parse(JSON.stringify(value)) };
    },
  });
  await program.parseAsync(["node", "keyward", "cost", ...args]);
  return said;
}

describe("keyward cost", () => {
  it("COST-2 prices diff names the change with percent and ends as a finding; the same list is none", async () => {
    const { text, value } = await run("prices", "diff", shipped, newer);
    expect(text).toMatch(/changed +dynamodb-wru +tier 1 price +0\.000000625 +0\.0000005 +-20\.00%/);
    expect(value).toMatchObject({ changed: [{ sku: "dynamodb-wru", percent: "-20" }] });
    expect(process.exitCode).toBe(EXIT.findings);
    process.exitCode = undefined;
    expect((await run("prices", "diff", shipped, shipped)).text).toMatch(/ask the same/);
    expect(process.exitCode).toBeUndefined();
  });

  it("COST-2 prices show is the list that is in force, with what is not verified", async () => {
    expect((await run("prices", "show", "--on", "2026-11-22")).text).toMatch(
      /dynamodb-wru +data +0\.000000625 +Requests +agreed/,
    );
    expect((await run("prices", "show", "--region", "eu-central-1", "--on", "2026-11-22")).text).toMatch(
      /is for planning; an invoice waits/,
    );
  });

  it("COST-4 COST-5 scenarios prints three of them with the controls, and lists every assumption as data", async () => {
    const { text, value } = await run("scenarios", "--on", "2026-11-22");
    expect(text).toMatch(/10 CLINICS +100 CLINICS +1000 CLINICS/);
    expect(text).toMatch(/right size/);
    expect(value).toMatchObject({
      scenarios: [{ tenants: "10" }, { tenants: "100" }, { tenants: "1000" }],
      assumptions: { labour: expect.anything() as unknown },
    });
  });

  it("TEN-2 advise recommends a tier with its price", async () => {
    const { text, value } = await run("advise", "--profile", "special-regulation", "--on", "2026-11-22");
    expect(text).toMatch(/own-cell, 349\.00 USD a month/);
    expect(value).toMatchObject({ recommended: { tier: "own-cell", price: "349.000000000000", isPlaceable: false } });
  });

  it.each([
    [["advise", "--profile", "nobody", "--on", "2026-11-22"], /decision record weighs/],
    [["prices", "show", "--region", "mars-1", "--on", "2026-11-22"], /no price list/],
    [["prices", "show", "--on", "2020-01-01"], /no price list/],
    [["prices", "show", "--on", "tomorrow"], /a day such as/],
    [["scenarios", "--tenants", "10,0"], /numbers of clinics/],
  ])("COST-4 %j is wrong usage", async (args, sentence) => {
    await expect(run(...args)).rejects.toThrow(sentence);
  });

  it("COST-2 a file that is no price list is said to be none", async () => {
    await expect(run("prices", "diff", shipped, path.join(folder, "broken.json"))).rejects.toThrow(/is no price list/);
    await expect(run("prices", "diff", shipped, path.join(folder, "absent.json"))).rejects.toThrow(/cannot be read/);
  });
});
