import { GetItemCommand, PutItemCommand, QueryCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import {
  DecryptCommand,
  GenerateDataKeyPairCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  SignCommand,
} from "@aws-sdk/client-kms";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { globSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../core/kernel/clock.ts";
import { createDynamoTable } from "../../../core/table/dynamodb.ts";
import { createMeter } from "../../../core/table/index.ts";
import { dynamoDb, kms, ownDynamoDb, ownSts, s3 } from "../../../functions/runtime/clients.ts";
import { currentTally, metered } from "../../../functions/runtime/meter.ts";
import type { Tally } from "../../../functions/runtime/meter-tally.ts";
import { valueOf } from "../../core/crypto/fixtures.ts";

vi.mock("../../../functions/runtime/log.ts", () => ({ logFact: () => undefined }));

/** What AWS answers next, in turn; the last one stays. A string is a failure's name, with the status of its kind. */
interface Reply {
  readonly status: number;
  readonly body: string;
}
let replies: Reply[] = [];
let asked: string[] = [];
let endpoint = "";
const server = createServer((request: IncomingMessage, response) => {
  let body = "";
  request.on("data", (chunk: Buffer) => (body += chunk.toString()));
  request.on("end", () => {
    asked.push(body);
    const reply = replies.length > 1 ? replies.shift() : replies[0];
    response.writeHead(reply?.status ?? 200).end(reply?.body ?? "{}");
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  endpoint = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  vi.stubEnv("AWS_ENDPOINT_URL", endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "a");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "b");
  vi.stubEnv("STAGE", "dev");
  vi.stubEnv("CELL", "c01");
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});

const REGION = "us-east-1";
const credentials = () =>
  Promise.resolve({
    accessKeyId: "a",
    secretAccessKey: "b",
    sessionToken: "c",
    expiration: new Date(Date.now() + 9e5),
  });
const ok = (body: object = {}): Reply => ({ status: 200, body: JSON.stringify(body) });
const failed = (name: string, status = 400, more: object = {}): Reply => ({
  status,
  body: JSON.stringify({ __type: `com.amazonaws#${name}`, message: "no", ...more }),
});

/** What one invocation counted that does this and is told so. */
async function counted(work: () => Promise<unknown>, ...answers: readonly Reply[]): Promise<Partial<Tally>> {
  [replies, asked] = [[...answers], []];
  let tally: Partial<Tally> = {};
  await metered("archive", async () => {
    await work().catch(() => undefined);
    tally = structuredClone(currentTally());
  })();
  const { us: _, ...rest } = tally;
  return Object.fromEntries(
    Object.entries(rest).filter(([, value]) => (typeof value === "number" ? value > 0 : Object.keys(value).length > 0)),
  );
}

const DATA = "keyward-dev-c01-data";
const key = { pk: { S: "p" }, sk: { S: "s" } };
const consumed = (units: number, more: object = {}) => ({ TableName: DATA, CapacityUnits: units, ...more });

describe("COST-2 every AWS request is counted, as it is billed", () => {
  const table = () => dynamoDb(REGION, credentials);

  it("COST-2 DynamoDB: what the answer says, by table and index, and it is always asked", async () => {
    const query = new QueryCommand({ TableName: DATA, IndexName: "gsi1", KeyConditionExpression: "a = b" });
    const answer = { Table: { CapacityUnits: 0 }, GlobalSecondaryIndexes: { gsi1: { CapacityUnits: 2.5 } } };
    expect(await counted(() => table().send(query), ok({ ConsumedCapacity: consumed(2.5, answer) }))).toEqual({
      reads: { "data/gsi1": 5 },
    });
    expect(asked[0]).toContain('"ReturnConsumedCapacity":"INDEXES"');
    const write = new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: DATA, Item: key } }] });
    const wrote = consumed(8, {
      WriteCapacityUnits: 8,
      Table: { CapacityUnits: 6 },
      GlobalSecondaryIndexes: { gsi1: { CapacityUnits: 2 } },
    });
    const registry = { TableName: "keyward-dev-registry", CapacityUnits: 2, Table: { CapacityUnits: 2 } };
    const both = await counted(() => table().send(write), ok({ ConsumedCapacity: [wrote, registry] }));
    expect(both).toEqual({ writes: { data: 12, "data/gsi1": 4, registry: 4 } });
    const again = ok({ ConsumedCapacity: [consumed(2, { ReadCapacityUnits: 2, Table: { CapacityUnits: 2 } })] });
    expect(await counted(() => table().send(write), again)).toEqual({ reads: { data: 4 } });
  });

  it("COST-2 DynamoDB: a failed condition by what is known of it; what was throttled or denied by nothing", async () => {
    const Item = { ...key, text: { S: "x".repeat(2_500) } };
    const put = new PutItemCommand({ TableName: DATA, Item, ConditionExpression: "a" });
    const write = new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName: DATA, Item } },
        { ConditionCheck: { TableName: DATA, Key: key, ConditionExpression: "a" } },
      ],
    });
    const reasons = (...codes: string[]) => ({ CancellationReasons: codes.map((Code) => ({ Code })) });
    const tell = (command: PutItemCommand | TransactWriteItemsCommand, reply: Reply) =>
      counted(() => table().send(command as PutItemCommand), reply);
    expect(await tell(put, failed("ConditionalCheckFailedException"))).toEqual({ writes: { data: 2 } });
    const cancelled = (...codes: string[]) => failed("TransactionCanceledException", 400, reasons(...codes));
    expect(await tell(write, cancelled("None", "ConditionalCheckFailed"))).toEqual({
      writes: { data: 2 * 2 * (3 + 1) },
    });
    expect(await tell(write, cancelled("TransactionConflict", "None"))).toEqual({});
    for (const name of ["ProvisionedThroughputExceededException", "AccessDeniedException", "ValidationException"])
      expect(await tell(put, failed(name))).toEqual({});
    expect(await tell(put, failed("InternalServerError", 500))).toEqual({});
  });

  it("COST-2 DynamoDB: a client that retries by itself counts the answer once, and a failed attempt not at all", async () => {
    const get = new GetItemCommand({ TableName: DATA, Key: key });
    const use = await counted(
      () => ownDynamoDb(REGION).send(get),
      failed("InternalServerError", 500),
      ok({ ConsumedCapacity: consumed(0.5, { Table: { CapacityUnits: 0.5 } }) }),
    );
    expect([asked.length, use]).toEqual([2, { reads: { data: 1 } }]);
  });

  it("COST-2 DynamoDB: the half-units are those of core/table's own meter", async () => {
    const meter = createMeter();
    const own = createDynamoTable({ client: table(), names: { data: DATA }, clock: systemClock, meter });
    const row = { pk: "p", sk: "s", text: "x".repeat(2_000) };
    const answer = consumed(6, { Table: { CapacityUnits: 4 }, GlobalSecondaryIndexes: { gsi1: { CapacityUnits: 2 } } });
    const use = await counted(
      async () => {
        valueOf(await own.transactWrite([{ kind: "put", table: "data", row }]));
        valueOf(await own.get("data", { pk: "p", sk: "s" }));
        await own.transactWrite([{ kind: "put", table: "data", row, condition: { kind: "absent" } }]);
      },
      failed("TransactionCanceledException", 400, { CancellationReasons: [{ Code: "TransactionConflict" }] }),
      ok({ ConsumedCapacity: [answer] }),
      ok({ ConsumedCapacity: consumed(0.5) }),
      failed("TransactionCanceledException", 400, { CancellationReasons: [{ Code: "ConditionalCheckFailed" }] }),
    );
    expect(use).toEqual({ reads: meter.reads, writes: meter.writes });
    expect(use).toEqual({ reads: { data: 1 }, writes: { data: 2 * 4 + 2 * 2, "data/gsi1": 2 * 2 } });
    expect(meter.retries).toBe(1);
  });

  it("COST-2 KMS: symmetric, asymmetric and pairs apart, and each attempt that was taken on", async () => {
    const client = () => kms(REGION, credentials);
    const decrypt = new DecryptCommand({ CiphertextBlob: new Uint8Array([1]) });
    expect(await counted(() => client().send(decrypt), ok())).toEqual({ kms: 1 });
    expect(await counted(() => client().send(decrypt), failed("AccessDeniedException"))).toEqual({ kms: 1 });
    const throttled = await counted(() => client().send(decrypt), failed("ThrottlingException"), ok());
    expect([asked.length, throttled]).toEqual([2, { kms: 1 }]);
    const broken = failed("KMSInternalException", 500);
    expect(await counted(() => client().send(decrypt), broken, broken, ok())).toEqual({ kms: 1 });
    const mac = new GenerateMacCommand({ KeyId: "k", MacAlgorithm: "HMAC_SHA_256", Message: new Uint8Array([1]) });
    expect(await counted(() => client().send(mac), ok())).toEqual({ kms: 1 });
    const sign = { KeyId: "k", Message: new Uint8Array([1]), SigningAlgorithm: "ED25519_SHA_512" } as const;
    expect(await counted(() => client().send(new SignCommand(sign)), ok())).toEqual({ kmsAsymmetric: 1 });
    const half = new GetPublicKeyCommand({ KeyId: "k" });
    expect(await counted(() => client().send(half), ok())).toEqual({ kmsAsymmetric: 1 });
    const pair = { KeyId: "k", KeyPairSpec: "ECC_NIST_P256" } as const;
    for (const command of [
      () => client().send(new GenerateDataKeyPairWithoutPlaintextCommand(pair)),
      () => client().send(new GenerateDataKeyPairCommand(pair)),
    ])
      expect(await counted(command, ok())).toEqual({ kmsPairs: 1 });
  });

  it("COST-2 S3: by bucket and class; a refused condition is billed, a deletion and a failure of S3 are not", async () => {
    const client = () => s3(REGION, credentials);
    const [archive, att] = ["keyward-dev-c01-archive-123456789012", "keyward-dev-c01-att-123456789012"];
    const put = new PutObjectCommand({ Bucket: archive, Key: "k", Body: "x", IfNoneMatch: "*" });
    const empty = { status: 200, body: "" };
    const refused = (status: number, Code: string): Reply => ({ status, body: `<Error><Code>${Code}</Code></Error>` });
    expect(await counted(() => client().send(put), empty)).toEqual({ s3Put: { archive: 1 } });
    expect(await counted(() => client().send(put), refused(412, "PreconditionFailed"))).toEqual({
      s3Put: { archive: 1 },
    });
    expect(await counted(() => client().send(put), refused(503, "SlowDown"), empty)).toEqual({ s3Put: { archive: 1 } });
    const listing = { status: 200, body: "<ListBucketResult></ListBucketResult>" };
    expect(await counted(() => client().send(new ListObjectsV2Command({ Bucket: att })), listing)).toEqual({
      s3Put: { att: 1 },
    });
    const place = { Bucket: att, Key: "k" };
    expect(await counted(() => client().send(new GetObjectCommand(place)), empty)).toEqual({ s3Get: { att: 1 } });
    expect(await counted(() => client().send(new HeadObjectCommand(place)), refused(404, ""))).toEqual({
      s3Get: { att: 1 },
    });
    expect(await counted(() => client().send(new DeleteObjectCommand(place)), empty)).toEqual({});
  });

  it("COST-2 STS: each session that was assumed", async () => {
    const assume = new AssumeRoleCommand({ RoleArn: "arn:aws:iam::123456789012:role/x", RoleSessionName: "y" });
    const answer = { status: 200, body: "<AssumeRoleResponse></AssumeRoleResponse>" };
    expect(await counted(() => ownSts(REGION).send(assume), answer)).toEqual({ sts: 1 });
  });

  it("COST-2 nothing is counted of a request that had no answer", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    const lost = ownDynamoDb(REGION, { maxAttempts: 1 });
    const gone = s3(REGION, credentials);
    gone.config.maxAttempts = () => Promise.resolve(1);
    const place = { Bucket: "keyward-dev-c01-archive-123456789012", Key: "k" };
    expect(await counted(() => lost.send(new GetItemCommand({ TableName: DATA, Key: key })))).toEqual({});
    expect(await counted(() => gone.send(new GetObjectCommand(place)))).toEqual({});
    vi.stubEnv("AWS_ENDPOINT_URL", endpoint);
  });
});

describe("COST-2 no client goes uncounted", () => {
  const root = path.resolve(import.meta.dirname, "../../..");
  const MADE = /\bnew (?:[A-Z]\w*Client|[A-Z][A-Za-z]*(?:DocumentClient|DynamoDB|S3|KMS|STS))\(/g;
  const found = (text: string): string[] => text.match(MADE) ?? [];

  it("COST-2 every client of every function is made in functions/runtime/clients.ts", () => {
    const files = globSync(["functions/**/*.ts", "core/**/*.ts"], { cwd: root });
    expect(files.length).toBeGreaterThan(300);
    const made = files.filter((file) => found(readFileSync(path.join(root, file), "utf8")).length > 0);
    expect(made).toEqual([path.join("functions", "runtime", "clients.ts")]);
  });

  it("COST-2 and by nothing but a step that counts", () => {
    const text = readFileSync(path.join(root, "functions/runtime/clients.ts"), "utf8");
    expect(text.match(/\bmade\(\s*new /g)).toHaveLength(found(text).length);
    expect(found("const a = new S3Client({}); const b = new SQSClient({});")).toHaveLength(2);
  });
});
