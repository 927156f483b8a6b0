import { RECORD_CLASSES } from "../../kernel/data-class.ts";
import { clinicConditionsOf, conditionsOf, platformConditionOf } from "./conditions.ts";
import type { Row } from "./matrix.ts";
import { ROLES } from "./space.ts";

/** The matrix as a person reads it. Made for review: an auditor sees what changed as a difference between two of them. */

const CLASS_NAMES: Readonly<Record<string, string>> = {
  C: "clinical (C)",
  S: "segmented (S)",
  B: "billing (B)",
  "D Patient": "demographics (D)",
  "D Practitioner": "directory (D)",
};
const COLUMNS = RECORD_CLASSES.flatMap((recordClass) =>
  recordClass === "D" ? ["D Patient", "D Practitioner"] : [recordClass],
);

const columnOf = (row: Row): string => (row.class === "D" ? `D ${row.type ?? ""}` : (row.class ?? ""));

/** Footnotes of one section: equal texts share a number. */
function footnotes() {
  const texts: string[] = [];
  return {
    refer(text: string): string {
      if (text === "") return "";
      if (!texts.includes(text)) texts.push(text);
      return `<sup>${texts.indexOf(text) + 1}</sup>`;
    },
    lines: (): string[] => texts.map((text, at) => `${at + 1}. ${text[0]?.toUpperCase() ?? ""}${text.slice(1)}.`),
  };
}

const tableOf = (header: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);

function recordsOf(rows: readonly Row[]): string[] {
  const notes = footnotes();
  const actions = [...new Set(rows.map(({ action }) => action))];
  const body = actions.map((action) => [
    action,
    ...COLUMNS.map((column) => {
      const cell = rows.filter((row) => row.action === action && columnOf(row) === column);
      const parts = cell.map((row) => `${row.purpose}${notes.refer(conditionsOf(row).join("; or "))}`);
      return parts.length === 0 ? "-" : parts.join("<br>");
    }),
  ]);
  return [...tableOf(["", ...COLUMNS.map((column) => CLASS_NAMES[column] ?? column)], body), "", ...notes.lines()];
}

function actsOf(rows: readonly Row[]): string[] {
  const actions = [...new Set(rows.map(({ action }) => action))];
  return actions.map((action) => {
    const purposes = rows
      .filter((row) => row.action === action)
      .map((row) => {
        const conditions = row.kind === "clinic" ? clinicConditionsOf(row).join("; or ") : platformConditionOf(row);
        return conditions === "" ? row.purpose : `${row.purpose} (${conditions})`;
      });
    return `- \`${action}\`: ${purposes.join(", ")}`;
  });
}

/** What only the settings give, and so everybody's alike, is said once. */
function isOfOfficersAlone(row: Row): boolean {
  const conditions = row.kind === "clinic" ? clinicConditionsOf(row) : [];
  return conditions.length > 0 && conditions.every((text) => text.startsWith("a privacy officer"));
}

/**
 * @param rows Of `matrixOf`.
 * @param version Of the policies that were asked.
 */
export function matrixMarkdown(rows: readonly Row[], version: string): string {
  const lines = [
    "# Who may do what",
    "",
    "Written by `npm run keyward -- policy docs` from Cedar's own answers: change the policies, not this file.",
    `Policy version \`${version}\`.`,
    "",
    "Each cell lists the purposes of use for which the role may do the action to records of the class; a number is a condition below the table. What is not listed is refused. Over everything stand: the own clinic, two factors (or a private key, for systems), and the token's scope.",
    "",
  ];
  for (const role of ROLES) {
    const own = rows.filter((row) => row.role === role && !isOfOfficersAlone(row));
    const records = own.filter(({ kind }) => kind === "records");
    const acts = own.filter(({ kind }) => kind !== "records");
    lines.push(`## ${role}`, "");
    lines.push(...(records.length === 0 ? ["No record of a patient or of the directory."] : recordsOf(records)), "");
    if (acts.length > 0) lines.push("Beyond records:", "", ...actsOf(acts), "");
  }
  const officers = rows.filter((row) => isOfOfficersAlone(row));
  const holders = [...new Set(officers.map(({ role }) => role))];
  const shared = officers.filter(({ role }) => role === holders[0]);
  lines.push("## Privacy officers", "");
  lines.push(
    `A clinic's settings name them. Beside what the role gives (${holders.join(", ")}):`,
    "",
    ...actsOf(shared),
    "",
  );
  return lines.join("\n");
}

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** One line for each role, action, class and purpose that permits anything: for a spreadsheet. */
export function matrixCsv(rows: readonly Row[]): string {
  const header = ["role", "action", "class", "type", "purpose", "conditions"];
  const body = rows.map((row) => {
    const conditions =
      row.kind === "records" ? conditionsOf(row) : row.kind === "clinic" ? clinicConditionsOf(row) : [];
    return [row.role, row.action, row.class ?? "", row.type ?? "", row.purpose, conditions.join("; or ")];
  });
  return [header, ...body].map((cells) => `${cells.map(quoted).join(",")}\n`).join("");
}
