import { createHash } from "node:crypto";
import { invariant } from "../../kernel/invariant.ts";
import { add, type Decimal, rescale, ZERO } from "../decimal.ts";
import type { FocusType } from "../focus/column.ts";
import { type LineState, LINE_STATES } from "../ledger.ts";
import type { Period } from "../period.ts";

export type ReportLanguage = "en" | "es";
export type ReportKind =
  | "provider-cost"
  | "customer-charges"
  | "billing-period"
  | "invoice-detail"
  | "statement"
  | "tenant-cost";

export interface ReportColumn {
  /** Name in a data file. */
  readonly id: string;
  /** Heading for a person. */
  readonly label: string;
  readonly type: FocusType;
  /** Decimal places that a value has at most: 12 for costs and quantities, 16 for unit prices. */
  readonly places?: 12 | 16;
  /** Costs that are added up under the column. */
  readonly isTotalled?: boolean;
}

/** Text, date and JSON are their text. */
export type ReportCell = string | Decimal | null;
export type ReportRow = readonly ReportCell[];

export interface ReportTotal {
  readonly column: string;
  readonly label: string;
  /** The sum of all cells above it, exact. */
  readonly amount: Decimal;
  /** To the cent, half-even. Equal to `amount` where every line was rounded or has its rounding line. */
  readonly cents: Decimal;
}

/** What was asked, without what was found: filters, price list, ledger version. No name of a person, no PHI. */
export type ReportQuery = Readonly<Record<string, string>>;

/**
 * One answer, and all that a file, a screen or a print may say of it. Totals are made here, once: whoever writes a format
 * writes these and adds up nothing, so they are equal everywhere.
 */
export interface ReportModel {
  readonly kind: ReportKind;
  readonly title: string;
  readonly language: ReportLanguage;
  /** Whom it is about: a clinic; null for all. */
  readonly subject: { readonly id: string; readonly name: string } | null;
  readonly issuer: string;
  readonly period: Period;
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly ReportRow[];
  readonly totals: readonly ReportTotal[];
  /** How many lines are in which state: a report with estimated lines is no final one. */
  readonly states: Readonly<Record<LineState, number>>;
  readonly query: ReportQuery;
  /** 64 hex digits: equal for the same question, in every format. */
  readonly queryHash: string;
  /** When it was made: an instant in UTC. */
  readonly madeAt: string;
}

export interface ReportInput extends Omit<ReportModel, "totals" | "states" | "queryHash"> {
  /** Of each line, or how many lines are in a state. */
  readonly lineStates: readonly (LineState | readonly [LineState, rows: number])[];
}

const inOrder = (query: ReportQuery): [string, string][] =>
  Object.entries(query).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/** SHA-256 over kind, subject, period, columns and query. When it was made and in which language change nothing. */
const hashOf = ({ kind, subject, period, columns, query }: ReportInput): string =>
  createHash("sha256")
    .update(JSON.stringify([kind, subject?.id ?? null, period, columns.map(({ id }) => id), inOrder(query)]))
    .digest("hex");

function totalOf({ id, label }: ReportColumn, place: number, rows: readonly ReportRow[]): ReportTotal {
  const amount = rows.reduce<Decimal>((sum, row) => {
    const cell = row[place] ?? null;
    invariant(typeof cell !== "string", "what is totalled is a number");
    return cell === null ? sum : add(sum, cell);
  }, ZERO);
  const exact = rescale(amount, 12);
  return { column: id, label, amount: exact, cents: rescale(exact, 2) };
}

/** A report of what was found, with its totals, its states and the hash of its question. */
export function reportOf(input: ReportInput): ReportModel {
  const { lineStates, ...rest } = input;
  invariant(
    input.rows.every((row) => row.length === input.columns.length),
    "a row has a cell for each column",
  );
  const counted = new Map<LineState, number>(LINE_STATES.map((state) => [state, 0]));
  for (const each of lineStates) {
    const [state, rows] = typeof each === "string" ? ([each, 1] as const) : each;
    counted.set(state, (counted.get(state) ?? 0) + rows);
  }
  return {
    ...rest,
    totals: input.columns.flatMap((column, place) =>
      column.isTotalled === true ? [totalOf(column, place, input.rows)] : [],
    ),
    states: Object.fromEntries(counted) as Record<LineState, number>,
    queryHash: hashOf(input),
  };
}
