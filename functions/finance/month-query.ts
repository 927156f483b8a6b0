import { isMonth, type Month } from "../../core/cost/period.ts";

/** `?month=2026-11`, or the current one; undefined for what is no month. */
export function monthOfQuery(query: URLSearchParams, current: Month): Month | undefined {
  const asked = query.getAll("month");
  if (asked.length === 0) return current;
  const [month] = asked;
  return asked.length === 1 && month !== undefined && isMonth(month) ? month : undefined;
}
