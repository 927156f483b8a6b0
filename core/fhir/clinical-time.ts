import { isJsonObject } from "./json.ts";
import { dateRange, storedDateRange } from "./search/dates.ts";
import type { FhirResource } from "./validate.ts";

/** Elements that say when what a record tells of was so, the more telling first: R4 calls the pattern fivews.done. */
const PERIODS = ["effective", "onset", "performed", "occurrence", "serviced"] as const;
const DATES = [
  "started",
  "authoredOn",
  "sent",
  "whenHandedOver",
  "created",
  "date",
  "dateWritten",
  "recordedDate",
  "issued",
  "authored",
  "recorded",
] as const;

/**
 * The time that a record is about, in milliseconds, the end not in it; undefined where the record names none. An open
 * period ends at infinity.
 */
export function spanOf(resource: FhirResource): { readonly from: number; readonly until: number } | undefined {
  const range =
    PERIODS.map((name) => choice(resource, name)).find((found) => found !== undefined) ??
    periodOf(resource["period"] ?? resource["billablePeriod"] ?? resource["servicedPeriod"]) ??
    betweenInstants(resource) ??
    DATES.map((name) => textRange(resource[name])).find((found) => found !== undefined);
  return range && { from: range.low, until: Math.max(range.high, range.low + 1) };
}

const TYPES = ["DateTime", "Period", "Instant", "Timing"] as const;

const choice = (resource: FhirResource, name: string) =>
  TYPES.map((type) => ({ type, value: resource[name + type] }))
    .filter(({ value }) => value !== undefined)
    .map(({ type, value }) => storedDateRange({ type: type === "DateTime" ? "dateTime" : type, value }))
    .find((range) => range !== undefined) ?? textRange(resource[`${name}Date`]);

const periodOf = (value: unknown) => (isJsonObject(value) ? storedDateRange({ type: "Period", value }) : undefined);
const textRange = (value: unknown) => (typeof value === "string" ? dateRange(value) : undefined);

/** An Appointment and a Slot have `start` and `end`. */
function betweenInstants({ start, end }: FhirResource) {
  const [from, until] = [textRange(start), textRange(end)];
  return from && { low: from.low, high: until?.high ?? from.high };
}
