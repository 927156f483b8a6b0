import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeExportCommand,
  DescribeLimitsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ExecuteStatementCommand,
  ExportTableToPointInTimeCommand,
  ListTablesCommand,
  PutItemCommand,
  RestoreTableToPointInTimeCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { expect } from "vitest";
import { probe } from "../deviations.ts";
import { clientOptions, isPeer } from "../target.ts";
import type { TableUnderTest } from "./context.ts";
import { N, refusal, S } from "./context.ts";

/** Tables: description, protection, recovery, export, and what is not there. */
export function tableProbes(open: () => TableUnderTest): void {
  const recovery = (TableName: string, PointInTimeRecoveryEnabled: boolean) =>
    open().client.send(
      new UpdateContinuousBackupsCommand({
        TableName,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled },
      }),
    );

  probe("ddb-create-table", "a table is described with its keys, index and stream", async () => {
    const { TableName, client } = open();
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    expect(Table).toMatchObject({
      TableName,
      TableStatus: "ACTIVE",
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
      GlobalSecondaryIndexes: [{ IndexName: "gsi1", IndexStatus: "ACTIVE", Projection: { ProjectionType: "ALL" } }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    });
    expect(Table?.LatestStreamArn).toBe(`${String(Table?.TableArn)}/stream/${String(Table?.LatestStreamLabel)}`);
    expect(Table?.CreationDateTime).toBeInstanceOf(Date);
    const names = await client.send(new ListTablesCommand({}));
    expect(names.TableNames).toContain(TableName);
    const again = await refusal(
      client.send(
        new CreateTableCommand({
          TableName,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        }),
      ),
    );
    expect(again.name).toBe("ResourceInUseException");
  });

  probe("ddb-index-name", "an index name of two characters is refused", async () => {
    const error = await refusal(
      open().createTable("short-index", {
        GlobalSecondaryIndexes: [
          {
            IndexName: "ix",
            KeySchema: [
              { AttributeName: "gpk", KeyType: "HASH" },
              { AttributeName: "gsk", KeyType: "RANGE" },
            ],
            Projection: { ProjectionType: "ALL" },
          },
        ],
      }),
    );
    expect(error.name).toBe("ValidationException");
  });

  probe("ddb-deletion-protection", "a protected table is not deleted", async () => {
    const TableName = await open().createTable("protected", { DeletionProtectionEnabled: true });
    const error = await refusal(open().client.send(new DeleteTableCommand({ TableName })));
    expect(error.name).toBe("ValidationException");
    expect(error.message).toContain("protected against deletion");
    await open().client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    await open().client.send(new DeleteTableCommand({ TableName }));
  });

  probe("ddb-ttl-api", "time to live is set, described, and not set twice", async () => {
    const { TableName, client } = open();
    const set = (Enabled: boolean, AttributeName: string) =>
      client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled, AttributeName } }));
    expect((await set(true, "ttl")).TimeToLiveSpecification).toEqual({ Enabled: true, AttributeName: "ttl" });
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    expect(TimeToLiveDescription?.AttributeName).toBe("ttl");
    expect(["ENABLED", "ENABLING"]).toContain(TimeToLiveDescription?.TimeToLiveStatus);
    expect((await refusal(set(true, "ttl"))).name).toBe("ValidationException");
  });

  probe("ddb-recovery-api", "point-in-time recovery is turned on and described", async () => {
    const { TableName, client } = open();
    await recovery(TableName, true);
    const { ContinuousBackupsDescription } = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
    expect(ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe("ENABLED");
  });

  probe(
    "ddb-restore",
    "a table is restored as it was, without its stream, time to live, tags and recovery",
    async () => {
      const { client } = open();
      const TableName = await open().createTable("source", { Tags: [{ Key: "k", Value: "v" }] });
      await recovery(TableName, true);
      await client.send(
        new PutItemCommand({ TableName, Item: { pk: S("a"), sk: S("1"), gpk: S("g"), gsk: S("1"), v: N(1) } }),
      );
      const TargetTableName = `${TableName}-restored`;
      open().adopt(TargetTableName);
      await client.send(
        new RestoreTableToPointInTimeCommand({
          SourceTableName: TableName,
          TargetTableName,
          UseLatestRestorableTime: true,
        }),
      );
      await expect
        .poll(
          async () =>
            open()
              .get("a", "1", TargetTableName)
              .catch(() => undefined),
          { timeout: 20_000 },
        )
        .toMatchObject({ v: N(1) });
      const { Table } = await client.send(new DescribeTableCommand({ TableName: TargetTableName }));
      expect(Table?.LatestStreamArn).toBeUndefined();
      expect(Table?.GlobalSecondaryIndexes).toHaveLength(1);
      const { ContinuousBackupsDescription } = await client.send(
        new DescribeContinuousBackupsCommand({ TableName: TargetTableName }),
      );
      expect(ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe("DISABLED");
    },
  );

  probe("ddb-export", "an export is made of a table with recovery, and refused without", async () => {
    const { client, target } = open();
    const TableName = await open().createTable("export");
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    const bucket = `${TableName}-bucket`;
    const s3 = new S3Client({ ...clientOptions(target), forcePathStyle: true });
    try {
      await s3.send(new CreateBucketCommand({ Bucket: bucket }));
      const start = () =>
        client.send(
          new ExportTableToPointInTimeCommand({ TableArn: Table?.TableArn, S3Bucket: bucket, S3Prefix: "p" }),
        );
      expect((await refusal(start())).name).toBe("PointInTimeRecoveryUnavailableException");
      await recovery(TableName, true);
      await client.send(new PutItemCommand({ TableName, Item: { pk: S("a"), sk: S("1") } }));
      const { ExportDescription } = await start();
      expect(["IN_PROGRESS", "COMPLETED"]).toContain(ExportDescription?.ExportStatus);
      const describe = async () =>
        (await client.send(new DescribeExportCommand({ ExportArn: ExportDescription?.ExportArn }))).ExportDescription;
      if (isPeer) return;
      expect(await describe()).toMatchObject({ ExportStatus: "COMPLETED", ItemCount: 1 });
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "p/AWSDynamoDB/" }));
      expect(Contents.some(({ Key }) => Key?.endsWith(".json.gz"))).toBe(true);
    } finally {
      s3.destroy();
    }
  });

  probe("ddb-limits", "limits are described", async () => {
    const limits = await open().client.send(new DescribeLimitsCommand({}));
    expect(limits.TableMaxReadCapacityUnits).toBeGreaterThan(0);
  });

  probe("ddb-partiql", "PartiQL reads a table, or is refused as not implemented by the embedded AWS", async () => {
    const call = open().client.send(
      new ExecuteStatementCommand({ Statement: `SELECT * FROM "${open().TableName}" WHERE pk='none' AND sk='x'` }),
    );
    if (isPeer) expect((await call).Items).toEqual([]);
    else expect(await refusal(call)).toMatchObject({ $metadata: { httpStatusCode: 501 } });
  });
}
