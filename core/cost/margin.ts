import { type Decimal, divide } from "./decimal.ts";
import type { ClinicCharge, CostTenant, SplitCharge } from "./ledger.ts";
import { minus, NOTHING, type PicoUsd, pico, toDecimal } from "./money.ts";

export interface MarginRow {
  readonly tenant: CostTenant;
  /** What the clinic is asked for, tax left out: that is the state's. */
  readonly revenue: PicoUsd;
  /** What it costs us: its shares of AWS's bill and of our own rows, effective cost. */
  readonly cost: PicoUsd;
  readonly margin: PicoUsd;
  /** Margin over revenue, four places; null without revenue. */
  readonly ratio: Decimal | null;
  readonly isLoss: boolean;
}

export interface Margin {
  /** The lowest margin first; of equal ones by id. */
  readonly rows: readonly MarginRow[];
  /** What nobody takes, and every clinic's margin together has to carry. */
  readonly unallocated: PicoUsd;
}

/** Margin of every tenant of the roster, of those with neither cost nor revenue too (COST-3). */
export function margin(
  tenants: readonly CostTenant[],
  provider: readonly Pick<SplitCharge, "tenant" | "effectiveCost">[],
  clinic: readonly Pick<ClinicCharge, "tenant" | "category" | "amount">[],
): Margin {
  const costs = sumBy(provider, ({ tenant, effectiveCost }) => [tenant?.id ?? "", effectiveCost]);
  const revenues = sumBy(
    clinic.filter(({ category }) => category !== "Tax"),
    ({ tenant, amount }) => [tenant.id, amount],
  );
  const rows = tenants.map((tenant): MarginRow => {
    const [cost, revenue] = [costs.get(tenant.id) ?? NOTHING, revenues.get(tenant.id) ?? NOTHING];
    const left = minus(revenue, cost);
    const ratio = revenue > 0n ? divide(toDecimal(left), toDecimal(revenue), 4) : null;
    return { tenant, revenue, cost, margin: left, ratio, isLoss: left < 0n };
  });
  return {
    rows: rows.toSorted((a, b) =>
      a.margin === b.margin ? (a.tenant.id < b.tenant.id ? -1 : 1) : a.margin < b.margin ? -1 : 1,
    ),
    unallocated: costs.get("") ?? NOTHING,
  };
}

function sumBy<T>(lines: readonly T[], of: (line: T) => readonly [string, PicoUsd]): ReadonlyMap<string, PicoUsd> {
  const sums = new Map<string, PicoUsd>();
  for (const line of lines) {
    const [key, amount] = of(line);
    sums.set(key, pico((sums.get(key) ?? NOTHING) + amount));
  }
  return sums;
}
