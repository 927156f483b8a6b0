import type { ClinicCharge, SplitCharge } from "../ledger.ts";
import type { Month } from "../period.ts";
import type { DailyUsage } from "../rating.ts";
import { type BookHeader, openBook, readBookFile, readCharges, sharesIn } from "./books.ts";
import type { CostFiles } from "./files.ts";
import { unpackPart } from "./parts.ts";

/** All of a month at once. For who compares small months: the product reads parts and totals. */
export interface WholeBook extends BookHeader {
  readonly lines: readonly SplitCharge[];
  readonly clinic: readonly ClinicCharge[];
  /** Of an open month: a closed one keeps its shares. */
  readonly usage: readonly DailyUsage[];
}

export async function readWholeBook(files: CostFiles, month: Month): Promise<WholeBook | undefined> {
  const book = await openBook(files, month);
  if (book === undefined) return undefined;
  const { header } = book;
  const [lines, clinic, usage]: [SplitCharge[], ClinicCharge[], DailyUsage[]] = [[], [], []];
  for (const part of header.parts) {
    lines.push(...(await sharesIn(files, book, part)));
    if (header.closedAt === null && part.name.startsWith("days/"))
      usage.push(...unpackPart(part.name, await readBookFile(files, book, part)).usage);
  }
  for await (const charges of readCharges(files, book)) clinic.push(...charges.lines);
  return { ...header, lines, clinic, usage };
}
