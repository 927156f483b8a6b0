import { createHash } from "node:crypto";
import { cursorKid, openCursor, sealCursor } from "../crypto/index.ts";
import type { SearchQuery } from "../fhir/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { keyFailure } from "./failure.ts";

/** An hour: a page that is turned after lunch is searched anew. */
export const CURSOR_LIFE_MS = 60 * 60 * 1000;

/** Which list a cursor belongs to. `filter` is hashed: the same search by the same user, and no other. */
export interface PageOf {
  readonly route: string;
  readonly filter: unknown;
}

const placeOf = (desk: Desk, { route, filter }: PageOf) => ({
  tenantId: desk.grant.tenantId,
  userId: desk.grant.userId,
  route,
  filterDigest: createHash("sha256")
    .update(JSON.stringify([desk.grant.purpose, desk.classes, filter]))
    .digest("hex"),
});

export async function sealPosition(desk: Desk, page: PageOf, position: string): Promise<Result<string, RecordFailure>> {
  const key = await desk.keyring.sealingKey(desk.keyScope, "D");
  if (!key.ok) return err(keyFailure(key.error, desk.onAlarm));
  return ok(sealCursor(position, desk.clock.now() + CURSOR_LIFE_MS, placeOf(desk, page), key.value));
}

/** One answer for every fault of a cursor: forged, foreign, of another search, expired. */
export async function openPosition(desk: Desk, page: PageOf, cursor: string): Promise<Result<string, RecordFailure>> {
  const kid = cursorKid(cursor);
  if (kid === undefined) return err({ kind: "invalid-cursor" });
  const key = await desk.keyring.openingKey(desk.keyScope, kid);
  if (!key.ok) {
    return err(key.error.kind === "not-found" ? { kind: "invalid-cursor" } : keyFailure(key.error, desk.onAlarm));
  }
  const position = openCursor(cursor, desk.clock.now(), placeOf(desk, page), key.value);
  return position.ok ? position : err({ kind: "invalid-cursor" });
}

/** The part of a query that decides what its pages hold: how an answer is shaped may change from page to page. */
export const filterOf = (query: SearchQuery): unknown => ({
  type: query.type,
  criteria: query.criteria.map(({ parameter, modifier, isMissing, values }) => [
    parameter.code,
    modifier,
    isMissing,
    values,
  ]),
  sort: query.sort.map(({ parameter, isDescending }) => [parameter.code, isDescending]),
});

const POSITION = /^([0-9]{1,9})\|(.{1,160})$/;

/**
 * A page of a list in a fixed order, after the item that the position names by place and name: wherever it is by now, or
 * at the place where it was.
 */
export function cutPage<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  count: number,
  position: string | undefined,
): Result<{ readonly items: readonly T[]; readonly next?: string }, RecordFailure> {
  let start = 0;
  if (position !== undefined) {
    const [, place, name] = POSITION.exec(position) ?? [];
    if (place === undefined) return err({ kind: "invalid-cursor" });
    const at = items.findIndex((item) => nameOf(item) === name);
    start = at === -1 ? Number(place) : at + 1;
  }
  const page = items.slice(start, start + count);
  const end = start + page.length;
  const last = page.at(-1);
  return ok(
    last !== undefined && end < items.length ? { items: page, next: `${end}|${nameOf(last)}` } : { items: page },
  );
}
