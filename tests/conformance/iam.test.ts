import {
  BatchGetItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { PolicyDocument, Statement } from "../../core/iam/document.ts";
import { probe } from "./deviations.ts";
import { clientOptions, isPeer, target, type Target } from "./target.ts";

/**
 * The decisions of IAM as callers meet them: `notes/local-aws.md` 4.4, each through STS, the wire and a real service.
 * A call counts as allowed when it fails for any other reason than access.
 */
const ACCOUNT = "111122223333";
const TABLE = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/ehr`;
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/ehr-data/tenant-a`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/ehr-data`;
const keyArn = (keyId: string): string => `arn:aws:kms:us-east-1:${ACCOUNT}:key/${keyId}`;
const KEYS = {
  account: "11111111-1111-4111-8111-111111111111",
  other: "22222222-2222-4222-8222-222222222222",
  role: "33333333-3333-4333-8333-333333333333",
} as const;
const A = "TENANT#a";
const B = "TENANT#b";

type Condition = NonNullable<Statement["Condition"]>;
const policy = (...statements: readonly Statement[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements,
});
const allow = (
  Action: string | readonly string[],
  Resource: string | readonly string[],
  Condition?: Condition,
): Statement => ({
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});
const deny = (Action: string | readonly string[], Resource: string): Statement => ({
  Effect: "Deny",
  Action,
  Resource,
});

const rolePolicy = policy(
  allow("dynamodb:*", [TABLE, `${TABLE}/index/*`]),
  allow(["kms:GenerateDataKey", "kms:Decrypt"], [keyArn(KEYS.account), keyArn(KEYS.other)]),
  allow(["s3:PutObject", "s3:GetObject", "s3:DeleteObjectVersion", "s3:PutObjectRetention"], "arn:aws:s3:::audit/*"),
);
const ownKeys: Condition = { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [A] } };
const itemActions = [
  "GetItem",
  "BatchGetItem",
  "Query",
  "PutItem",
  "UpdateItem",
  "DeleteItem",
  "ConditionCheckItem",
  "BatchWriteItem",
  "Scan",
].map((name) => `dynamodb:${name}`);
const tenantSession = policy(allow(itemActions, [TABLE, `${TABLE}/index/*`], ownKeys));
const guardedSession = policy(
  allow(["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"], [TABLE, `${TABLE}/index/*`], {
    ...ownKeys,
    Null: { "dynamodb:LeadingKeys": "false" },
  }),
);
const taggedSession = policy(
  allow("dynamodb:*", [TABLE, `${TABLE}/index/*`], {
    "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["TENANT#${aws:PrincipalTag/tenant}"] },
    Null: { "dynamodb:LeadingKeys": "false" },
  }),
);
const keySession = policy(
  allow(["kms:GenerateDataKey", "kms:Decrypt"], [keyArn(KEYS.account), keyArn(KEYS.other), keyArn(KEYS.role)], {
    StringEquals: { "kms:EncryptionContext:tenant": "a" },
  }),
);

interface Case {
  readonly id: string;
  readonly title: string;
  readonly expected: "allow" | "deny";
  readonly role?: string;
  readonly session?: PolicyDocument;
  readonly tags?: Readonly<Record<string, string>>;
  readonly call: (clients: Clients) => Promise<unknown>;
}
interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly kms: KMSClient;
  readonly s3: S3Client;
}

const key = (pk: string) => ({ pk: { S: pk }, sk: { S: "1" } });
const get =
  (pk: string, more: object = {}) =>
  ({ dynamodb }: Clients) =>
    dynamodb.send(new GetItemCommand({ TableName: "ehr", Key: key(pk), ...more }));
const scan = ({ dynamodb }: Clients) => dynamodb.send(new ScanCommand({ TableName: "ehr" }));
const batchGet =
  (...pks: readonly string[]) =>
  ({ dynamodb }: Clients) =>
    dynamodb.send(
      new BatchGetItemCommand({
        RequestItems: { ehr: { Keys: pks.map((pk, index) => ({ pk: { S: pk }, sk: { S: String(index) } })) } },
      }),
    );
const put =
  (pk: string) =>
  ({ dynamodb }: Clients) =>
    dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: "ehr", Item: key(pk) } }] }));
const conditionCheck =
  (pk: string) =>
  ({ dynamodb }: Clients) =>
    dynamodb.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { ConditionCheck: { TableName: "ehr", Key: key(pk), ConditionExpression: "attribute_not_exists(pk)" } },
        ],
      }),
    );
const queryIndex =
  (gpk: string) =>
  ({ dynamodb }: Clients) =>
    dynamodb.send(
      new QueryCommand({
        TableName: "ehr",
        IndexName: "gsi1",
        KeyConditionExpression: "gpk = :g",
        ExpressionAttributeValues: { ":g": { S: gpk } },
      }),
    );
const remove =
  (pk: string) =>
  ({ dynamodb }: Clients) =>
    dynamodb.send(new DeleteItemCommand({ TableName: "ehr", Key: key(pk) }));
const update =
  (pk: string) =>
  ({ dynamodb }: Clients) =>
    dynamodb.send(
      new UpdateItemCommand({
        TableName: "ehr",
        Key: key(pk),
        UpdateExpression: "SET a = :a",
        ExpressionAttributeValues: { ":a": { S: "x" } },
      }),
    );
const dataKey =
  (keyId: string, tenant: string) =>
  ({ kms }: Clients) =>
    kms.send(new GenerateDataKeyCommand({ KeyId: keyId, KeySpec: "AES_256", EncryptionContext: { tenant } }));
/** Each key's ciphertext under tenant a, made before the probes. */
const ciphertexts = new Map<string, Uint8Array>();
const decrypt =
  (keyId: string, tenant: string) =>
  ({ kms }: Clients) =>
    kms.send(
      new DecryptCommand({ KeyId: keyId, CiphertextBlob: ciphertexts.get(keyId), EncryptionContext: { tenant } }),
    );
const putObject = ({ s3 }: Clients) =>
  s3.send(new PutObjectCommand({ Bucket: "audit", Key: "2026/x.json", Body: "{}" }));
const getObject =
  (bucket: string) =>
  ({ s3 }: Clients) =>
    s3.send(new GetObjectCommand({ Bucket: bucket, Key: "2026/x.json" }));
const deleteObject = ({ s3 }: Clients) => s3.send(new DeleteObjectCommand({ Bucket: "audit", Key: "2026/x.json" }));
/** The version of the object that each bucket holds from the beginning. */
const versionIds = new Map<string, string>();
const deleteVersion =
  (bucket: string) =>
  ({ s3 }: Clients) =>
    s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: "2026/x.json", VersionId: versionIds.get(bucket) }));
const getItemOnly = (Condition: Condition): PolicyDocument => policy(allow("dynamodb:GetItem", TABLE, Condition));

const cases: readonly Case[] = [
  { id: "01", title: "GetItem of the own tenant", expected: "allow", session: tenantSession, call: get(A) },
  { id: "02", title: "GetItem of another tenant", expected: "deny", session: tenantSession, call: get(B) },
  {
    id: "03",
    title: "Scan under ForAllValues alone: no key, vacuously true, AWS's trap",
    expected: "allow",
    session: tenantSession,
    call: scan,
  },
  { id: "04", title: "Scan under the Null guard", expected: "deny", session: guardedSession, call: scan },
  {
    id: "05",
    title: "BatchGetItem with one foreign key",
    expected: "deny",
    session: tenantSession,
    call: batchGet(A, B),
  },
  { id: "06", title: "BatchGetItem of own keys", expected: "allow", session: tenantSession, call: batchGet(A, A) },
  {
    id: "07",
    title: "a transaction's Put is judged as PutItem",
    expected: "deny",
    session: tenantSession,
    call: put(B),
  },
  {
    id: "08",
    title: "a transaction's ConditionCheck of the own tenant",
    expected: "allow",
    session: tenantSession,
    call: conditionCheck(A),
  },
  {
    id: "09",
    title: "Query of an index by the index's own leading key",
    expected: "allow",
    session: tenantSession,
    call: queryIndex(A),
  },
  {
    id: "10",
    title: "Query of an index that only the table's ARN was allowed for",
    expected: "deny",
    session: policy(allow("dynamodb:Query", TABLE, ownKeys)),
    call: queryIndex(A),
  },
  {
    id: "11",
    title: "an explicit Deny in the session",
    expected: "deny",
    session: policy(allow("dynamodb:*", "*"), deny("dynamodb:DeleteItem", "*")),
    call: remove(A),
  },
  {
    id: "12",
    title: "a session that allows more than its role",
    expected: "deny",
    session: policy(allow("*", "*")),
    call: deleteObject,
  },
  {
    id: "13",
    title: "a role that allows more than its session",
    expected: "deny",
    session: tenantSession,
    call: putObject,
  },
  {
    id: "14",
    title: "wildcards in action and resource",
    expected: "allow",
    session: policy(allow("dynamodb:*Item", TABLE.replace("/ehr", "/e?r"))),
    call: update(A),
  },
  {
    id: "15",
    title: "an action in other letter case",
    expected: "allow",
    session: policy(allow("DynamoDB:getitem", TABLE)),
    call: get(A),
  },
  {
    id: "16",
    title: "a condition value in other letter case",
    expected: "deny",
    session: tenantSession,
    call: get("tenant#A"),
  },
  {
    id: "17",
    title: "a principal tag that matches",
    expected: "allow",
    session: taggedSession,
    tags: { tenant: "a" },
    call: get(A),
  },
  {
    id: "18",
    title: "a principal tag that does not",
    expected: "deny",
    session: taggedSession,
    tags: { tenant: "a" },
    call: get(B),
  },
  {
    id: "19",
    title: "a principal tag that is missing: the variable never matches",
    expected: "deny",
    session: taggedSession,
    call: get("TENANT#"),
  },
  {
    id: "20",
    title: "a principal tag of *, on the role since STS takes none: no wildcard",
    expected: "deny",
    role: "star-tagged",
    session: taggedSession,
    call: get(B),
  },
  {
    id: "21",
    title: "KMS with the right context under a key policy that delegates to the account",
    expected: "allow",
    session: keySession,
    call: dataKey(KEYS.account, "a"),
  },
  {
    id: "22",
    title: "KMS with another context",
    expected: "deny",
    session: keySession,
    call: decrypt(KEYS.account, "b"),
  },
  {
    id: "23",
    title: "KMS where the key policy names another role: the identity's Allow is not enough",
    expected: "deny",
    session: keySession,
    call: decrypt(KEYS.other, "a"),
  },
  {
    id: "24",
    title: "KMS where the key policy names the role and no identity policy does",
    expected: "allow",
    role: "ehr-data",
    call: decrypt(KEYS.role, "a"),
  },
  {
    id: "25",
    title: "the same, but the session policy is silent",
    expected: "deny",
    session: tenantSession,
    call: decrypt(KEYS.role, "a"),
  },
  {
    id: "26",
    title: "a bucket policy that names the session itself passes the session policy by",
    expected: "allow",
    session: tenantSession,
    call: getObject("names-session"),
  },
  {
    id: "27",
    title: "an explicit Deny in the bucket policy",
    expected: "deny",
    session: policy(allow("s3:*", "*")),
    call: deleteVersion("denies-delete"),
  },
  { id: "28", title: "a boundary without the action", expected: "deny", role: "bounded-out", call: putObject },
  { id: "29", title: "a boundary with the action", expected: "allow", role: "bounded-in", call: putObject },
  {
    id: "30",
    title: "Deny with NotAction",
    expected: "deny",
    session: policy(allow("dynamodb:*", "*"), {
      Effect: "Deny",
      NotAction: ["dynamodb:GetItem", "dynamodb:Query"],
      Resource: "*",
    }),
    call: remove(A),
  },
  {
    id: "31",
    title: "ForAnyValue without the key",
    expected: "deny",
    session: policy(allow("dynamodb:Scan", TABLE, { "ForAnyValue:StringEquals": { "dynamodb:LeadingKeys": [A] } })),
    call: scan,
  },
  {
    id: "32",
    title: "StringNotEquals without the key",
    expected: "allow",
    session: getItemOnly({ StringNotEquals: { "aws:PrincipalTag/tenant": "b" } }),
    call: get(A),
  },
  {
    id: "33",
    title: "StringEqualsIfExists without the key",
    expected: "allow",
    session: getItemOnly({ StringEqualsIfExists: { "aws:PrincipalTag/tenant": "b" } }),
    call: get(A),
  },
  {
    id: "34",
    title: "an attribute that is not listed",
    expected: "deny",
    session: getItemOnly({
      "ForAllValues:StringEquals": { "dynamodb:Attributes": ["pk", "sk", "name"] },
      StringEqualsIfExists: { "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
    }),
    call: get(A, { ProjectionExpression: "pk, ssn" }),
  },
  { id: "35", title: "no session policy: the role alone", expected: "allow", call: get(B) },
  {
    id: "36",
    title: "a single-valued operator on several leading keys",
    expected: "deny",
    session: policy(allow("dynamodb:BatchGetItem", TABLE, { StringEquals: { "dynamodb:LeadingKeys": [A] } })),
    call: batchGet(A, B),
  },
];

describe.skipIf(isPeer)("IAM through the wire", () => {
  let place: Target;
  let sts: STSClient;
  const open: { destroy(): void }[] = [];
  const keep = <T extends { destroy(): void }>(client: T): T => {
    open.push(client);
    return client;
  };

  beforeAll(async () => {
    place = await target();
    const { cloud } = place;
    if (cloud === undefined) return;
    sts = keep(new STSClient(clientOptions(place)));
    const trust = policy({
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/administrator` },
      Action: ["sts:AssumeRole", "sts:TagSession"],
    } as const);
    const policies = { data: rolePolicy };
    cloud.iam.roles.put({ name: "ehr-data", trust, policies });
    cloud.iam.roles.put({ name: "star-tagged", trust, policies, tags: { tenant: "*" } });
    cloud.iam.roles.put({ name: "bounded-out", trust, policies, boundary: policy(allow("dynamodb:*", "*")) });
    cloud.iam.roles.put({
      name: "bounded-in",
      trust,
      policies,
      boundary: policy(allow(["dynamodb:*", "s3:PutObject"], "*")),
    });
    cloud.dynamodb.createTable({
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
    });
    const root = {
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
      Action: "kms:*",
      Resource: "*",
    } as const;
    const encrypting = {
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/administrator` },
      Action: "kms:Encrypt",
      Resource: "*",
    } as const;
    const keyPolicies: Record<keyof typeof KEYS, PolicyDocument> = {
      account: policy(root),
      other: policy(encrypting, {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/star-tagged` },
        Action: "kms:*",
        Resource: "*",
      }),
      role: policy(encrypting, {
        Effect: "Allow",
        Principal: { AWS: ROLE },
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: "*",
        Condition: { StringEquals: { "kms:EncryptionContext:tenant": "a" } },
      }),
    };
    const admin = keep(new KMSClient(clientOptions(place)));
    for (const [name, keyId] of Object.entries(KEYS)) {
      cloud.kms.provisionKey({
        keyId,
        spec: "SYMMETRIC_DEFAULT",
        usage: "ENCRYPT_DECRYPT",
        policy: keyPolicies[name as keyof typeof KEYS],
        aliases: [],
        tags: {},
        description: name,
      });
      const { CiphertextBlob } = await admin.send(
        new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from("x"), EncryptionContext: { tenant: "a" } }),
      );
      if (CiphertextBlob !== undefined) ciphertexts.set(keyId, CiphertextBlob);
    }
    cloud.s3.putBucket({ name: "audit" });
    cloud.s3.putBucket({
      name: "names-session",
      policy: policy({
        Effect: "Allow",
        Principal: { AWS: SESSION },
        Action: "s3:GetObject",
        Resource: "arn:aws:s3:::names-session/*",
      }),
    });
    cloud.s3.putBucket({
      name: "denies-delete",
      versioning: "Enabled",
      policy: policy({
        Effect: "Deny",
        Principal: "*",
        Action: "s3:DeleteObjectVersion",
        Resource: "arn:aws:s3:::denies-delete/*",
      }),
    });
    for (const bucket of ["audit", "names-session", "denies-delete"]) {
      versionIds.set(bucket, cloud.s3.putObjectInternal(bucket, "2026/x.json", Buffer.from("{}")).versionId);
    }
  });
  afterAll(async () => {
    for (const client of open) client.destroy();
    await place.close();
  });

  for (const { id, title, expected, role = "ehr-data", session, tags = {}, call } of cases) {
    probe(`iam-${id}`, `${title}: ${expected}`, async () => {
      const { Credentials: issued } = await sts.send(
        new AssumeRoleCommand({
          RoleArn: `arn:aws:iam::${ACCOUNT}:role/${role}`,
          RoleSessionName: "tenant-a",
          ...(session === undefined ? {} : { Policy: JSON.stringify(session) }),
          Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        }),
      );
      const credentials = {
        accessKeyId: issued?.AccessKeyId ?? "",
        secretAccessKey: issued?.SecretAccessKey ?? "",
        sessionToken: issued?.SessionToken ?? "",
      };
      const options = clientOptions(place, credentials);
      const clients = {
        dynamodb: keep(new DynamoDBClient(options)),
        kms: keep(new KMSClient(options)),
        s3: keep(new S3Client({ ...options, forcePathStyle: true })),
      };
      const decision = await call(clients).then(
        () => "allow",
        (error: Error) => (error.name.startsWith("AccessDenied") ? "deny" : "allow"),
      );
      expect(decision).toBe(expected);
    });
  }
});
