import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
  type CreateMultipartUploadCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checksumBytes } from "../../../scripts/local/s3/checksums.ts";
import { errorName } from "../kms/clients.ts";
import { s3Bench, type S3Bench } from "./bench.ts";

const FIVE_MB = 5 * 1024 * 1024;
const large = randomBytes(FIVE_MB);
const small = Buffer.from("the end");
const Bucket = "uploads";

let bench: S3Bench;
let s3: S3Client;

beforeAll(async () => {
  bench = await s3Bench();
  s3 = bench.client();
  bench.s3.putBucket({ name: Bucket, objectLock: { defaultRetention: { mode: "COMPLIANCE", days: 1 } } });
});
afterAll(() => bench.close());

interface Started {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string | undefined;
}

async function start(Key: string, input: Partial<CreateMultipartUploadCommandInput> = {}): Promise<Started> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...input }));
  return { Bucket, Key, UploadId };
}

async function send(upload: Started, PartNumber: number, Body: Buffer): Promise<CompletedPart> {
  const part = await s3.send(new UploadPartCommand({ ...upload, PartNumber, Body }));
  return { PartNumber, ETag: part.ETag };
}

const complete = (upload: Started, Parts: readonly CompletedPart[], input: object = {}) =>
  s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: [...Parts] }, ...input }));

describe("multipart uploads", () => {
  it("become one locked object with metadata, an entity tag of parts and a checksum of the whole", async () => {
    const upload = await start("whole", { ContentType: "image/png", Metadata: { kind: "scan" }, Tagging: "a=1" });
    const parts = [await send(upload, 1, large), await send(upload, 7, small)];
    const done = await complete(upload, parts);
    const digests = Buffer.concat([large, small].map((part) => createHash("md5").update(part).digest()));
    expect(done.ETag).toBe(`"${createHash("md5").update(digests).digest("hex")}-2"`);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: "whole", ChecksumMode: "ENABLED" }));
    expect(Buffer.concat([large, small]).equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(
      true,
    );
    expect(got).toMatchObject({
      ContentType: "image/png",
      Metadata: { kind: "scan" },
      TagCount: 1,
      ObjectLockMode: "COMPLIANCE",
    });
    const later = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(later.Uploads).toBeUndefined();
    expect(await errorName(complete(upload, parts))).toBe("NoSuchUpload");
  });

  it("carry a composite checksum where one was asked for", async () => {
    const upload = await start("composite", { ChecksumAlgorithm: "SHA256" });
    const part = await s3.send(
      new UploadPartCommand({ ...upload, PartNumber: 1, Body: small, ChecksumAlgorithm: "SHA256" }),
    );
    const done = await complete(upload, [{ PartNumber: 1, ETag: part.ETag, ChecksumSHA256: part.ChecksumSHA256 }]);
    const expected = checksumBytes("sha256", checksumBytes("sha256", small)).toString("base64");
    expect([done.ChecksumSHA256, done.ChecksumType]).toEqual([`${expected}-1`, "COMPOSITE"]);
  });

  it("carry a full-object checksum where one was asked for", async () => {
    const upload = await start("full", { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" });
    const parts = [await send(upload, 1, large), await send(upload, 2, small)];
    const done = await complete(upload, parts);
    const expected = checksumBytes("crc32", Buffer.concat([large, small])).toString("base64");
    expect([done.ChecksumCRC32, done.ChecksumType]).toEqual([expected, "FULL_OBJECT"]);
  });

  it("list their parts, a page at a time, and replace a part that is sent again", async () => {
    const upload = await start("listed");
    for (const number of [3, 1, 2]) await send(upload, number, Buffer.from(`part ${number}`));
    const replaced = await send(upload, 2, Buffer.from("part two"));
    const first = await s3.send(new ListPartsCommand({ ...upload, MaxParts: 2 }));
    expect([first.IsTruncated, first.Parts?.map((part) => part.PartNumber)]).toEqual([true, [1, 2]]);
    expect(first.Parts?.[1]?.ETag).toBe(replaced.ETag);
    const second = await s3.send(new ListPartsCommand({ ...upload, PartNumberMarker: first.NextPartNumberMarker }));
    expect(second.Parts?.map((part) => part.PartNumber)).toEqual([3]);
    const uploads = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: "lis" }));
    expect(uploads.Uploads?.map((entry) => entry.UploadId)).toEqual([upload.UploadId]);
    await s3.send(new AbortMultipartUploadCommand(upload));
    expect(await errorName(s3.send(new ListPartsCommand(upload)))).toBe("NoSuchUpload");
    expect(await errorName(s3.send(new HeadObjectCommand({ Bucket, Key: "listed" })))).toBe("NotFound");
  });

  it("respect If-None-Match when they are completed", async () => {
    const upload = await start("conditional");
    const parts = [await send(upload, 1, small)];
    await s3.send(new PutObjectCommand({ Bucket, Key: "conditional", Body: "x" }));
    expect(await errorName(complete(upload, parts, { IfNoneMatch: "*" }))).toBe("PreconditionFailed");
  });

  it("are refused when the list of parts is not right", async () => {
    const upload = await start("refused");
    const first = await send(upload, 1, small);
    const second = await send(upload, 2, small);
    expect(await errorName(complete(upload, []))).toBe("MalformedXML");
    expect(await errorName(complete(upload, [second, first]))).toBe("InvalidPartOrder");
    expect(await errorName(complete(upload, [first, second]))).toBe("EntityTooSmall");
    expect(await errorName(complete(upload, [{ ...first, ETag: '"00"' }]))).toBe("InvalidPart");
    expect(await errorName(complete(upload, [{ ...first, PartNumber: 9 }]))).toBe("InvalidPart");
    expect(await errorName(complete(upload, [first], { MpuObjectSize: 1 }))).toBe("InvalidRequest");
    expect(await errorName(send({ ...upload, UploadId: "unknown" }, 1, small))).toBe("NoSuchUpload");
    expect(await errorName(send({ ...upload, Key: "another" }, 1, small))).toBe("NoSuchUpload");
    expect(await errorName(send(upload, 10_001, small))).toBe("InvalidArgument");
  });

  it("ask IAM for a creation only when they are completed", async () => {
    const upload = await start("asked");
    const isCreation = () => bench.server.prepared.at(-1)?.checks[0]?.context["s3:ObjectCreationOperation"];
    expect(isCreation()).toBe(false);
    const part = await send(upload, 1, small);
    expect(isCreation()).toBe(false);
    await complete(upload, [part]);
    expect(isCreation()).toBe(true);
  });
});
