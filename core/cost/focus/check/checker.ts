import type { FocusVersion } from "../column.ts";
import type { DatasetId } from "../datasets.ts";
import { type FocusTable, textOf } from "../row.ts";
import { CheckedRow, Header } from "./checked-row.ts";
import { type FileFault, type RuleSet, rulesOf } from "./rule-set.ts";
import type { CheckContext, Rule, Severity } from "./rule.ts";

/** Findings of one rule. The first few are told, all are counted. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly text: string;
  readonly mend: string;
  readonly count: number;
  readonly examples: readonly { readonly row: number | null; readonly detail: string }[];
}

export interface CheckReport {
  readonly dataset: DatasetId;
  readonly version: FocusVersion;
  readonly rows: number;
  readonly rulesChecked: number;
  readonly errors: number;
  readonly warnings: number;
  /** Errors first, then as the rules stand. */
  readonly findings: readonly Finding[];
}

export interface CheckOptions extends CheckContext {
  readonly dataset: DatasetId;
  readonly version: FocusVersion;
  /** How many rows of each rule are told; 10 if absent. */
  readonly examples?: number;
}

interface Count {
  count: number;
  readonly examples: { readonly row: number | null; readonly detail: string }[];
}

/** Holds rows to the rules of a dataset, one by one: what it remembers grows with groups, never with rows. */
export class Checker {
  readonly #options: CheckOptions;
  readonly #rules: RuleSet;
  readonly #found = new Map<Rule, Count>();
  #header: Header | undefined;
  #rowRules: RuleSet["rows"] = [];
  #watches: ReturnType<RuleSet["groups"][number]["watch"]>[] = [];
  #rows = 0;
  #rulesChecked = 0;

  constructor(options: CheckOptions) {
    this.#options = options;
    this.#rules = rulesOf(options.dataset, options.version);
  }

  #say(rule: Rule, row: number | null, detail: string): void {
    const known = this.#found.get(rule) ?? { count: 0, examples: [] };
    known.count += 1;
    if (known.examples.length < (this.#options.examples ?? 10)) known.examples.push({ row, detail });
    this.#found.set(rule, known);
  }

  fileFault(fault: FileFault, row: number | null, detail: string): void {
    this.#say(this.#rules.file[fault], row, detail);
  }

  /** The names of the columns, before any row. Rules about columns that are absent are asked of no row. */
  header(names: readonly string[]): void {
    const header = new Header(names);
    const stands = ({ needs }: { readonly needs: readonly string[] }): boolean =>
      needs.every((column) => header.has(column));
    this.#header = header;
    this.#rowRules = this.#rules.rows.filter(stands);
    const groups = this.#rules.groups.filter(stands);
    this.#watches = groups.map((group) => group.watch(this.#options));
    for (const rule of this.#rules.header) {
      for (const detail of rule.check(names, this.#options.version)) this.#say(rule, null, detail);
    }
    this.#rulesChecked =
      Object.keys(this.#rules.file).length +
      this.#rules.header.length +
      this.#rowRules.length +
      groups.reduce((sum, { rules }) => sum + rules.length, 0);
  }

  /** One row's cells in the order of the header. */
  row(cells: readonly (string | null)[]): void {
    if (this.#header === undefined) return;
    this.#rows += 1;
    const row = new CheckedRow(this.#rows, this.#header, cells);
    for (const rule of this.#rowRules) {
      const detail = rule.check(row);
      if (detail !== undefined) this.#say(rule, row.number, detail);
    }
    for (const watch of this.#watches) {
      for (const { rule, detail } of watch.see(row)) this.#say(rule, row.number, detail);
    }
  }

  finish(): CheckReport {
    for (const watch of this.#watches) {
      for (const { rule, row, detail } of watch.finish()) this.#say(rule, row, detail);
    }
    const findings = [...this.#found].map(([{ id, severity, text, mend }, { count, examples }]): Finding => ({
      rule: id,
      severity,
      text,
      mend,
      count,
      examples,
    }));
    const countOf = (severity: Severity): number =>
      findings.reduce((sum, finding) => sum + (finding.severity === severity ? finding.count : 0), 0);
    return {
      dataset: this.#options.dataset,
      version: this.#options.version,
      rows: this.#rows,
      rulesChecked: this.#rulesChecked,
      errors: countOf("error"),
      warnings: countOf("warning"),
      findings: findings.toSorted((a, b) => Number(a.severity === "warning") - Number(b.severity === "warning")),
    };
  }
}

/** A table of ours against the rules, before it leaves the house. */
export function checkTable(table: FocusTable, context: CheckContext = {}): CheckReport {
  const { dataset, version, columns, rows } = table;
  const checker = new Checker({ ...context, dataset, version });
  checker.header(columns.map(({ id }) => id));
  for (const row of rows) checker.row(columns.map((column) => textOf(column, row[column.id])));
  return checker.finish();
}
