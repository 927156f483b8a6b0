import { DisableKeyCommand, EnableKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetBucketEncryptionCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  UploadPartCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PolicyDocument } from "../../../core/iam/index.ts";
import { createS3 } from "../../../scripts/local/s3/index.ts";
import { errorName } from "../kms/clients.ts";
import { ADMIN, allow, REGION, testCall, testClock, testDeps, type TestPrincipal } from "../kms/harness.ts";
import { s3Bench, type S3Bench } from "./bench.ts";

const AUDIT_KEY = "22222222-2222-4222-8222-22222222bbbb";
const auditArn = `arn:aws:kms:us-east-1:111122223333:key/${AUDIT_KEY}`;
const CANARY = "canary-7f3e9a1c-encrypted-at-rest";

/** The archiver's rights: it may make data keys through S3 and open nothing. */
const archiver: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Action: ["s3:PutObject", "s3:GetObject"], Resource: "*" },
    {
      Effect: "Allow",
      Action: "kms:GenerateDataKey",
      Resource: auditArn,
      Condition: { StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" } },
    },
  ],
};
const principals: Readonly<Record<string, TestPrincipal>> = {
  ADMIN,
  ARCHIVER: { roleName: "archiver", policies: [archiver] },
  NO_KMS: { roleName: "no-kms", policies: [allow("s3:*")] },
};

let bench: S3Bench;
let s3: S3Client;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "s3-kms-"));
  bench = await s3Bench({ principals, folder });
  s3 = bench.client();
  bench.kms.provisionKey({
    keyId: AUDIT_KEY,
    spec: "SYMMETRIC_DEFAULT",
    usage: "ENCRYPT_DECRYPT",
    policy: {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:root" }, Action: "kms:*", Resource: "*" },
      ],
    },
    aliases: ["alias/audit"],
    tags: {},
    description: "audit",
  });
  bench.s3.putBucket({ name: "archive", versioning: "Enabled", encryption: { algorithm: "aws:kms", keyId: auditArn } });
  bench.s3.putBucket({ name: "plain" });
});
afterAll(async () => {
  await bench.close();
  rmSync(folder, { recursive: true });
});

const filesUnder = (path: string): readonly string[] =>
  readdirSync(path).flatMap((name) => {
    const file = join(path, name);
    return statSync(file).isDirectory() ? filesUnder(file) : [file];
  });
const isOnDisk = (text: string): boolean => filesUnder(folder).some((file) => readFileSync(file).includes(text));

describe("SSE-KMS", () => {
  it("encrypts by the bucket's default, and shows it", async () => {
    const put = await s3.send(new PutObjectCommand({ Bucket: "archive", Key: "k", Body: CANARY }));
    expect([put.ServerSideEncryption, put.SSEKMSKeyId]).toEqual(["aws:kms", auditArn]);
    const got = await s3.send(new GetObjectCommand({ Bucket: "archive", Key: "k" }));
    expect([await got.Body?.transformToString(), got.ServerSideEncryption]).toEqual([CANARY, "aws:kms"]);
    const part = await s3.send(new GetObjectCommand({ Bucket: "archive", Key: "k", Range: "bytes=0-5" }));
    expect(await part.Body?.transformToString()).toBe("canary");
    expect(isOnDisk(CANARY)).toBe(false);
  });

  it("the same search finds an object under S3's own keys, whose bytes stay as they are", async () => {
    await s3.send(new PutObjectCommand({ Bucket: "plain", Key: "k", Body: `${CANARY}-plain` }));
    expect(isOnDisk(`${CANARY}-plain`)).toBe(true);
  });

  it("works with the caller's rights: the archiver writes and cannot read", async () => {
    const client = bench.client("ARCHIVER");
    const put = new PutObjectCommand({ Bucket: "archive", Key: "blind", Body: "x" });
    expect(await errorName(client.send(put))).toBe("resolved");
    expect(await errorName(client.send(new GetObjectCommand({ Bucket: "archive", Key: "blind" })))).toBe(
      "AccessDenied",
    );
    const checks = bench.server.prepared.at(-1)?.checks.map((check) => [check.action, check.context["kms:ViaService"]]);
    expect(checks).toEqual([
      ["s3:GetObject", undefined],
      ["kms:Decrypt", "s3.us-east-1.amazonaws.com"],
    ]);
    // The size of an object is no secret of the key; its checksum is.
    expect(await errorName(client.send(new HeadObjectCommand({ Bucket: "archive", Key: "blind" })))).toBe("resolved");
    const checksum = new HeadObjectCommand({ Bucket: "archive", Key: "blind", ChecksumMode: "ENABLED" });
    await expect(client.send(checksum)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });

  it("does nothing for a caller whom the key does not know", async () => {
    const put = new PutObjectCommand({ Bucket: "archive", Key: "denied", Body: "x" });
    expect(await errorName(bench.client("NO_KMS").send(put))).toBe("AccessDenied");
    expect(await errorName(s3.send(new HeadObjectCommand({ Bucket: "archive", Key: "denied" })))).toBe("NotFound");
  });

  it("binds the data key to the object, or with a bucket key to the bucket", async () => {
    const context = () => bench.server.prepared.at(-1)?.checks.at(-1)?.context["kms:EncryptionContext:aws:s3:arn"];
    await s3.send(new PutObjectCommand({ Bucket: "archive", Key: "bound", Body: "x" }));
    expect(context()).toBe("arn:aws:s3:::archive/bound");
    await s3.send(new PutObjectCommand({ Bucket: "archive", Key: "bound", Body: "x", BucketKeyEnabled: true }));
    expect(context()).toBe("arn:aws:s3:::archive");
  });

  it("passes KMS's refusals on when the key is disabled", async () => {
    const kms = new KMSClient({
      endpoint: bench.server.endpoint,
      region: REGION,
      credentials: { accessKeyId: "ADMIN", secretAccessKey: "x" },
    });
    await kms.send(new DisableKeyCommand({ KeyId: AUDIT_KEY }));
    expect(await errorName(s3.send(new GetObjectCommand({ Bucket: "archive", Key: "k" })))).toBe(
      "KMS.DisabledException",
    );
    expect(await errorName(s3.send(new PutObjectCommand({ Bucket: "archive", Key: "k", Body: "y" })))).toBe(
      "KMS.DisabledException",
    );
    await kms.send(new EnableKeyCommand({ KeyId: AUDIT_KEY }));
    kms.destroy();
    expect(await errorName(s3.send(new GetObjectCommand({ Bucket: "archive", Key: "k" })))).toBe("resolved");
  });

  it("can be asked for by header, by alias, with the caller's context, or with no key named", async () => {
    const asked = { ServerSideEncryption: "aws:kms", SSEKMSKeyId: "alias/audit" } as const;
    const SSEKMSEncryptionContext = Buffer.from(JSON.stringify({ tenant: "a" })).toString("base64");
    await s3.send(
      new PutObjectCommand({ Bucket: "plain", Key: "asked", Body: "x", ...asked, SSEKMSEncryptionContext }),
    );
    expect(bench.server.prepared.at(-1)?.checks[0]?.context).toMatchObject({
      "s3:x-amz-server-side-encryption": "aws:kms",
      "s3:x-amz-server-side-encryption-aws-kms-key-id": "alias/audit",
    });
    expect(bench.server.prepared.at(-1)?.checks[1]?.context["kms:EncryptionContext:tenant"]).toBe("a");
    const managed = await s3.send(
      new PutObjectCommand({ Bucket: "plain", Key: "managed", Body: "x", ServerSideEncryption: "aws:kms" }),
    );
    expect(managed.SSEKMSKeyId).toMatch(/:key\//);
    const got = await s3.send(new GetObjectCommand({ Bucket: "plain", Key: "managed" }));
    expect(await got.Body?.transformToString()).toBe("x");
  });

  it.each([
    ["aws:kms:dsse", "NotImplemented"],
    ["ROT13", "InvalidArgument"],
  ])("refuses the algorithm %s", async (algorithm, error) => {
    const command = new PutObjectCommand({
      Bucket: "plain",
      Key: "x",
      Body: "x",
      ServerSideEncryption: algorithm as "aws:kms",
    });
    expect(await errorName(s3.send(command))).toBe(error);
  });

  it("refuses a key that is not there, under S3's name for it", async () => {
    const command = new PutObjectCommand({
      Bucket: "plain",
      Key: "x",
      Body: "x",
      ServerSideEncryption: "aws:kms",
      SSEKMSKeyId: "alias/none",
    });
    expect(await errorName(s3.send(command))).toBe("KMS.NotFoundException");
  });

  it("holds for uploads in parts and for copies", async () => {
    const object = { Bucket: "archive", Key: "parts" };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object));
    const part = await s3.send(new UploadPartCommand({ ...object, UploadId, PartNumber: 1, Body: `${CANARY}-part` }));
    expect(isOnDisk(`${CANARY}-part`)).toBe(false);
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: part.ETag }] };
    await s3.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload }));
    await s3.send(new CopyObjectCommand({ Bucket: "archive", Key: "copied", CopySource: "archive/parts" }));
    const got = await s3.send(new GetObjectCommand({ Bucket: "archive", Key: "copied" }));
    expect(await got.Body?.transformToString()).toBe(`${CANARY}-part`);
    expect(isOnDisk(`${CANARY}-part`)).toBe(false);
    const copy = new CopyObjectCommand({ Bucket: "plain", Key: "stolen", CopySource: "archive/parts" });
    expect(await errorName(bench.client("ARCHIVER").send(copy))).toBe("AccessDenied");
  });

  it("the default encryption can be read and changed", async () => {
    await s3.send(
      new PutBucketEncryptionCommand({
        Bucket: "plain",
        ServerSideEncryptionConfiguration: {
          Rules: [
            {
              ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: auditArn },
              BucketKeyEnabled: true,
            },
          ],
        },
      }),
    );
    const got = await s3.send(new GetBucketEncryptionCommand({ Bucket: "plain" }));
    expect(got.ServerSideEncryptionConfiguration?.Rules?.[0]).toEqual({
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: auditArn },
      BucketKeyEnabled: true,
    });
    const put = await s3.send(new PutObjectCommand({ Bucket: "plain", Key: "by-default", Body: "x" }));
    expect([put.ServerSideEncryption, put.BucketKeyEnabled]).toEqual(["aws:kms", true]);
  });

  it("without a KMS the request is answered with 501", async () => {
    const clock = testClock();
    const alone = createS3(testDeps(clock));
    alone.putBucket({ name: "alone" });
    const headers = { "x-amz-server-side-encryption": "aws:kms" };
    const request = { method: "PUT", path: "/alone/k", query: "", headers, body: Buffer.from("x") };
    expect(() => alone.prepare(request, testCall(ADMIN, clock))).toThrow(expect.objectContaining({ status: 501 }));
    alone.close();
  });
});
