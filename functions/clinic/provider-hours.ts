import type { ProviderHours } from "../../core/contract/index.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { clinicDay, hoursOf, withoutPast } from "../../core/schedule/index.ts";
import type { Row } from "../../core/table/index.ts";
import { hoursKey } from "../../core/tenant/index.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { ifMatchOf } from "../http/if-match.ts";
import { must } from "../records/failures.ts";
import { failTold, type Told } from "./act.ts";
import { openCharts } from "./charts.ts";
import { clinicFor } from "./clinic-profile.ts";
import { changeOwnRow } from "./registry.ts";
import { on } from "./schedule/board.ts";

/** What one row of the registry surely holds, in bytes of JSON: DynamoDB takes 400 KB. */
const MOST_BYTES = 300_000;

/**
 * PUT /clinic/schedule/providers/{id}/hours: over the version of everybody's hours that was seen, in one transaction with
 * the event that tells of it. A provider is a Practitioner of this clinic.
 */
async function changeProviderHours(exchange: Exchange): Promise<Answer> {
  const seen = ifMatchOf(exchange);
  const id = exchange.path["id"] ?? "";
  const charts = await openCharts(exchange, [on("read", "Practitioner")]);
  must(await charts.records.read(charts.recordGrant, "Practitioner", id));
  const { tenantId } = charts.principal;
  const clinic = await clinicFor(exchange);
  const today = clinicDay(clinic.timeZone, systemClock.now());
  const settled = withoutPast(exchange.body as ProviderHours, today);
  const told: Told = { entities: [{ type: "Practitioner", id }], detail: { hours: JSON.stringify(settled) } };
  if (clinic.hours.version !== seen) return failTold(charts, told, { kind: "version-conflict" });
  const providers = { ...clinic.hours.providers, [id]: settled };
  if (Buffer.byteLength(JSON.stringify(providers)) > MOST_BYTES)
    return failTold(charts, told, { kind: "business-rule", rule: "hours-full" });
  const row = { ...hoursKey(tenantId), tenantId, providers } as unknown as Row;
  const written = await changeOwnRow(charts, { ...told, interaction: "schedule.change" }, row, seen);
  if (!written.ok) {
    const isRace = written.error.kind === "conflict";
    return failTold(charts, told, isRace ? { kind: "version-conflict" } : written.error);
  }
  return json(200, hoursOf({ ...row, rev: seen + 1 }), { etag: `W/"${String(seen + 1)}"` });
}

export const providerHoursHandlers = { changeProviderHours };
