import { CHARGE_CATEGORIES } from "../ledger.ts";
import { type FocusColumn, column } from "./column.ts";

/** FOCUS 1.4 Billing Period: specification/datasets/billing_period/dataset.md. All mandatory, none nullable. */
export const BILLING_PERIOD: readonly FocusColumn[] = [
  column("BillingPeriodCreated", "Date/Time", "Mandatory", "not null"),
  column("BillingPeriodEnd", "Date/Time", "Mandatory", "not null"),
  column("BillingPeriodLastUpdated", "Date/Time", "Mandatory", "not null"),
  column("BillingPeriodStart", "Date/Time", "Mandatory", "not null"),
  column("BillingPeriodStatus", "String", "Mandatory", "not null", { allowed: ["Open", "Closed"] }),
  column("InvoiceIssuerName", "String", "Mandatory", "not null"),
];

const PAYMENT = { condition: "billing and payment in different currencies" } as const;

/** FOCUS 1.4 Invoice Detail: specification/datasets/invoice_detail/dataset.md. In alphabetical order. */
export const INVOICE_DETAIL: readonly FocusColumn[] = [
  column("BilledCost", "Decimal", "Mandatory", "not null"),
  column("BillingAccountId", "String", "Mandatory", "not null"),
  column("BillingCurrency", "String", "Mandatory", "not null", { format: "currency" }),
  column("BillingPeriodEnd", "Date/Time", "Mandatory", "not null"),
  column("BillingPeriodStart", "Date/Time", "Mandatory", "not null"),
  column("ChargeCategory", "String", "Mandatory", "not null", { allowed: CHARGE_CATEGORIES }),
  column("InvoiceDetailCreated", "Date/Time", "Mandatory", "not null"),
  column("InvoiceDetailDescription", "String", "Mandatory", "null"),
  column("InvoiceDetailGrain", "JSON", "Mandatory", "null", { format: "key-value" }),
  column("InvoiceDetailId", "String", "Mandatory", "not null"),
  column("InvoiceDetailLastUpdated", "Date/Time", "Mandatory", "not null"),
  column("InvoiceId", "String", "Mandatory", "not null"),
  column("InvoiceIssueDate", "Date/Time", "Mandatory", "null"),
  column("InvoiceIssueStatus", "String", "Mandatory", "not null", { allowed: ["Open", "Issued", "Voided"] }),
  column("InvoiceIssuerName", "String", "Mandatory", "not null"),
  column("PaymentCurrency", "String", "Conditional", "not null", {
    ...PAYMENT,
    standsWith: ["PaymentCurrencyBilledCost"],
    format: "currency",
  }),
  column("PaymentCurrencyBilledCost", "Decimal", "Conditional", "not null", {
    ...PAYMENT,
    standsWith: ["PaymentCurrency"],
  }),
  column("PaymentCurrencyInvoiceDetailId", "String", "Conditional", "not null", PAYMENT),
  column("PaymentDueDate", "Date/Time", "Mandatory", "null"),
  column("PaymentTerms", "String", "Mandatory", "not null"),
  column("PurchaseOrderNumber", "String", "Conditional", "null", { condition: "purchase orders of the customer" }),
  column("ReferenceInvoiceId", "String", "Mandatory", "not null"),
];
