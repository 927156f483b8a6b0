import type { InboxCounts, InboxItem, ItemKind } from "../contract/index.ts";
import { ITEM_KINDS } from "../contract/index.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { dueMs } from "./moments.ts";

/** An item as the list is ordered and counted by it, before what only a page needs was read. */
export interface Waiting {
  readonly item: InboxItem;
  readonly isMine: boolean;
  readonly isSnoozed: boolean;
}

/** What is due comes first, the soonest ahead; of what has no date, and of one date, the oldest. */
const orderOf = (timeZone: string, { due, at, kind, id }: InboxItem): readonly [number, string, string] => [
  due === undefined ? Number.MAX_SAFE_INTEGER : dueMs(timeZone, due.at),
  at,
  `${kind}/${id}`,
];

type Place = ReturnType<typeof orderOf>;

function compare(left: Place, right: Place): number {
  for (const [index, value] of left.entries()) {
    const other = right[index];
    if (other === undefined || value === other) continue;
    return value < other ? -1 : 1;
  }
  return 0;
}

export const inInboxOrder = (timeZone: string, waiting: readonly Waiting[]): readonly Waiting[] =>
  waiting.toSorted((left, right) => compare(orderOf(timeZone, left.item), orderOf(timeZone, right.item)));

/** Of everything in a scope: what is put aside counts as that alone. */
export function countsOf(waiting: readonly Waiting[]): InboxCounts {
  const open = waiting.filter(({ isSnoozed }) => !isSnoozed);
  const count = (test: (each: Waiting) => boolean): number => open.filter(test).length;
  return {
    open: open.length,
    mine: count(({ isMine }) => isMine),
    unread: count(({ item }) => item.unread > 0),
    overdue: count(({ item }) => item.due?.isOverdue === true),
    snoozed: waiting.length - open.length,
    byKind: Object.fromEntries(ITEM_KINDS.map((kind) => [kind, count(({ item }) => item.kind === kind)])) as Record<
      ItemKind,
      number
    >,
  };
}

const CURSOR = /^(\d{1,16})~([0-9T:.Z+-]{0,40})~([a-z]{1,10}\/[A-Za-z0-9.-]{1,64})$/;

/**
 * A page of an ordered list. A cursor is the place after which it begins: times and ids of ours, so that what was done
 * meanwhile moves nothing else off the list.
 */
export function pageOf(
  timeZone: string,
  ordered: readonly Waiting[],
  size: number,
  cursor: string | undefined,
): Result<{ readonly page: readonly Waiting[]; readonly next?: string }, { readonly kind: "invalid-cursor" }> {
  const place = cursor === undefined ? undefined : placeIn(cursor);
  if (cursor !== undefined && place === undefined) return err({ kind: "invalid-cursor" });
  const rest =
    place === undefined ? ordered : ordered.filter(({ item }) => compare(orderOf(timeZone, item), place) > 0);
  const page = rest.slice(0, size);
  const last = page.at(-1);
  if (last === undefined || rest.length <= size) return ok({ page });
  return ok({ page, next: Buffer.from(orderOf(timeZone, last.item).join("~"), "utf8").toString("base64url") });
}

function placeIn(cursor: string): Place | undefined {
  const parts = CURSOR.exec(Buffer.from(cursor, "base64url").toString("utf8"));
  return parts ? [Number(parts[1]), parts[2] ?? "", parts[3] ?? ""] : undefined;
}
