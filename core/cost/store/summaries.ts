import { type Day, dayAfter, dayOfMs, type Month, monthAfter, monthOf, toSecond, weekdayOf } from "../period.ts";
import { pdfFile } from "../report/pdf/report-pdf.ts";
import { tenantCostReport } from "../report/reports.ts";
import { openBook } from "./books.ts";
import type { CostFiles } from "./files.ts";
import { readInputs, standing, type SummaryInput } from "./inputs.ts";
import { ISSUER } from "./month.ts";

/** Summaries that are made by themselves: a month report on paper, on the day that finance has chosen. */

const SUMMARIES = "v1/summaries/";
export const summaryKey = (day: Day): string => `${SUMMARIES}${day}.pdf`;

/** The newest day up to `today` on which a summary is made: Mondays, or the first of each month. */
const dueDay = (cadence: "weekly" | "monthly", today: Day): Day =>
  cadence === "monthly" ? `${monthOf(today)}-01` : dayAfter(today, -((weekdayOf(today) + 6) % 7));

/** The day on which the next one is made: never the day on which it was chosen. */
export const nextSummaryDay = (cadence: "weekly" | "monthly", today: Day): Day =>
  cadence === "monthly" ? `${monthAfter(monthOf(today))}-01` : dayAfter(dueDay(cadence, today), 7);

/** Of a month's first days the month before: a summary of one day tells nothing. */
const monthToldOn = (cadence: SummaryInput["cadence"], day: Day): Month =>
  cadence === "monthly" ? monthAfter(monthOf(day), -1) : monthOf(day);

/** Makes the summary that is due, once. Undefined where none is, or where its month has no book. */
export async function writeSummary(files: CostFiles, nowMs: number): Promise<Day | undefined> {
  const [setting] = standing(await readInputs(files, "summaries"));
  if (setting === undefined || setting.value.cadence === "off") return undefined;
  const { cadence, language } = setting.value;
  const day = dueDay(cadence, dayOfMs(nowMs));
  if (setting.at.slice(0, 10) >= day || (await files.read(summaryKey(day))) !== undefined) return undefined;
  const month = monthToldOn(cadence, day);
  const book = await openBook(files, month);
  if (book === undefined) return undefined;
  const { madeOf, priceListId, skus } = book.header;
  const query = { month, ledger: madeOf, priceList: priceListId };
  const about = { issuer: ISSUER, language, madeAt: toSecond(nowMs), query };
  const done = await files.create(summaryKey(day), pdfFile(tenantCostReport(skus, null, month, about)));
  return done === "created" ? day : undefined;
}

/** Days that a summary was made on, the newest first. */
export const summaryDays = async (files: CostFiles): Promise<Day[]> =>
  (await files.list(SUMMARIES)).map((key) => key.slice(SUMMARIES.length).replace(/\.pdf$/, "")).toReversed();
