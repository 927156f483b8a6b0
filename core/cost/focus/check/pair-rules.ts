import type { CheckedRow } from "./checked-row.ts";
import type { RowRule } from "./rule.ts";

type More = Partial<Pick<RowRule, "severity" | "since" | "mend">>;

/** `column` has no value where `isSo`. `words` end the sentence "... is null where ...". */
export const nullWhere = (
  id: string,
  column: string,
  words: string,
  needs: readonly string[],
  isSo: (row: CheckedRow) => boolean,
  more: More = {},
): RowRule => ({
  id,
  severity: "error",
  text: `${column} is null where ${words}`,
  mend: "leave the field empty",
  needs: [column, ...needs],
  check: (row) => (!row.isNull(column) && isSo(row) ? "it has a value" : undefined),
  ...more,
});

/** `column` has a value where `isSo`. */
export const valueWhere = (
  id: string,
  column: string,
  words: string,
  needs: readonly string[],
  isSo: (row: CheckedRow) => boolean,
  more: More = {},
): RowRule => ({
  id,
  severity: "error",
  text: `${column} is not null where ${words}`,
  mend: `give the row a ${column}`,
  needs: [column, ...needs],
  check: (row) => (row.isNull(column) && isSo(row) ? "no value" : undefined),
  ...more,
});

/** `column` has a value exactly where `leader` has one: rules `.10` and `.11`. */
export const follows = (dataset: string, column: string, leader: string): readonly RowRule[] => [
  nullWhere(`${dataset}.${column}.10`, column, `${leader} is null`, [leader], (row) => row.isNull(leader)),
  valueWhere(`${dataset}.${column}.11`, column, `${leader} has a value`, [leader], (row) => !row.isNull(leader)),
];

/** `column` has no value where `leader` has none: rule `.10`. */
export const nullWithout = (dataset: string, column: string, leader: string, more: More = {}): RowRule =>
  nullWhere(`${dataset}.${column}.10`, column, `${leader} is null`, [leader], (row) => row.isNull(leader), more);
