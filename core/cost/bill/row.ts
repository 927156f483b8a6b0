import { err, ok, type Result } from "../../kernel/result.ts";
import { type Decimal, parseDecimal } from "../decimal.ts";
import { toSecond } from "../period.ts";
import { type CsvFault, readCsv } from "./csv.ts";

/** A cell that could not be read. It names the column, never the cell's text. */
export interface BillFault extends CsvFault {
  readonly column: string | null;
}

/** What is read from one row; throws nothing: the first fault is kept, and what is read after it is not used. */
export class BillRow {
  readonly #cells: ReadonlyMap<string, string>;
  readonly #row: number;
  #fault: BillFault | undefined;

  constructor(cells: ReadonlyMap<string, string>, row: number) {
    this.#cells = cells;
    this.#row = row;
  }

  get fault(): BillFault | undefined {
    return this.#fault;
  }

  refuse(column: string, what: string): void {
    this.#fault ??= { row: this.#row, column, what };
  }

  /** Null for an empty cell; AWS writes SQL nulls so in CSV. */
  text(column: string): string | null {
    const cell = this.#cells.get(column);
    if (cell === undefined) this.refuse(column, "the column is missing");
    return cell === undefined || cell === "" ? null : cell;
  }

  /** Null where the export was made without the column. */
  optional(column: string): string | null {
    return this.#cells.has(column) ? this.text(column) : null;
  }

  required(column: string): string {
    const text = this.text(column);
    if (text === null) this.refuse(column, "the cell is empty");
    return text ?? "";
  }

  /** Null for an empty cell. */
  decimal(column: string): Decimal | null {
    const text = this.text(column);
    if (text === null) return null;
    const value = parseDecimal(text);
    if (value === undefined) this.refuse(column, "the cell is no decimal");
    return value ?? null;
  }

  requiredDecimal(column: string): Decimal {
    const value = this.decimal(column);
    if (value === null) this.refuse(column, "the cell is empty");
    return value ?? { unscaled: 0n, scale: 0 };
  }

  /**
   * `2026-11-01T00:00:00Z`, `2026-11-01T00:00:00.000Z` and `2026-11-01 00:00:00.000`: all are UTC in AWS's exports. Any other
   * zone is a fault, so that no host's own is ever asked.
   */
  instant(column: string): string {
    const text = this.required(column);
    const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d{1,9})?(?:Z| UTC)?$/.exec(text);
    const ms = match === null ? Number.NaN : Date.parse(`${match[1] ?? ""}T${match[2] ?? ""}Z`);
    if (!Number.isNaN(ms)) return toSecond(ms);
    this.refuse(column, "the cell is no instant in UTC");
    return toSecond(0);
  }

  /** A flat JSON object; tags whose value is no text are spelled as JSON. Empty for an empty cell. */
  tags(column: string): Readonly<Record<string, string>> {
    const text = this.optional(column);
    if (text === null) return {};
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === "object" && value !== null && !Array.isArray(value))
        return Object.fromEntries(
          Object.entries(value).map(([key, tag]) => [key, typeof tag === "string" ? tag : JSON.stringify(tag)]),
        );
    } catch {
      // Below: what is no object is a fault, however it is none.
    }
    this.refuse(column, "the cell is no JSON object");
    return {};
  }
}

/** Every row as `read` makes it, or the first fault: a bill that is read in part is no bill. */
export function readBill<T>(text: string, read: (row: BillRow) => T): Result<readonly T[], BillFault> {
  const parsed = readCsv(text);
  if (!parsed.ok) return err({ ...parsed.error, column: null });
  const lines: T[] = [];
  for (const [index, cells] of parsed.value.entries()) {
    const row = new BillRow(cells, index + 2);
    const line = read(row);
    if (row.fault !== undefined) return err(row.fault);
    lines.push(line);
  }
  return ok(lines);
}
