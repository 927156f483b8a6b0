import type { ClinicStatement } from "../../../../core/contract/index.ts";

export type StatementLine = ClinicStatement["lines"][number];

/** Of a unit's price: as many places as a plan may have. */
export const PRICE_PLACES = 6;
/** Of an amount: all that the ledger has, so that the lines add up to the total. */
export const AMOUNT_PLACES = 12;

/** As many places for each amount as the longest of them has, so that they stand under each other and add up. */
export const placesOf = (lines: readonly StatementLine[]): number =>
  Math.max(2, ...lines.map(({ amount }) => amount.amount.split(".")[1]?.length ?? 0));
