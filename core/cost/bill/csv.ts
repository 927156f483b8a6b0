import { err, ok, type Result } from "../../kernel/result.ts";

/** `row` counts records from 1; the header is row 1. */
export interface CsvFault {
  readonly row: number;
  readonly what: string;
}

/**
 * Reads RFC 4180: commas, quotes doubled within quotes, CRLF or LF, one header. A UTF-8 byte order mark is passed over. A row with
 * more or fewer cells than the header is a fault of the file, never a row left out.
 */
export function readCsv(text: string): Result<readonly ReadonlyMap<string, string>[], CsvFault> {
  const records: string[][] = [];
  let cells: string[] = [];
  let cell = "";
  let state: "bare" | "quoted" | "after-quote" = "bare";
  const endCell = (): void => {
    cells.push(cell);
    cell = "";
    state = "bare";
  };
  const endRecord = (): void => {
    endCell();
    if (cells.length > 1 || cells[0] !== "") records.push(cells);
    cells = [];
  };
  const start = text.startsWith("\uFEFF") ? 1 : 0;
  for (let at = start; at < text.length; at += 1) {
    const letter = text[at] ?? "";
    if (state === "quoted") {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') [cell, at] = [`${cell}"`, at + 1];
      else state = "after-quote";
    } else if (letter === ",") endCell();
    else if (letter === "\n") endRecord();
    else if (letter === "\r" && text[at + 1] === "\n") continue;
    else if (letter === '"' && cell === "" && state === "bare") state = "quoted";
    else if (state === "after-quote" || letter === '"')
      return err({ row: records.length + 1, what: "a quote stands where none may" });
    else cell += letter;
  }
  if (state === "quoted") return err({ row: records.length + 1, what: "a quoted cell has no end" });
  if (cell !== "" || cells.length > 0) endRecord();

  const [header, ...rows] = records;
  if (header === undefined) return err({ row: 1, what: "the file has no header" });
  if (new Set(header).size !== header.length) return err({ row: 1, what: "a column stands twice" });
  const uneven = rows.findIndex((row) => row.length !== header.length);
  if (uneven !== -1) return err({ row: uneven + 2, what: "the row has not as many cells as the header" });
  return ok(rows.map((row) => new Map(header.map((column, index) => [column, row[index] ?? ""]))));
}
