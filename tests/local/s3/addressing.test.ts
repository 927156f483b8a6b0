import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCloud, createVirtualClock, type Cloud } from "../../../scripts/local/front/index.ts";
import { parseRequest } from "../../../scripts/local/s3/request.ts";
import { errorName } from "../kms/clients.ts";
import { s3Bench, type S3Bench } from "./bench.ts";

const wire = (path: string, query = "", headers: Readonly<Record<string, string>> = {}) =>
  parseRequest({ method: "GET", path, query, headers, body: Buffer.alloc(0) });

describe("the names in a request", () => {
  it.each([
    ["127.0.0.1:4566", "/bucket/a/b", "bucket", "a/b"],
    ["localhost:4566", "/bucket", "bucket", undefined],
    ["bucket.localhost:4566", "/a/b", "bucket", "a/b"],
    ["my.bucket.s3.localhost:4566", "/a", "my.bucket", "a"],
    ["s3.localhost:4566", "/bucket/a", "bucket", "a"],
    ["bucket.s3.us-east-1.amazonaws.com", "/a", "bucket", "a"],
    ["s3.us-east-1.amazonaws.com", "/bucket/a", "bucket", "a"],
    ["127.0.0.1", "/", undefined, undefined],
    ["127.0.0.1", "/bucket/a%2Fb+c%20d", "bucket", "a/b+c d"],
    ["127.0.0.1", "/bucket/t/A/../B", "bucket", "t/A/../B"],
    ["127.0.0.1", "/bucket//double", "bucket", "/double"],
  ])("%s %s", (host, path, bucket, key) => {
    expect(wire(path, "", { host })).toMatchObject({ bucket, key });
  });

  it("a presigned URL carries headers in its query, and a header cannot override them", () => {
    const query =
      "X-Amz-Signature=abc&X-Amz-Date=20261122T080000Z&x-amz-object-lock-mode=COMPLIANCE&x-id=PutObject&versionId=1";
    const request = wire("/b/k", query, { "x-amz-object-lock-mode": "GOVERNANCE" });
    expect(request.headers["x-amz-object-lock-mode"]).toBe("COMPLIANCE");
    expect([...request.query.keys()]).toEqual(["versionId"]);
    expect([request.isPresigned, request.signedAtMs]).toEqual([true, Date.UTC(2026, 10, 22, 8)]);
    // Without a signature in the query these are parameters like any other.
    expect([...wire("/b/k", "x-amz-acl=private").query.keys()]).toEqual(["x-amz-acl"]);
  });
});

describe("keys are names, never paths", () => {
  let bench: S3Bench;
  let s3: S3Client;
  let folder: string;
  const KEYS = [
    "../../escape",
    "/etc/passwd",
    "a/../b",
    "..",
    "con",
    "a b/é'(x)*+&=~!$.json",
    "new\nline",
    "\u{1F600}",
    "%2e%2e%2f",
    "a\\b",
    "x".repeat(1024),
  ];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "s3-keys-"));
    bench = await s3Bench({ folder });
    s3 = bench.client();
    bench.s3.putBucket({ name: "keys" });
  });
  afterAll(async () => {
    await bench.close();
    rmSync(folder, { recursive: true });
  });

  it.each(KEYS)("%j comes back as itself", async (Key) => {
    await s3.send(new PutObjectCommand({ Bucket: "keys", Key, Body: Key }));
    const got = await s3.send(new GetObjectCommand({ Bucket: "keys", Key }));
    expect(await got.Body?.transformToString()).toBe(Key);
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: "keys", Prefix: Key }));
    expect(listed.Contents?.map((entry) => entry.Key)).toContain(Key);
  });

  it("only digests name files, and the last delete removes the bytes", async () => {
    const names = (): readonly string[] =>
      readdirSync(join(folder, "blobs")).flatMap((shard) =>
        readdirSync(join(folder, "blobs", shard)).map((name) => join(shard, name)),
      );
    expect(names()).toHaveLength(KEYS.length);
    expect(names().every((name) => /^([0-9a-f]{2})[/\\]\1[0-9a-f]{62}$/.test(name))).toBe(true);
    expect(existsSync(join(folder, "..", "escape"))).toBe(false);
    await s3.send(new PutObjectCommand({ Bucket: "keys", Key: "twin", Body: KEYS[0] ?? "" }));
    expect(names()).toHaveLength(KEYS.length);
    for (const Key of KEYS) await s3.send(new DeleteObjectCommand({ Bucket: "keys", Key }));
    expect(names()).toHaveLength(1);
    await s3.send(new PutObjectCommand({ Bucket: "keys", Key: "twin", Body: "other bytes" }));
    expect(names()).toHaveLength(1);
  });
});

describe("through the front door", () => {
  let cloud: Cloud;
  let s3: S3Client;
  const clock = createVirtualClock();

  beforeAll(async () => {
    cloud = await createCloud({ clock });
    cloud.s3.putBucket({ name: "att" });
    const { accessKeyId, secretAccessKey } = cloud.rootCredentials;
    s3 = new S3Client({
      endpoint: cloud.endpoint,
      region: cloud.region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
      // Else the SDK signs the checksum of the body that it does not have yet.
      requestChecksumCalculation: "WHEN_REQUIRED",
      maxAttempts: 1,
    });
  });
  afterAll(async () => {
    s3.destroy();
    await cloud.close();
  });

  const signed = (command: PutObjectCommand | GetObjectCommand): Promise<string> =>
    getSignedUrl(s3, command, { expiresIn: 60, signingDate: new Date(clock.now()) });

  it("a presigned PUT and GET work, and only for what was signed", async () => {
    const put = await signed(new PutObjectCommand({ Bucket: "att", Key: "t/A/scan.png" }));
    expect((await fetch(put, { method: "PUT", body: "bytes" })).status).toBe(200);
    const get = await signed(new GetObjectCommand({ Bucket: "att", Key: "t/A/scan.png" }));
    expect(await (await fetch(get)).text()).toBe("bytes");
    expect((await fetch(get, { method: "PUT", body: "forged" })).status).toBe(403);
    expect((await fetch(get.replace("/t/A/", "/t/B/"))).status).toBe(403);
    expect((await fetch(`${get}&versionId=null`)).status).toBe(403);
  });

  it("a presigned URL ends by the clock", async () => {
    const get = await signed(new GetObjectCommand({ Bucket: "att", Key: "t/A/scan.png" }));
    await clock.advance(61_000);
    expect((await fetch(get)).status).toBe(403);
  });

  it("virtual-hosted addresses reach the same bucket", async () => {
    const { accessKeyId, secretAccessKey } = cloud.rootCredentials;
    const virtual = new S3Client({
      endpoint: `http://localhost:${cloud.port}`,
      region: cloud.region,
      credentials: { accessKeyId, secretAccessKey },
      systemClockOffset: clock.now() - Date.now(),
      maxAttempts: 1,
    });
    const outcome = await errorName(virtual.send(new HeadObjectCommand({ Bucket: "att", Key: "t/A/scan.png" })));
    virtual.destroy();
    // A machine whose resolver does not know *.localhost cannot ask; what the service would do is tested above.
    expect(["resolved", "Error"]).toContain(outcome);
  });
});
