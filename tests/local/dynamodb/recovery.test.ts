import { gunzipSync } from "node:zlib";
import {
  DescribeContinuousBackupsCommand,
  DescribeExportCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ExportTableToPointInTimeCommand,
  ListExportsCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  RestoreTableToPointInTimeCommand,
  UpdateContinuousBackupsCommand,
} from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ServiceError } from "../../../scripts/local/service.ts";
import { createTable, N, refusal, S } from "./fixtures.ts";
import type { TestServer } from "./server.ts";
import { startServer } from "./server.ts";

const HOUR = 60 * 60 * 1000;
const ARN = "arn:aws:dynamodb:us-east-1:111122223333:table/data";

let server: TestServer;
let delivered: Map<string, Buffer>;
beforeEach(async () => {
  delivered = new Map();
  server = await startServer({
    timeToLiveEveryMs: Infinity,
    deliver: (bucket, key, bytes) => {
      if (bucket === "missing") throw new ServiceError("NoSuchBucket", "no such bucket", 404);
      delivered.set(key, bytes);
    },
  });
  await createTable(server.client, "data", { Tags: [{ Key: "k", Value: "v" }] });
});
afterEach(() => server.close());

const put = (sk: string, v: number) =>
  server.client.send(new PutItemCommand({ TableName: "data", Item: { pk: S("p"), sk: S(sk), v: N(v) } }));
const recover = (PointInTimeRecoveryEnabled: boolean) =>
  server.client.send(
    new UpdateContinuousBackupsCommand({
      TableName: "data",
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled },
    }),
  );
const restore = (TargetTableName: string, atMs?: number) =>
  server.client.send(
    new RestoreTableToPointInTimeCommand({
      SourceTableName: "data",
      TargetTableName,
      ...(atMs === undefined ? { UseLatestRestorableTime: true } : { RestoreDateTime: new Date(atMs) }),
    }),
  );
const sorted = (items: readonly unknown[]): string[] => items.map((item) => JSON.stringify(item)).toSorted();

describe("point-in-time recovery", () => {
  it("brings back every earlier state, whatever was written since", async () => {
    await recover(true);
    const steps = fc.array(
      fc.record({
        sk: fc.constantFrom("a", "b", "c", "d"),
        kind: fc.constantFrom("Put", "Delete", "Update"),
        v: fc.integer({ min: 0, max: 5 }),
        // Several changes in the same millisecond belong to the same state.
        waitMs: fc.constantFrom(0, 1, 1000),
      }),
      { minLength: 1, maxLength: 30 },
    );
    let round = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const states = new Map<number, string[]>();
        server.clock.advance(1);
        for (const { sk, kind, v, waitMs } of list) {
          server.clock.advance(waitMs);
          const Key = { pk: S("p"), sk: S(sk) };
          await server.service.invoke(`DynamoDB_20120810.${kind}Item`, {
            TableName: "data",
            ...(kind === "Put"
              ? { Item: { ...Key, v: N(v), ...(v > 2 ? { gpk: S("g"), gsk: S(sk) } : {}) } }
              : { Key }),
            ...(kind === "Update" ? { UpdateExpression: "SET v = :v", ExpressionAttributeValues: { ":v": N(v) } } : {}),
          });
          states.set(server.clock.now(), sorted(server.service.dumpItems("data")));
        }
        server.clock.advance(1);
        for (const [atMs, expected] of states) {
          round += 1;
          const target = `restored-${String(round)}`;
          await server.service.invoke("DynamoDB_20120810.RestoreTableToPointInTime", {
            SourceTableName: "data",
            TargetTableName: target,
            RestoreDateTime: atMs / 1000,
          });
          const items = server.service.dumpItems(target);
          expect(sorted(items)).toEqual(expected);
          const { Count } = await server.service.invoke("DynamoDB_20120810.Query", {
            TableName: target,
            IndexName: "gsi1",
            KeyConditionExpression: "gpk = :g",
            ExpressionAttributeValues: { ":g": S("g") },
          });
          expect(Count).toBe(items.filter((item) => "gpk" in item).length);
          await server.service.invoke("DynamoDB_20120810.DeleteTable", { TableName: target });
        }
      }),
      { numRuns: 15 },
    );
  });

  it("a restored table has neither stream, time to live, tags, recovery nor protection", async () => {
    await recover(true);
    server.service.setTimeToLive("data", "ttl");
    await put("1", 1);
    const { TableDescription } = await restore("copy");
    expect(TableDescription?.RestoreSummary?.SourceTableArn).toBe(ARN);
    const TableName = "copy";
    const { Table } = await server.client.send(new DescribeTableCommand({ TableName }));
    expect(Table).toMatchObject({ TableStatus: "ACTIVE", ItemCount: 1, DeletionProtectionEnabled: false });
    expect(Table?.LatestStreamArn).toBeUndefined();
    expect((await server.client.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription).toEqual({
      TimeToLiveStatus: "DISABLED",
    });
    const tags = await server.client.send(new ListTagsOfResourceCommand({ ResourceArn: Table?.TableArn }));
    expect(tags.Tags).toEqual([]);
    const backups = await server.client.send(new DescribeContinuousBackupsCommand({ TableName }));
    expect(backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription).toEqual({
      PointInTimeRecoveryStatus: "DISABLED",
    });
  });

  it("refuses what lies outside of its window, and a target that exists", async () => {
    expect((await refusal(restore("copy"))).name).toBe("PointInTimeRecoveryUnavailableException");
    const enabledAtMs = server.clock.now();
    await recover(true);
    server.clock.advance(HOUR);
    expect((await refusal(restore("copy", enabledAtMs - 1000))).name).toBe("InvalidRestoreTimeException");
    expect((await refusal(restore("copy", server.clock.now() + 1000))).name).toBe("InvalidRestoreTimeException");
    expect((await refusal(restore("data"))).name).toBe("TableAlreadyExistsException");
    // 35 days later the beginning is out of reach, and what stood then is still what stood then.
    await put("1", 1);
    server.clock.advance(35 * 24 * HOUR);
    expect((await refusal(restore("copy", enabledAtMs))).name).toBe("InvalidRestoreTimeException");
    await put("1", 2);
    await restore("copy", server.clock.now() - 1);
    expect(server.service.dumpItems("copy")).toEqual([{ pk: S("p"), sk: S("1"), v: N(1) }]);
  });

  it("no time stands between the writes of a transaction or a batch", async () => {
    // A clock that moves whenever it is read.
    const now = server.clock.now.bind(server.clock);
    server.clock.now = () => {
      server.clock.advance(1);
      return now();
    };
    await recover(true);
    const puts = ["1", "2", "3"].map((sk) => ({ Item: { pk: S("p"), sk: S(sk) } }));
    const send = (operation: string, input: object) =>
      server.service.invoke(`DynamoDB_20120810.${operation}`, { ...input });
    await send("TransactWriteItems", { TransactItems: puts.map((Put) => ({ Put: { TableName: "data", ...Put } })) });
    const rows = server.service.dumpJournal().map((row) => JSON.parse(row) as { at: number });
    expect(new Set(rows.map(({ at }) => at)).size).toBe(1);
    await send("BatchWriteItem", {
      RequestItems: { data: puts.map(({ Item: Key }) => ({ DeleteRequest: { Key } })) },
    });
    const times = server.service.dumpJournal().map((row) => (JSON.parse(row) as { at: number }).at);
    expect(new Set(times.slice(3)).size).toBe(1);
    expect(times).toHaveLength(6);
  });

  it("turning it off and on again starts a new window", async () => {
    await recover(true);
    await put("1", 1);
    await recover(false);
    await put("1", 2);
    server.clock.advance(HOUR);
    await recover(true);
    expect((await refusal(restore("copy", server.clock.now() - HOUR))).name).toBe("InvalidRestoreTimeException");
    await restore("copy");
    expect(server.service.dumpItems("copy")).toMatchObject([{ v: N(2) }]);
  });
});

describe("exports", () => {
  const start = (extra: Partial<ExportTableToPointInTimeCommand["input"]> = {}) =>
    server.client.send(
      new ExportTableToPointInTimeCommand({ TableArn: ARN, S3Bucket: "exports", S3Prefix: "nightly", ...extra }),
    );

  it("writes the table as it was, with manifests that name every file", async () => {
    await recover(true);
    await put("1", 1);
    server.clock.advance(HOUR);
    const atMs = server.clock.now();
    server.clock.advance(HOUR);
    await put("1", 2);
    const { ExportDescription } = await start({ ExportTime: new Date(atMs) });
    expect(ExportDescription?.ExportStatus).toBe("IN_PROGRESS");
    const described = await server.client.send(new DescribeExportCommand({ ExportArn: ExportDescription?.ExportArn }));
    expect(described.ExportDescription).toMatchObject({ ExportStatus: "COMPLETED", ItemCount: 1, S3Bucket: "exports" });
    const summaryKey = described.ExportDescription?.ExportManifest ?? "";
    expect(summaryKey).toMatch(/^nightly\/AWSDynamoDB\/\d+-[0-9a-f]{8}\/manifest-summary.json$/);
    const summary = JSON.parse(String(delivered.get(summaryKey))) as Record<string, string>;
    expect(summary).toMatchObject({ itemCount: 1, outputFormat: "DYNAMODB_JSON" });
    const files = String(delivered.get(summary["manifestFilesS3Key"] ?? ""))
      .trim()
      .split("\n");
    const [file] = files.map((line) => JSON.parse(line) as { dataFileS3Key: string });
    const lines = gunzipSync(delivered.get(file?.dataFileS3Key ?? "") ?? Buffer.alloc(0))
      .toString()
      .trim()
      .split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([{ Item: { pk: S("p"), sk: S("1"), v: N(1) } }]);
    const listed = await server.client.send(new ListExportsCommand({ TableArn: ARN }));
    expect(listed.ExportSummaries).toHaveLength(1);
  });

  it("tells a bucket that does not take it, a repeated token, and what it cannot do", async () => {
    await recover(true);
    const failed = await start({ S3Bucket: "missing" });
    const described = await server.client.send(
      new DescribeExportCommand({ ExportArn: failed.ExportDescription?.ExportArn }),
    );
    expect(described.ExportDescription).toMatchObject({ ExportStatus: "FAILED", FailureCode: "S3NoSuchBucket" });
    const first = await start({ ClientToken: "once" });
    const second = await start({ ClientToken: "once" });
    expect(second.ExportDescription?.ExportArn).toBe(first.ExportDescription?.ExportArn);
    expect((await refusal(start({ ExportFormat: "ION" }))) as unknown).toMatchObject({
      $metadata: { httpStatusCode: 501 },
    });
    expect((await refusal(start({ ExportTime: new Date(0) }))).name).toBe("InvalidExportTimeException");
    const unknown = new DescribeExportCommand({ ExportArn: `${ARN}/export/unknown-0000000000000000000000` });
    expect((await refusal(server.client.send(unknown))).name).toBe("ExportNotFoundException");
  });
});
