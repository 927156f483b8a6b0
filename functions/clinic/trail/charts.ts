import type { FindCharts } from "../../../core/contract/index.ts";
import { locateByIdentifier } from "../../../core/record/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { failTold, tell } from "../act.ts";
import { openAffair } from "../context.ts";
import { failureOf } from "../failures.ts";

/**
 * POST /clinic/audit/charts: by which id the trail knows the chart of a record number. An auditor reads no record, and
 * none is read: she learns the id that the trail would show her anyway, and that she asked stays there.
 */
export async function findCharts(exchange: Exchange): Promise<Answer> {
  const { recordNumber } = exchange.body as FindCharts;
  const affair = await openAffair(exchange);
  const detail = { recordNumber };
  const found = await locateByIdentifier(affair.privacy, recordNumber);
  if (!found.ok) return failTold(affair, { entities: [{ type: "Patient" }], detail }, failureOf(found.error));
  const charts = found.value;
  const entities = charts.length === 0 ? [{ type: "Patient" }] : charts.map((id) => ({ type: "Patient", id }));
  await tell(affair, { entities, count: charts.length, detail });
  return json(200, { charts });
}
