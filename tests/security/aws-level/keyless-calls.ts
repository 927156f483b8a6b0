import {
  BatchExecuteStatementCommand,
  CreateBackupCommand,
  DeleteResourcePolicyCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  ExecuteTransactionCommand,
  ExportTableToPointInTimeCommand,
  GetResourcePolicyCommand,
  ListTablesCommand,
  PutResourcePolicyCommand,
  RestoreTableToPointInTimeCommand,
  ScanCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from "@aws-sdk/client-dynamodb-streams";
import { describe, expect } from "vitest";
import { archiveBucketName, tableArn, tableName } from "../../../core/iam/index.ts";
import { functionCredentials, text } from "../aws.ts";
import { SITE } from "../world.ts";
import { partition, type Probe, probes, type Scene, SORT, type Use } from "./scene.ts";
import { DATA, DENIED, get, KEYS, OUTBOX, statement } from "./table-calls.ts";

const c = partition;

/** A shard iterator of a table's stream, fetched with root's rights. */
async function iteratorOf({ root }: Scene, table: "data" | "outbox"): Promise<string> {
  const { Table } = await root.dynamodb.send(new DescribeTableCommand({ TableName: tableName(SITE, table) }));
  const StreamArn = Table?.LatestStreamArn ?? "";
  const { StreamDescription } = await root.streams.send(new DescribeStreamCommand({ StreamArn }));
  const ShardId = StreamDescription?.Shards?.[0]?.ShardId ?? "";
  const input = { StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" } as const;
  const { ShardIterator = "" } = await root.streams.send(new GetShardIteratorCommand(input));
  return ShardIterator;
}

export function keylessCalls(use: Use): void {
  const arn = tableArn(SITE, "data");
  const pitr = { TableArn: arn, S3Bucket: archiveBucketName(SITE) };
  const rows: Probe[] = [
    ...[DATA, OUTBOX, KEYS, tableName(SITE, "registry")].map((TableName): Probe => [
      `Scan of ${TableName}`,
      DENIED,
      ({ own }) => own.dynamodb.send(new ScanCommand({ TableName })),
    ]),
    [
      "Scan of an index",
      DENIED,
      ({ own }) => own.dynamodb.send(new ScanCommand({ TableName: DATA, IndexName: "gsi1" })),
    ],
    [
      "Scan that filters on the own tenant",
      DENIED,
      ({ own, a }) =>
        own.dynamodb.send(
          new ScanCommand({
            TableName: DATA,
            FilterExpression: "begins_with(pk, :p)",
            ExpressionAttributeValues: { ":p": text(`T#${a}#`) },
          }),
        ),
    ],
    ["PartiQL without a key", DENIED, ({ own }) => statement(own, `SELECT * FROM "${DATA}"`)],
    [
      "PartiQL with the own key",
      DENIED,
      ({ own, a }) => statement(own, `SELECT * FROM "${DATA}" WHERE pk = ?`, text(c(a, "C"))),
    ],
    [
      "PartiQL with B's key",
      DENIED,
      ({ own, b }) => statement(own, `SELECT * FROM "${DATA}" WHERE pk = ?`, text(c(b, "C"))),
    ],
    [
      "PartiQL insert",
      DENIED,
      ({ own, a }) => statement(own, `INSERT INTO "${DATA}" VALUE {'pk': ?, 'sk': 'x'}`, text(c(a, "C"))),
    ],
    [
      "PartiQL in a batch",
      DENIED,
      ({ own, a }) => {
        const Statement = `SELECT * FROM "${DATA}" WHERE pk = ? AND sk = ?`;
        const Statements = [{ Statement, Parameters: [text(c(a, "C")), text(SORT)] }];
        return own.dynamodb.send(new BatchExecuteStatementCommand({ Statements }));
      },
    ],
    [
      "PartiQL in a transaction",
      DENIED,
      ({ own, a }) => {
        const Statement = `SELECT * FROM "${DATA}" WHERE pk = ? AND sk = ?`;
        const TransactStatements = [{ Statement, Parameters: [text(c(a, "C")), text(SORT)] }];
        return own.dynamodb.send(new ExecuteTransactionCommand({ TransactStatements }));
      },
    ],
    ["ListTables", DENIED, ({ own }) => own.dynamodb.send(new ListTablesCommand({}))],
    ["DescribeTable", DENIED, ({ own }) => own.dynamodb.send(new DescribeTableCommand({ TableName: DATA }))],
    [
      "DescribeContinuousBackups",
      DENIED,
      ({ own }) => own.dynamodb.send(new DescribeContinuousBackupsCommand({ TableName: DATA })),
    ],
    ["ExportTableToPointInTime", DENIED, ({ own }) => own.dynamodb.send(new ExportTableToPointInTimeCommand(pitr))],
    [
      "RestoreTableToPointInTime",
      DENIED,
      ({ own }) =>
        own.dynamodb.send(
          new RestoreTableToPointInTimeCommand({
            SourceTableName: DATA,
            TargetTableName: "copy",
            UseLatestRestorableTime: true,
          }),
        ),
    ],
    [
      "CreateBackup",
      DENIED,
      ({ own }) => own.dynamodb.send(new CreateBackupCommand({ TableName: DATA, BackupName: "copy" })),
    ],
    [
      "UpdateTable that ends the stream",
      DENIED,
      ({ own }) =>
        own.dynamodb.send(new UpdateTableCommand({ TableName: OUTBOX, StreamSpecification: { StreamEnabled: false } })),
    ],
    [
      "UpdateTimeToLive",
      DENIED,
      ({ own }) =>
        own.dynamodb.send(
          new UpdateTimeToLiveCommand({
            TableName: OUTBOX,
            TimeToLiveSpecification: { AttributeName: "at", Enabled: true },
          }),
        ),
    ],
    ["DeleteTable", DENIED, ({ own }) => own.dynamodb.send(new DeleteTableCommand({ TableName: DATA }))],
    ["GetResourcePolicy", DENIED, ({ own }) => own.dynamodb.send(new GetResourcePolicyCommand({ ResourceArn: arn }))],
    [
      "PutResourcePolicy",
      DENIED,
      ({ own }) =>
        own.dynamodb.send(
          new PutResourcePolicyCommand({
            ResourceArn: arn,
            Policy: JSON.stringify({
              Version: "2012-10-17",
              Statement: [{ Effect: "Allow", Principal: "*", Action: "dynamodb:GetItem", Resource: arn }],
            }),
          }),
        ),
    ],
    [
      "DeleteResourcePolicy",
      DENIED,
      ({ own }) => own.dynamodb.send(new DeleteResourcePolicyCommand({ ResourceArn: arn })),
    ],
    ["ListStreams", DENIED, ({ own }) => own.streams.send(new ListStreamsCommand({}))],
    [
      "GetRecords with an iterator of somebody else",
      DENIED,
      async (scene) =>
        scene.own.streams.send(new GetRecordsCommand({ ShardIterator: await iteratorOf(scene, "data") })),
    ],
    [
      "control: root lists the tables",
      "allowed",
      async ({ root }) => expect((await root.dynamodb.send(new ListTablesCommand({}))).TableNames).toContain(DATA),
    ],
    [
      "control: root scans the registry, which holds no PHI",
      "allowed",
      ({ root }) => root.dynamodb.send(new ScanCommand({ TableName: tableName(SITE, "registry") })),
    ],
    ["root does not scan charts", DENIED, ({ root }) => root.dynamodb.send(new ScanCommand({ TableName: DATA }))],
    ["root does not read a chart", DENIED, ({ root, a }) => get(root, c(a, "C"))],
    ["root does not query charts by PartiQL", DENIED, ({ root }) => statement(root, `SELECT * FROM "${DATA}"`)],
    [
      "root does not export charts",
      DENIED,
      ({ root }) => root.dynamodb.send(new ExportTableToPointInTimeCommand(pitr)),
    ],
    [
      "control: the archive function reads the outbox's stream",
      "allowed",
      async (scene) => {
        const hands = scene.hands(functionCredentials(scene.world, "archive"));
        const ShardIterator = await iteratorOf(scene, "outbox");
        expect((await hands.streams.send(new GetRecordsCommand({ ShardIterator }))).Records).toBeDefined();
      },
    ],
    [
      "the archive function does not read the data stream",
      DENIED,
      async (scene) =>
        scene
          .hands(functionCredentials(scene.world, "archive"))
          .streams.send(new GetRecordsCommand({ ShardIterator: await iteratorOf(scene, "data") })),
    ],
  ];
  describe("AW-02 calls without a key", () => probes("AW-02", use, rows));
}
