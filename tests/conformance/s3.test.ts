import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { probe } from "./deviations.ts";
import { clientOptions, target, type Target } from "./target.ts";

const HOUR_MS = 3_600_000;

let place: Target;
let s3: S3Client;

beforeAll(async () => {
  place = await target();
  s3 = new S3Client({ ...clientOptions(place), forcePathStyle: true });
});

afterAll(async () => {
  s3.destroy();
  await place.close();
});

/** Every probe has a bucket of its own: a policy that one sets must not decide another. */
async function newBucket(isLocked: boolean): Promise<string> {
  const Bucket = `conformance-${randomBytes(6).toString("hex")}`;
  await s3.send(new CreateBucketCommand({ Bucket, ...(isLocked ? { ObjectLockEnabledForBucket: true } : {}) }));
  return Bucket;
}

const inOneHour = (): Date => new Date(Date.now() + HOUR_MS);

/** A bucket with one object that COMPLIANCE holds for an hour. */
async function lockedObject(): Promise<{ Bucket: string; Key: string; VersionId: string }> {
  const Bucket = await newBucket(true);
  const put = await s3.send(
    new PutObjectCommand({
      Bucket,
      Key: "a",
      Body: "one",
      ObjectLockMode: "COMPLIANCE",
      ObjectLockRetainUntilDate: inOneHour(),
    }),
  );
  return { Bucket, Key: "a", VersionId: put.VersionId ?? "" };
}

const rejectsWith = (expected: Readonly<Record<string, unknown>>, promise: Promise<unknown>): Promise<void> =>
  expect(promise).rejects.toMatchObject(expected);
const ACCESS_DENIED = { name: "AccessDenied", $metadata: { httpStatusCode: 403 } };
const PRECONDITION_FAILED = { name: "PreconditionFailed", $metadata: { httpStatusCode: 412 } };

describe("S3: Object Lock", () => {
  probe("s3-lock-bucket", "a bucket made with Object Lock is versioned", async () => {
    const Bucket = await newBucket(true);
    const versioning = await s3.send(new GetBucketVersioningCommand({ Bucket }));
    expect(versioning.Status).toBe("Enabled");
  });

  probe("s3-lock-default", "the default retention is kept", async () => {
    const Bucket = await newBucket(true);
    const DefaultRetention = { Mode: "COMPLIANCE", Days: 1 } as const;
    await s3.send(
      new PutObjectLockConfigurationCommand({
        Bucket,
        ObjectLockConfiguration: { ObjectLockEnabled: "Enabled", Rule: { DefaultRetention } },
      }),
    );
    const got = await s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
    expect(got.ObjectLockConfiguration?.Rule?.DefaultRetention).toMatchObject(DefaultRetention);
  });

  probe("s3-lock-put", "a retention in the headers of PutObject shows in HeadObject", async () => {
    const object = await lockedObject();
    const head = await s3.send(new HeadObjectCommand(object));
    expect(head.ObjectLockMode).toBe("COMPLIANCE");
    expect(head.ObjectLockRetainUntilDate?.getTime()).toBeGreaterThan(Date.now());
  });

  probe("s3-lock-overwrite", "a put over a locked object makes a new version and leaves the old", async () => {
    const object = await lockedObject();
    const second = await s3.send(new PutObjectCommand({ Bucket: object.Bucket, Key: object.Key, Body: "two" }));
    expect(second.VersionId).not.toBe(object.VersionId);
    const first = await s3.send(new GetObjectCommand(object));
    expect(await first.Body?.transformToString()).toBe("one");
  });

  probe("s3-lock-default-applied", "an object without a lock of its own gets the default", async () => {
    const Bucket = await newBucket(true);
    await s3.send(
      new PutObjectLockConfigurationCommand({
        Bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: "Enabled",
          Rule: { DefaultRetention: { Mode: "COMPLIANCE", Days: 1 } },
        },
      }),
    );
    await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "two" }));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }));
    expect(head.ObjectLockMode).toBe("COMPLIANCE");
  });

  probe("s3-lock-delete", "a locked version cannot be deleted", async () => {
    await rejectsWith(ACCESS_DENIED, s3.send(new DeleteObjectCommand(await lockedObject())));
  });

  probe("s3-lock-delete-bypass", "nor with the bypass for GOVERNANCE", async () => {
    const object = await lockedObject();
    const command = new DeleteObjectCommand({ ...object, BypassGovernanceRetention: true });
    await rejectsWith(ACCESS_DENIED, s3.send(command));
  });

  probe("s3-lock-shorten", "COMPLIANCE cannot be made shorter", async () => {
    const Retention = { Mode: "COMPLIANCE", RetainUntilDate: new Date(Date.now() + 60_000) } as const;
    await rejectsWith(ACCESS_DENIED, s3.send(new PutObjectRetentionCommand({ ...(await lockedObject()), Retention })));
  });

  probe("s3-lock-downgrade", "COMPLIANCE cannot become GOVERNANCE", async () => {
    const Retention = { Mode: "GOVERNANCE", RetainUntilDate: new Date(Date.now() + 2 * HOUR_MS) } as const;
    await rejectsWith(ACCESS_DENIED, s3.send(new PutObjectRetentionCommand({ ...(await lockedObject()), Retention })));
  });

  probe("s3-lock-extend", "COMPLIANCE can be made longer", async () => {
    const Retention = { Mode: "COMPLIANCE", RetainUntilDate: new Date(Date.now() + 3 * HOUR_MS) } as const;
    await s3.send(new PutObjectRetentionCommand({ ...(await lockedObject()), Retention }));
  });

  probe("s3-legal-hold", "a legal hold is kept and holds", async () => {
    const Bucket = await newBucket(true);
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key: "held", Body: "x" }));
    const object = { Bucket, Key: "held", VersionId };
    await s3.send(new PutObjectLegalHoldCommand({ ...object, LegalHold: { Status: "ON" } }));
    const hold = await s3.send(new GetObjectLegalHoldCommand(object));
    expect(hold.LegalHold?.Status).toBe("ON");
    await rejectsWith(ACCESS_DENIED, s3.send(new DeleteObjectCommand(object)));
  });

  probe("s3-delete-marker", "a delete without a version makes a marker and destroys nothing", async () => {
    const { Bucket, Key } = await lockedObject();
    const deleted = await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    expect(deleted.DeleteMarker).toBe(true);
    const listed = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
    expect([listed.Versions?.length, listed.DeleteMarkers?.length]).toEqual([1, 1]);
  });

  probe("s3-lock-suspend", "versioning of a locked bucket cannot be suspended", async () => {
    const command = new PutBucketVersioningCommand({
      Bucket: await newBucket(true),
      VersioningConfiguration: { Status: "Suspended" },
    });
    await rejectsWith({ name: "InvalidBucketState" }, s3.send(command));
  });
});

describe("S3: conditional writes", () => {
  probe("s3-if-none-match", "If-None-Match: * does not overwrite", async () => {
    const Bucket = await newBucket(false);
    await s3.send(new PutObjectCommand({ Bucket, Key: "c", Body: "1", IfNoneMatch: "*" }));
    const again = new PutObjectCommand({ Bucket, Key: "c", Body: "2", IfNoneMatch: "*" });
    await rejectsWith(PRECONDITION_FAILED, s3.send(again));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: "c" }));
    expect(await got.Body?.transformToString()).toBe("1");
  });

  probe("s3-if-match", "If-Match with another entity tag does not overwrite", async () => {
    const Bucket = await newBucket(false);
    await s3.send(new PutObjectCommand({ Bucket, Key: "c", Body: "1" }));
    const command = new PutObjectCommand({ Bucket, Key: "c", Body: "2", IfMatch: '"deadbeef"' });
    await rejectsWith(PRECONDITION_FAILED, s3.send(command));
  });
});

describe("S3: policy, encryption, integrity, signature", () => {
  probe("s3-bucket-policy", "a Deny in the bucket policy holds", async () => {
    const Bucket = await newBucket(false);
    const Statement = [
      { Effect: "Deny", Principal: "*", Action: "s3:PutObject", Resource: `arn:aws:s3:::${Bucket}/*` },
    ];
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: "2012-10-17", Statement }) }));
    await rejectsWith({ name: "AccessDenied" }, s3.send(new PutObjectCommand({ Bucket, Key: "p", Body: "1" })));
  });

  probe("s3-bucket-encryption", "the default encryption is kept", async () => {
    const Bucket = await newBucket(false);
    await s3.send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: "alias/x" } }],
        },
      }),
    );
    const got = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    expect(got.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault).toMatchObject({
      SSEAlgorithm: "aws:kms",
      KMSMasterKeyID: "alias/x",
    });
  });

  probe(
    "s3-lifecycle",
    "a lifecycle is kept, and a new object is in the usual class, of which nothing is said",
    async () => {
      const Bucket = await newBucket(false);
      const rule = {
        ID: "tiers",
        Status: "Enabled",
        Filter: { Prefix: "v1/" },
        Transitions: [{ Days: 90, StorageClass: "GLACIER_IR" }],
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      } as const;
      const LifecycleConfiguration = { Rules: [{ ...rule, Transitions: [...rule.Transitions] }] };
      await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration }));
      const got = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
      expect(got.Rules).toMatchObject([rule]);
      await s3.send(new PutObjectCommand({ Bucket, Key: "v1/a", Body: "1" }));
      expect((await s3.send(new HeadObjectCommand({ Bucket, Key: "v1/a" }))).StorageClass).toBeUndefined();
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
      expect(Contents.map(({ StorageClass }) => StorageClass)).toEqual(["STANDARD"]);
    },
  );

  probe("s3-delete-by-version", "a deleted name leaves its version, and a deleted version leaves nothing", async () => {
    const Bucket = await newBucket(false);
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key: "x", Body: "1" }));
    const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key: "x" }));
    expect(marker.DeleteMarker).toBe(true);
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: "x", VersionId }))).VersionId).toBe(VersionId);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "x", VersionId }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "x", VersionId: marker.VersionId }));
    const left = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect([...(left.Versions ?? []), ...(left.DeleteMarkers ?? [])]).toEqual([]);
  });

  probe("s3-checksum-sha256", "a SHA-256 checksum is verified and answered", async () => {
    const Bucket = await newBucket(false);
    const command = new PutObjectCommand({ Bucket, Key: "k", Body: "1", ChecksumAlgorithm: "SHA256" });
    const put = await s3.send(command);
    expect(put.ChecksumSHA256).toBe(createHash("sha256").update("1").digest("base64"));
  });

  probe("s3-wrong-secret", "a wrong secret is refused", async () => {
    const Bucket = await newBucket(false);
    const credentials = { ...place.credentials, secretAccessKey: "nope" };
    const stranger = new S3Client({ ...clientOptions(place, credentials), forcePathStyle: true });
    const command = new PutObjectCommand({ Bucket, Key: "z", Body: "1" });
    await rejectsWith(
      { name: "SignatureDoesNotMatch" },
      stranger.send(command).finally(() => stranger.destroy()),
    );
  });
});
