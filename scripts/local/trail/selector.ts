import type { CloudTrailRecord } from "./record.ts";

/** The fields of a record that a selector can ask about. Source: CloudTrail API Reference, AdvancedFieldSelector. */
export const SELECTOR_FIELDS = [
  "eventCategory",
  "eventSource",
  "eventName",
  "readOnly",
  "resources.type",
  "resources.ARN",
] as const;

type Values = readonly string[] | undefined;

export interface FieldSelector {
  readonly field: (typeof SELECTOR_FIELDS)[number];
  readonly equals?: Values;
  readonly notEquals?: Values;
  readonly startsWiths?: Values;
  readonly notStartsWiths?: Values;
  readonly endsWiths?: Values;
  readonly notEndsWiths?: Values;
}

/** All of its fields must hold. */
export type EventSelector = readonly FieldSelector[];

type RecordResource = NonNullable<CloudTrailRecord["resources"]>[number];

/** Whether a trail with these selectors delivers the record: one of them must hold, about one resource of the record. */
export function isSelected(record: CloudTrailRecord, selectors: readonly EventSelector[]): boolean {
  const resources: readonly (RecordResource | undefined)[] = record.resources ?? [undefined];
  return selectors.some((selector) =>
    resources.some((resource) => selector.every((field) => holds(field, valueOf(field.field, record, resource)))),
  );
}

function valueOf(
  field: FieldSelector["field"],
  record: CloudTrailRecord,
  resource: RecordResource | undefined,
): string | undefined {
  switch (field) {
    case "eventCategory":
      return record.eventCategory;
    case "eventSource":
      return record.eventSource;
    case "eventName":
      return record.eventName;
    case "readOnly":
      return String(record.readOnly);
    case "resources.type":
      return resource?.type;
    case "resources.ARN":
      return resource?.ARN;
  }
}

/** Of one operator any value, of the negated ones none; all operators that are given. */
function holds(selector: FieldSelector, value: string | undefined): boolean {
  const any = (values: Values, test: (wanted: string) => boolean): boolean =>
    values === undefined || (value !== undefined && values.some(test));
  const none = (values: Values, test: (wanted: string) => boolean): boolean =>
    values === undefined || value === undefined || !values.some(test);
  return (
    any(selector.equals, (wanted) => value === wanted) &&
    any(selector.startsWiths, (wanted) => value?.startsWith(wanted) === true) &&
    any(selector.endsWiths, (wanted) => value?.endsWith(wanted) === true) &&
    none(selector.notEquals, (wanted) => value === wanted) &&
    none(selector.notStartsWiths, (wanted) => value?.startsWith(wanted) === true) &&
    none(selector.notEndsWiths, (wanted) => value?.endsWith(wanted) === true)
  );
}
