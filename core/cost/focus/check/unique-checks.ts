import type { CheckedRow } from "./checked-row.ts";
import type { GroupCheck, GroupFault, Rule } from "./rule.ts";

const keyOf = (row: CheckedRow, columns: readonly string[]): string | undefined => {
  const values = columns.map((column) => row.get(column));
  return values.includes(null) ? undefined : JSON.stringify(values);
};

/** Rows that agree in `by` agree in `column` too. The first row of each group sets what the others are held to. */
export const oneOf = (rule: Omit<Rule, "severity">, by: readonly string[], column: string): GroupCheck => {
  const whole: Rule = { ...rule, severity: "error" };
  return {
    rules: [whole],
    needs: [...by, column],
    watch() {
      const first = new Map<string, { readonly value: string; readonly row: number }>();
      return {
        *see(row): Iterable<GroupFault> {
          const [key, value] = [keyOf(row, by), row.get(column)];
          if (key === undefined || value === null) return;
          const known = first.get(key);
          if (known === undefined) first.set(key, { value, row: row.number });
          else if (known.value !== value) {
            yield { rule: whole, row: row.number, detail: `${JSON.stringify(value)}, and row ${known.row} differs` };
          }
        },
        *finish() {},
      };
    },
  };
};

/** No two rows agree in all of `by`. */
export const onlyOnce = (rule: Omit<Rule, "severity">, by: readonly string[]): GroupCheck => {
  const whole: Rule = { ...rule, severity: "error" };
  return {
    rules: [whole],
    needs: by,
    watch() {
      const first = new Map<string, number>();
      return {
        *see(row): Iterable<GroupFault> {
          const key = keyOf(row, by);
          if (key === undefined) return;
          const known = first.get(key);
          if (known === undefined) first.set(key, row.number);
          else yield { rule: whole, row: row.number, detail: `the same as row ${known}` };
        },
        *finish() {},
      };
    },
  };
};

/** Groups of Cost and Usage that are of one kind. */
export const COST_GROUPS: readonly GroupCheck[] = [
  oneOf(
    {
      id: "CostAndUsage.ServiceName.10",
      text: "a ServiceName has one ServiceCategory",
      mend: "take the category of its main purpose for all its rows",
    },
    ["InvoiceIssuerName", "ServiceName"],
    "ServiceCategory",
  ),
  oneOf(
    {
      id: "CostAndUsage.SkuPriceId.12",
      text: "a SkuPriceId has one SkuId",
      mend: "a price of another SKU has an id of its own",
    },
    ["SkuPriceId"],
    "SkuId",
  ),
  oneOf(
    {
      id: "CostAndUsage.BillingCurrency.10",
      text: "an invoice has one BillingCurrency",
      mend: "the invoice's own currency in all its rows",
    },
    ["InvoiceIssuerName", "InvoiceId"],
    "BillingCurrency",
  ),
];
