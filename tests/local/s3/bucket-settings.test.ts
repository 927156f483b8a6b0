import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Statement } from "../../../core/iam/index.ts";
import { isPublicPolicy } from "../../../scripts/local/s3/bucket-policy.ts";
import { parseXml } from "../../../scripts/local/s3/xml-reader.ts";
import { errorName } from "../kms/clients.ts";
import { s3Bench, type S3Bench } from "./bench.ts";

let bench: S3Bench;
let s3: S3Client;
const Bucket = "settings";

beforeAll(async () => {
  bench = await s3Bench();
  s3 = bench.client();
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => bench.close());

describe("buckets", () => {
  it("are made once, located, listed, and deleted only when empty", async () => {
    expect(await errorName(s3.send(new CreateBucketCommand({ Bucket })))).toBe("BucketAlreadyOwnedByYou");
    expect((await s3.send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe("us-east-1");
    expect((await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBeUndefined();
    await s3.send(new CreateBucketCommand({ Bucket: "another" }));
    expect((await s3.send(new ListBucketsCommand({}))).Buckets?.map((bucket) => bucket.Name)).toEqual([
      "another",
      Bucket,
    ]);
    const first = await s3.send(new ListBucketsCommand({ MaxBuckets: 1 }));
    const second = await s3.send(new ListBucketsCommand({ ContinuationToken: first.ContinuationToken }));
    expect(second.Buckets?.map((bucket) => bucket.Name)).toEqual([Bucket]);
    await s3.send(new PutObjectCommand({ Bucket: "another", Key: "k", Body: "x" }));
    expect(await errorName(s3.send(new DeleteBucketCommand({ Bucket: "another" })))).toBe("BucketNotEmpty");
    expect(await errorName(s3.send(new HeadBucketCommand({ Bucket: "no-such-bucket" })))).toBe("NotFound");
  });

  it.each(["ab", "UPPER", "with_underscore", "-front", "1.2.3.4", "two..dots", "xn--punycode"])(
    "cannot be called %s",
    async (name) => {
      const path = await fetch(`${bench.server.endpoint}/${name}`, {
        method: "PUT",
        headers: { authorization: "AWS4-HMAC-SHA256 Credential=ADMIN/20261122/us-east-1/s3/aws4_request" },
      });
      expect([path.status, await path.text()]).toEqual([400, expect.stringContaining("InvalidBucketName")]);
    },
  );

  it("are made in this Region or not at all", async () => {
    const command = new CreateBucketCommand({
      Bucket: "elsewhere",
      CreateBucketConfiguration: { LocationConstraint: "eu-west-1" },
    });
    expect(await errorName(s3.send(command))).toBe("IllegalLocationConstraintException");
  });
});

describe("settings", () => {
  it("are private by default, and can be read, written and removed", async () => {
    const block = (await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration;
    expect(block).toEqual({
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    });
    await s3.send(
      new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: { BlockPublicPolicy: true } }),
    );
    const changed = (await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration;
    expect(changed).toMatchObject({ BlockPublicAcls: false, BlockPublicPolicy: true });
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    expect(await errorName(s3.send(new GetPublicAccessBlockCommand({ Bucket })))).toBe(
      "NoSuchPublicAccessBlockConfiguration",
    );

    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: "app", Value: "keyward" }] } }));
    expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual([{ Key: "app", Value: "keyward" }]);

    const controls = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    expect(controls.OwnershipControls?.Rules).toEqual([{ ObjectOwnership: "BucketOwnerEnforced" }]);
    const acls = { Bucket, OwnershipControls: { Rules: [{ ObjectOwnership: "ObjectWriter" as const }] } };
    expect(await errorName(s3.send(new PutBucketOwnershipControlsCommand(acls)))).toBe("NotImplemented");
  });

  it("a lifecycle is kept and shown, and one that would not be carried out is refused", async () => {
    expect(await errorName(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })))).toBe(
      "NoSuchLifecycleConfiguration",
    );
    const rule = { ID: "tidy", Status: "Enabled" as const, Filter: { Prefix: "tmp/" } };
    const put = (more: object): Promise<unknown> =>
      s3.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket,
          LifecycleConfiguration: { Rules: [{ ...rule, ...more }] },
        }),
      );
    for (const more of [
      { Expiration: { Date: new Date("2027-01-01T00:00:00Z") } },
      { Transitions: [{ Days: 1, StorageClass: "DEEP_ARCHIVE" as const }] },
      { Expiration: { Days: 1 }, Filter: { ObjectSizeGreaterThan: 1 } },
    ]) {
      expect(await errorName(put(more))).toBe("NotImplemented");
    }
    for (const more of [
      { Expiration: { Days: 1 }, Filter: { Tag: { Key: "a", Value: "b" } } },
      { NoncurrentVersionExpiration: { NoncurrentDays: 1 } },
    ]) {
      await put(more);
      const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
      expect(Rules).toMatchObject([{ ...rule, ...more }]);
    }
    await s3.send(new DeleteBucketLifecycleCommand({ Bucket }));
    expect(await errorName(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })))).toBe(
      "NoSuchLifecycleConfiguration",
    );
  });
});

describe("bucket policies", () => {
  const arn = `arn:aws:s3:::${Bucket}`;
  const statement = { Effect: "Deny", Principal: "*", Action: "s3:DeleteObject", Resource: `${arn}/*` };
  const put = (policy: unknown): Promise<string> =>
    errorName(
      s3.send(
        new PutBucketPolicyCommand({ Bucket, Policy: typeof policy === "string" ? policy : JSON.stringify(policy) }),
      ),
    );

  it.each([
    ["no JSON", "nonsense"],
    ["no version", { Statement: [statement] }],
    ["the old version", { Version: "2008-10-17", Statement: [statement] }],
    ["no principal", { Version: "2012-10-17", Statement: [{ ...statement, Principal: undefined }] }],
    ["another service's action", { Version: "2012-10-17", Statement: [{ ...statement, Action: "kms:Decrypt" }] }],
    ["another bucket", { Version: "2012-10-17", Statement: [{ ...statement, Resource: "arn:aws:s3:::other/*" }] }],
    [
      "a bucket whose name begins the same",
      { Version: "2012-10-17", Statement: [{ ...statement, Resource: `${arn}2/*` }] },
    ],
    ["no effect", { Version: "2012-10-17", Statement: [{ ...statement, Effect: "Maybe" }] }],
  ])("with %s are refused", async (_name, policy) => {
    expect(await put(policy)).toBe("MalformedPolicy");
  });

  it("come back as they were put, hold, and can be removed", async () => {
    expect(await errorName(s3.send(new GetBucketPolicyCommand({ Bucket })))).toBe("NoSuchBucketPolicy");
    const policy = { Version: "2012-10-17", Statement: [statement] };
    expect(await put(policy)).toBe("resolved");
    expect(JSON.parse((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy ?? "")).toEqual(policy);
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
    expect(await errorName(s3.send(new GetBucketPolicyCommand({ Bucket })))).toBe("NoSuchBucketPolicy");
  });

  const open: Statement = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `${arn}/*` };
  it.each([
    ["everybody", open, true],
    ["everybody, as a list", { ...open, Principal: { AWS: ["*"] } }, true],
    ["a role", { ...open, Principal: { AWS: "arn:aws:iam::111122223333:role/x" } }, false],
    ["everybody but one", { ...open, Principal: undefined, NotPrincipal: { AWS: "x" } }, true],
    ["everybody in one organisation", { ...open, Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } } }, false],
    ["everybody in any organisation", { ...open, Condition: { StringLike: { "aws:PrincipalOrgID": "o-*" } } }, true],
    ["everybody outside one network", { ...open, Condition: { NotIpAddress: { "aws:SourceIp": "10.0.0.0/8" } } }, true],
    ["nobody", { ...open, Effect: "Deny" }, false],
  ] as const)("for %s", (_name, entry, expected) => {
    expect(isPublicPolicy({ Version: "2012-10-17", Statement: [entry as Statement] })).toBe(expected);
  });

  it("for everybody are refused while public policies are blocked", async () => {
    bench.s3.putBucket({ name: Bucket });
    expect(await put({ Version: "2012-10-17", Statement: [open] })).toBe("AccessDenied");
  });
});

describe("XML of requests", () => {
  it("is read with entities, comments, prefixes and empty elements", () => {
    const root = parseXml(
      Buffer.from(
        `<?xml version="1.0"?><!-- x --><s3:A xmlns:s3="u" b='c'><B>&lt;&#x41;&amp;</B><C/><B> t </B></s3:A>`,
      ),
    );
    expect(root).toMatchObject({
      name: "A",
      children: [{ name: "B", text: "<A&" }, { name: "C" }, { name: "B", text: " t " }],
    });
  });

  it.each([
    "",
    "text",
    "<A>",
    "<A></B>",
    "<A/><B/>",
    "<A>&unknown;</A>",
    "<A>&</A>",
    "<A>&#0;</A>",
    '<!DOCTYPE A [<!ENTITY e "x">]><A>&e;</A>',
    "<A><![CDATA[x]]></A>",
    "<A b=c/>",
    `${"<A>".repeat(40)}${"</A>".repeat(40)}`,
  ])("%s is refused", (text) => {
    expect(() => parseXml(Buffer.from(text))).toThrow(expect.objectContaining({ code: "MalformedXML" }));
  });
});

describe("what the provisioner and deliveries do", () => {
  it("making a bucket again changes settings and keeps objects", () => {
    bench.s3.putBucket({ name: "again", objectLock: { defaultRetention: { mode: "COMPLIANCE", days: 1 } } });
    bench.s3.putObjectInternal("again", "k", Buffer.from("x"), {
      contentType: "application/json",
      metadata: { a: "1" },
    });
    bench.s3.putBucket({ name: "again", objectLock: { defaultRetention: { mode: "COMPLIANCE", years: 7 } } });
    const [object] = [...bench.s3.dumpObjects("again")];
    expect(object).toMatchObject({ key: "k", headers: { "content-type": "application/json", "x-amz-meta-a": "1" } });
    expect([object?.bytes?.toString(), object?.lock.retention?.mode]).toEqual(["x", "COMPLIANCE"]);
    expect(() => bench.s3.putBucket({ name: "again" })).toThrow("Object Lock cannot be turned off");
    expect(() => bench.s3.putBucket({ name: "Bad Name" })).toThrow();
  });

  it("a delivery can refuse to overwrite", () => {
    bench.s3.putBucket({ name: "deliveries", versioning: "Enabled" });
    const deliver = () => bench.s3.putObjectInternal("deliveries", "k", Buffer.from("x"), { ifNoneMatch: true });
    deliver();
    expect(deliver).toThrow(expect.objectContaining({ code: "PreconditionFailed" }));
    expect(() => bench.s3.putObjectInternal("nowhere", "k", Buffer.from("x"))).toThrow(
      expect.objectContaining({ code: "NoSuchBucket" }),
    );
  });
});
