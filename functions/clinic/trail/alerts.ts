import { notWatched } from "../../../core/contract/index.ts";
import { toInstant } from "../../../core/kernel/clock.ts";
import { isId } from "../../../core/kernel/ids.ts";
import { acknowledgementPartition, signalPartition } from "../../../core/table/index.ts";
import { idAtOrAfter, idBefore, PERIOD_MAX_MS, readSignalRow } from "../../../core/watch/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import { failTold, tell } from "../act.ts";
import { clinicFor } from "../clinic-profile.ts";
import { openAffair } from "../context.ts";
import { namesOf } from "../people.ts";
import { readPeriod } from "./query.ts";
import { trailOf } from "./reader.ts";

/**
 * Signals of the clinic, newest first, who has seen each, and what cannot be told because the clinic set nothing that it
 * would go by.
 */
export async function listAlerts(exchange: Exchange): Promise<Answer> {
  const { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, cursor, count } = await readPeriod(exchange);
  const affair = await openAffair(exchange);
  const { tenantId } = affair.grant;
  const { table } = trailOf(affair);
  const last = cursor ?? idBefore(toMs);
  // What is told once in a period has an id of the period's beginning: it stands before the moment that it tells.
  const between: readonly [string, string] = [idAtOrAfter(fromMs - PERIOD_MAX_MS), last];
  const page = { between, isDescending: true } as const;
  if (fromMs >= toMs || between[0] > between[1]) return fail({ kind: "structure", rule: "audit-query" });
  const rows = await table.query("trail", { pk: signalPartition(tenantId), ...page, limit: count + 2 });
  if (!rows.ok) return fail({ kind: "unavailable" });
  const signals = rows.value.rows.map((row) => readSignalRow(tenantId, row)).filter(({ id }) => id !== cursor);
  const paged = signals.slice(0, count);
  const shown = paged.filter(({ at }) => at >= fromMs && at < toMs);
  const oldest = paged.at(-1)?.id;
  const seen = await table.queryAll("trail", {
    pk: acknowledgementPartition(tenantId),
    between: [oldest ?? last, paged[0]?.id ?? last],
  });
  if (!seen.ok) return fail({ kind: "unavailable" });
  const byId = new Map(seen.value.map(({ sk, user, at }) => [sk, { user: user as string, at: toInstant(Number(at)) }]));
  await tell(affair, { entities: [{ type: "Alert" }], count: shown.length });
  const people = await namesOf(affair, [
    ...shown.map(({ user }) => user),
    ...[...byId.values()].map(({ user }) => user),
  ]);
  return json(200, {
    people,
    alerts: shown.map(({ tenant: _tenant, at, ...signal }) => ({
      ...signal,
      at: toInstant(at),
      ...(byId.has(signal.id) && { acknowledged: byId.get(signal.id) }),
    })),
    notWatched: notWatched(await clinicFor(exchange)),
    ...(signals.length > count && oldest !== undefined && { next: oldest }),
  });
}

/**
 * Says that a signal was seen, by the event that this leaves: the index writes it into the trail, and no request writes
 * there. The first to say so stays.
 */
export async function acknowledgeAlert(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const { id = "" } = exchange.path;
  const { tenantId } = affair.grant;
  const found = isId(id)
    ? await trailOf(affair).table.get("trail", { pk: signalPartition(tenantId), sk: id })
    : undefined;
  if (found !== undefined && !found.ok) return fail({ kind: "unavailable" });
  const told = { entities: [{ type: "Alert", ...(isId(id) && { id }) }] };
  if (found?.value === undefined) return failTold(affair, told, { kind: "not-found" });
  await tell(affair, told);
  return json(200, { id, acknowledged: true });
}
