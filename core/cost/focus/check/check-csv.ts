import { TextDecoder } from "node:util";
import { CheckedRow, Header } from "./checked-row.ts";
import { Checker, type CheckOptions, type CheckReport } from "./checker.ts";
import { CsvReader, type CsvRecord, UnreadableCsv } from "../../csv-reader.ts";
import { payableOf } from "./invoice-checks.ts";
import type { InvoiceAmounts } from "./rule.ts";

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Text of the next bytes, or of what the decoder still holds. */
function decoded(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch (cause) {
    throw new UnreadableCsv("encoding", "bytes that are no UTF-8", { cause });
  }
}

/** The records of a CSV file in pieces. Throws UnreadableCsv. */
async function* recordsOf(chunks: Chunks, onMark: () => void): AsyncGenerator<CsvRecord> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const reader = new CsvReader();
  let isFirst = true;
  const unmarked = (text: string): string => {
    const isMarked = isFirst && text.startsWith("\ufeff");
    if (text !== "") isFirst = false;
    if (isMarked) onMark();
    return isMarked ? text.slice(1) : text;
  };
  for await (const chunk of chunks) yield* reader.push(unmarked(decoded(decoder, chunk)));
  yield* reader.push(unmarked(decoded(decoder)));
  yield* reader.end();
}

/**
 * Holds a CSV file of any FOCUS producer to the rules, as it comes. A file that cannot be read further, for its encoding or
 * its quotes, is reported up to there with that as an error.
 */
export async function checkCsv(
  chunks: Chunks,
  options: CheckOptions,
  onRow?: (rows: number) => void,
): Promise<CheckReport> {
  const checker = new Checker(options);
  let [width, rows] = [0, 0];
  try {
    for await (const record of recordsOf(chunks, () => checker.fileFault("mark", null, "U+FEFF at the beginning"))) {
      if (width === 0) {
        width = record.length;
        checker.header(record.map((name) => name ?? ""));
        continue;
      }
      rows += 1;
      if (record.length !== width) checker.fileFault("fields", rows, `${record.length} of ${width}`);
      checker.row(record);
      onRow?.(rows);
    }
    if (width === 0) checker.fileFault("header", null, "the file is empty");
  } catch (error) {
    if (!(error instanceof UnreadableCsv)) throw error;
    checker.fileFault(error.fault, rows + 1, error.message);
  }
  return checker.finish();
}

/** What a CSV file of Invoice Detail says is payable. Throws UnreadableCsv. */
export async function invoicesOfCsv(chunks: Chunks): Promise<InvoiceAmounts> {
  const rows: CheckedRow[] = [];
  let header: Header | undefined;
  for await (const record of recordsOf(chunks, () => undefined)) {
    if (header === undefined) header = new Header(record.map((name) => name ?? ""));
    else rows.push(new CheckedRow(rows.length + 1, header, record));
  }
  return payableOf(rows);
}
