import { gunzipSync } from "node:zlib";
import { readFileSync } from "node:fs";
import type { Download } from "@playwright/test";
import { CsvReader } from "../../../core/cost/csv-reader.ts";
import { scaledOf, textOfScaled } from "../../../web/src/i18n/money.ts";
import { parquetFacts, pdfOf, sheetsOf } from "../../core/cost/report/readers.ts";

/** What was saved, unpacked where the transfer's packing was saved with it. */
export async function bytesOf(download: Download): Promise<Uint8Array> {
  const bytes = readFileSync(await download.path());
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
}

const exact = (text: string): string => textOfScaled(scaledOf(text) ?? 0n);

/** The sum of a column, added up here. `heading` is the column's id or, in a sheet for people, its words. */
export function csvTotal(file: Uint8Array, heading: string): string {
  const reader = new CsvReader();
  const text = new TextDecoder("utf-8").decode(file).replace(/^\uFEFF/, "");
  const [header = [], ...rows] = [...reader.push(text), ...reader.end()];
  const place = header.indexOf(heading);
  if (place === -1) throw new Error(`the file has no column ${heading}: ${header.join(", ")}`);
  return textOfScaled(rows.reduce((sum, row) => sum + (scaledOf(row[place] ?? "0") ?? 0n), 0n));
}

/** The exact total as the workbook's own sheet of totals has it. */
export async function xlsxTotal(file: Uint8Array, heading: string): Promise<string> {
  const sheets = await sheetsOf(file);
  const line = sheets[1]?.rows.find((cells) => cells[0] === heading) ?? [];
  return exact(String(line[2]));
}

export const parquetTotal = (file: Uint8Array, column: string): string =>
  exact(parquetFacts(file)[`keyward.total.${column}`] ?? "none");

/** The text of a PDF, all pages. */
export const pdfText = async (file: Uint8Array): Promise<string> => (await pdfOf(file)).pages.join("\n");
