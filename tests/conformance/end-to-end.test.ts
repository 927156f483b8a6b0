import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { CloudTrailClient, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import { CreateKeyCommand, DecryptCommand, GenerateDataKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { PolicyDocument } from "../../core/iam/document.ts";
import { probe } from "./deviations.ts";
import { isPeer, target, type Target } from "./target.ts";

/** Two tenants, one table, one key: what a session of tenant `a` reaches. Clients know the endpoint from the environment only. */
const ACCOUNT = "111122223333";
const TABLE = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/ehr`;
const EXEC = `arn:aws:iam::${ACCOUNT}:role/lambda-exec`;
const DATA = `arn:aws:iam::${ACCOUNT}:role/ehr-data`;
type Credentials = Target["credentials"];
type Call = () => Promise<unknown>;

const s = (value: string) => ({ S: value });
const key = (pk: string, sk = "p1") => ({ pk: s(pk), sk: s(sk) });
const document = (...Statement: PolicyDocument["Statement"]): PolicyDocument => ({ Version: "2012-10-17", Statement });

describe.skipIf(isPeer)("end to end: a tenant's session", () => {
  let place: Target;
  let keyArn: string;
  let exec: STSClient;
  let tenant: { dynamodb: DynamoDBClient; kms: KMSClient; sts: STSClient };
  let ciphertext: Uint8Array | undefined;
  const environment: Readonly<Record<string, string | undefined>> = { ...process.env };
  const open: { destroy(): void }[] = [];
  const keep = <T extends { destroy(): void }>(client: T): T => {
    open.push(client);
    return client;
  };

  const sessionPolicy = (name: string): PolicyDocument =>
    document(
      {
        Effect: "Allow",
        Action: [
          "GetItem",
          "PutItem",
          "UpdateItem",
          "DeleteItem",
          "Query",
          "BatchGetItem",
          "BatchWriteItem",
          "ConditionCheckItem",
        ].map((action) => `dynamodb:${action}`),
        Resource: [TABLE, `${TABLE}/index/*`],
        Condition: {
          "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [`T#${name}`, `T#${name}#*`] },
          Null: { "dynamodb:LeadingKeys": "false" },
        },
      },
      {
        Effect: "Allow",
        Action: ["kms:GenerateDataKey", "kms:Decrypt"],
        Resource: keyArn,
        Condition: { StringEquals: { "kms:EncryptionContext:tenant": name } },
      },
    );
  const credentialsOf = async (
    sts: STSClient,
    input: { RoleArn: string; RoleSessionName: string; Policy?: string; Tags?: { Key: string; Value: string }[] },
  ): Promise<Credentials> => {
    const { Credentials: issued } = await sts.send(new AssumeRoleCommand(input));
    return {
      accessKeyId: issued?.AccessKeyId ?? "",
      secretAccessKey: issued?.SecretAccessKey ?? "",
      sessionToken: issued?.SessionToken ?? "",
    };
  };
  const assumeTenant = (name: string, policy = sessionPolicy(name)): Promise<Credentials> =>
    credentialsOf(exec, {
      RoleArn: DATA,
      RoleSessionName: `t-${name}`,
      Policy: JSON.stringify(policy),
      Tags: [{ Key: "tenant", Value: name }],
    });

  beforeAll(async () => {
    place = await target();
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: place.endpoint,
      AWS_REGION: place.region,
      AWS_ACCESS_KEY_ID: place.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: place.credentials.secretAccessKey,
      AWS_MAX_ATTEMPTS: "1",
    });
    const admin = keep(new DynamoDBClient({}));
    await admin.send(
      new CreateTableCommand({
        TableName: "ehr",
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: ["pk", "sk", "gpk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: "gsi1",
            KeySchema: [{ AttributeName: "gpk", KeyType: "HASH" }],
            Projection: { ProjectionType: "ALL" },
          },
        ],
        StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
      }),
    );
    await admin.send(new PutItemCommand({ TableName: "ehr", Item: { ...key("T#b"), gpk: s("T#b#mrn") } }));
    keyArn = (await keep(new KMSClient({})).send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? "";
    const roles = place.cloud?.iam.roles;
    roles?.put({
      name: "lambda-exec",
      trust: document({
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/administrator` },
        Action: "sts:AssumeRole",
      }),
      policies: { vend: document({ Effect: "Allow", Action: ["sts:AssumeRole", "sts:TagSession"], Resource: DATA }) },
    });
    roles?.put({
      name: "ehr-data",
      trust: document({
        Effect: "Allow",
        Principal: { AWS: EXEC },
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: { StringLike: { "aws:RequestTag/tenant": "*" } },
      }),
      policies: {
        data: document(
          { Effect: "Allow", Action: "dynamodb:*", Resource: [TABLE, `${TABLE}/index/*`] },
          {
            Effect: "Allow",
            Action: ["kms:GenerateDataKey", "kms:Decrypt"],
            Resource: keyArn,
            Condition: { StringEquals: { "kms:EncryptionContext:tenant": "${aws:PrincipalTag/tenant}" } },
          },
        ),
      },
    });
    exec = keep(
      new STSClient({
        credentials: await credentialsOf(keep(new STSClient({})), { RoleArn: EXEC, RoleSessionName: "fn" }),
      }),
    );
    const credentials = await assumeTenant("a");
    tenant = {
      dynamodb: keep(new DynamoDBClient({ credentials })),
      kms: keep(new KMSClient({ credentials })),
      sts: keep(new STSClient({ credentials })),
    };
    const made = await tenant.kms.send(
      new GenerateDataKeyCommand({ KeyId: keyArn, KeySpec: "AES_256", EncryptionContext: { tenant: "a" } }),
    );
    ciphertext = made.CiphertextBlob;
  });
  afterAll(async () => {
    for (const client of open) client.destroy();
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
    await place.close();
  });

  const query = (pk: string, more: object = {}) =>
    tenant.dynamodb.send(
      new QueryCommand({
        TableName: "ehr",
        KeyConditionExpression: "pk = :p",
        ExpressionAttributeValues: { ":p": s(pk) },
        ...more,
      }),
    );
  const queryIndex = (gpk: string) => query(gpk, { IndexName: "gsi1", KeyConditionExpression: "gpk = :p" });
  const check = (pk: string) => ({
    ConditionCheck: { TableName: "ehr", Key: key(pk), ConditionExpression: "attribute_exists(pk)" },
  });
  const put = (pk: string, sk: string) => ({ Put: { TableName: "ehr", Item: key(pk, sk) } });
  const dataKey = (EncryptionContext?: Record<string, string>) =>
    tenant.kms.send(
      new GenerateDataKeyCommand({
        KeyId: keyArn,
        KeySpec: "AES_256",
        ...(EncryptionContext === undefined ? {} : { EncryptionContext }),
      }),
    );

  const probes: readonly (readonly [title: string, expected: "allow" | "deny", call: Call])[] = [
    [
      "PutItem of the own tenant",
      "allow",
      () => tenant.dynamodb.send(new PutItemCommand({ TableName: "ehr", Item: { ...key("T#a"), gpk: s("T#a#mrn") } })),
    ],
    [
      "PutItem of another tenant",
      "deny",
      () => tenant.dynamodb.send(new PutItemCommand({ TableName: "ehr", Item: key("T#b", "p9") })),
    ],
    [
      "GetItem of another tenant",
      "deny",
      () => tenant.dynamodb.send(new GetItemCommand({ TableName: "ehr", Key: key("T#b") })),
    ],
    [
      "GetItem of a tenant whose name begins alike",
      "deny",
      () => tenant.dynamodb.send(new GetItemCommand({ TableName: "ehr", Key: key("T#ab") })),
    ],
    [
      "BatchGetItem with one foreign key",
      "deny",
      () =>
        tenant.dynamodb.send(new BatchGetItemCommand({ RequestItems: { ehr: { Keys: [key("T#a"), key("T#b")] } } })),
    ],
    [
      "BatchWriteItem with one foreign key",
      "deny",
      () =>
        tenant.dynamodb.send(
          new BatchWriteItemCommand({
            RequestItems: { ehr: [{ PutRequest: { Item: key("T#a", "q") } }, { DeleteRequest: { Key: key("T#b") } }] },
          }),
        ),
    ],
    [
      "TransactWriteItems of own keys",
      "allow",
      () => tenant.dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [put("T#a", "x"), check("T#a")] })),
    ],
    [
      "TransactWriteItems with one foreign ConditionCheck",
      "deny",
      () => tenant.dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [put("T#a", "y"), check("T#b")] })),
    ],
    [
      "TransactGetItems of another tenant",
      "deny",
      () =>
        tenant.dynamodb.send(
          new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName: "ehr", Key: key("T#b") } }] }),
        ),
    ],
    ["Query of the own tenant", "allow", () => query("T#a")],
    [
      "Query of another tenant behind an alias and parentheses",
      "deny",
      () =>
        query("T#b", {
          KeyConditionExpression: "(#k = :p) AND begins_with(sk, :s)",
          ExpressionAttributeNames: { "#k": "pk" },
          ExpressionAttributeValues: { ":p": s("T#b"), ":s": s("p") },
        }),
    ],
    ["Query of an index by an own key", "allow", () => queryIndex("T#a#mrn")],
    ["Query of an index by a foreign key", "deny", () => queryIndex("T#b#mrn")],
    [
      "Scan, which the session does not allow",
      "deny",
      () => tenant.dynamodb.send(new ScanCommand({ TableName: "ehr" })),
    ],
    [
      "Scan where the session allows it under ForAllValues alone: AWS's trap",
      "allow",
      async () => {
        const trap = document({
          Effect: "Allow",
          Action: "dynamodb:Scan",
          Resource: TABLE,
          Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["T#a"] } },
        });
        await keep(new DynamoDBClient({ credentials: await assumeTenant("a", trap) })).send(
          new ScanCommand({ TableName: "ehr" }),
        );
      },
    ],
    ["DescribeTable", "deny", () => tenant.dynamodb.send(new DescribeTableCommand({ TableName: "ehr" }))],
    ["GenerateDataKey for the own tenant", "allow", () => dataKey({ tenant: "a" })],
    [
      "Decrypt for the own tenant",
      "allow",
      () => tenant.kms.send(new DecryptCommand({ CiphertextBlob: ciphertext, EncryptionContext: { tenant: "a" } })),
    ],
    ["GenerateDataKey for another tenant", "deny", () => dataKey({ tenant: "b" })],
    ["GenerateDataKey without a context", "deny", () => dataKey()],
    [
      "AssumeRole without the tenant tag",
      "deny",
      () => exec.send(new AssumeRoleCommand({ RoleArn: DATA, RoleSessionName: "x1" })),
    ],
    [
      "AssumeRole by the tenant's session",
      "deny",
      () =>
        tenant.sts.send(
          new AssumeRoleCommand({ RoleArn: DATA, RoleSessionName: "x1", Tags: [{ Key: "tenant", Value: "b" }] }),
        ),
    ],
  ];
  for (const [index, [title, expected, call]] of probes.entries()) {
    probe(`e2e-${String(index + 1).padStart(2, "0")}`, `${title}: ${expected}`, async () => {
      const decision = await call().then(
        () => "allow",
        (error: Error) => (error.name.startsWith("AccessDenied") ? "deny" : `${error.name}: ${error.message}`),
      );
      expect(decision).toBe(expected);
    });
  }

  probe("e2e-trail", "is in the trail call by call; LookupEvents shows keys and roles, never items", async () => {
    const own = place.cloud?.trail.records({ username: "t-a" }) ?? [];
    expect(own.filter((record) => record.errorCode !== undefined).length).toBeGreaterThanOrEqual(12);
    expect(own.every((record) => JSON.stringify(record.userIdentity).includes("ehr-data"))).toBe(true);
    const trail = keep(new CloudTrailClient({}));
    const { Events } = await trail.send(
      new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: "Username", AttributeValue: "t-a" }] }),
    );
    const names = new Set((Events ?? []).map((event) => event.EventName));
    expect(names).toEqual(new Set(["GenerateDataKey", "Decrypt", "AssumeRole", "DescribeTable"]));
    const generated = (Events ?? []).find(
      (event) => event.EventName === "GenerateDataKey" && !event.CloudTrailEvent?.includes("errorCode"),
    );
    expect(JSON.parse(generated?.CloudTrailEvent ?? "{}")).toMatchObject({
      requestParameters: { encryptionContext: { tenant: "a" } },
    });
  });
});
