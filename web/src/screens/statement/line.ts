import type { ClinicStatement } from "../../../../core/contract/index.ts";

export type StatementLine = ClinicStatement["lines"][number];

/** Of a unit's price: as many places as a plan may have. */
export const PRICE_PLACES = 6;
/** Of an amount: all that the ledger has, so that the lines add up to the total. */
export const AMOUNT_PLACES = 12;
