import type { BillingPeriod, InvoiceDetail } from "../ledger.ts";
import { fromCents, toDecimal } from "../money.ts";
import { dayAfter, dayOf, periodOfMonth, toSecond } from "../period.ts";
import { CLINIC_SERVICE } from "./customer-charges.ts";
import { columnsOf } from "./datasets.ts";
import { exactJson } from "./exact-json.ts";
import type { FocusRow, FocusTable } from "./row.ts";

/** The ledger's instants may have parts of a second; FOCUS's have none. */
const second = (instant: string): string => toSecond(Date.parse(instant));

/** FOCUS 1.4 Billing Period: one row for an issuer and a month. */
export const billingPeriods = (periods: readonly BillingPeriod[]): FocusTable => ({
  dataset: "billing-period",
  version: "1.4",
  columns: columnsOf("billing-period", "1.4"),
  rows: periods.map(({ issuer, period, status, createdAt, updatedAt }): FocusRow => ({
    BillingPeriodCreated: second(createdAt),
    BillingPeriodEnd: period.end,
    BillingPeriodLastUpdated: second(updatedAt),
    BillingPeriodStart: period.start,
    BillingPeriodStatus: status,
    InvoiceIssuerName: issuer,
  })),
});

/** How long a clinic has to pay, as its invoice says it. */
export interface PaymentTerms {
  readonly words: string;
  readonly days: number;
}

const INVOICE_DETAIL_COLUMNS = columnsOf("invoice-detail", "1.4").filter(
  ({ id }) => !id.startsWith("PaymentCurrency") && id !== "PurchaseOrderNumber",
);

/**
 * FOCUS 1.4 Invoice Detail. Our invoices are in US dollars and ask for no purchase order. A line is one service and one
 * category; what it is made of are the rows of `customer-charges` with the same InvoiceDetailId.
 */
export const invoiceDetails = (details: readonly InvoiceDetail[], terms: PaymentTerms): FocusTable => ({
  dataset: "invoice-detail",
  version: "1.4",
  columns: INVOICE_DETAIL_COLUMNS,
  rows: details.map((detail): FocusRow => {
    const month = periodOfMonth(detail.billingMonth);
    const { issuedAt } = detail;
    return {
      BilledCost: toDecimal(fromCents(detail.amount)),
      BillingAccountId: detail.tenant.id,
      BillingCurrency: "USD",
      BillingPeriodEnd: month.end,
      BillingPeriodStart: month.start,
      ChargeCategory: detail.category,
      InvoiceDetailCreated: second(detail.createdAt),
      InvoiceDetailDescription: detail.description,
      InvoiceDetailGrain: exactJson({ ServiceName: CLINIC_SERVICE }),
      InvoiceDetailId: detail.invoiceDetailId,
      InvoiceDetailLastUpdated: second(detail.updatedAt),
      InvoiceId: detail.invoiceId,
      InvoiceIssueDate: issuedAt === null ? null : second(issuedAt),
      InvoiceIssueStatus: detail.status,
      InvoiceIssuerName: detail.issuer,
      PaymentDueDate: issuedAt === null ? null : `${dayAfter(dayOf(second(issuedAt)), terms.days)}T00:00:00Z`,
      PaymentTerms: terms.words,
      ReferenceInvoiceId: detail.referenceInvoiceId ?? detail.invoiceId,
    };
  }),
});
