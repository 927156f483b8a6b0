import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath } from "node:url";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createCloud, type Cloud, type CloudOptions } from "../../../scripts/local/front/index.ts";

const KEY_ID = "11111111-1111-4111-8111-111111111111";
let folder: string;
const clouds: Cloud[] = [];
const clients: { destroy(): void }[] = [];
const keep = <T extends { destroy(): void }>(client: T): T => {
  clients.push(client);
  return client;
};
async function start(options: CloudOptions = {}): Promise<Cloud> {
  const cloud = await createCloud({ folder, ...options });
  clouds.push(cloud);
  return cloud;
}
const stopAll = async (): Promise<void> => {
  for (const client of clients.splice(0)) client.destroy();
  for (const cloud of clouds.splice(0)) await cloud.close();
};
const optionsFor = (cloud: Cloud) => ({
  endpoint: cloud.endpoint,
  region: "us-east-1",
  // The SDK writes notes of its own into the object that it is given.
  credentials: { ...cloud.rootCredentials },
  maxAttempts: 1,
});
const kindOf = (starting: Promise<Cloud>): Promise<unknown> =>
  starting.then(
    (cloud) => void clouds.push(cloud),
    (error: { kind?: unknown }) => error.kind,
  );

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "keyward-cloud-"));
});
afterEach(async () => {
  await stopAll();
  fs.rmSync(folder, { recursive: true, force: true });
});

describe("starting", () => {
  it("says which port or folder is taken, and starts once it is free", async () => {
    const first = await start();
    expect(await kindOf(start())).toBe("in-use");
    expect(await kindOf(createCloud({ port: first.port }))).toBe("port-in-use");
    await stopAll();
    expect(await kindOf(start())).toBeUndefined();
  });

  it("after a port that was taken holds the folder no longer", async () => {
    const other = await createCloud();
    clouds.push(other);
    expect(await kindOf(start({ port: other.port }))).toBe("port-in-use");
    expect(await kindOf(start())).toBeUndefined();
  });

  it("and closing again leaves nothing open", async () => {
    const cloud = await createCloud();
    const sts = new STSClient(optionsFor(cloud));
    await sts.send(new GetCallerIdentityCommand({}));
    sts.destroy();
    await cloud.close();
    const open = (): string[] => process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP"));
    await vi.waitFor(() => expect(open()).toEqual([]), { timeout: 30_000, interval: 5 });
  });
});

describe("a restart", () => {
  it("finds items, objects, keys and credentials as they were", async () => {
    const cloud = await start();
    cloud.dynamodb.createTable({
      TableName: "things",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    });
    cloud.s3.putBucket({ name: "bucket" });
    cloud.kms.provisionKey({
      keyId: KEY_ID,
      spec: "SYMMETRIC_DEFAULT",
      usage: "ENCRYPT_DECRYPT",
      policy: {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:root" }, Action: "kms:*", Resource: "*" },
        ],
      },
      aliases: [],
      tags: {},
      description: "",
    });
    const Item = { pk: { S: "a" }, value: { N: "1" } };
    await keep(new DynamoDBClient(optionsFor(cloud))).send(new PutItemCommand({ TableName: "things", Item }));
    await keep(new S3Client({ ...optionsFor(cloud), forcePathStyle: true })).send(
      new PutObjectCommand({ Bucket: "bucket", Key: "k", Body: "hello" }),
    );
    const sealed = await keep(new KMSClient(optionsFor(cloud))).send(
      new EncryptCommand({ KeyId: KEY_ID, Plaintext: Buffer.from("secret") }),
    );
    await stopAll();

    const again = await start();
    expect(again.rootCredentials).toEqual(cloud.rootCredentials);
    const found = await keep(new DynamoDBClient(optionsFor(again))).send(
      new GetItemCommand({ TableName: "things", Key: { pk: { S: "a" } } }),
    );
    expect(found.Item).toEqual(Item);
    const object = await keep(new S3Client({ ...optionsFor(again), forcePathStyle: true })).send(
      new GetObjectCommand({ Bucket: "bucket", Key: "k" }),
    );
    expect(await object.Body?.transformToString()).toBe("hello");
    const opened = await keep(new KMSClient(optionsFor(again))).send(
      new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob }),
    );
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe("secret");
  });

  it("after SIGKILL has lost nothing that was acknowledged", async () => {
    const child = spawn(process.execPath, [fileURLToPath(new URL("./killed-cloud.ts", import.meta.url)), folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const acknowledged: string[] = [];
    for await (const line of readline.createInterface({ input: child.stdout })) {
      acknowledged.push(line);
      if (acknowledged.length === 60) child.kill("SIGKILL");
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(60);

    const cloud = await start();
    const sqs = keep(new SQSClient(optionsFor(cloud)));
    const held = new Set<string>();
    for (let count = -1; count !== held.size;) {
      count = held.size;
      const QueueUrl = `${cloud.endpoint}/111122223333/q`;
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      for (const message of Messages) held.add(`${message.Body} ${message.MessageId}`);
    }
    const recorded = new Set(cloud.trail.records({ eventName: "SendMessage" }, 100_000).map((one) => one.requestID));
    for (const line of acknowledged) {
      const [accessKeyId = "", messageId = "", requestId = ""] = line.split(" ");
      expect(held.has(`${accessKeyId} ${messageId}`)).toBe(true);
      expect(recorded.has(requestId)).toBe(true);
      expect(cloud.iam.identify(accessKeyId)?.caller.sessionName).toBe("killed");
    }
  });
});
