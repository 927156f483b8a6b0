import type { VitalEntry } from "../../../../core/contract/chart.ts";
import { MEASURED, type Measured, type UnitSystem, unitIn } from "../../../../core/contract/chart-words.ts";
import type { Problem } from "../../api/problem.ts";
import type { VitalsKey } from "./messages.ts";

/** What is typed, by input: a measure's name, and for a blood pressure its two. */
export type Typed = Readonly<Record<string, string>>;
export type TypedErrors = Readonly<Record<string, VitalsKey>>;

export const inputsOf = (measure: Measured): readonly string[] =>
  measure === "blood-pressure" ? ["systolic", "diastolic"] : [measure];

/** `98,6` is how half of the world writes 98.6. */
const cleaned = (text: string | undefined): string => (text ?? "").trim().replace(",", ".");
const READS = /^\d{1,4}(\.\d{1,3})?$/;

export interface Column {
  readonly entries: readonly VitalEntry[];
  readonly errors: TypedErrors;
}

/** The column as it would be sent, and what of it cannot be read as a number. The server judges the values. */
export function columnOf(typed: Typed, measures: readonly Measured[], system: UnitSystem): Column {
  const entries: VitalEntry[] = [];
  const errors: Record<string, VitalsKey> = {};
  for (const measure of measures) {
    const names = inputsOf(measure);
    const values = names.map((name) => cleaned(typed[name]));
    if (values.every((value) => value === "")) continue;
    const wrong = names.filter((_name, index) => !READS.test(values[index] ?? "") && values[index] !== "");
    const missing = names.filter((_name, index) => values[index] === "");
    for (const name of wrong) errors[name] = "issue.number";
    for (const name of missing) errors[name] = "issue.pair";
    if (wrong.length + missing.length > 0) continue;
    const [first = "", second = ""] = values;
    entries.push(
      measure === "blood-pressure"
        ? { measure, systolic: first, diastolic: second }
        : ({ measure, value: first, unit: unitIn(measure, system) } as VitalEntry),
    );
  }
  return { entries, errors };
}

/** The input that an issue of the server is about: `entries.2.value`, `entries.0.diastolic`, `entries.1`. */
function inputOf(field: string, entries: readonly VitalEntry[]): string | undefined {
  const [, index, part] = /^entr(?:ies\.(\d+)|y)(?:\.(\w+))?$/.exec(field) ?? [];
  const entry = entries[Number(index ?? 0)];
  if (entry === undefined) return undefined;
  if (entry.measure !== "blood-pressure") return entry.measure;
  return part === "diastolic" ? "diastolic" : "systolic";
}

const ISSUE_KEYS: ReadonlySet<string> = new Set([
  "vital-impossible",
  "vital-unlikely",
  "vital-order",
  "vital-twice",
  "vital-exists",
  "vital-measure",
]);

/** The server's issues by input; those that are about no number stay out. */
export function issuesByInput(problem: Problem | undefined, entries: readonly VitalEntry[]): TypedErrors {
  const errors: Record<string, VitalsKey> = {};
  for (const { field = "", code } of problem?.issues ?? []) {
    const name = inputOf(field, entries);
    if (name !== undefined && ISSUE_KEYS.has(code)) errors[name] = `issue.${code}` as VitalsKey;
  }
  return errors;
}

/** Measures that the server calls unlikely, where nothing else is wrong: somebody may say that they are right. */
export function unlikelyIn(problem: Problem | undefined, entries: readonly VitalEntry[]): readonly Measured[] {
  const issues = problem?.issues ?? [];
  if (issues.length === 0 || issues.some(({ code }) => code !== "vital-unlikely")) return [];
  const names = new Set(issues.map(({ field = "" }) => /^entr(?:ies\.(\d+)|y)/.exec(field)?.[1] ?? "0"));
  const found = [...names].map((index) => entries[Number(index)]?.measure);
  return MEASURED.filter((measure) => found.includes(measure));
}
