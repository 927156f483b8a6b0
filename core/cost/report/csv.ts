import { invariant } from "../../kernel/invariant.ts";
import { csvCell, csvQuoted, startsFormula } from "../../kernel/spreadsheet.ts";
import { formatDecimal, normalize } from "../decimal.ts";
import { numberText } from "../focus/row.ts";
import type { ReportCell, ReportColumn, ReportModel } from "./model.ts";

/**
 * `focus`: for a machine. Raw typed values, no byte order mark, LF. Text that a spreadsheet would take for a formula is no
 * value that any input of ours lets in, so it stops the export.
 * `spreadsheet`: for a person. Byte order mark, CRLF, text made harmless, headings for a person.
 */
export const CSV_DIALECTS = ["focus", "spreadsheet"] as const;
export type CsvDialect = (typeof CSV_DIALECTS)[number];

const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;
const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;

function focusField(column: ReportColumn, cell: ReportCell): string {
  if (cell === null) return "";
  if (typeof cell !== "string") return numberText(cell);
  invariant(column.type !== "Decimal", `${column.id} is a number`);
  invariant(!startsFormula(cell), `${column.id} begins as a formula would`);
  // A text that reads as null, or as nothing, is quoted: it is a text.
  return NEEDS_QUOTES.test(cell) || cell === "" || cell === "NULL" ? csvQuoted(cell) : cell;
}

function spreadsheetField(column: ReportColumn, cell: ReportCell): string {
  if (cell === null) return "";
  if (typeof cell === "string") return csvCell(cell);
  const text = formatDecimal(normalize(cell));
  invariant(column.type === "Decimal" && PLAIN_NUMBER.test(text), `${column.id} is a plain number`);
  return text;
}

/**
 * The lines of a report as CSV, one at a time. It has rows and no totals: a total among rows is counted twice by whoever adds
 * them up. Throws InvariantError in the dialect `focus` for text that begins a formula.
 */
export function* csvLines({ columns, rows }: ReportModel, dialect: CsvDialect): Generator<string> {
  const isFocus = dialect === "focus";
  const field = isFocus ? focusField : spreadsheetField;
  const end = isFocus ? "\n" : "\r\n";
  const heads = columns.map(({ id, label }) => (isFocus ? id : csvCell(label)));
  yield `${isFocus ? "" : "\ufeff"}${heads.join(",")}${end}`;
  for (const row of rows) {
    yield columns.map((column, place) => field(column, row[place] ?? null)).join(",") + end;
  }
}

/** The whole file, UTF-8. */
export const csvFile = (report: ReportModel, dialect: CsvDialect): Uint8Array =>
  new TextEncoder().encode([...csvLines(report, dialect)].join(""));
