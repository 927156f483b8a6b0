import type { TenantId } from "../kernel/ids.ts";
import { ok, type Result } from "../kernel/result.ts";
import type { ReadFailure, Table } from "../table/index.ts";
import { PAGE_MAX, searchTrail } from "./search.ts";

export interface FoundDisclosures {
  /** Ids of the events, newest first. */
  readonly events: readonly string[];
  /** True where there are older events than were looked at. */
  readonly isCut: boolean;
}

const PAGES_MAX = 60;

/** The events by which a patient's records went to a recipient, found in the index: the accounting reads their lines. */
export async function findDisclosures(
  table: Pick<Table, "query">,
  tenantId: TenantId,
  patient: string,
  period: { readonly fromMs: number; readonly toMs: number },
): Promise<Result<FoundDisclosures, ReadFailure>> {
  const events: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const query = { patient, outcome: "success", ...period, count: PAGE_MAX } as const;
    const answer = await searchTrail(table, tenantId, { ...query, ...(cursor !== undefined && { cursor }) });
    if (!answer.ok) return answer;
    events.push(...answer.value.events.filter(({ recipient }) => recipient !== undefined).map(({ id }) => id));
    cursor = answer.value.next;
    if (cursor === undefined) break;
  }
  return ok({ events, isCut: cursor !== undefined });
}
