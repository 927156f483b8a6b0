import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, compare, type Decimal, decimalOf, ZERO } from "../../../../core/cost/decimal.ts";
import { billingPeriods, invoiceDetails } from "../../../../core/cost/focus/billing.ts";
import { checkCsv, invoicesOfCsv } from "../../../../core/cost/focus/check/check-csv.ts";
import { checkTable } from "../../../../core/cost/focus/check/checker.ts";
import { customerCharges } from "../../../../core/cost/focus/customer-charges.ts";
import { toVersion12 } from "../../../../core/cost/focus/projection.ts";
import { providerCost } from "../../../../core/cost/focus/provider-cost.ts";
import { type FocusTable, textOf } from "../../../../core/cost/focus/row.ts";
import type { ClinicCharge, InvoiceDetail, SplitCharge } from "../../../../core/cost/ledger.ts";
import { pico, toCents, toDecimal, total } from "../../../../core/cost/money.ts";
import { periodOfMonth } from "../../../../core/cost/period.ts";
import { csvFile } from "../../../../core/cost/report/csv.ts";
import { focusReport } from "../../../../core/cost/report/reports.ts";
import {
  anyLedger,
  anyStatement,
  clinicLine,
  internalLine,
  providerLine,
  sampleShares,
  sharesOf,
  TENANTS,
} from "./ledger-lines.ts";

const COMPANY = "Keyward";
const numberAt = (table: FocusTable, row: number, column: string): string | null => {
  const known = table.columns.find(({ id }) => id === column);
  return known === undefined ? null : textOf(known, table.rows[row]?.[column]);
};
const csvOf = (table: FocusTable): Uint8Array =>
  csvFile(
    focusReport(table, {
      kind: "provider-cost",
      title: "Provider cost",
      issuer: COMPANY,
      language: "en",
      period: periodOfMonth("2026-11"),
      query: {},
      madeAt: "2026-12-04T00:00:00Z",
    }),
    "focus",
  );

/** What each origin was before it was split, as the checker is told. */
const originsOf = (charges: readonly SplitCharge[]) =>
  new Map(
    charges.map(({ origin }) => {
      const whole = providerCost([origin]);
      const columns = [
        "BilledCost",
        "EffectiveCost",
        "ListCost",
        "ContractedCost",
        "PricingQuantity",
        "ConsumedQuantity",
      ];
      return [origin.id, Object.fromEntries(columns.map((column) => [column, numberAt(whole, 0, column)]))] as const;
    }),
  );

const invoiceOf = (charges: readonly ClinicCharge[]): InvoiceDetail => ({
  invoiceId: "K-2026-11-1",
  invoiceDetailId: "K-2026-11-1-1",
  issuer: COMPANY,
  tenant: charges[0]?.tenant ?? clinicLine().tenant,
  description: "November 2026",
  category: "Usage",
  billingMonth: "2026-11",
  amount: toCents(total(charges.map(({ amount }) => amount))),
  status: "Issued",
  issuedAt: "2026-12-04T08:00:00.123Z",
  createdAt: "2026-12-04T08:00:00.000Z",
  updatedAt: "2026-12-04T08:00:00.500Z",
  referenceInvoiceId: null,
});
const TERMS = { words: "Net 30", days: 30 };

describe("provider-cost", () => {
  it("COST-1 the published sample: 6.25 USD among two clinics and nobody, each number with its point", () => {
    const table = providerCost(sampleShares());
    expect(table.rows.map((_, row) => numberAt(table, row, "BilledCost"))).toEqual(["3.8125", "2.3125", "0.125"]);
    expect(table.rows.map((_, row) => numberAt(table, row, "PricingQuantity"))).toEqual([
      "6100000.0",
      "3700000.0",
      "200000.0",
    ]);
    expect(numberAt(table, 0, "ListUnitPrice")).toBe("0.000000625");
    expect(table.rows.map((row) => row["AllocatedResourceId"])).toEqual([TENANTS[0]?.id, TENANTS[1]?.id, null]);
    expect(table.rows[0]?.["AllocatedMethodDetails"]).toBe(
      '{"Elements":[{"AllocatedRatio":0.61,"UsageUnit":"Requests","UsageQuantity":6100000}],"x_AllocationClass":"Direct","x_CoverageRatio":0.98,"x_PriceListId":"us-east-1.2026-09-20"}',
    );
    expect(table.rows[0]?.["AllocatedTags"]).toBe(
      `{"keyward/cell":"c1","keyward/tenant":"${TENANTS[0]?.id ?? ""}","keyward/tier":"premium"}`,
    );
    expect(table.rows[2]).toMatchObject({ AllocatedTags: null, AllocatedResourceName: null });
    expect(new Set(table.rows.map((row) => row["Tags"]))).toEqual(
      new Set(['{"sst:app":"keyward","sst:stage":"prod"}']),
    );
  });

  it("COST-1 a key of a clinic's own is no split: whole, with its tenant beside it", () => {
    const origin = providerLine({ id: "key", sku: "kms-key", layer: "keys", tags: { tenant: TENANTS[2]?.id ?? "" } });
    const [whole] = sharesOf(origin, [[TENANTS[2] ?? null, 1n]]);
    const table = providerCost(whole === undefined ? [] : [{ ...whole, method: null, elements: [] }]);
    expect(table.rows[0]).toMatchObject({ x_TenantId: TENANTS[2]?.id, x_CostLayer: "keys" });
    expect(table.rows[0]?.["AllocatedMethodId"]).toBeUndefined();
    expect(checkTable(table).findings).toEqual([]);
  });

  it("COST-1 minutes of support are rows of our own company's, whole or shared", () => {
    const table = providerCost([
      internalLine({ tenant: TENANTS[0] ?? null }),
      ...sharesOf(
        internalLine({ id: "support-2" }),
        TENANTS.map((tenant) => [tenant, 1n] as const),
        "shared-even/v1",
      ),
    ]);
    expect(table.rows[0]).toMatchObject({
      InvoiceIssuerName: COMPANY,
      ServiceProviderName: COMPANY,
      PricingUnit: "Minutes",
      x_TenantId: TENANTS[0]?.id,
    });
    expect(table.rows).toHaveLength(1 + TENANTS.length);
    expect(checkTable(table).findings).toEqual([]);
  });

  it.each([
    ["a ratio", (share: SplitCharge): SplitCharge => ({ ...share, elements: [] })],
    ["a pico-dollar", (share: SplitCharge): SplitCharge => ({ ...share, billedCost: pico(share.billedCost - 1n) })],
    ["a unit", (share: SplitCharge): SplitCharge => ({ ...share, quantity: decimalOf("1") })],
  ])("COST-1 a split that lost %s is not exported", (_, spoil) => {
    const [first, ...rest] = sampleShares();
    if (first === undefined) throw new Error("the sample has shares");
    expect(() => providerCost([spoil(first), ...rest])).toThrow(/sum/);
  });

  it("PROOF-11 any ledger has no finding: in 1.4 against its origins, in 1.2, and read back from CSV", async () => {
    await fc.assert(
      fc.asyncProperty(anyLedger, async (charges) => {
        const table = providerCost(charges);
        expect(checkTable(table, { origins: originsOf(charges) }).findings).toEqual([]);
        expect(checkTable(toVersion12(table)).findings).toEqual([]);
        const read = await checkCsv([csvOf(table)], { dataset: "cost-and-usage", version: "1.4" });
        expect([read.findings, read.rows]).toEqual([[], charges.length]);
      }),
      { numRuns: 40 },
    );
  });

  it("PROOF-11 tenants and nobody sum to the bill, in every cost column", () => {
    fc.assert(
      fc.property(anyLedger, (charges) => {
        const table = providerCost(charges);
        const origins = new Map(charges.map(({ origin }) => [origin.id, origin]));
        const billed = table.rows.reduce<Decimal>((sum, row) => {
          const cost = row["BilledCost"];
          return typeof cost === "object" && cost !== null ? add(sum, cost) : sum;
        }, ZERO);
        const due = toDecimal(total([...origins.values()].map(({ billedCost }) => billedCost)));
        expect(compare(billed, due)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });
});

describe("the 1.2 projection", () => {
  it("COST-7 has the provider's names again and keeps the tenant in x_ columns, after FOCUS's own", () => {
    const table = toVersion12(providerCost(sampleShares()));
    const ids = table.columns.map(({ id }) => id);
    expect(table.rows[0]).toMatchObject({
      ProviderName: "AWS",
      PublisherName: "AWS",
      x_AllocatedResourceId: TENANTS[0]?.id,
    });
    expect(ids.filter((id) => id.startsWith("Allocated"))).toEqual([]);
    const first = ids.findIndex((id) => id.startsWith("x_"));
    expect(ids.slice(first).every((id) => id.startsWith("x_"))).toBe(true);
    expect(ids).toContain("x_HostProviderName");
  });
});

describe("customer-charges, Invoice Detail and Billing Period", () => {
  it("COST-6 PROOF-11 any statement agrees with its invoice, and all three datasets have no finding", async () => {
    await fc.assert(
      fc.asyncProperty(anyStatement, async (charges) => {
        const table = customerCharges(charges, COMPANY);
        const details = invoiceDetails([invoiceOf(charges)], TERMS);
        expect(checkTable(details).findings).toEqual([]);
        const invoices = await invoicesOfCsv([csvOf(details)]);
        expect(checkTable(table, { invoices }).findings).toEqual([]);
        const read = await checkCsv([csvOf(table)], { dataset: "cost-and-usage", version: "1.4", invoices });
        expect(read.findings).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it("COST-6 an invoice that is a cent off, or of which a line is missing, is found", () => {
    const charges = [clinicLine(), clinicLine({ id: "charge-2", meter: "platform-fee", meterName: "Platform Fee" })];
    const invoices = new Map([['["Keyward","K-2026-11-1"]', decimalOf("60.01")]]);
    const found = checkTable(customerCharges(charges, COMPANY), { invoices }).findings.map(({ rule }) => rule);
    expect(found).toEqual(["CostAndUsage.InvoiceDetailId.12", "CostAndUsage.BilledCost.11"]);
  });

  it("an invoice's due date is its day of issue and the terms; a credit note names the invoice it speaks of", () => {
    const detail = invoiceOf([clinicLine()]);
    const [row, note] = invoiceDetails(
      [detail, { ...detail, invoiceDetailId: "2", referenceInvoiceId: "K-2026-10-1" }],
      TERMS,
    ).rows;
    expect(row).toMatchObject({
      InvoiceIssueDate: "2026-12-04T08:00:00Z",
      PaymentDueDate: "2027-01-03T00:00:00Z",
      ReferenceInvoiceId: "K-2026-11-1",
    });
    expect(note).toMatchObject({ ReferenceInvoiceId: "K-2026-10-1" });
  });

  it("a billing period is Open, then Closed", () => {
    const table = billingPeriods([
      {
        issuer: COMPANY,
        month: "2026-11",
        period: periodOfMonth("2026-11"),
        status: "Closed",
        createdAt: "2026-11-01T00:00:00.000Z",
        updatedAt: "2026-12-04T00:00:00.000Z",
      },
    ]);
    expect(table.rows[0]).toMatchObject({ BillingPeriodStatus: "Closed", BillingPeriodEnd: "2026-12-01T00:00:00Z" });
    expect(checkTable(table).findings).toEqual([]);
  });

  it("COST-7 no row of any dataset has a column for a person: who is charged is a clinic", () => {
    const ids = [...providerCost(sampleShares()).columns, ...customerCharges([clinicLine()], COMPANY).columns];
    expect(ids.filter(({ id }) => /patient|practitioner|encounterid|user/i.test(id))).toEqual([]);
  });
});
