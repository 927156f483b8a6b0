import { invariant } from "../../kernel/invariant.ts";
import { type Decimal, formatDecimal, normalize, rescale } from "../decimal.ts";
import type { FocusColumn, FocusVersion } from "./column.ts";
import type { DatasetId } from "./datasets.ts";

/** A string, a date or JSON is its text; a number is exact; `null` has no other spelling (attribute NullHandling). */
export type FocusValue = string | Decimal | null;
export type FocusRow = Readonly<Record<string, FocusValue>>;

/** Rows of one dataset in one version. `columns` has the order of the file: FOCUS's own, then ours. */
export interface FocusTable {
  readonly dataset: DatasetId;
  readonly version: FocusVersion;
  readonly columns: readonly FocusColumn[];
  readonly rows: readonly FocusRow[];
}

/**
 * A number as the `focus` dialect writes it: no exponent and always a point (`100.0`), without which the validator of the
 * FinOps Foundation takes a column for integers and fails its type.
 */
export function numberText(value: Decimal): string {
  const short = normalize(value);
  return formatDecimal(short.scale === 0 ? rescale(short, 1) : short);
}

/** What a cell says; null stays null. Throws InvariantError for a number with more places than its column is published with. */
export function textOf({ id, type, places }: FocusColumn, value: FocusValue | undefined): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") {
    invariant(type !== "Decimal", `${id} is a number`);
    return value;
  }
  invariant(type === "Decimal", `${id} is no number`);
  invariant(normalize(value).scale <= (places ?? 12), `${id} has no more places than it is published with`);
  return numberText(value);
}
