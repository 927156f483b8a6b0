import { add, compare, type Decimal, ZERO } from "../../decimal.ts";
import { numberText } from "../row.ts";
import type { CheckedRow } from "./checked-row.ts";
import { type GroupCheck, type GroupFault, invoiceKey, type Rule } from "./rule.ts";

const SUM: Rule = {
  id: "CostAndUsage.BilledCost.11",
  severity: "error",
  text: "BilledCost of an invoice's rows sums to what Invoice Detail says is payable",
  mend: "add the rows that are missing, or a row for the rounding",
};
const KNOWN: Rule = {
  id: "CostAndUsage.InvoiceDetailId.12",
  severity: "error",
  text: "InvoiceDetailId stands in Invoice Detail, under the row's InvoiceId",
  mend: "write the id that the invoice has, or deliver the Invoice Detail that is missing",
  since: "1.4",
};

interface Sum {
  amount: Decimal;
  readonly words: string;
}

/** Cost and Usage against the invoices it is told of; nothing where it is told of none. */
export const INVOICE_CHECK: GroupCheck = {
  rules: [SUM, KNOWN],
  needs: ["BilledCost", "InvoiceId", "InvoiceIssuerName"],
  watch({ invoices }) {
    const sums = new Map<string, Sum>();
    return {
      *see(row): Iterable<GroupFault> {
        const [issuer, invoice, detail] = ["InvoiceIssuerName", "InvoiceId", "InvoiceDetailId"].map((id) =>
          row.get(id),
        );
        if (invoices === undefined || typeof issuer !== "string" || typeof invoice !== "string") return;
        const key = invoiceKey(issuer, invoice);
        const sum = sums.get(key) ?? { amount: ZERO, words: `invoice ${invoice}` };
        sums.set(key, { ...sum, amount: add(sum.amount, row.decimalAt("BilledCost") ?? ZERO) });
        if (typeof detail !== "string" || invoices.has(invoiceKey(issuer, invoice, detail))) return;
        yield { rule: KNOWN, row: row.number, detail: `${JSON.stringify(detail)} of ${JSON.stringify(invoice)}` };
      },
      *finish(): Iterable<GroupFault> {
        for (const [key, due] of invoices ?? []) {
          if ((JSON.parse(key) as readonly string[]).length > 2) continue;
          const billed = sums.get(key)?.amount ?? ZERO;
          sums.delete(key);
          if (compare(billed, due) === 0) continue;
          yield { rule: SUM, row: null, detail: `${key}: ${numberText(billed)} where ${numberText(due)} is payable` };
        }
        if (invoices === undefined) return;
        for (const { words } of sums.values())
          yield { rule: SUM, row: null, detail: `${words} is in no Invoice Detail` };
      },
    };
  },
};

/** What is payable, from rows of Invoice Detail; a voided invoice asks for nothing. */
export function payableOf(rows: Iterable<CheckedRow>): ReadonlyMap<string, Decimal> {
  const amounts = new Map<string, Decimal>();
  for (const row of rows) {
    const [issuer, invoice, detail] = ["InvoiceIssuerName", "InvoiceId", "InvoiceDetailId"].map(
      (id) => row.get(id) ?? "",
    );
    if (row.is("InvoiceIssueStatus", "Voided") || issuer === undefined || invoice === undefined) continue;
    for (const key of [invoiceKey(issuer, invoice), invoiceKey(issuer, invoice, detail)]) {
      amounts.set(key, add(amounts.get(key) ?? ZERO, row.decimalAt("BilledCost") ?? ZERO));
    }
  }
  return amounts;
}
