import writeXlsxFile, { type Cell, type Row, type Sheet } from "write-excel-file/node";
import { type Decimal, formatDecimal, normalize } from "../decimal.ts";
import { LINE_STATES } from "../ledger.ts";
import type { ReportCell, ReportColumn, ReportModel } from "./model.ts";
import { wordsOf } from "./words.ts";

/** Excel keeps 15 significant digits (Microsoft, "Excel specifications and limits"), and so many survive a double. */
const EXCEL_DIGITS = 15;
/** `#` shows a place only where it has something to say. */
const NUMBER_FORMAT = { 12: "0.00##########", 16: "0.00##############" } as const;
const SHEET_NAME_LENGTH = 31;
/** `_x003D_` in a cell would be read as `=` (ISO/IEC 29500-1 22.4.2.4, ST_Xstring): its underscore is escaped. */
const ESCAPE = /_(?=x[0-9A-Fa-f]{4}_)/g;

/** A string cell of format Text: it stays text when somebody edits it. What XML has no place for goes. */
const textCell = (text: string, isBold = false): Cell => ({
  value: text.replaceAll(ESCAPE, "_x005F_"),
  type: String,
  format: "@",
  ...(isBold ? { fontWeight: "bold" as const } : {}),
});

const digitsOf = (value: Decimal): string => {
  const { unscaled } = normalize(value);
  return (unscaled < 0n ? -unscaled : unscaled).toString();
};
const isShort = (value: Decimal): boolean => digitsOf(value).length <= EXCEL_DIGITS;

const exactText = (value: Decimal): string => formatDecimal(normalize(value));

const numberCell = (value: Decimal, format: string): Cell => ({
  value: Number(exactText(value)),
  type: Number,
  format,
});

/** A column of numbers of which one is too long for Excel has its exact text beside it. */
interface SheetColumn {
  readonly column: ReportColumn;
  readonly place: number;
  readonly isExactText: boolean;
}

function sheetColumns({ columns, rows }: ReportModel): readonly SheetColumn[] {
  return columns.flatMap((column, place) => {
    const isLong = rows.some((row) => {
      const cell = row[place] ?? null;
      return cell !== null && typeof cell !== "string" && !isShort(cell);
    });
    const plain = { column, place, isExactText: false };
    return isLong ? [plain, { column, place, isExactText: true }] : [plain];
  });
}

function cellOf({ column, isExactText }: SheetColumn, cell: ReportCell): Cell {
  if (cell === null) return null;
  if (typeof cell === "string") return textCell(cell);
  return isExactText ? textCell(exactText(cell)) : numberCell(cell, NUMBER_FORMAT[column.places ?? 12]);
}

function rowsSheet(report: ReportModel): Sheet<Buffer> {
  const words = wordsOf(report.language);
  const columns = sheetColumns(report);
  const headings: Row = columns.map(({ column, isExactText }) =>
    textCell(isExactText ? `${column.label} (${words.exact})` : column.label, true),
  );
  return {
    sheet: report.title.replaceAll(/[[\]:*?/\\]/g, " ").slice(0, SHEET_NAME_LENGTH),
    data: [headings, ...report.rows.map((row) => columns.map((column) => cellOf(column, row[column.place] ?? null)))],
    stickyRowsCount: 1,
  };
}

/** Where it comes from and what it adds up to: exact in text, and to the cent in a number. */
function totalsSheet(report: ReportModel): Sheet<Buffer> {
  const words = wordsOf(report.language);
  const { subject, period, issuer, madeAt, queryHash, states, totals } = report;
  const line = (label: string, value: string): Row => [textCell(label, true), textCell(value)];
  return {
    sheet: words.totals,
    data: [
      line(words.clinic, subject === null ? words.all : `${subject.name} (${subject.id})`),
      line(words.issuer, issuer),
      line(words.period, `${period.start} / ${period.end}`),
      line(words.made, madeAt),
      line(words.query, queryHash),
      line(words.states, LINE_STATES.map((state) => `${words.state[state]}: ${states[state]}`).join(", ")),
      [],
      [textCell(words.column, true), textCell(words.cents, true), textCell(words.totalExact, true)],
      ...totals.map(({ label, cents, amount }): Row => [
        textCell(label),
        numberCell(cents, "0.00"),
        textCell(exactText(amount)),
      ]),
    ],
    columns: [{ width: 24 }, { width: 24 }, { width: 32 }],
  };
}

/**
 * A workbook: the rows, and a second sheet with totals, period and question. Strings are strings, numbers are numbers, and
 * there is no formula in it.
 */
export const xlsxFile = async (report: ReportModel): Promise<Uint8Array> =>
  new Uint8Array(await writeXlsxFile([rowsSheet(report), totalsSheet(report)]).toBuffer());
