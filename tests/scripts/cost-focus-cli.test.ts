import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Command, CommanderError } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { invoiceDetails } from "../../core/cost/focus/billing.ts";
import type { CheckReport } from "../../core/cost/focus/check/checker.ts";
import { toVersion12 } from "../../core/cost/focus/projection.ts";
import { providerCost } from "../../core/cost/focus/provider-cost.ts";
import { toCents } from "../../core/cost/money.ts";
import { periodOfMonth } from "../../core/cost/period.ts";
import { csvFile } from "../../core/cost/report/csv.ts";
import { focusReport } from "../../core/cost/report/reports.ts";
import { registerCostFocus } from "../../scripts/cli/commands/cost-focus.ts";
import { CliFailure } from "../../scripts/cli/failure.ts";
import { clinicLine, sampleShares } from "../core/cost/focus/ledger-lines.ts";
import { about, customerReport } from "../core/cost/report/reports.ts";

let folder = "";
const file = (name: string): string => path.join(folder, name);
const put = (name: string, content: string | Uint8Array): void => writeFileSync(file(name), content);

async function run(...args: readonly string[]): Promise<{ readonly text: string; readonly code: unknown }> {
  const program = new Command("keyward").option("--json").exitOverride();
  const printed: string[] = [];
  registerCostFocus(program, (value, text) => {
    printed.push(program.opts<{ readonly json?: boolean }>().json === true ? JSON.stringify(value) : text);
  });
  process.exitCode = 0;
  await program.parseAsync(["node", "keyward", ...args]);
  const code = process.exitCode;
  process.exitCode = 0;
  return { text: printed.join("\n"), code };
}

const of = { ...about(), kind: "provider-cost", title: "Provider cost", period: periodOfMonth("2026-11") } as const;
const detail = {
  invoiceId: "K-2026-11-1",
  invoiceDetailId: "K-2026-11-1-1",
  issuer: "Keyward",
  tenant: clinicLine().tenant,
  description: "November",
  category: "Usage",
  billingMonth: "2026-11",
  amount: toCents(clinicLine().amount),
  status: "Issued",
  issuedAt: "2026-12-04T00:00:00Z",
  createdAt: "2026-12-04T00:00:00Z",
  updatedAt: "2026-12-04T00:00:00Z",
  referenceInvoiceId: null,
} as const;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "keyward-cost-"));
  const table = providerCost(sampleShares());
  const text = Buffer.from(csvFile(focusReport(table, of), "focus")).toString("utf8");
  put("good.csv", text);
  put("old.csv", csvFile(focusReport(toVersion12(table), of), "focus"));
  put("bad.csv", text.replace(",Usage,", ",Usages\u001b[2J,").replace("2026-11-22T00:00:00Z", "22.11.2026"));
  put("warned.csv", text.replaceAll(",Requests,", ",requests,"));
  put("charges.csv", csvFile(customerReport([clinicLine()]), "focus"));
  put("invoices.csv", csvFile(focusReport(invoiceDetails([detail], { words: "Net 30", days: 30 }), of), "focus"));
  put("broken.csv", 'BilledCost\n"1.0');
  put("binary.csv", Buffer.from([0x50, 0x4b, 0x03, 0x04, 0xff, 0xfe]));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("keyward cost focus check", () => {
  it.each([
    ["what we export", ["good.csv"]],
    ["its 1.2 projection", ["old.csv", "--version", "1.2"]],
    ["Invoice Detail", ["invoices.csv", "--dataset", "invoice-detail"]],
  ])("PROOF-11 %s has no finding", async (_, [name = "", ...rest]) => {
    const { text, code } = await run("focus", "check", file(name), ...rest);
    expect([text.startsWith("ok   "), text.includes("0 errors, 0 warnings"), code]).toEqual([true, true, 0]);
  });

  it("PROOF-11 findings name the rule, the row, what is wrong and how to mend it, and end with code 5", async () => {
    const { text, code } = await run("focus", "check", file("bad.csv"));
    expect(code).toBe(5);
    expect(text).toContain("ERROR   CostAndUsage.ChargeCategory.4  1 x  ChargeCategory is one of its allowed values");
    expect(text).toContain("mend: one of: Usage, Purchase, Tax, Credit, Adjustment");
    expect(text).toMatch(/CostAndUsage\.ChargePeriod(?:Start|End)\.2.*\n.*row 1: "22\.11\.2026"/);
    expect(text).toMatch(/FAIL cost-and-usage 1\.4 {2}3 rows, \d+ rules: \d+ errors/);
    // What a stranger's file says reaches a terminal as text alone.
    expect(text).not.toContain("\u001b");
  });

  it("COST-7 warnings alone are no failure; --json is the whole report", async () => {
    const { text, code } = await run("--json", "focus", "check", file("warned.csv"));
    const report = JSON.parse(text) as CheckReport;
    expect([code, report.errors, report.warnings]).toEqual([0, 0, 6]);
    expect(report.findings.map(({ rule }) => rule)).toEqual([
      "CostAndUsage.ConsumedUnit.5",
      "CostAndUsage.PricingUnit.5",
    ]);
  });

  it("PROOF-11 --invoices: what is billed sums to what is payable, or the invoice is named", async () => {
    const good = await run("focus", "check", file("charges.csv"), "--invoices", file("invoices.csv"));
    expect([good.code, good.text.includes("0 errors")]).toEqual([0, true]);
    put("short.csv", csvFile(customerReport([clinicLine(), clinicLine({ id: "again" })]), "focus"));
    const bad = await run("focus", "check", file("short.csv"), "--invoices", file("invoices.csv"));
    expect(bad.code).toBe(5);
    expect(bad.text).toContain('["Keyward","K-2026-11-1"]: 60.0 where 30.0 is payable');
  });

  it.each([
    ["broken.csv", "CostAndUsage.File.5"],
    ["binary.csv", "CostAndUsage.File.1"],
  ])("a file that cannot be read further is a finding: %s", async (name, rule) => {
    const { text, code } = await run("focus", "check", file(name));
    expect([code, text.includes(rule)]).toEqual([5, true]);
  });

  it.each([
    ["no file", ["nowhere.csv"]],
    ["a dataset that the version has not", ["good.csv", "--dataset", "billing-period", "--version", "1.2"]],
    ["invoices of another dataset", ["invoices.csv", "--dataset", "invoice-detail", "--invoices", "invoices.csv"]],
    ["invoices that are none", ["charges.csv", "--invoices", "broken.csv"]],
  ])("wrong usage: %s", async (_, args) => {
    const full = args.map((arg) => (arg.endsWith(".csv") ? file(arg) : arg));
    await expect(run("focus", "check", ...full)).rejects.toSatisfy(
      (error) => error instanceof CliFailure && error.exitCode === 2,
    );
  });

  it("wrong usage: a version that nobody knows", async () => {
    const program = new Command("keyward").exitOverride().configureOutput({ writeErr: () => undefined });
    registerCostFocus(program, () => undefined);
    for (const command of program.commands.flatMap((each) => [each, ...each.commands])) {
      command.exitOverride().configureOutput({ writeErr: () => undefined });
    }
    await expect(
      program.parseAsync(["node", "keyward", "focus", "check", file("good.csv"), "--version", "9"]),
    ).rejects.toBeInstanceOf(CommanderError);
  });
});
