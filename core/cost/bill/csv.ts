import { err, ok, type Result } from "../../kernel/result.ts";
import { CsvReader, type CsvRecord, UnreadableCsv } from "../csv-reader.ts";

/** `row` counts records from 1; the header is row 1. */
export interface CsvFault {
  readonly row: number;
  readonly what: string;
}

const BYTE_ORDER_MARK = /^\uFEFF/;

/**
 * A whole file with one header, each row by its columns; a cell that is null is empty. A row with more or fewer cells than
 * the header is a fault of the file, never a row left out.
 */
export function readCsv(text: string): Result<readonly ReadonlyMap<string, string>[], CsvFault> {
  const reader = new CsvReader();
  const records: CsvRecord[] = [];
  try {
    for (const record of reader.push(text.replace(BYTE_ORDER_MARK, ""))) records.push(record);
    records.push(...reader.end());
  } catch (error) {
    if (error instanceof UnreadableCsv) return err({ row: records.length + 1, what: error.message });
    throw error;
  }
  const [first, ...rows] = records;
  if (first === undefined) return err({ row: 1, what: "the file has no header" });
  const header = first.map((column) => column ?? "");
  if (new Set(header).size !== header.length) return err({ row: 1, what: "a column stands twice" });
  const uneven = rows.findIndex((row) => row.length !== header.length);
  if (uneven !== -1) return err({ row: uneven + 2, what: "the row has not as many cells as the header" });
  return ok(rows.map((row) => new Map(header.map((column, index) => [column, row[index] ?? ""]))));
}
