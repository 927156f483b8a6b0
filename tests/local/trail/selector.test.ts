import { describe, expect, it } from "vitest";
import type { CloudTrailRecord } from "../../../scripts/local/trail/index.ts";
import { isSelected, type EventSelector } from "../../../scripts/local/trail/selector.ts";

const data = "arn:aws:dynamodb:us-east-1:111122223333:table/keyward-dev-c01-data";
const outbox = "arn:aws:dynamodb:us-east-1:111122223333:table/keyward-dev-c01-outbox";

const record = (more: Partial<CloudTrailRecord>): CloudTrailRecord => ({
  eventVersion: "1.11",
  userIdentity: {},
  eventTime: "2026-11-22T08:20:00Z",
  eventSource: "dynamodb.amazonaws.com",
  eventName: "GetItem",
  awsRegion: "us-east-1",
  sourceIPAddress: "127.0.0.1",
  userAgent: "t",
  requestParameters: null,
  responseElements: null,
  requestID: "r",
  eventID: "e",
  readOnly: true,
  resources: [{ accountId: "111122223333", type: "AWS::DynamoDB::Table", ARN: data }],
  eventType: "AwsApiCall",
  managementEvent: false,
  recipientAccountId: "111122223333",
  eventCategory: "Data",
  ...more,
});
const table = (ARN: string) => ({ accountId: "111122223333", type: "AWS::DynamoDB::Table", ARN });
const bucket = { accountId: "111122223333", type: "AWS::S3::Bucket", ARN: "arn:aws:s3:::b" };

const management: EventSelector = [{ field: "eventCategory", equals: ["Management"] }];
const items: EventSelector = [
  { field: "eventCategory", equals: ["Data"] },
  { field: "resources.type", equals: ["AWS::DynamoDB::Table"] },
  { field: "resources.ARN", equals: [data] },
];

describe("AUD-1 what a trail selects", () => {
  it.each<readonly [string, readonly EventSelector[], Partial<CloudTrailRecord>, boolean]>([
    ["an item of the table that is named", [management, items], {}, true],
    ["an item of another table", [management, items], { resources: [table(outbox)] }, false],
    ["a transaction over both tables", [management, items], { resources: [table(outbox), table(data)] }, true],
    ["a management call", [management, items], { eventCategory: "Management", managementEvent: true }, true],
    ["nothing, without a selector", [], {}, false],
    [
      "nothing where type and ARN are met by two resources",
      [items],
      { resources: [{ ...bucket, ARN: data }, table(outbox)] },
      false,
    ],
    ["writes alone, where it says so", [[...items, { field: "readOnly", equals: ["false"] }]], {}, false],
    ["a prefix", [[{ field: "resources.ARN", startsWiths: ["arn:aws:dynamodb:"] }]], {}, true],
    ["an ending", [[{ field: "resources.ARN", endsWiths: ["-outbox"] }]], {}, false],
    ["all names but some", [[{ field: "eventName", notEquals: ["GetItem", "Query"] }]], {}, false],
    ["all names but others", [[{ field: "eventName", notEquals: ["Query"] }]], {}, true],
    ["no source that begins so", [[{ field: "eventSource", notStartsWiths: ["dynamodb"] }]], {}, false],
    ["no source that ends so", [[{ field: "eventSource", notEndsWiths: ["s3.amazonaws.com"] }]], {}, true],
  ])("%s", (_title, selectors, more, want) => {
    expect(isSelected(record(more), selectors)).toBe(want);
  });
});
