import {
  CopyObjectCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PolicyDocument } from "../../../core/iam/index.ts";
import { errorName } from "../kms/clients.ts";
import { ADMIN, type TestPrincipal } from "../kms/harness.ts";
import { s3Bench, type S3Bench } from "./bench.ts";

const Bucket = "keyward-dev-c01-archive-111122223333";
const arn = `arn:aws:s3:::${Bucket}`;
const Key = "v1/t/01hxyzabcd0123456789abcdef/2026/11/22/event.json";
const DAY_MS = 86_400_000;

/** The archive bucket's policy: nothing without If-None-Match, no delete, no change of locks. */
const archivePolicy: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "CreateOnly",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:PutObject",
      Resource: `${arn}/*`,
      Condition: { Null: { "s3:if-none-match": "true" } },
    },
    {
      Sid: "NoDelete",
      Effect: "Deny",
      Principal: "*",
      Action: [
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:PutObjectRetention",
        "s3:BypassGovernanceRetention",
        "s3:PutLifecycleConfiguration",
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketVersioning",
      ],
      Resource: [arn, `${arn}/*`],
    },
  ],
};

const ARCHIVER: TestPrincipal = {
  roleName: "fn-archive",
  policies: [
    {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "s3:PutObject",
          Resource: `${arn}/v1/*`,
          Condition: { Null: { "s3:if-none-match": "false" } },
        },
      ],
    },
  ],
};

const definition = {
  name: Bucket,
  objectLock: { defaultRetention: { mode: "COMPLIANCE", days: 1 } },
} as const;

let bench: S3Bench;
let archiver: S3Client;
let admin: S3Client;
let VersionId: string;

beforeAll(async () => {
  bench = await s3Bench({ principals: { ARCHIVER, ADMIN } });
  bench.s3.putBucket({ ...definition, policy: archivePolicy });
  archiver = bench.client("ARCHIVER");
  admin = bench.client();
  const put = await archiver.send(new PutObjectCommand({ Bucket, Key, Body: "event", IfNoneMatch: "*" }));
  VersionId = put.VersionId ?? "";
});
afterAll(() => bench.close());

const tomorrow = (): Date => new Date(bench.clock.now() + DAY_MS / 2);
const attacks = (s3: S3Client): readonly (readonly [string, () => Promise<unknown>])[] => [
  [
    "put over it, with the condition",
    () => s3.send(new PutObjectCommand({ Bucket, Key, Body: "forged", IfNoneMatch: "*" })),
  ],
  ["put without If-None-Match", () => s3.send(new PutObjectCommand({ Bucket, Key: "v1/new", Body: "x" }))],
  ["put with If-Match instead", () => s3.send(new PutObjectCommand({ Bucket, Key, Body: "x", IfMatch: "*" }))],
  [
    "put with a retention of its own",
    () =>
      s3.send(
        new PutObjectCommand({
          Bucket,
          Key: "v1/short",
          Body: "x",
          IfNoneMatch: "*",
          ObjectLockMode: "GOVERNANCE",
          ObjectLockRetainUntilDate: tomorrow(),
        }),
      ),
  ],
  [
    "copy over it",
    () => s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${Key}`, MetadataDirective: "REPLACE" })),
  ],
  ["delete (a marker would hide it)", () => s3.send(new DeleteObjectCommand({ Bucket, Key }))],
  ["delete the version", () => s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))],
  [
    "delete the version with bypass",
    () => s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId, BypassGovernanceRetention: true })),
  ],
  [
    "delete many",
    () => s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key, VersionId }, { Key }] } })),
  ],
  [
    "shorten the retention",
    () =>
      s3.send(
        new PutObjectRetentionCommand({
          Bucket,
          Key,
          VersionId,
          Retention: { Mode: "COMPLIANCE", RetainUntilDate: tomorrow() },
        }),
      ),
  ],
  [
    "remove the retention",
    () =>
      s3.send(
        new PutObjectRetentionCommand({ Bucket, Key, VersionId, Retention: {}, BypassGovernanceRetention: true }),
      ),
  ],
  [
    "downgrade to GOVERNANCE",
    () =>
      s3.send(
        new PutObjectRetentionCommand({
          Bucket,
          Key,
          VersionId,
          Retention: { Mode: "GOVERNANCE", RetainUntilDate: new Date(bench.clock.now() + 9 * DAY_MS) },
        }),
      ),
  ],
  [
    "suspend versioning",
    () => s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Suspended" } })),
  ],
  [
    "change the default retention",
    () =>
      s3.send(
        new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration: { ObjectLockEnabled: "Enabled" } }),
      ),
  ],
  [
    "expire by lifecycle",
    () =>
      s3.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket,
          LifecycleConfiguration: { Rules: [{ Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 1 } }] },
        }),
      ),
  ],
  ["delete the bucket", () => s3.send(new DeleteBucketCommand({ Bucket }))],
];

const names = attacks(undefined as unknown as S3Client).map(([name]) => name);

async function readBack(): Promise<string | undefined> {
  const got = await admin.send(new GetObjectCommand({ Bucket, Key }));
  return got.Body?.transformToString();
}

describe.each([["ARCHIVER"], ["ADMIN"]])("AW-17 the archive, attacked as %s", (who) => {
  it.each(names)("%s: refused, and the event is as it was", async (name) => {
    const attack = attacks(bench.client(who)).find(([title]) => title === name)?.[1];
    const refusal = await errorName(attack?.() ?? Promise.resolve());
    expect(["AccessDenied", "PreconditionFailed", "BucketNotEmpty"]).toContain(refusal);
    expect(await readBack()).toBe("event");
    const versions = await admin.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
    expect(versions.Versions?.map((version) => version.VersionId)).toEqual([VersionId]);
    expect(versions.DeleteMarkers).toBeUndefined();
  });
});

describe("AW-17 the archive without its policy: the lock alone", () => {
  const locked = [
    "delete the version",
    "delete the version with bypass",
    "shorten the retention",
    "remove the retention",
    "downgrade to GOVERNANCE",
  ];
  beforeAll(() => bench.s3.putBucket(definition));
  afterAll(() => bench.s3.putBucket({ ...definition, policy: archivePolicy }));

  it.each(locked)("%s: refused by COMPLIANCE, whoever asks", async (name) => {
    const attack = attacks(admin).find(([title]) => title === name)?.[1];
    expect(await errorName(attack?.() ?? Promise.resolve())).toBe("AccessDenied");
    expect((await admin.send(new HeadObjectCommand({ Bucket, Key, VersionId }))).ObjectLockMode).toBe("COMPLIANCE");
  });

  it("suspending versioning is refused by the state of the bucket", async () => {
    const attack = attacks(admin).find(([title]) => title === "suspend versioning")?.[1];
    expect(await errorName(attack?.() ?? Promise.resolve())).toBe("InvalidBucketState");
  });

  it("a delete marker makes If-None-Match succeed again, and the oldest version is still the event", async () => {
    await admin.send(new DeleteObjectCommand({ Bucket, Key }));
    const shadow = await admin.send(new PutObjectCommand({ Bucket, Key, Body: "forged", IfNoneMatch: "*" }));
    expect(await readBack()).toBe("forged");
    const { Versions = [] } = await admin.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
    expect(Versions.map((version) => version.VersionId)).toEqual([shadow.VersionId, VersionId]);
    const oldest = await admin.send(new GetObjectCommand({ Bucket, Key, VersionId }));
    expect(await oldest.Body?.transformToString()).toBe("event");
  });

  it("a lock ends by the clock, and a legal hold outlasts it", async () => {
    const put = await admin.send(new PutObjectCommand({ Bucket, Key: "v1/held", Body: "x" }));
    const object = { Bucket, Key: "v1/held", VersionId: put.VersionId };
    await admin.send(new PutObjectLegalHoldCommand({ ...object, LegalHold: { Status: "ON" } }));
    bench.clock.advance(DAY_MS + 1);
    expect(await errorName(admin.send(new DeleteObjectCommand(object)))).toBe("AccessDenied");
    await admin.send(new PutObjectLegalHoldCommand({ ...object, LegalHold: { Status: "OFF" } }));
    await admin.send(new DeleteObjectCommand(object));
    expect(await errorName(admin.send(new HeadObjectCommand(object)))).toBe("NotFound");
  });
});
