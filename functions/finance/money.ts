import type { LineState, FinanceMonth, Money } from "../../core/contract/index.ts";
import { type Manifest, monthStatus } from "../../core/cost/close.ts";
import { formatDecimal, normalize } from "../../core/cost/decimal.ts";
import { type PicoUsd, showUsd, toDecimal } from "../../core/cost/money.ts";
import { type Month, msOf } from "../../core/cost/period.ts";

/** Amounts as they travel: exact, as text, with what they are worth. */

export const usd = (amount: PicoUsd): string => formatDecimal(normalize(toDecimal(amount)));

export const money = (amount: PicoUsd, state: LineState): Money => ({ amount: usd(amount), currency: "USD", state });

/** To `places`, half-even. */
export const shown = (amount: PicoUsd, state: LineState, places: 2 | 6): Money => ({
  amount: showUsd(amount, places),
  currency: "USD",
  state,
});

export function monthView(month: Month, nowMs: number, manifest: Manifest | undefined): FinanceMonth {
  const { status, closesAt } = monthStatus(month, nowMs, manifest);
  return { month, status, closesAt, closesInMs: Math.max(0, msOf(closesAt) - nowMs) };
}
