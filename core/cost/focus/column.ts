/** What the tables know. 1.3 has no file of its own here: what it brought is in 1.4, and nothing that it took away is missed. */
export const FOCUS_VERSIONS = ["1.2", "1.4"] as const;
export type FocusVersion = (typeof FOCUS_VERSIONS)[number];

export type FocusType = "String" | "Decimal" | "Date/Time" | "JSON";
export type FeatureLevel = "Mandatory" | "Conditional" | "Recommended" | "Custom";

/**
 * What a value must look like beyond its type: `unit` (UnitFormat), `currency` (CurrencyFormat), `non-negative` (a unit
 * price), `key-value` (KeyValueFormat: a flat JSON object).
 */
export type ValueFormat = "unit" | "currency" | "non-negative" | "key-value";

/** One column of a FOCUS dataset, as its content constraints have it, and what we need to know to write and to check it. */
export interface FocusColumn {
  readonly id: string;
  readonly type: FocusType;
  readonly level: FeatureLevel;
  readonly isNullable: boolean;
  /**
   * Shares of one origin charge against the origin: dimensions and unit prices `equal` it, metrics `sum` to it, what is about
   * the share is its `own` (attribute DataGeneratorCalculatedSplitCostAllocationHandling).
   */
  readonly split: "equal" | "sum" | "own";
  /** The operating model that asks for a Conditional column. */
  readonly condition?: string;
  /** Columns that show that the condition holds: where one of them stands, this one must. */
  readonly standsWith?: readonly string[];
  readonly allowed?: readonly string[];
  readonly format?: ValueFormat;
  /** Decimal places that we write at most, and the scale of the column in Parquet. */
  readonly places?: 12 | 16;
  readonly since?: "1.3" | "1.4";
  /** The last version that had it. */
  readonly until?: "1.2";
}

type More = Omit<Partial<FocusColumn>, "id" | "type" | "level" | "isNullable">;

/** A column; a Decimal is a cost of twelve places that sums, all else equals the origin's, unless `more` says otherwise. */
export function column(
  id: string,
  type: FocusType,
  level: FeatureLevel,
  nulls: "null" | "not null",
  more: More = {},
): FocusColumn {
  const isDecimal = type === "Decimal";
  return {
    id,
    type,
    level,
    isNullable: nulls === "null",
    split: isDecimal ? "sum" : "equal",
    ...(isDecimal ? { places: 12 as const } : {}),
    ...more,
  };
}

/** A column of ours: after all of FOCUS's own, named `x_PascalCase` (attribute CustomColumnHandling). */
export const customColumn = (id: `x_${string}`, type: FocusType = "String"): FocusColumn =>
  column(id, type, "Custom", "null");

export const isCustom = (id: string): boolean => id.startsWith("x_");
