import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateBackupCommand,
  DeleteItemCommand,
  DeleteResourcePolicyCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  ExecuteStatementCommand,
  ExecuteTransactionCommand,
  ExportTableToPointInTimeCommand,
  GetItemCommand,
  GetResourcePolicyCommand,
  ListTablesCommand,
  PutItemCommand,
  PutResourcePolicyCommand,
  QueryCommand,
  RestoreTableToPointInTimeCommand,
  ScanCommand,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from "@aws-sdk/client-dynamodb-streams";
import { describe, expect, it } from "vitest";
import { archiveBucketName, tableArn, tableName } from "../../../core/iam/index.ts";
import { boundaryViolations, tables, type TableDefinition } from "../../../core/table/definitions.ts";
import { type AttributeValue } from "@aws-sdk/client-dynamodb";
import { functionCredentials, type Hands, itemsOf, outcome, text } from "../aws.ts";
import { newTestId, SITE } from "../world.ts";
import { key, partition, type Probe, probes, type Scene, SORT, STORED_CLASSES, type Use } from "./scene.ts";

const DATA = tableName(SITE, "data");
const OUTBOX = tableName(SITE, "outbox");
const KEYS = tableName(SITE, "keys");
const DENIED = "AccessDeniedException";
const DAY = "2026-11-22";

const get = ({ dynamodb }: Hands, pk: string, table = DATA, sk = SORT) =>
  dynamodb.send(new GetItemCommand({ TableName: table, Key: key(pk, sk) }));
const query = ({ dynamodb }: Hands, pk: string, table = DATA) =>
  dynamodb.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: "pk = :p",
      ExpressionAttributeValues: { ":p": text(pk) },
    }),
  );
const queryIndex = ({ dynamodb }: Hands, gpk: string, IndexName = "gsi1") =>
  dynamodb.send(
    new QueryCommand({
      TableName: DATA,
      IndexName,
      KeyConditionExpression: "gpk = :p",
      ExpressionAttributeValues: { ":p": text(gpk) },
    }),
  );
const write = ({ dynamodb }: Hands, ...TransactItems: TransactWriteItem[]) =>
  dynamodb.send(new TransactWriteItemsCommand({ TransactItems }));
const statement = ({ dynamodb }: Hands, Statement: string, ...Parameters: AttributeValue[]) =>
  dynamodb.send(new ExecuteStatementCommand({ Statement, ...(Parameters.length > 0 && { Parameters }) }));

const put = (pk: string, sk = SORT, TableName = DATA): TransactWriteItem => ({ Put: { TableName, Item: key(pk, sk) } });
const check = (pk: string): TransactWriteItem => ({
  ConditionCheck: { TableName: DATA, Key: key(pk), ConditionExpression: "attribute_exists(pk)" },
});
const update = (pk: string): TransactWriteItem => ({
  Update: {
    TableName: DATA,
    Key: key(pk),
    UpdateExpression: "SET n = :n",
    ExpressionAttributeValues: { ":n": { N: "1" } },
  },
});
const remove = (pk: string): TransactWriteItem => ({ Delete: { TableName: DATA, Key: key(pk) } });
const c = partition;

export function foreignKeys(use: Use): void {
  describe("AW-01 foreign keys", () => {
    const everyClass = async (call: (scene: Scene, pk: string) => Promise<unknown>): Promise<void> => {
      const scene = use();
      for (const dataClass of STORED_CLASSES) {
        expect(await outcome(call(scene, c(scene.b, dataClass)))).toBe(DENIED);
      }
    };
    it("AW-01 GetItem of B's row, in every class", () => everyClass(({ own }, pk) => get(own, pk)));
    it("AW-01 Query of B's partition, in every class", () => everyClass(({ own }, pk) => query(own, pk)));
    it("AW-01 Query of B's index partition, in every class", async () => {
      for (const dataClass of STORED_CLASSES) {
        expect(await outcome(queryIndex(use().own, c(use().b, dataClass, "IX")))).toBe(DENIED);
      }
    });
    it("AW-01 BatchGetItem with one of B's keys among A's", () =>
      everyClass(({ own, a }, pk) =>
        own.dynamodb.send(
          new BatchGetItemCommand({ RequestItems: { [DATA]: { Keys: [key(c(a, "C")), key(c(a, "D")), key(pk)] } } }),
        ),
      ));
    it("AW-01 TransactGetItems with one of B's keys among A's", () =>
      everyClass(({ own, a }, pk) =>
        own.dynamodb.send(
          new TransactGetItemsCommand({
            TransactItems: [c(a, "C"), pk].map((each) => ({ Get: { TableName: DATA, Key: key(each) } })),
          }),
        ),
      ));
    it("AW-01 TransactWriteItems with one of B's keys among A's writes nothing at all", async () => {
      const { own, a, b, world } = use();
      const before = itemsOf(world, "data");
      for (const foreign of [put, check, update, remove]) {
        const mixed = write(own, put(c(a, "C"), "R#Observation#mixed"), foreign(c(b, "C")));
        expect(await outcome(mixed)).toBe(DENIED);
      }
      expect(itemsOf(world, "data")).toEqual(before);
    });
    probes("AW-01", use, [
      ["B's wrapped key", DENIED, ({ own, b }) => get(own, `T#${b}#C#K`, KEYS, "v#000001")],
      ["B's wrapped keys", DENIED, ({ own, b }) => query(own, `T#${b}#D#K`, KEYS)],
      ["an event in B's outbox", DENIED, ({ own, b }) => write(own, put(c(b, "A", DAY), newTestId(), OUTBOX))],
      [
        "an event in B's outbox, outside a transaction",
        DENIED,
        ({ own, b }) =>
          own.dynamodb.send(new PutItemCommand({ TableName: OUTBOX, Item: key(c(b, "A", DAY), newTestId()) })),
      ],
    ]);
    it("AW-01 control: the same calls on A's own rows are allowed and find them", async () => {
      const { own, a } = use();
      expect((await get(own, c(a, "C"))).Item).toBeDefined();
      expect((await query(own, c(a, "D"))).Count).toBe(1);
      expect((await queryIndex(own, c(a, "C", "IX"))).Count).toBe(1);
      const batch = new BatchGetItemCommand({ RequestItems: { [DATA]: { Keys: [key(c(a, "C")), key(c(a, "D"))] } } });
      expect((await own.dynamodb.send(batch)).Responses?.[DATA]).toHaveLength(2);
      const transaction = new TransactGetItemsCommand({
        TransactItems: [{ Get: { TableName: DATA, Key: key(c(a, "C")) } }],
      });
      expect((await own.dynamodb.send(transaction)).Responses?.[0]?.Item).toBeDefined();
      expect(await outcome(write(own, put(c(a, "C"), "R#Observation#own"), check(c(a, "D")), update(c(a, "C"))))).toBe(
        "allowed",
      );
      expect((await get(own, `T#${a}#C#K`, KEYS, "v#000001")).Item).toBeDefined();
      expect(await outcome(write(own, put(c(a, "A", DAY), newTestId(), OUTBOX)))).toBe("allowed");
    });
  });
}

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

export function existenceOracles(use: Use): void {
  const asking = (pk: string, ConditionExpression: string): TransactWriteItem => ({
    ConditionCheck: {
      TableName: DATA,
      Key: key(pk),
      ConditionExpression,
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  });
  describe("AW-03 existence oracles", () => {
    it("AW-03 a condition on B's row tells neither that it is there nor that it is not", async () => {
      const { own, b } = use();
      const answers = await Promise.all(
        [c(b, "C"), c(b, "C", `P#${newTestId()}`)].flatMap((pk) =>
          ["attribute_exists(pk)", "attribute_not_exists(pk)"].map((condition) =>
            write(own, asking(pk, condition)).then(
              () => "allowed",
              (error: unknown) => (error as Error).message.replaceAll(/P#\w+/g, ""),
            ),
          ),
        ),
      );
      expect(new Set(answers).size).toBe(1);
      expect(answers[0]).toContain("dynamodb:ConditionCheckItem");
      expect(answers[0]).not.toContain(b);
    });
    it("AW-03 control: a condition on A's own row is judged", async () => {
      const { own, a } = use();
      expect(await outcome(write(own, check(c(a, "C"))))).toBe("allowed");
      expect(await outcome(write(own, check(c(a, "C", "P#none"))))).toBe("TransactionCanceledException");
    });
    probes("AW-03", use, [
      [
        "UpdateItem that gives back what is there",
        DENIED,
        ({ own, a }) =>
          own.dynamodb.send(
            new UpdateItemCommand({
              TableName: DATA,
              Key: key(c(a, "C")),
              UpdateExpression: "SET n = :n",
              ExpressionAttributeValues: { ":n": { N: "1" } },
              ReturnValues: "ALL_NEW",
            }),
          ),
      ],
      [
        "a write in a transaction that gives back what is there when it fails",
        DENIED,
        ({ own, a }) =>
          write(own, {
            Put: {
              TableName: DATA,
              Item: key(c(a, "C")),
              ConditionExpression: "attribute_not_exists(pk)",
              ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            },
          }),
      ],
      [
        "the same on an event of the own outbox",
        DENIED,
        ({ own, a }) =>
          own.dynamodb.send(
            new PutItemCommand({
              TableName: OUTBOX,
              Item: key(c(a, "A", DAY), newTestId()),
              ConditionExpression: "attribute_not_exists(pk)",
              ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            }),
          ),
      ],
      [
        "a table that does not exist is refused like one that does",
        DENIED,
        ({ own, a }) => get(own, c(a, "C"), "keyward-dev-c02-data"),
      ],
    ]);
  });
}

export function plainWrites(use: Use): void {
  const sort = "R#Observation#plain";
  describe("AW-04 writes outside a transaction", () => {
    probes("AW-04", use, [
      [
        "PutItem",
        DENIED,
        ({ own, a }) => own.dynamodb.send(new PutItemCommand({ TableName: DATA, Item: key(c(a, "C"), sort) })),
      ],
      [
        "UpdateItem",
        DENIED,
        ({ own, a }) =>
          own.dynamodb.send(
            new UpdateItemCommand({
              TableName: DATA,
              Key: key(c(a, "C")),
              UpdateExpression: "SET n = :n",
              ExpressionAttributeValues: { ":n": { N: "1" } },
            }),
          ),
      ],
      [
        "DeleteItem",
        DENIED,
        ({ own, a }) => own.dynamodb.send(new DeleteItemCommand({ TableName: DATA, Key: key(c(a, "C")) })),
      ],
      [
        "BatchWriteItem",
        DENIED,
        ({ own, a }) =>
          own.dynamodb.send(
            new BatchWriteItemCommand({ RequestItems: { [DATA]: [{ PutRequest: { Item: key(c(a, "C"), sort) } }] } }),
          ),
      ],
      ["a deletion inside a transaction", DENIED, ({ own, a }) => write(own, remove(c(a, "C")))],
      ["a wrapped key", DENIED, ({ own, a }) => write(own, put(`T#${a}#C#K`, "v#000002", KEYS))],
      ["control: a put in a transaction", "allowed", ({ own, a }) => write(own, put(c(a, "C"), sort))],
      ["control: an update in a transaction", "allowed", ({ own, a }) => write(own, update(c(a, "C")))],
    ]);
    it("AW-04 nothing of the refused writes is there", () => {
      const { world, a } = use();
      const own = itemsOf(world, "data").filter((item) => item["pk"]?.S === c(a, "C"));
      expect(own.map((item) => item["sk"]?.S)).toContain(SORT);
      expect(itemsOf(world, "keys").filter((item) => item["sk"]?.S === "v#000002")).toEqual([]);
    });
  });
}

export function indexBypass(use: Use): void {
  describe("AW-06 index bypass", () => {
    probes("AW-06", use, [
      [
        "an index that is not listed, with the own key",
        DENIED,
        ({ own, a }) => queryIndex(own, c(a, "C", "IX"), "gsi2"),
      ],
      ["control: the listed index", "allowed", ({ own, a }) => queryIndex(own, c(a, "C", "IX"))],
    ]);
    it("AW-06 ISO-5 every table and index that there really is has a declared boundary that holds", async () => {
      for (const definition of Object.values<TableDefinition>(tables)) {
        expect(boundaryViolations(definition)).toEqual([]);
        const TableName = tableName(SITE, definition.name as keyof typeof tables);
        const { Table } = await use().root.dynamodb.send(new DescribeTableCommand({ TableName }));
        const live = (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema }) => [
          IndexName,
          ...(KeySchema ?? []).map(({ AttributeName }) => AttributeName),
        ]);
        expect(live).toEqual(definition.indexes.map((index) => [index.name, index.partitionKey, index.sortKey]));
        expect(Table?.LocalSecondaryIndexes ?? []).toEqual([]);
        expect(Table?.KeySchema?.map(({ AttributeName }) => AttributeName)).toEqual([
          definition.partitionKey,
          definition.sortKey,
        ]);
      }
    });
    it("AW-06 ISO-5 an index by a number of the chart, or one outside the boundary, is found by the lint", () => {
      const [gsi1] = tables.data.indexes;
      const byNumber: TableDefinition = {
        ...tables.data,
        indexes: [...tables.data.indexes, { ...gsi1, name: "gsi2", partitionKey: "mrn" }],
      };
      expect(boundaryViolations(byNumber)).toEqual([
        "index gsi2 of table data is keyed by mrn, which does not begin with the tenant",
      ]);
      const outside: TableDefinition = {
        ...tables.data,
        indexes: [{ ...gsi1, boundary: { kind: "control-plane", reason: "a report" } }],
      };
      expect(boundaryViolations(outside)).toEqual(["index gsi1 of table data leaves the tenant boundary of its table"]);
    });
  });
}

/** Spellings that look like a key of A's, each with what is wrong about it. */
function twins(a: string): readonly (readonly [why: string, pk: string])[] {
  const shorter = a.slice(0, -1);
  return [
    ["nothing after the tenant", `T#${a}`],
    ["nothing after the tenant's delimiter", `T#${a}#`],
    ["no delimiter after the class", `T#${a}#C`],
    ["a longer tenant", `T#${a}x#C#P#1`],
    ["a shorter tenant", `T#${shorter}#C#P#1`],
    ["the last character of the tenant differs", `T#${shorter}${a.endsWith("0") ? "1" : "0"}#C#P#1`],
    ["the tenant in capitals", `T#${a.toUpperCase()}#C#P#1`],
    ["a small T", `t#${a}#C#P#1`],
    ["a small class", `T#${a}#c#P#1`],
    ["a space in front", ` T#${a}#C#P#1`],
    ["a space after the tenant", `T#${a} #C#P#1`],
    ["a line break in front", `\nT#${a}#C#P#1`],
    ["a zero byte after the tenant", `T#${a}\u0000#C#P#1`],
    ["a zero-width space in the tenant", `T#\u200b${a}#C#P#1`],
    ["a full-width delimiter", `T＃${a}#C#P#1`],
    ["an asterisk for the tenant", "T#*#C#P#1"],
    ["question marks for the tenant", `T#${"?".repeat(26)}#C#P#1`],
    ["the policy variable itself", "T#${aws:PrincipalTag/tenant}#C#P#1"],
    ["two classes", `T#${a}#CD#P#1`],
    ["an unknown class", `T#${a}#Z#P#1`],
    ["the tenant twice", `T#${a}#${a}#C#P#1`],
    ["something before it", `X#T#${a}#C#P#1`],
  ];
}

export function twinPrefixes(use: Use): void {
  describe("AW-07 twin prefixes", () => {
    it("AW-07 no key that only looks like one of A's is read, queried or written", async () => {
      const { own, a } = use();
      const got: Record<string, readonly string[]> = {};
      for (const [why, pk] of twins(a)) {
        got[why] = [await outcome(get(own, pk)), await outcome(query(own, pk)), await outcome(write(own, put(pk)))];
      }
      expect(got).toEqual(Object.fromEntries(twins(a).map(([why]) => [why, [DENIED, DENIED, DENIED]])));
    });
    it("AW-07 control: the key that they imitate is A's", async () => {
      const { own, a } = use();
      for (const call of [get(own, `T#${a}#C#P#1`), query(own, `T#${a}#C#P#1`), write(own, put(`T#${a}#C#P#1`))]) {
        expect(await outcome(call)).toBe("allowed");
      }
    });
  });
}
