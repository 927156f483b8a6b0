import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import {
  BILL_FILE_LIMIT_BYTES,
  BILL_TEXT_LIMIT_BYTES,
  type BillProblem,
  type BillView,
} from "../../core/contract/index.ts";
import { readCurBill } from "../../core/cost/bill/cur.ts";
import { readFocusBill } from "../../core/cost/bill/focus.ts";
import { type BilledLine, billTotal } from "../../core/cost/bill/provider-line.ts";
import { type Decimal, formatDecimal, normalize } from "../../core/cost/decimal.ts";
import { dayOf, type Month, monthOf } from "../../core/cost/period.ts";
import type { CostFiles } from "../../core/cost/store/files.ts";
import { type BillInput, type Input, readInputs, standing } from "../../core/cost/store/inputs.ts";
import { encodeId } from "../../core/kernel/ids.ts";
import { err, ok, type Result } from "../../core/kernel/result.ts";
import { startsFormula } from "../../core/kernel/spreadsheet.ts";

export interface ReadBill {
  readonly id: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
  readonly format: "focus-1.2" | "cur-2.0";
  readonly month: Month;
  readonly lines: number;
  readonly billed: Decimal;
}

const fault = (what: string, line = 1, column: string | null = null): Result<never, BillProblem> =>
  err({ line, column, what });

/** A file's bytes as text; what it unpacks to is bounded before it is unpacked. */
function textOf(file: Uint8Array): Result<{ readonly text: string; readonly bytes: Uint8Array }, BillProblem> {
  if (file.length > BILL_FILE_LIMIT_BYTES) return fault("too-large");
  let bytes = file;
  if (file[0] === 0x1f && file[1] === 0x8b) {
    try {
      bytes = gunzipSync(file, { maxOutputLength: BILL_TEXT_LIMIT_BYTES });
    } catch (error) {
      const isLarge = error instanceof RangeError;
      return fault(isLarge ? "too-large" : "not-gzip");
    }
  }
  try {
    return ok({ bytes, text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) });
  } catch {
    return fault("not-utf-8");
  }
}

/** Which of AWS's exports it is, by a column that the other does not have. */
function formatOf(text: string): ReadBill["format"] | undefined {
  const header = text.slice(0, text.indexOf("\n") + 1 || undefined);
  if (/\bBilledCost\b/.test(header)) return "focus-1.2";
  return /\bline_item_unblended_cost\b/.test(header) ? "cur-2.0" : undefined;
}

const WORDS: Readonly<Record<string, string>> = {
  "the column is missing": "column-missing",
  "the cell is empty": "cell-empty",
  "the cell is no decimal": "not-decimal",
  "the cell is no instant in UTC": "not-instant",
  "the ledger is in USD": "not-usd",
};

/** Texts of AWS that go into files of ours: no export of ours holds what a spreadsheet would take for a formula. */
const TEXTS = ["description", "serviceName", "usageType", "resourceName", "usageAccountName"] as const;

function formulaIn(lines: readonly BilledLine[]): Result<void, BillProblem> {
  for (const [index, line] of lines.entries())
    for (const name of TEXTS) if (startsFormula(line[name] ?? "")) return fault("formula", index + 2, name);
  return ok(undefined);
}

/** Reads and checks AWS's export. Nothing of it is stored by that. */
export function readUpload(file: Uint8Array): Result<ReadBill, BillProblem> {
  const unpacked = textOf(file);
  if (!unpacked.ok) return unpacked;
  const { text, bytes } = unpacked.value;
  const format = formatOf(text);
  if (format === undefined) return fault("unknown-format");
  const read = format === "focus-1.2" ? readFocusBill(text) : readCurBill(text);
  if (!read.ok) {
    const { row, column, what } = read.error;
    return fault(WORDS[what] ?? what, row, column);
  }
  const lines = read.value;
  const [first] = lines;
  if (first === undefined) return fault("no-lines");
  const months = lines.map(({ billingPeriodStart }) => monthOf(dayOf(billingPeriodStart)));
  const other = months.findIndex((month) => month !== months[0]);
  if (other >= 0)
    return fault(
      "other-month",
      other + 2,
      format === "focus-1.2" ? "BillingPeriodStart" : "bill_billing_period_start_date",
    );
  const clean = formulaIn(lines);
  if (!clean.ok) return clean;
  const digest = createHash("sha256").update(bytes).digest();
  return ok({
    id: encodeId(digest.subarray(0, 16)),
    sha256: digest.toString("hex"),
    bytes,
    format,
    month: months[0] ?? "",
    lines: lines.length,
    billed: normalize(billTotal(lines)),
  });
}

export const billedText = ({ billed }: ReadBill): string => formatDecimal(billed);

/** Bills of a month or of all, the newest first; the newest of each month is the one that counts. */
export async function billsOf(files: CostFiles, month?: Month): Promise<readonly BillView[]> {
  const inputs = standing(await readInputs(files, "bills", month)).toSorted((a, b) => (a.at > b.at ? -1 : 1));
  const counted = new Set<Month>();
  return inputs.map((input) => {
    const isCurrent = !counted.has(input.value.month);
    counted.add(input.value.month);
    return billView(input, isCurrent);
  });
}

export const billView = ({ value, by, at }: Input<BillInput>, isCurrent: boolean): BillView => {
  const { id, sha256, sizeBytes, month, completeUntil } = value;
  return { id, sha256, sizeBytes, month, completeUntil, by, at, isCurrent };
};
