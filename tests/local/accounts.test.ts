import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetPublicKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCloud, type Cloud } from "../../scripts/local/front/index.ts";
import { provision, readPlan } from "../../scripts/local/provision/index.ts";

/** Two accounts in one cloud: the cell's, and the witness's. */

const WITNESS = "444455556666";
const ARCHIVE = "keyward-dev-c01-archive-111122223333";
const WITNESSED = `keyward-dev-c01-witness-${WITNESS}`;
const OPEN = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] } as const;

let cloud: Cloud;
let keyArn: string;
const clients: { destroy(): void }[] = [];
const client = <T extends { destroy(): void }>(made: T): T => {
  clients.push(made);
  return made;
};

const place = () => ({ endpoint: cloud.endpoint, region: "us-east-1", maxAttempts: 1 });
function serviceSession(roleArn: string) {
  const { accessKeyId, secretAccessKey, sessionToken } = cloud.iam.issueServiceSession(
    roleArn,
    "lambda.amazonaws.com",
    "t",
  );
  return { ...place(), credentials: { accessKeyId, secretAccessKey, sessionToken } };
}
const asWitness = () => serviceSession(`arn:aws:iam::${WITNESS}:role/keyward-dev-fn-witness`);
const asSealer = () => serviceSession("arn:aws:iam::111122223333:role/keyward-dev-fn-seal");
function asAdministrator() {
  cloud.iam.users.put({ name: "administrator", policies: { all: OPEN } });
  return { ...place(), credentials: cloud.iam.users.createAccessKey("administrator") };
}
const s3Of = (options: ReturnType<typeof asWitness> | ReturnType<typeof asAdministrator>) =>
  client(new S3Client({ ...options, forcePathStyle: true }));
const refusal = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "allowed",
    (error: unknown) => (error as Error).name,
  );

beforeAll(async () => {
  cloud = await createCloud();
  const made = await provision(cloud, readPlan("dev"), { publicUrl: "http://127.0.0.1:1" });
  keyArn = made.keyArns["alias/keyward-dev-c01-witness"] ?? "";
  cloud.s3.putObjectInternal(ARCHIVE, "v1/log/t/a/seal/1", Buffer.from("seal"));
  cloud.s3.putObjectInternal(ARCHIVE, "v1/events/t/a/b", Buffer.from("event"));
});
afterAll(async () => {
  for (const one of clients) one.destroy();
  await cloud.close();
});

describe("AUD-7 the witness, from its own account", () => {
  it("reads the log of the cell's archive, and nothing else of it", async () => {
    const s3 = s3Of(asWitness());
    const read = await s3.send(new GetObjectCommand({ Bucket: ARCHIVE, Key: "v1/log/t/a/seal/1" }));
    expect(await read.Body?.transformToString()).toBe("seal");
    const list = await s3.send(new ListObjectsV2Command({ Bucket: ARCHIVE, Prefix: "v1/log/t/" }));
    expect(list.KeyCount).toBe(1);
    expect(await refusal(s3.send(new GetObjectCommand({ Bucket: ARCHIVE, Key: "v1/events/t/a/b" })))).toBe(
      "AccessDenied",
    );
    expect(await refusal(s3.send(new ListObjectsV2Command({ Bucket: ARCHIVE, Prefix: "v1/events/" })))).toBe(
      "AccessDenied",
    );
    expect(
      await refusal(
        s3.send(new PutObjectCommand({ Bucket: ARCHIVE, Key: "v1/log/t/a/x", Body: "x", IfNoneMatch: "*" })),
      ),
    ).toBe("AccessDenied");
  });

  it("keeps each countersignature once, and signs with its key", async () => {
    const s3 = s3Of(asWitness());
    const keep = (key: string, ifNone = true) =>
      s3.send(
        new PutObjectCommand({ Bucket: WITNESSED, Key: key, Body: "x", ...(ifNone ? { IfNoneMatch: "*" } : {}) }),
      );
    expect(await refusal(keep("v1/log/t/a/cosigned/1"))).toBe("allowed");
    expect(await refusal(keep("v1/log/t/a/cosigned/1"))).toBe("PreconditionFailed");
    expect(await refusal(keep("v1/log/t/a/cosigned/1", false))).toBe("AccessDenied");
    const kms = client(new KMSClient(asWitness()));
    const sign = { KeyId: keyArn, Message: Buffer.from("m"), MessageType: "RAW" } as const;
    expect(await refusal(kms.send(new SignCommand({ ...sign, SigningAlgorithm: "ED25519_SHA_512" })))).toBe("allowed");
    expect((await kms.send(new GetPublicKeyCommand({ KeyId: keyArn }))).KeyId).toBe(keyArn);
  });

  it("leaves its calls in its own account's trail, and those on the archive in the cell's", () => {
    const recipients = (eventName: string, bucketName: string) =>
      new Set(
        cloud.trail
          .records({ eventName })
          .filter(({ requestParameters }) => requestParameters?.["bucketName"] === bucketName)
          .map(({ recipientAccountId }) => recipientAccountId),
      );
    expect(recipients("PutObject", WITNESSED)).toEqual(new Set([WITNESS]));
    expect(recipients("GetObject", ARCHIVE)).toEqual(new Set(["111122223333"]));
    expect(new Set(cloud.trail.records({ eventName: "Sign" }).map((record) => record.recipientAccountId))).toEqual(
      new Set([WITNESS]),
    );
  });
});

describe("AUD-7 the cell's account", () => {
  it.each([
    ["the sealer", asSealer],
    ["an administrator", asAdministrator],
  ])("%s neither reads, writes nor signs there", async (_who, options) => {
    const s3 = s3Of(options());
    const kms = client(new KMSClient(options()));
    const put = { Bucket: WITNESSED, Key: "v1/log/t/a/cosigned/2", Body: "x", IfNoneMatch: "*" };
    expect(await refusal(s3.send(new PutObjectCommand(put)))).toBe("AccessDenied");
    expect(await refusal(s3.send(new GetObjectCommand({ Bucket: WITNESSED, Key: "v1/log/t/a/cosigned/1" })))).toBe(
      "AccessDenied",
    );
    const sign = { KeyId: keyArn, Message: Buffer.from("m"), MessageType: "RAW" } as const;
    expect(await refusal(kms.send(new SignCommand({ ...sign, SigningAlgorithm: "ED25519_SHA_512" })))).toBe(
      "AccessDeniedException",
    );
  });

  it("an administrator does not become the witness", async () => {
    const sts = client(new STSClient(asAdministrator()));
    const role = { RoleArn: `arn:aws:iam::${WITNESS}:role/keyward-dev-fn-witness`, RoleSessionName: "somebody" };
    expect(await refusal(sts.send(new AssumeRoleCommand(role)))).toBe("AccessDenied");
  });
});
