import { parseJsonBody, jsonResponse, renderJsonError } from "../front/json-protocol.ts";
import { ServiceError, type Prepared, type Service } from "../service.ts";
import { usernameOf, type RecordFilter, type RecordStore, type StoredRecord } from "./store.ts";

const MOST_RESULTS = 50;
const ATTRIBUTES = {
  EventId: (value) => ({ eventId: value }),
  EventName: (value) => ({ eventName: value }),
  EventSource: (value) => ({ eventSource: value }),
  ReadOnly: (value) => ({ isReadOnly: value === "true" }),
  Username: (value) => ({ username: value }),
  ResourceName: (value) => ({ resourceName: value }),
  ResourceType: (value) => ({ resourceType: value }),
  AccessKeyId: (value) => ({ accessKeyId: value }),
} as const satisfies Record<string, (value: string) => RecordFilter>;

const isAttribute = (key: unknown): key is keyof typeof ATTRIBUTES =>
  typeof key === "string" && Object.hasOwn(ATTRIBUTES, key);

/**
 * CloudTrail's event history over the wire: LookupEvents, which gives management events only and no item or object calls.
 * Source: CloudTrail API Reference, LookupEvents.
 */
export function createLookupService(store: RecordStore): Service {
  return {
    signingName: "cloudtrail",
    prepare(request): Prepared {
      const operation = (request.headers["x-amz-target"] ?? "").split(".").at(-1) ?? "";
      if (operation !== "LookupEvents") {
        throw new ServiceError("NotImplementedException", "This operation is not part of the embedded AWS", 501);
      }
      const input = parseJsonBody(request.body);
      const query = parseLookup(input);
      return {
        operation,
        checks: [{ action: "cloudtrail:LookupEvents", resource: "*", context: {} }],
        readOnly: true,
        managementEvent: true,
        requestParameters: { maxResults: query.limit },
        run: () => jsonResponse(lookup(store, query), "1.1"),
      };
    },
    renderError: (error, call) => renderJsonError(error, call.requestId, "1.1"),
  };
}

interface LookupQuery {
  readonly filter: RecordFilter;
  readonly limit: number;
  readonly beforeSeq: number | undefined;
}

function parseLookup(input: Readonly<Record<string, unknown>>): LookupQuery {
  const fail = (code: string, message: string): ServiceError => new ServiceError(code, message, 400);
  const limit = input["MaxResults"] ?? MOST_RESULTS;
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1 || limit > MOST_RESULTS) {
    throw fail("InvalidMaxResultsException", "MaxResults must be between 1 and 50.");
  }
  if (input["EventCategory"] !== undefined) {
    throw fail("InvalidEventCategoryException", "Insights events are not part of the embedded AWS.");
  }
  const fromMs = toMs(input["StartTime"]);
  const toEndMs = toMs(input["EndTime"]);
  if (fromMs !== undefined && toEndMs !== undefined && fromMs > toEndMs) {
    throw fail("InvalidTimeRangeException", "The start time must be before the end time.");
  }
  const attributes = input["LookupAttributes"] ?? [];
  if (!Array.isArray(attributes) || attributes.length > 1) {
    throw fail("InvalidLookupAttributesException", "You can specify only one lookup attribute.");
  }
  const [attribute] = attributes as readonly ({ AttributeKey?: unknown; AttributeValue?: unknown } | undefined)[];
  if (
    attribute !== undefined &&
    !(isAttribute(attribute.AttributeKey) && typeof attribute.AttributeValue === "string")
  ) {
    throw fail("InvalidLookupAttributesException", "The lookup attribute is not valid.");
  }
  const token = input["NextToken"];
  if (token !== undefined && !(typeof token === "string" && /^[A-Za-z0-9_-]{1,24}$/.test(token))) {
    throw fail("InvalidNextTokenException", "The next token is not valid.");
  }
  const beforeSeq = token === undefined ? undefined : Number(Buffer.from(token, "base64url").toString());
  if (beforeSeq !== undefined && !Number.isSafeInteger(beforeSeq)) {
    throw fail("InvalidNextTokenException", "The next token is not valid.");
  }
  return {
    filter: {
      ...(attribute !== undefined && isAttribute(attribute.AttributeKey)
        ? ATTRIBUTES[attribute.AttributeKey](String(attribute.AttributeValue))
        : {}),
      ...(fromMs === undefined ? {} : { fromMs }),
      ...(toEndMs === undefined ? {} : { toMs: toEndMs }),
      isManagementEvent: true,
    },
    limit,
    beforeSeq,
  };
}

function lookup(store: RecordStore, query: LookupQuery): Readonly<Record<string, unknown>> {
  const found = store.find(query.filter, query.limit + 1, query.beforeSeq);
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  return {
    Events: page.map(toEvent),
    ...(found.length > query.limit && last !== undefined
      ? { NextToken: Buffer.from(String(last.seq)).toString("base64url") }
      : {}),
  };
}

function toEvent({ record, text, atMs }: StoredRecord): Readonly<Record<string, unknown>> {
  const username = usernameOf(record);
  return {
    EventId: record.eventID,
    EventName: record.eventName,
    EventTime: Math.floor(atMs / 1000),
    EventSource: record.eventSource,
    ReadOnly: String(record.readOnly),
    ...(username === undefined ? {} : { Username: username }),
    ...("accessKeyId" in record.userIdentity ? { AccessKeyId: record.userIdentity["accessKeyId"] } : {}),
    Resources: (record.resources ?? []).map(({ ARN, type }) => ({
      ResourceName: ARN,
      ...(type === undefined ? {} : { ResourceType: type }),
    })),
    CloudTrailEvent: text,
  };
}

/** The SDK sends seconds since the epoch. */
const toMs = (value: unknown): number | undefined => (typeof value === "number" ? value * 1000 : undefined);
