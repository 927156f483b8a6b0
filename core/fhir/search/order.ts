import { err, ok, type Result } from "../../kernel/result.ts";
import { isJsonObject } from "../json.ts";
import type { FhirResource } from "../validate.ts";
import { storedDateRange } from "./dates.ts";
import { storedNumberRange } from "./numbers.ts";
import type { SortKey } from "./query.ts";
import { type Selected, selectorOf } from "./select.ts";
import { displaysOf, fold, textsOf } from "./texts.ts";

type Key = string | number;

/** A value's keys, the least and the greatest of which stand for it in ascending and descending order. */
function keysOf(stored: Selected, type: string): Key[] {
  if (type === "date") {
    const range = storedDateRange(stored);
    return range ? [range.low, range.high] : [];
  }
  if (type === "number" || type === "quantity") {
    const range = storedNumberRange(stored);
    return range ? [range.low, range.high] : [];
  }
  const { value } = stored;
  if (typeof value === "boolean" || typeof value === "number") return [`${value}`];
  const texts = type === "token" && typeof value === "object" ? displaysOf(stored) : textsOf(stored);
  const reference = isJsonObject(value) ? value["reference"] : undefined;
  return [...texts, ...(typeof reference === "string" ? [reference] : [])].map(fold);
}

const isBefore = (a: Key, b: Key): boolean => (typeof a === typeof b ? a < b : typeof a === "number");

function keyOf(resource: FhirResource, { parameter, isDescending }: SortKey): Key | undefined {
  const keys = selectorOf(parameter.expression)({ type: resource.resourceType, value: resource }).flatMap((stored) =>
    keysOf(stored, parameter.type),
  );
  return keys.length === 0
    ? undefined
    : keys.reduce((best, key) => (isBefore(key, best) !== isDescending ? key : best));
}

function compareKeys(a: Key | undefined, b: Key | undefined, isDescending: boolean): number {
  if (a === b) return 0;
  // What has no value comes last, in either direction.
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return isBefore(a, b) !== isDescending ? -1 : 1;
}

/**
 * A sorted copy (FHIR R4 search.html#_sort): by each key in turn, then by id, so that the order is the same each time.
 * Without keys, by id alone.
 */
export function sortResources(resources: readonly FhirResource[], sort: readonly SortKey[]): FhirResource[] {
  const rows = resources.map((resource) => ({ resource, keys: sort.map((key) => keyOf(resource, key)) }));
  rows.sort((a, b) => {
    for (const [index, { isDescending }] of sort.entries()) {
      const order = compareKeys(a.keys[index], b.keys[index], isDescending);
      if (order !== 0) return order;
    }
    return compareKeys(a.resource.id, b.resource.id, false);
  });
  return rows.map(({ resource }) => resource);
}

export interface Page<T> {
  readonly items: readonly T[];
  /** For the link to the next page; absent on the last. */
  readonly next?: string;
}

const CURSOR = /^([0-9]{1,9})\.([A-Za-z0-9\-.]{1,64})$/;

/**
 * A page of what a search found. The cursor names the last item by place and id and holds nothing clinical: a page that
 * follows goes on after that id, wherever it is by now, or at the place where it was.
 */
export function paginate<T extends { readonly id?: string }>(
  items: readonly T[],
  count: number,
  cursor?: string,
): Result<Page<T>, { readonly kind: "value"; readonly rule: "search-cursor" }> {
  let start = 0;
  if (cursor !== undefined) {
    const [, place, id] = CURSOR.exec(cursor) ?? [];
    if (place === undefined) return err({ kind: "value", rule: "search-cursor" });
    const at = items.findIndex((item) => item.id === id);
    start = at === -1 ? Number(place) : at + 1;
  }
  const page = items.slice(start, start + count);
  const last = page.at(-1);
  const isMore = start + page.length < items.length && last?.id !== undefined;
  return ok(isMore ? { items: page, next: `${start + page.length}.${last.id}` } : { items: page });
}
