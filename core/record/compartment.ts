import type { ResourceType } from "../fhir/index.ts";
import { SealBroken } from "../crypto/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import { currentPrefix, homePartition, parseRecordSort } from "../table/index.ts";
import type { Spot } from "./address.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { tableFailure } from "./failure.ts";
import { privacyAt, viewOf } from "./privacy.ts";
import { CONSISTENT, committedOnly } from "./reader.ts";
import type { StoredRow } from "./stored.ts";
import { openVersion } from "./stored.ts";

/**
 * Every live record at the spots that this request may see, of one type or of all: opened, none left out but what policy
 * or consent hides. A row that does not open fails the whole, because a chart without one of its allergies is worse than
 * no chart.
 */
export async function readSpots(
  desk: Desk,
  spots: readonly Spot[],
  type?: ResourceType,
): Promise<Result<readonly StoredRow[], RecordFailure>> {
  const found = await readWhole(desk, spots, type);
  if (!found.ok) return found;
  const views: StoredRow[] = [];
  for (const { spot, stored } of found.value) {
    if (stored.text === undefined) continue;
    const patient = await privacyAt(desk, spot.home);
    if (!patient.ok) return patient;
    const view = viewOf(desk, patient.value, stored);
    if (view) views.push(view);
  }
  return ok(views);
}

/** Every current row at the spots, markers and deletions too, whoever may see them: never for an answer. */
export async function readWhole(
  desk: Desk,
  spots: readonly Spot[],
  type?: ResourceType,
): Promise<Result<readonly { readonly spot: Spot; readonly stored: StoredRow }[], RecordFailure>> {
  const pages = await Promise.all(spots.map((spot) => readSpot(desk, spot, type)));
  const found: { spot: Spot; stored: StoredRow }[] = [];
  for (const [index, spot] of spots.entries()) {
    const page = pages[index];
    if (!page?.ok) return page ?? ok(found);
    found.push(...page.value.map((stored) => ({ spot, stored })));
  }
  const committed = await committedOnly(
    desk,
    found.map(({ stored }) => stored),
  );
  return committed.ok ? ok(found.filter(({ stored }) => committed.value.has(stored))) : committed;
}

async function readSpot(
  desk: Desk,
  spot: Spot,
  type: ResourceType | undefined,
): Promise<Result<readonly StoredRow[], RecordFailure>> {
  const pk = homePartition(desk.grant.tenantId, spot.dataClass, spot.home);
  const rows = await desk.table.queryAll("data", { pk, prefix: currentPrefix(type), ...CONSISTENT });
  if (!rows.ok) return err(tableFailure(rows.error, desk.onAlarm));
  const found: StoredRow[] = [];
  for (const row of rows.value) {
    const named = parseRecordSort(row.sk);
    if (!named) throw new SealBroken("place");
    const expected = { type: named.type, id: named.id, dataClass: spot.dataClass };
    const opened = await openVersion(desk, row, { pk, sk: row.sk }, expected);
    if (!opened.ok) return opened;
    found.push(opened.value);
  }
  return ok(found);
}
