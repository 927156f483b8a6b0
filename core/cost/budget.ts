import type { PicoUsd } from "./money.ts";
import type { Month } from "./period.ts";

/** What a month may cost: of a tenant, or of the platform where `tenantId` is null. */
export interface Budget {
  readonly id: string;
  readonly tenantId: string | null;
  readonly amount: PicoUsd;
}

/** What an alert is about: a part of the budget that is spent, or a forecast that passes all of it. */
export type BudgetAlertKind = "50" | "80" | "100" | "forecast";

export interface BudgetAlert {
  readonly budgetId: string;
  readonly month: Month;
  readonly kind: BudgetAlertKind;
  readonly amount: PicoUsd;
  readonly actual: PicoUsd;
  /** Null where there is none yet. */
  readonly forecast: PicoUsd | null;
}

const STEPS: readonly (readonly [BudgetAlertKind, bigint])[] = [
  ["50", 50n],
  ["80", 80n],
  ["100", 100n],
];

/**
 * The alerts that a budget has come to and that `sent` does not hold. Each is given once a month: what was said stays said, even
 * where a correction takes the cost below the step again. A budget of nothing is passed by any cost. A forecast is told as long
 * as the budget is not spent; after that it is no news.
 */
export function budgetAlerts(
  budget: Budget,
  month: Month,
  { actual, forecast }: { readonly actual: PicoUsd; readonly forecast: PicoUsd | null },
  sent: ReadonlySet<BudgetAlertKind>,
): BudgetAlert[] {
  const { amount } = budget;
  const reached = STEPS.filter(([, percent]) => actual > 0n && actual * 100n >= amount * percent).map(([kind]) => kind);
  const isForeseen = forecast !== null && forecast > amount && !reached.includes("100");
  return [...reached, ...(isForeseen ? (["forecast"] as const) : [])]
    .filter((kind) => !sent.has(kind))
    .map((kind) => ({ budgetId: budget.id, month, kind, amount, actual, forecast }));
}
