import { isId, type TenantId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { type Page, type ReadFailure, type Table, trailPartition } from "../table/index.ts";
import { idAtOrAfter, idBefore } from "./event-time.ts";
import { ACTIONS, type IndexedEvent, OUTCOMES, readIndexRow } from "./index-row.ts";
import { opaqueName } from "./opaque-name.ts";

/** All that is given must hold. */
export interface TrailQuery {
  /** A patient's id as the caller knows it; it need not be one that exists. */
  readonly patient?: string;
  readonly actor?: string;
  readonly action?: (typeof ACTIONS)[number];
  readonly outcome?: (typeof OUTCOMES)[number];
  /** Milliseconds since the epoch; from inclusive, to exclusive. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** The id of the last event of the page before. */
  readonly cursor?: string;
  readonly count: number;
}

export interface TrailPage {
  /** Newest first. */
  readonly events: readonly IndexedEvent[];
  /** For the next page; absent where there is none. */
  readonly next?: string;
}

export const PAGE_MAX = 100;

/**
 * Searches the index. A partition holds one scope, action and outcome in the order of time, so that each asks for its
 * own newest `count` events and no more: at most fifteen Query calls a page, however many events there are.
 */
export async function searchTrail(
  table: Pick<Table, "query">,
  tenantId: TenantId,
  query: TrailQuery,
): Promise<Result<TrailPage, ReadFailure>> {
  const { patient, actor, action, outcome, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, cursor } = query;
  if (actor !== undefined && !isId(actor)) return ok({ events: [] });
  const count = Math.min(Math.max(query.count, 1), PAGE_MAX);
  const scope = {
    ...(patient !== undefined && { patient: opaqueName(patient) }),
    ...(actor !== undefined && { actor }),
  };
  const before = idBefore(toMs);
  const last = cursor !== undefined && isId(cursor) && cursor <= before ? cursor : before;
  const first = idAtOrAfter(fromMs);
  if (first > last) return ok({ events: [] });
  const partitions = ACTIONS.filter((each) => action === undefined || each === action).flatMap((each) =>
    OUTCOMES.filter((one) => outcome === undefined || one === outcome).map((one) =>
      trailPartition(tenantId, scope, each, one),
    ),
  );
  // One more than asked for: the cursor's own event may be among them, and one that is left tells of a next page.
  const limit = count + 2;
  const pages = await Promise.all(
    partitions.map((pk) => table.query("trail", { pk, between: [first, last], isDescending: true, limit })),
  );
  const found: IndexedEvent[] = [];
  for (const page of pages) {
    if (!page.ok) return page.error.kind === "denied" ? err(page.error) : err({ kind: "unavailable" });
    found.push(...rowsOf(page.value));
  }
  const rest = found.filter(({ id }) => id !== cursor).toSorted((left, right) => (left.id > right.id ? -1 : 1));
  const events = rest.slice(0, count);
  const next = rest.length > count ? events.at(-1)?.id : undefined;
  return ok({ events, ...(next !== undefined && { next }) });
}

const rowsOf = (page: Page): IndexedEvent[] => page.rows.map(readIndexRow);
