import type { Decimal } from "../../decimal.ts";
import type { FocusVersion } from "../column.ts";
import type { CheckedRow } from "./checked-row.ts";

/** `error`: FOCUS says MUST. `warning`: it says SHOULD. */
export type Severity = "error" | "warning";

/**
 * One rule of a dataset. Ids are `CostAndUsage.<Column>.<n>`, ours, stable, and never given to another rule: 1 the column is
 * present, 2 type, 3 not null, 4 allowed value, 5 format, 6 null is spelled null, 7 shares equal the origin, 8 shares sum to
 * the origin, from 10 on what only this column asks.
 */
export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  /** What must be so. */
  readonly text: string;
  /** What to do about it. */
  readonly mend: string;
  /** The first version that asks it; all if absent. */
  readonly since?: "1.4";
}

/** A rule about the columns of a file. `check` gives what is wrong, each in a few words. */
export interface HeaderRule extends Rule {
  check(header: readonly string[], version: FocusVersion): Iterable<string>;
}

/** A rule about one row; it is asked only where every column in `needs` stands. `check` gives what is wrong, or undefined. */
export interface RowRule extends Rule {
  readonly needs: readonly string[];
  check(row: CheckedRow): string | undefined;
}

/** What a check is told from outside the file. */
export interface CheckContext {
  /** What Invoice Detail says is payable. Without it nothing is compared with invoices. */
  readonly invoices?: InvoiceAmounts;
  /** Origin charges by `x_OriginChargeId`: each summable column as text. Without it shares are compared with each other alone. */
  readonly origins?: ReadonlyMap<string, Readonly<Record<string, string | null>>>;
}

/** Payable amounts by `invoiceKey`: of each invoice, and of each of its details. Exact decimals. */
export type InvoiceAmounts = ReadonlyMap<string, Decimal>;

export const invoiceKey = (issuer: string, invoiceId: string, detailId?: string): string =>
  JSON.stringify(detailId === undefined ? [issuer, invoiceId] : [issuer, invoiceId, detailId]);

/** What a check of many rows found; `row` is null where it is about no single one. */
export interface GroupFault {
  readonly rule: Rule;
  readonly row: number | null;
  readonly detail: string;
}

/** Rules about groups of rows, watched together. `see` meets every row once; `finish` says what does not add up. */
export interface GroupCheck {
  readonly rules: readonly Rule[];
  readonly needs: readonly string[];
  watch(context: CheckContext): {
    see(row: CheckedRow): Iterable<GroupFault>;
    finish(): Iterable<GroupFault>;
  };
}
