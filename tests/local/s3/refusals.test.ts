import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { s3Bench, type S3Bench } from "./bench.ts";

let bench: S3Bench;
let s3: S3Client;

beforeAll(async () => {
  bench = await s3Bench();
  s3 = bench.client();
  bench.s3.putBucket({ name: "bucket", objectLock: {} });
});
afterAll(() => bench.close());
beforeEach(async () => {
  await s3.send(new PutObjectCommand({ Bucket: "bucket", Key: "object", Body: "as it was" }));
});

const send = (method: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(`${bench.server.endpoint}${path}`, {
    method,
    headers: { authorization: "AWS4-HMAC-SHA256 Credential=ADMIN/20261122/us-east-1/s3/aws4_request", ...headers },
    ...(method === "PUT" || method === "POST" ? { body: "changed" } : {}),
  });

const OBJECT_SUBRESOURCES = [
  "acl",
  "torrent",
  "restore",
  "select",
  "attributes",
  "renameObject",
  "encryption",
  "annotation",
  "anything",
];
const BUCKET_SUBRESOURCES = [
  "acl",
  "accelerate",
  "analytics",
  "cors",
  "intelligent-tiering",
  "inventory",
  "logging",
  "metadataConfiguration",
  "metadataTable",
  "metrics",
  "notification",
  "policyStatus",
  "replication",
  "requestPayment",
  "session",
  "website",
  "abac",
  "anything",
];

describe("what this S3 does not know is answered with 501 and changes nothing", () => {
  const requests = [
    ...OBJECT_SUBRESOURCES.flatMap((name) =>
      ["PUT", "GET", "DELETE", "POST"].map((method) => [method, `/bucket/object?${name}`] as const),
    ),
    ...BUCKET_SUBRESOURCES.flatMap((name) =>
      ["PUT", "GET", "DELETE", "POST"].map((method) => [method, `/bucket?${name}`] as const),
    ),
    ["PUT", "/bucket/object?retention&legal-hold"] as const,
    ["PUT", "/bucket/object?uploads"] as const,
    ["GET", "/bucket/object?partNumber=1"] as const,
    ["POST", "/bucket/object"] as const,
    ["DELETE", "/bucket/object?legal-hold"] as const,
    ["DELETE", "/bucket/object?retention"] as const,
    ["DELETE", "/bucket?versioning"] as const,
    ["DELETE", "/bucket?object-lock"] as const,
  ];

  it("every combination", async () => {
    const wrong: string[] = [];
    for (const [method, path] of requests) {
      const answer = await send(method, path);
      if (answer.status !== 501) wrong.push(`${method} ${path} -> ${answer.status}`);
    }
    expect(wrong).toEqual([]);
    const kept = [...bench.s3.dumpObjects("bucket")].map((object) => object.bytes?.toString());
    expect(new Set(kept)).toEqual(new Set(["as it was"]));
  });

  it.each([
    ["PUT", "x-amz-grant-read", "id=1"],
    ["PUT", "x-amz-website-redirect-location", "/x"],
    ["PUT", "x-amz-server-side-encryption-customer-algorithm", "AES256"],
    ["PUT", "x-amz-write-offset-bytes", "9"],
    ["PUT", "x-amz-invented", "1"],
    ["PUT", "if-modified-since", "Sun, 22 Nov 2026 08:00:00 GMT"],
    ["GET", "x-amz-server-side-encryption-customer-key", "AAAA"],
    ["GET", "x-amz-meta-note", "x"],
    ["GET", "if-range", '"x"'],
    ["DELETE", "x-amz-mfa", "serial 123456"],
    ["DELETE", "x-amz-if-match-size", "9"],
  ])("%s with the header %s", async (method, name, value) => {
    const answer = await send(method, "/bucket/object", { [name]: value });
    expect(answer.status).toBe(501);
    const got = await s3.send(new GetObjectCommand({ Bucket: "bucket", Key: "object" }));
    expect(await got.Body?.transformToString()).toBe("as it was");
  });

  it.each([
    ["PATCH", "/bucket/object", 405],
    ["OPTIONS", "/bucket/object", 405],
    ["DELETE", "/", 405],
    ["PUT", "/bucket/%E0%A4%A", 400],
    ["GET", "/bucket?versionId=1&versionId=2", 400],
  ])("%s %s gives %i", async (method, path, status) => {
    expect((await send(method, path)).status).toBe(status);
  });

  it("answers in S3's XML, escaped, and without a body to HEAD", async () => {
    const missing = await send("GET", "/bucket/%3Cb%3E&?anything");
    expect(missing.headers.get("content-type")).toBe("application/xml");
    const error = await send("GET", "/bucket/%3Cb%3E&");
    expect(await error.text()).toContain("<Key>&lt;b&gt;&amp;</Key>");
    const head = await send("HEAD", "/bucket/missing");
    expect([head.status, await head.text()]).toEqual([404, ""]);
  });
});
