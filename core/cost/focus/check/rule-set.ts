import { type FocusVersion, isCustom } from "../column.ts";
import { columnsOf, type DatasetId, DATASETS } from "../datasets.ts";
import {
  BILLING_PERIOD_GROUPS,
  BILLING_PERIOD_RULES,
  INVOICE_DETAIL_GROUPS,
  INVOICE_DETAIL_RULES,
} from "./billing-rules.ts";
import { CHARGE_RULES } from "./charge-rules.ts";
import { columnRules, headerRules } from "./column-rules.ts";
import { INVOICE_CHECK } from "./invoice-checks.ts";
import { PRICE_RULES } from "./price-rules.ts";
import type { GroupCheck, HeaderRule, RowRule, Rule } from "./rule.ts";
import { SPLIT_CHECKS } from "./split-checks.ts";
import { SPLIT_RULES } from "./split-rules.ts";
import { COST_GROUPS } from "./unique-checks.ts";

const OWN: Readonly<Record<DatasetId, { readonly rows: readonly RowRule[]; readonly groups: readonly GroupCheck[] }>> =
  {
    "cost-and-usage": {
      rows: [...CHARGE_RULES, ...PRICE_RULES, ...SPLIT_RULES],
      groups: [...COST_GROUPS, INVOICE_CHECK, ...SPLIT_CHECKS],
    },
    "billing-period": { rows: BILLING_PERIOD_RULES, groups: BILLING_PERIOD_GROUPS },
    "invoice-detail": { rows: INVOICE_DETAIL_RULES, groups: INVOICE_DETAIL_GROUPS },
  };

/** What is wrong with the file itself, found while it is read; `1` to `5`. */
export const FILE_FAULTS = ["encoding", "mark", "header", "fields", "quoting"] as const;
export type FileFault = (typeof FILE_FAULTS)[number];

const FILE_WORDS: Readonly<Record<FileFault, readonly [text: string, mend: string]>> = {
  encoding: ["the file is UTF-8", "save it as UTF-8"],
  mark: ["the file has no byte order mark", "save it as UTF-8 without BOM; a spreadsheet's dialect is not FOCUS's"],
  header: ["the file has a header line", "begin with the names of the columns"],
  fields: ["every row has as many fields as the header", "quote what has a comma, a quote or a line break in it"],
  quoting: ["quotes are those of RFC 4180", "quote the whole field and double the quotes in it"],
};

const fileRules = (name: string): Readonly<Record<FileFault, Rule>> =>
  Object.fromEntries(
    FILE_FAULTS.map((fault, place) => {
      const [text, mend] = FILE_WORDS[fault];
      return [fault, { id: `${name}.File.${place + 1}`, severity: "error", text, mend } satisfies Rule];
    }),
  ) as Readonly<Record<FileFault, Rule>>;

export interface RuleSet {
  readonly file: Readonly<Record<FileFault, Rule>>;
  readonly header: readonly HeaderRule[];
  readonly rows: readonly RowRule[];
  readonly groups: readonly GroupCheck[];
}

const made = new Map<string, RuleSet>();

/** Every rule that a dataset is held to in a version: none that speaks of a column which the version does not have. */
export function rulesOf(dataset: DatasetId, version: FocusVersion): RuleSet {
  const key = `${dataset} ${version}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const generated = columnRules(dataset, version);
  const columns = new Set(columnsOf(dataset, version).map(({ id }) => id));
  const isIn = ({ needs }: { readonly needs: readonly string[] }): boolean =>
    needs.every((column) => isCustom(column) || columns.has(column));
  const isAsked = ({ since }: Rule): boolean => since === undefined || since === version;
  const rules: RuleSet = {
    file: fileRules(DATASETS[dataset].name),
    header: [...generated.header, ...headerRules(dataset, version)],
    rows: [...generated.rows, ...OWN[dataset].rows.filter(isIn)].filter(isAsked),
    groups: OWN[dataset].groups.filter(isIn).map((group) => ({ ...group, rules: group.rules.filter(isAsked) })),
  };
  made.set(key, rules);
  return rules;
}

/** All of a set in one list, in the order of their ids as they are written. */
export const listOf = ({ file, header, rows, groups }: RuleSet): readonly Rule[] => [
  ...Object.values(file),
  ...header,
  ...rows,
  ...groups.flatMap(({ rules }) => rules),
];
