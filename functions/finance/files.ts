import { isDay } from "../../core/cost/period.ts";
import { summaryKey } from "../../core/cost/store/summaries.ts";
import type { Answer, Exchange, Handle } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { look, monthAsked, openDesk, viewed } from "./context.ts";
import { fileAnswer, languageOf } from "./file-answer.ts";
import { datasetOf, fileOf, isTooLarge, formatOf, reportFor } from "./exports.ts";

/** GET /finance/exports/{dataset}: the file has the totals and the query's hash of every other format of the same question. */
async function financeExport(exchange: Exchange): Promise<Answer> {
  const desk = await openDesk(exchange);
  const { query, path } = exchange;
  const month = monthAsked(desk);
  const [dataset, format] = [datasetOf(path["dataset"]), formatOf(query.get("format"))];
  if (dataset === undefined) return fail({ kind: "not-found" });
  if (format === undefined) return fail({ kind: "structure", rule: "export-format" });
  const asked = query.get("tenant");
  const told = [dataset, month, format, ...(asked === null ? [] : ["of-one"])].join(".");
  return look(desk, viewed(told), async () => {
    const [book, months] = await Promise.all([desk.ledgers.book(month), desk.ledgers.months()]);
    const known = months.find((each) => each.month === month);
    if (book === undefined || known === undefined) return fail({ kind: "business-rule", rule: "export-empty" });
    const tenant = asked === null ? null : book.header.roster.find((entry) => entry.tenant.id === asked)?.tenant;
    if (tenant === undefined) return fail({ kind: "not-found" });
    const question = { dataset, format, month, tenant, language: languageOf(query.get("language")) };
    if (await isTooLarge(question, book)) return fail({ kind: "business-rule", rule: "export-size" });
    const file = await fileOf(await reportFor(question, book, known, desk.ledgers.nowMs), {
      format,
      name: `keyward-${dataset}-${month}`,
    });
    return file.ok ? fileAnswer(file.value) : fail(file.error);
  });
}

/** GET /finance/summary/{day}: what was made by itself, as it was made. */
async function financeSummaryFile(exchange: Exchange): Promise<Answer> {
  const desk = await openDesk(exchange);
  const day = exchange.path["day"] ?? "";
  return look(desk, viewed(`summary.${day}`), async () => {
    const file = isDay(day) ? await desk.ledgers.files.read(summaryKey(day)) : undefined;
    if (file === undefined) return fail({ kind: "not-found" });
    const name = `keyward-summary-${day}.pdf`;
    const headers = { "content-type": "application/pdf", "content-disposition": `attachment; filename="${name}"` };
    return { status: 200, headers, bytes: file.bytes };
  });
}

export const fileHandlers = { financeExport, financeSummaryFile } as const satisfies Record<string, Handle>;
