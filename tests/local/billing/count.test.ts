import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import {
  CreateKeyCommand,
  EncryptCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
} from "@aws-sdk/client-kms";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cloud, createCloud, createVirtualClock, type VirtualClock } from "../../../scripts/local/front/index.ts";

const HOUR_MS = 3_600_000;
const START_MS = Date.parse("2026-11-22T08:00:00Z");
let clock: VirtualClock;
let cloud: Cloud;
const clients: { destroy(): void }[] = [];

interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}
function use<T extends { destroy(): void }>(
  make: new (options: {
    endpoint: string;
    region: string;
    credentials: Key;
    forcePathStyle: boolean;
    systemClockOffset: number;
    maxAttempts: number;
  }) => T,
  credentials: Key = { ...cloud.rootCredentials },
): T {
  const systemClockOffset = clock.now() - Date.now();
  const { endpoint, region } = cloud;
  const client = new make({ endpoint, region, credentials, forcePathStyle: true, systemClockOffset, maxAttempts: 1 });
  clients.push(client);
  return client;
}

beforeEach(async () => {
  clock = createVirtualClock({ startMs: START_MS });
  cloud = await createCloud({ clock });
  const key = (AttributeName: string) => ({ AttributeName, AttributeType: "S" });
  cloud.dynamodb.createTable({
    TableName: "notes",
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [key("pk"), key("g")],
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    GlobalSecondaryIndexes: [
      {
        IndexName: "by-g",
        KeySchema: [{ AttributeName: "g", KeyType: "HASH" }],
        Projection: { ProjectionType: "KEYS_ONLY" },
      },
    ],
  });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await cloud.close();
  await clock.close();
});

const rows = () => cloud.billing.rows({ keys: cloud.kms.billedKeys(), recoverable: cloud.dynamodb.recoverable() });
/** Units by SKU, index and cause, of what is not merely there. */
const counted = (): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { sku, detail, cause, units } of rows().filter((row) => row.cause !== "stored")) {
    const name = [sku, detail, cause].filter((part) => part !== null).join(" ");
    sums[name] = (sums[name] ?? 0) + Number(units);
  }
  return sums;
};
const text = (kilobytes: number) => ({ S: "x".repeat(kilobytes * 1024 - 100) });

describe("COST-2 what DynamoDB bills", () => {
  it("COST-2 counts half-units by table and index, whether the caller asks for them or not", async () => {
    const table = use(DynamoDBClient);
    const Item = { pk: { S: "a" }, g: { S: "x" }, body: text(3) };
    await table.send(new PutItemCommand({ TableName: "notes", Item }));
    await table.send(new GetItemCommand({ TableName: "notes", Key: { pk: Item.pk }, ConsistentRead: true }));
    await table.send(new GetItemCommand({ TableName: "notes", Key: { pk: { S: "none" } } }));
    const values = { ":g": { S: "x" } };
    await table.send(
      new QueryCommand({
        TableName: "notes",
        IndexName: "by-g",
        KeyConditionExpression: "g = :g",
        ExpressionAttributeValues: values,
      }),
    );
    await table.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: "notes", Item } }] }));
    expect(counted()).toEqual({
      "dynamodb-rru request": 3,
      "dynamodb-rru by-g request": 1,
      "dynamodb-wru request": 2 * (3 + 2 * 3),
      "dynamodb-wru by-g request": 2,
    });
  });

  it("COST-2 bills a failed condition by the item that is there, and a cancelled transaction twice for each item", async () => {
    const table = use(DynamoDBClient);
    const put = (pk: string, kilobytes: number, ConditionExpression?: string) => ({
      TableName: "notes",
      Item: { pk: { S: pk }, body: text(kilobytes) },
      ...(ConditionExpression === undefined ? {} : { ConditionExpression }),
    });
    await table.send(new PutItemCommand(put("a", 3)));
    const isNew = "attribute_not_exists(pk)";
    await expect(table.send(new PutItemCommand(put("a", 9, isNew)))).rejects.toThrow("conditional");
    await expect(table.send(new PutItemCommand(put("b", 9, "attribute_exists(pk)")))).rejects.toThrow("conditional");
    expect(counted()["dynamodb-wru failed-condition"]).toBe(2 * (3 + 1));
    const transaction = new TransactWriteItemsCommand({
      TransactItems: [{ Put: put("c", 5) }, { Put: put("a", 1, isNew) }],
    });
    await expect(table.send(transaction)).rejects.toThrow("cancelled");
    expect(counted()["dynamodb-wru cancelled"]).toBe(2 * 2 * (5 + 3));
  });

  it("COST-2 bills what lies there by the hour: items with their overhead, index entries, and recovery", async () => {
    const table = use(DynamoDBClient);
    cloud.dynamodb.setPointInTimeRecovery("notes", true);
    const key = { pk: { S: "a" } };
    await table.send(new PutItemCommand({ TableName: "notes", Item: { ...key, g: { S: "x" }, body: { S: "12345" } } }));
    await clock.advance(2 * HOUR_MS);
    const later = use(DynamoDBClient);
    await later.send(
      new UpdateItemCommand({
        TableName: "notes",
        Key: key,
        UpdateExpression: "REMOVE g SET body = :b",
        ExpressionAttributeValues: { ":b": { S: "1" } },
      }),
    );
    await clock.advance(HOUR_MS);
    await use(DynamoDBClient).send(new DeleteItemCommand({ TableName: "notes", Key: key }));
    await clock.advance(HOUR_MS);
    const stored = (sku: string, detail: string | null) =>
      rows().flatMap((row) => (row.sku === sku && row.detail === detail ? [`${row.hour.slice(11)} ${row.units}`] : []));
    const [whole, entry, less] = [2 + 1 + (1 + 1) + (4 + 5) + 100, 2 + 1 + (1 + 1) + 100, 2 + 1 + (4 + 1) + 100];
    expect(stored("dynamodb-storage", null)).toEqual([`08 ${whole}`, `09 ${whole}`, `10 ${less}`]);
    expect(stored("dynamodb-storage", "by-g")).toEqual([`08 ${entry}`, `09 ${entry}`]);
    expect(stored("dynamodb-pitr", null)).toEqual([`08 ${whole}`, `09 ${whole}`, `10 ${less}`]);
  });
});

describe("COST-2 what the other services bill", () => {
  it("COST-2 S3 by class, with refusals and without deletions, and every version by the hour", async () => {
    cloud.s3.putBucket({ name: "letters", versioning: "Enabled" });
    const s3 = use(S3Client);
    const object = { Bucket: "letters", Key: "a" };
    await s3.send(new PutObjectCommand({ ...object, Body: "1234567890" }));
    await s3.send(new PutObjectCommand({ ...object, Body: "12345" }));
    await expect(s3.send(new PutObjectCommand({ ...object, Body: "1", IfNoneMatch: "*" }))).rejects.toThrow();
    await s3.send(new GetObjectCommand(object)).then(({ Body }) => Body?.transformToString());
    await expect(s3.send(new GetObjectCommand({ ...object, Key: "none" }))).rejects.toThrow();
    await s3.send(new ListObjectsV2Command({ Bucket: "letters" }));
    await s3.send(new DeleteObjectCommand(object));
    expect(counted()).toEqual({ "s3-put-requests request": 4, "s3-get-requests request": 2 });
    await clock.advance(HOUR_MS);
    expect(rows().find(({ sku }) => sku === "s3-standard")).toMatchObject({ resourceId: "letters", units: 15n });
  });

  it("COST-2 KMS by kind, and a key by the hour", async () => {
    const kms = use(KMSClient);
    const make = (KeySpec: "SYMMETRIC_DEFAULT" | "ECC_NIST_P256", KeyUsage: "ENCRYPT_DECRYPT" | "SIGN_VERIFY") =>
      kms.send(new CreateKeyCommand({ KeySpec, KeyUsage })).then(({ KeyMetadata }) => KeyMetadata?.Arn);
    const plain = await make("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    const signs = await make("ECC_NIST_P256", "SIGN_VERIFY");
    await kms.send(new EncryptCommand({ KeyId: plain, Plaintext: Buffer.from("x") }));
    await kms.send(new SignCommand({ KeyId: signs, Message: Buffer.from("x"), SigningAlgorithm: "ECDSA_SHA_256" }));
    await kms.send(new GetPublicKeyCommand({ KeyId: signs }));
    await kms.send(new GenerateDataKeyPairWithoutPlaintextCommand({ KeyId: plain, KeyPairSpec: "ECC_NIST_P256" }));
    expect(counted()).toEqual({
      "kms-requests request": 3,
      "kms-asymmetric-requests request": 2,
      "kms-ecc-key-pairs request": 1,
    });
    await clock.advance(2 * HOUR_MS);
    expect(rows().filter(({ sku, resourceId }) => sku === "kms-keys" && resourceId === plain)).toHaveLength(2);
  });

  it("COST-2 what a role does that a function assumed is the function's, and everybody else is outside", async () => {
    const trust = {
      Version: "2012-10-17" as const,
      Statement: [{ Effect: "Allow" as const, Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
    };
    const anything = {
      Version: "2012-10-17" as const,
      Statement: [{ Effect: "Allow" as const, Action: "*", Resource: "*" }],
    };
    cloud.iam.users.put({ name: "fn", policies: { anything } });
    const { arn } = cloud.iam.roles.put({ name: "tenant", trust, policies: { anything } });
    const own = cloud.iam.users.createAccessKey("fn");
    cloud.billing.owns(own.accessKeyId, "keyward-dev-clinic");
    const { Credentials: session } = await use(STSClient, own).send(
      new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: "request" }),
    );
    const assumed = {
      accessKeyId: session?.AccessKeyId ?? "",
      secretAccessKey: session?.SecretAccessKey ?? "",
      sessionToken: session?.SessionToken ?? "",
    };
    const get = () => new GetItemCommand({ TableName: "notes", Key: { pk: { S: "a" } } });
    await use(DynamoDBClient, assumed).send(get());
    await use(DynamoDBClient).send(get());
    expect(rows().map(({ sku, by, units }) => `${sku} ${by} ${units}`)).toEqual([
      "dynamodb-rru keyward-dev-clinic 1",
      "dynamodb-rru outside 1",
      "sts-requests keyward-dev-clinic 1",
    ]);
  });
});
