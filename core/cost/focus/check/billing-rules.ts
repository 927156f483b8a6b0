import { instantOf, objectOf } from "./checked-row.ts";
import { inOrder } from "./charge-rules.ts";
import { valueWhere } from "./pair-rules.ts";
import type { GroupCheck, RowRule } from "./rule.ts";
import { oneOf, onlyOnce } from "./unique-checks.ts";

/** Billing Period, row by row. */
export const BILLING_PERIOD_RULES: readonly RowRule[] = [
  inOrder("BillingPeriod.BillingPeriodEnd.10", "BillingPeriodStart", "BillingPeriodEnd", false),
  inOrder("BillingPeriod.BillingPeriodLastUpdated.10", "BillingPeriodCreated", "BillingPeriodLastUpdated", true),
  {
    id: "BillingPeriod.BillingPeriodStatus.10",
    severity: "error",
    text: "a billing period is Closed only after its end",
    mend: "Open until all its invoices are issued",
    needs: ["BillingPeriodStatus", "BillingPeriodEnd", "BillingPeriodLastUpdated"],
    check(row) {
      if (!row.is("BillingPeriodStatus", "Closed")) return undefined;
      const [end, updated] = ["BillingPeriodEnd", "BillingPeriodLastUpdated"].map((id) => instantOf(row.get(id) ?? ""));
      return end !== undefined && updated !== undefined && updated < end
        ? "it was updated last before its end"
        : undefined;
    },
  },
];

export const BILLING_PERIOD_GROUPS: readonly GroupCheck[] = [
  onlyOnce(
    {
      id: "BillingPeriod.BillingPeriodStart.10",
      text: "an issuer has one row for a billing period",
      mend: "keep the newest",
    },
    ["InvoiceIssuerName", "BillingPeriodStart"],
  ),
];

/** Properties of InvoiceDetailGrain that FOCUS defines; all others begin with x_. */
const GRAIN = new Set([
  "ContractId",
  "RegionId",
  "ResourceId",
  "ResourceType",
  "ServiceName",
  "SkuId",
  "SkuMeter",
  "SkuPriceId",
  "SubAccountId",
]);

/** Invoice Detail, row by row. */
export const INVOICE_DETAIL_RULES: readonly RowRule[] = [
  inOrder("InvoiceDetail.BillingPeriodEnd.10", "BillingPeriodStart", "BillingPeriodEnd", false),
  inOrder("InvoiceDetail.InvoiceDetailLastUpdated.10", "InvoiceDetailCreated", "InvoiceDetailLastUpdated", true),
  {
    id: "InvoiceDetail.InvoiceDetailGrain.10",
    severity: "error",
    text: "properties of InvoiceDetailGrain that FOCUS does not define begin with x_",
    mend: "put x_ before the property",
    needs: ["InvoiceDetailGrain"],
    check(row) {
      const keys = Object.keys(objectOf(row.get("InvoiceDetailGrain") ?? "") ?? {});
      const strange = keys.find((key) => !GRAIN.has(key) && !key.startsWith("x_"));
      return strange === undefined ? undefined : JSON.stringify(strange.slice(0, 40));
    },
  },
  valueWhere(
    "InvoiceDetail.InvoiceIssueDate.10",
    "InvoiceIssueDate",
    "the invoice is issued",
    ["InvoiceIssueStatus"],
    (row) => row.is("InvoiceIssueStatus", "Issued"),
    { severity: "warning" },
  ),
  {
    ...inOrder("InvoiceDetail.PaymentDueDate.10", "InvoiceIssueDate", "PaymentDueDate", true),
    severity: "warning",
    mend: "the due date follows from the issue date and the terms",
  },
];

export const INVOICE_DETAIL_GROUPS: readonly GroupCheck[] = [
  onlyOnce(
    {
      id: "InvoiceDetail.InvoiceDetailId.10",
      text: "an InvoiceDetailId stands once in its invoice",
      mend: "give each line an id of its own",
    },
    ["InvoiceIssuerName", "InvoiceId", "InvoiceDetailId"],
  ),
  oneOf(
    {
      id: "InvoiceDetail.BillingCurrency.10",
      text: "an invoice has one BillingCurrency",
      mend: "the invoice's own currency in all its rows",
    },
    ["InvoiceIssuerName", "InvoiceId"],
    "BillingCurrency",
  ),
  oneOf(
    {
      id: "InvoiceDetail.InvoiceIssueStatus.10",
      text: "an invoice has one InvoiceIssueStatus",
      mend: "all its rows are open, issued or voided together",
    },
    ["InvoiceIssuerName", "InvoiceId"],
    "InvoiceIssueStatus",
  ),
];
