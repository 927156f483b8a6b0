import type { TierName } from "../platform.ts";
import type { FinanceMonth, Money } from "./answers.ts";

/** What a clinic is asked for in a month, for its administrator, explained down to what was counted. */
export interface ClinicStatement {
  readonly month: FinanceMonth;
  /** Months that there is a statement of, the newest first. */
  readonly months: readonly string[];
  readonly planId: string | null;
  readonly tier: TierName;
  readonly invoiceId: string | null;
  /** To the cent. */
  readonly total: Money;
  /** The rounding to whole cents is the last of them, where there is one. */
  readonly lines: readonly {
    readonly id: string;
    readonly meter: string;
    readonly description: string;
    readonly location: { readonly id: string; readonly name: string } | null;
    readonly unit: string | null;
    readonly quantity: string | null;
    /** Used too and not charged, as the plan includes it; null where nothing is. In `unit`. */
    readonly included: string | null;
    readonly unitPrice: string | null;
    readonly amount: Money;
    /** What was counted, by day: whole base units. Empty for what goes by time: the line's period says it. */
    readonly days: readonly { readonly day: string; readonly units: string }[];
    readonly baseUnit: "count" | "byte-hours" | null;
    readonly period: { readonly start: string; readonly end: string };
  }[];
  /** What each way to be kept apart is sold for in a month (USD). */
  readonly tiers: readonly {
    readonly tier: TierName;
    readonly name: string;
    readonly unitPrice: string;
    readonly isolation: string;
    readonly isPlaceable: boolean;
  }[];
}

export interface StatementAnswers {
  readonly readStatement: ClinicStatement;
}
