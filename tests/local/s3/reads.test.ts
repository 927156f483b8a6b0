import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type GetObjectCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judgeRead } from "../../../scripts/local/s3/conditions.ts";
import { parseRange } from "../../../scripts/local/s3/ranges.ts";
import { errorName } from "../kms/clients.ts";
import { ADMIN, allow } from "../kms/harness.ts";
import { s3Bench, type S3Bench } from "./bench.ts";

describe("ranges", () => {
  it("give exactly the bytes that RFC 9110 says, or 416, or everything", () => {
    const end = fc.option(fc.nat({ max: 40 }), { nil: undefined });
    fc.assert(
      fc.property(fc.nat({ max: 30 }), end, end, (size, from, to) => {
        const header = `bytes=${from ?? ""}-${to ?? ""}`;
        const bytes = Array.from({ length: size }, (_unused, index) => index);
        const isMalformed =
          (from === undefined && to === undefined) || (from !== undefined && to !== undefined && from > to);
        const expected =
          from === undefined
            ? bytes.slice(Math.max(0, size - (to ?? 0)))
            : bytes.slice(from, to === undefined ? size : to + 1);
        if (isMalformed) {
          expect(parseRange(header, size)).toBeUndefined();
        } else if (expected.length === 0) {
          expect(() => parseRange(header, size)).toThrow(
            expect.objectContaining({ code: "InvalidRange", status: 416 }),
          );
        } else {
          expect(parseRange(header, size)).toEqual({ first: expected[0], last: expected.at(-1) });
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([undefined, "", "items=0-1", "bytes=0-1,3-4", "bytes=a-b", "bytes 0-1"])("%s is no range", (header) => {
    expect(parseRange(header, 10)).toBeUndefined();
  });
});

describe("conditional reads", () => {
  const object = { etag: "abc", modifiedAtMs: Date.parse("2026-11-22T08:00:00.700Z") };
  const before = "Sun, 22 Nov 2026 07:59:59 GMT";
  const same = "Sun, 22 Nov 2026 08:00:00 GMT";
  it.each([
    [{}, "proceed"],
    [{ "if-match": '"abc"' }, "proceed"],
    [{ "if-match": "*" }, "proceed"],
    [{ "if-match": '"x"' }, 412],
    [{ "if-match": '"x", "abc"' }, "proceed"],
    [{ "if-none-match": '"abc"' }, "not-modified"],
    [{ "if-none-match": '"x"' }, "proceed"],
    [{ "if-unmodified-since": before }, 412],
    [{ "if-unmodified-since": same }, "proceed"],
    [{ "if-modified-since": same }, "not-modified"],
    [{ "if-modified-since": before }, "proceed"],
    // The entity tag wins over the date.
    [{ "if-match": '"abc"', "if-unmodified-since": before }, "proceed"],
    [{ "if-none-match": '"abc"', "if-modified-since": before }, "not-modified"],
    [{ "if-none-match": '"x"', "if-modified-since": same }, "proceed"],
    [{ "if-modified-since": "not a date" }, "proceed"],
  ] as const)("%j gives %s", (headers, expected) => {
    const judged = (): string => judgeRead(headers, object);
    if (expected === 412) expect(judged).toThrow(expect.objectContaining({ status: 412 }));
    else expect(judged()).toBe(expected);
  });
});

describe("reading objects", () => {
  let bench: S3Bench;
  let s3: S3Client;
  const Bucket = "versioned";

  beforeAll(async () => {
    bench = await s3Bench({
      principals: {
        ADMIN,
        READER: { roleName: "reader", policies: [allow("s3:GetObject")] },
        LISTER: { roleName: "lister", policies: [allow("s3:GetObject", "s3:ListBucket")] },
      },
    });
    s3 = bench.client();
    bench.s3.putBucket({ name: Bucket, versioning: "Enabled" });
    await s3.send(new PutObjectCommand({ Bucket, Key: "digits", Body: "0123456789" }));
  });
  afterAll(() => bench.close());

  const get = (input: Partial<GetObjectCommandInput>) =>
    s3.send(new GetObjectCommand({ Bucket, Key: "digits", ...input }));

  it("gives a part of an object with its place", async () => {
    const got = await get({ Range: "bytes=2-4", ChecksumMode: "ENABLED" });
    expect([
      await got.Body?.transformToString(),
      got.ContentRange,
      got.ContentLength,
      got.$metadata.httpStatusCode,
    ]).toEqual(["234", "bytes 2-4/10", 3, 206]);
    // A checksum of the whole would not fit a part.
    expect(got.ChecksumCRC32).toBeUndefined();
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "digits", Range: "bytes=-3" }));
    expect([head.ContentLength, head.ContentRange]).toEqual([3, "bytes 7-9/10"]);
    await expect(get({ Range: "bytes=10-" })).rejects.toMatchObject({
      name: "InvalidRange",
      $metadata: { httpStatusCode: 416 },
    });
  });

  it("answers conditions with 304 and 412", async () => {
    const { ETag } = await s3.send(new HeadObjectCommand({ Bucket, Key: "digits" }));
    await expect(get({ IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(get({ IfMatch: '"other"' })).rejects.toMatchObject({ name: "PreconditionFailed" });
  });

  it("lets the reader override headers of the answer", async () => {
    const got = await get({ ResponseContentType: "text/csv", ResponseContentDisposition: "attachment" });
    expect([got.ContentType, got.ContentDisposition]).toEqual(["text/csv", "attachment"]);
  });

  it("tells that a key is missing only to who may list", async () => {
    const missing = new GetObjectCommand({ Bucket, Key: "missing" });
    expect(await errorName(bench.client("LISTER").send(missing))).toBe("NoSuchKey");
    expect(await errorName(bench.client("READER").send(missing))).toBe("AccessDenied");
    expect(await errorName(bench.client("READER").send(new GetObjectCommand({ Bucket, Key: "digits" })))).toBe(
      "resolved",
    );
    expect(
      await errorName(bench.client("LISTER").send(new GetObjectCommand({ Bucket: "no-such-bucket", Key: "x" }))),
    ).toBe("NoSuchBucket");
  });

  it("asks for the version's own permission", async () => {
    const { VersionId } = await s3.send(new HeadObjectCommand({ Bucket, Key: "digits" }));
    const command = new GetObjectCommand({ Bucket, Key: "digits", VersionId });
    expect(await errorName(bench.client("READER").send(command))).toBe("AccessDenied");
    const check = bench.server.prepared.at(-1)?.checks[0];
    expect([check?.action, check?.context["s3:VersionId"]]).toEqual(["s3:GetObjectVersion", VersionId]);
  });

  it("shows a delete marker as what it is", async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "marked", Body: "x" }));
    const { VersionId } = await s3.send(new DeleteObjectCommand({ Bucket, Key: "marked" }));
    expect(await errorName(s3.send(new GetObjectCommand({ Bucket, Key: "marked" })))).toBe("NoSuchKey");
    const marker = new GetObjectCommand({ Bucket, Key: "marked", VersionId });
    await expect(s3.send(marker)).rejects.toMatchObject({
      name: "MethodNotAllowed",
      $metadata: { httpStatusCode: 405 },
    });
    expect(bench.server.answers.at(-1)?.headers["x-amz-delete-marker"]).toBe("true");
  });

  it.each([
    ["not-a-version", "InvalidArgument"],
    ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "NoSuchVersion"],
  ])("a version id %s gives %s", async (VersionId, error) => {
    expect(await errorName(get({ VersionId }))).toBe(error);
  });

  it("keeps one null version where versioning rests", async () => {
    const name = "resting";
    bench.s3.putBucket({ name, versioning: "Enabled" });
    await s3.send(new PutObjectCommand({ Bucket: name, Key: "k", Body: "kept" }));
    await s3.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: "Suspended" } }));
    await s3.send(new PutObjectCommand({ Bucket: name, Key: "k", Body: "null 1" }));
    await s3.send(new PutObjectCommand({ Bucket: name, Key: "k", Body: "null 2" }));
    const bodies = [...bench.s3.dumpObjects(name)].map((object) => [
      object.bytes?.toString(),
      object.versionId === "null",
    ]);
    expect(bodies).toEqual([
      ["null 2", true],
      ["kept", false],
    ]);
    const deleted = await s3.send(new DeleteObjectCommand({ Bucket: name, Key: "k" }));
    expect([deleted.DeleteMarker, deleted.VersionId]).toEqual([true, "null"]);
    expect([...bench.s3.dumpObjects(name)].map((object) => object.bytes?.toString())).toEqual([undefined, "kept"]);
  });

  it("deletes many at once and tells what became of each", async () => {
    bench.s3.putBucket({ name: "many", objectLock: { defaultRetention: { mode: "COMPLIANCE", days: 1 } } });
    const put = await s3.send(new PutObjectCommand({ Bucket: "many", Key: "locked", Body: "x" }));
    const Objects = [
      { Key: "locked", VersionId: put.VersionId },
      { Key: "locked" },
      { Key: "never" },
      { Key: "odd", VersionId: "odd" },
    ];
    const answer = await s3.send(new DeleteObjectsCommand({ Bucket: "many", Delete: { Objects } }));
    expect(answer.Deleted?.map((entry) => [entry.Key, entry.DeleteMarker])).toEqual([
      ["locked", true],
      ["never", true],
    ]);
    expect(answer.Errors?.map((entry) => [entry.Key, entry.Code])).toEqual([
      ["locked", "AccessDenied"],
      ["odd", "NoSuchVersion"],
    ]);
    const quiet = await s3.send(
      new DeleteObjectsCommand({ Bucket: "many", Delete: { Objects: [{ Key: "never" }], Quiet: true } }),
    );
    expect(quiet.Deleted).toBeUndefined();
  });
});
