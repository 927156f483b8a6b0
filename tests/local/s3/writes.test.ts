import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type ChecksumAlgorithm,
  type PutObjectCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checksumBytes, type ChecksumAlgorithm as Algorithm } from "../../../scripts/local/s3/checksums.ts";
import { errorName } from "../kms/clients.ts";
import { ADMIN, allow } from "../kms/harness.ts";
import { s3Bench, type S3Bench } from "./bench.ts";

let bench: S3Bench;
let s3: S3Client;

beforeAll(async () => {
  bench = await s3Bench({
    principals: { ADMIN, PUTTER: { roleName: "putter", policies: [allow("s3:PutObject")] } },
  });
  s3 = bench.client();
  bench.s3.putBucket({ name: "plain" });
  bench.s3.putBucket({ name: "versioned", versioning: "Enabled" });
});
afterAll(() => bench.close());

const put = (input: Partial<PutObjectCommandInput>) =>
  s3.send(new PutObjectCommand({ Bucket: "plain", Key: "k", Body: "x", ...input }));
const read = async (Bucket: string, Key: string): Promise<string | undefined> =>
  (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
const raw = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body = "x",
): Promise<Response> =>
  fetch(`${bench.server.endpoint}${path}`, {
    method,
    headers: { authorization: "AWS4-HMAC-SHA256 Credential=ADMIN/20261122/us-east-1/s3/aws4_request", ...headers },
    ...(method === "GET" || method === "HEAD" ? {} : { body }),
  });

describe("checksums", () => {
  // CRC catalogue: the check values of CRC-32, CRC-32C and CRC-64/NVME over "123456789".
  it.each([
    ["crc32", "cbf43926"],
    ["crc32c", "e3069283"],
    ["crc64nvme", "ae8b14860a799888"],
    ["sha1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"],
  ] as const)("%s of the check text", (algorithm, expected) => {
    expect(checksumBytes(algorithm, Buffer.from("123456789")).toString("hex")).toBe(expected);
  });

  it.each(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)(
    "the SDK's %s is verified, kept and shown",
    async (name) => {
      const algorithm = name.toLowerCase() as Algorithm;
      const expected = checksumBytes(algorithm, Buffer.from("body")).toString("base64");
      const field = `Checksum${name}` as const;
      const given =
        name === "CRC64NVME" ? { ChecksumCRC64NVME: expected } : { ChecksumAlgorithm: name as ChecksumAlgorithm };
      const answer = await put({ Key: name, Body: "body", ...given });
      expect(answer[field]).toBe(expected);
      const head = await s3.send(new HeadObjectCommand({ Bucket: "plain", Key: name, ChecksumMode: "ENABLED" }));
      expect([head[field], head.ChecksumType]).toEqual([expected, "FULL_OBJECT"]);
    },
  );

  it("streams carry theirs in a trailer", async () => {
    const Body = Readable.from([Buffer.from("hello "), Buffer.from("world")]);
    await put({ Key: "stream", Body, ContentLength: 11, ContentEncoding: "gzip" });
    const got = await s3.send(new HeadObjectCommand({ Bucket: "plain", Key: "stream", ChecksumMode: "ENABLED" }));
    expect(got.ChecksumCRC32).toBe(checksumBytes("crc32", Buffer.from("hello world")).toString("base64"));
    expect([got.ContentLength, got.ContentEncoding]).toEqual([11, "gzip"]);
  });

  it("without any, S3 makes one of its own", async () => {
    await raw("PUT", "/plain/bare", {}, "body");
    const head = await s3.send(new HeadObjectCommand({ Bucket: "plain", Key: "bare", ChecksumMode: "ENABLED" }));
    expect(head.ChecksumCRC64NVME).toBe(checksumBytes("crc64nvme", Buffer.from("body")).toString("base64"));
  });

  const wrong = createHash("sha256").update("other").digest();
  it.each([
    ["a checksum of other bytes", { "x-amz-checksum-sha256": wrong.toString("base64") }, "BadDigest"],
    ["a checksum of the wrong length", { "x-amz-checksum-sha256": "AAAA" }, "InvalidRequest"],
    [
      "two checksums",
      { "x-amz-checksum-sha256": wrong.toString("base64"), "x-amz-checksum-crc32": "AAAAAA==" },
      "InvalidRequest",
    ],
    ["an announced checksum that is not there", { "x-amz-sdk-checksum-algorithm": "SHA256" }, "InvalidRequest"],
    ["another Content-MD5", { "content-md5": createHash("md5").update("y").digest("base64") }, "BadDigest"],
    ["a Content-MD5 that is none", { "content-md5": "AAAA" }, "InvalidDigest"],
    ["another x-amz-content-sha256", { "x-amz-content-sha256": wrong.toString("hex") }, "XAmzContentSHA256Mismatch"],
  ])("%s is refused, and nothing is written", async (_name, headers, code) => {
    const answer = await raw("PUT", "/plain/refused", headers);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(`<Code>${code}</Code>`)]);
    expect(await errorName(read("plain", "refused"))).toBe("NoSuchKey");
  });
});

describe("conditional writes", () => {
  it("If-None-Match: * succeeds after a delete marker and fails over an object", async () => {
    const object = { Bucket: "versioned", Key: "marked" };
    await put({ ...object, IfNoneMatch: "*" });
    expect(await errorName(put({ ...object, IfNoneMatch: "*" }))).toBe("PreconditionFailed");
    await s3.send(new DeleteObjectCommand(object));
    expect(await errorName(put({ ...object, IfNoneMatch: "*" }))).toBe("resolved");
  });

  it("of many writers at once exactly one wins", async () => {
    const attempts = Array.from({ length: 12 }, (_unused, index) =>
      errorName(put({ Key: "race", Body: `writer ${index}`, IfNoneMatch: "*" })),
    );
    const outcomes = await Promise.all(attempts);
    expect(outcomes.filter((outcome) => outcome === "resolved")).toHaveLength(1);
    expect(new Set(outcomes)).toEqual(new Set(["resolved", "PreconditionFailed"]));
  });

  it("If-Match writes over the entity tag that was read, and only over it", async () => {
    const first = await put({ Key: "match", Body: "1" });
    const second = await put({ Key: "match", Body: "2", IfMatch: first.ETag });
    expect(await errorName(put({ Key: "match", Body: "3", IfMatch: first.ETag }))).toBe("PreconditionFailed");
    expect(await errorName(put({ Key: "absent", IfMatch: second.ETag }))).toBe("NoSuchKey");
    expect(await read("plain", "match")).toBe("2");
  });

  it("If-Match reads an entity tag, and so needs GetObject", async () => {
    const { ETag } = await put({ Key: "match-read" });
    const command = new PutObjectCommand({ Bucket: "plain", Key: "match-read", Body: "y", IfMatch: ETag });
    expect(await errorName(bench.client("PUTTER").send(command))).toBe("AccessDenied");
  });

  it("If-None-Match with an entity tag is not a write condition of S3", async () => {
    expect(await errorName(put({ IfNoneMatch: '"abc"' }))).toBe("NotImplemented");
  });

  it("If-Match on a delete", async () => {
    const { ETag } = await put({ Key: "delete-match" });
    const object = { Bucket: "plain", Key: "delete-match" };
    expect(await errorName(s3.send(new DeleteObjectCommand({ ...object, IfMatch: '"abc"' })))).toBe(
      "PreconditionFailed",
    );
    expect(await errorName(s3.send(new DeleteObjectCommand({ ...object, IfMatch: ETag })))).toBe("resolved");
  });
});

describe("metadata and tags", () => {
  it("come back as they were put", async () => {
    const written = {
      ContentType: "application/fhir+json",
      CacheControl: "no-store",
      ContentDisposition: "attachment",
      ContentLanguage: "en",
      Metadata: { purpose: "test" },
    };
    await put({ Key: "meta", ...written, Tagging: "class=C&kind=note" });
    const head = await s3.send(new HeadObjectCommand({ Bucket: "plain", Key: "meta" }));
    expect(head).toMatchObject({ ...written, TagCount: 2 });
  });

  it("tags can be read, replaced and removed", async () => {
    const object = { Bucket: "plain", Key: "tagged" };
    await put({ ...object, Tagging: "a=1" });
    await s3.send(new PutObjectTaggingCommand({ ...object, Tagging: { TagSet: [{ Key: "b", Value: "<&>" }] } }));
    expect((await s3.send(new GetObjectTaggingCommand(object))).TagSet).toEqual([{ Key: "b", Value: "<&>" }]);
    await s3.send(new DeleteObjectTaggingCommand(object));
    expect((await s3.send(new GetObjectTaggingCommand(object))).TagSet).toEqual([]);
  });

  it("refuses too much metadata and bad tags", async () => {
    expect(await errorName(put({ Metadata: { big: "x".repeat(2049) } }))).toBe("MetadataTooLarge");
    const eleven = Array.from({ length: 11 }, (_unused, index) => `t${index}=1`).join("&");
    expect(await errorName(put({ Tagging: eleven }))).toBe("BadRequest");
    expect(await errorName(put({ Tagging: "aws:x=1" }))).toBe("InvalidTag");
    expect(await errorName(put({ Key: "k".repeat(1025) }))).toBe("KeyTooLongError");
  });

  it("takes no other ACL, storage class or owner", async () => {
    expect(await errorName(put({ ACL: "public-read" }))).toBe("AccessControlListNotSupported");
    expect(await errorName(put({ ACL: "bucket-owner-full-control" }))).toBe("resolved");
    expect(await errorName(put({ StorageClass: "GLACIER" }))).toBe("NotImplemented");
    expect(await errorName(put({ ExpectedBucketOwner: "999999999999" }))).toBe("AccessDenied");
  });
});

describe("copies", () => {
  it("copy bytes, metadata and tags, or replace them", async () => {
    await put({ Key: "source", Body: "bytes", Metadata: { a: "1" }, Tagging: "t=1", ContentType: "text/plain" });
    await s3.send(new CopyObjectCommand({ Bucket: "versioned", Key: "copy", CopySource: "plain/source" }));
    const copied = await s3.send(new GetObjectCommand({ Bucket: "versioned", Key: "copy" }));
    expect([await copied.Body?.transformToString(), copied.Metadata, copied.ContentType, copied.TagCount]).toEqual([
      "bytes",
      { a: "1" },
      "text/plain",
      1,
    ]);
    const replace = { MetadataDirective: "REPLACE", TaggingDirective: "REPLACE" } as const;
    await s3.send(
      new CopyObjectCommand({
        Bucket: "versioned",
        Key: "copy",
        CopySource: "plain/source",
        Metadata: { b: "2" },
        ...replace,
      }),
    );
    const replaced = await s3.send(new HeadObjectCommand({ Bucket: "versioned", Key: "copy" }));
    expect([replaced.Metadata, replaced.TagCount]).toEqual([{ b: "2" }, undefined]);
  });

  it("copy an old version, and respect conditions on the source", async () => {
    const first = await put({ Bucket: "versioned", Key: "old", Body: "1" });
    await put({ Bucket: "versioned", Key: "old", Body: "2" });
    await s3.send(
      new CopyObjectCommand({
        Bucket: "plain",
        Key: "restored",
        CopySource: `versioned/old?versionId=${first.VersionId}`,
      }),
    );
    expect(await read("plain", "restored")).toBe("1");
    const conditional = {
      Bucket: "plain",
      Key: "restored",
      CopySource: "versioned/old",
      CopySourceIfMatch: first.ETag,
    };
    expect(await errorName(s3.send(new CopyObjectCommand(conditional)))).toBe("PreconditionFailed");
  });

  it("refuse an object onto itself without a change", async () => {
    await put({ Key: "self" });
    const command = new CopyObjectCommand({ Bucket: "plain", Key: "self", CopySource: "plain/self" });
    expect(await errorName(s3.send(command))).toBe("InvalidRequest");
    const missing = new CopyObjectCommand({ Bucket: "plain", Key: "self", CopySource: "plain/missing" });
    expect(await errorName(s3.send(missing))).toBe("NoSuchKey");
  });
});
