import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PolicyDocument } from "../../../core/iam/index.ts";
import type { Prepared, WireRequest, WireResponse } from "../../../scripts/local/service.ts";
import { ADMIN, testCall } from "../kms/harness.ts";
import { s3Bench, type S3Bench } from "./bench.ts";

const KEY = "22222222-2222-4222-8222-22222222bbbb";
const rootPolicy: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:root" }, Action: "kms:*", Resource: "*" },
  ],
};

let bench: S3Bench;
beforeAll(async () => {
  bench = await s3Bench();
  bench.kms.provisionKey({
    keyId: KEY,
    spec: "SYMMETRIC_DEFAULT",
    usage: "ENCRYPT_DECRYPT",
    policy: rootPolicy,
    aliases: ["alias/k"],
    tags: {},
    description: "k",
  });
  bench.s3.putBucket({ name: "bucket", encryption: { algorithm: "aws:kms", keyId: KEY } });
});
afterAll(() => bench.close());

const s3Prepare = async (
  method: string,
  key: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Prepared> => {
  const request: WireRequest = { method, path: `/bucket/${key}`, query: "", headers, body: Buffer.from("body") };
  return bench.s3.prepare(request, testCall(ADMIN, bench.clock));
};
const kmsPrepare = async (operation: string, input: unknown): Promise<Prepared> => {
  const headers = { "x-amz-target": `TrentService.${operation}` };
  const body = Buffer.from(JSON.stringify(input));
  return bench.kms.prepare({ method: "POST", path: "/", query: "", headers, body }, testCall(ADMIN, bench.clock));
};
const run = async (prepared: Prepared): Promise<WireResponse> => prepared.run();
const actions = (prepared: Prepared): readonly string[] => prepared.checks.map((check) => check.action);

describe("a request that waited between its permission and its run", () => {
  it("does not open an object that needs a permission it did not ask for", async () => {
    const key = randomUUID();
    const reading = await s3Prepare("GET", key);
    expect(actions(reading)).toEqual(["s3:GetObject", "s3:ListBucket"]);
    await run(await s3Prepare("PUT", key));
    await expect(run(reading)).rejects.toMatchObject({ code: "SlowDown", status: 503 });
    expect(actions(await s3Prepare("GET", key))).toEqual(["s3:GetObject", "kms:Decrypt"]);
  });

  it("sees the object of now when its permissions cover it", async () => {
    const key = randomUUID();
    await run(await s3Prepare("PUT", key));
    const reading = await s3Prepare("GET", key);
    await run(await s3Prepare("DELETE", key));
    await expect(run(reading)).rejects.toMatchObject({ code: "SlowDown" });
    const checking = await s3Prepare("PUT", key, { "if-none-match": "*" });
    await run(await s3Prepare("PUT", key));
    await expect(run(checking)).rejects.toMatchObject({ code: "PreconditionFailed" });
  });

  it("does not undo what was changed meanwhile", async () => {
    const disabling = await kmsPrepare("DisableKey", { KeyId: KEY });
    await run(await kmsPrepare("UpdateKeyDescription", { KeyId: KEY, Description: "changed meanwhile" }));
    await run(disabling);
    const described = await run(await kmsPrepare("DescribeKey", { KeyId: KEY }));
    expect(JSON.parse(described.body.toString())).toMatchObject({
      KeyMetadata: { Description: "changed meanwhile", KeyState: "Disabled" },
    });
    await run(await kmsPrepare("EnableKey", { KeyId: KEY }));
  });

  it("is refused when the key's policy became another", async () => {
    const encrypting = await kmsPrepare("Encrypt", { KeyId: KEY, Plaintext: "eA==" });
    const closed = {
      ...rootPolicy,
      Statement: [...rootPolicy.Statement, { Effect: "Deny", Principal: "*", Action: "kms:Encrypt", Resource: "*" }],
    };
    await run(await kmsPrepare("PutKeyPolicy", { KeyId: KEY, Policy: JSON.stringify(closed) }));
    await expect(run(encrypting)).rejects.toMatchObject({ code: "KMSInternalException" });
  });
});

describe("what the trail hears of an answer", () => {
  it("is the version that was made, and of KMS only what is no secret", async () => {
    bench.s3.putBucket({ name: "bucket", versioning: "Enabled" });
    const putting = await s3Prepare("PUT", "told");
    await run(putting);
    const told = putting.responseElements?.() ?? {};
    expect(Object.keys(told).toSorted()).toEqual(["x-amz-server-side-encryption", "x-amz-version-id"]);
    expect(told["x-amz-version-id"]).toMatch(/^[\w-]{32}$/);
    const making = await kmsPrepare("CreateKey", {});
    await run(making);
    expect(making.responseElements?.()).toMatchObject({ keyMetadata: { keyState: "Enabled" } });
    const random = await kmsPrepare("GenerateRandom", { NumberOfBytes: 8 });
    await run(random);
    expect(random.responseElements?.()).toBeUndefined();
  });
});
