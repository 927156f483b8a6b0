import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCloud, createVirtualClock, type Cloud, type VirtualClock } from "../../../scripts/local/front/index.ts";
import type { BucketDefinition } from "../../../scripts/local/s3/index.ts";

const DAY_MS = 86_400_000;
const LARGE = Buffer.alloc(128 * 1024);

let clock: VirtualClock;
let cloud: Cloud;
let s3: S3Client;
const use = (): S3Client => {
  const { accessKeyId, secretAccessKey } = cloud.rootCredentials;
  return new S3Client({
    endpoint: cloud.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    systemClockOffset: clock.now() - Date.now(),
  });
};
const after = async (days: number): Promise<void> => {
  await clock.advance(days * DAY_MS);
  s3.destroy();
  s3 = use();
};
const bucket = (name: string, definition: Omit<BucketDefinition, "name">): void =>
  cloud.s3.putBucket({ name, versioning: "Enabled", ...definition });
const put = (Bucket: string, Key: string, Body: Buffer | string = LARGE): Promise<unknown> =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body }));
const classOf = async (Bucket: string, Key: string): Promise<string | undefined> =>
  (await s3.send(new HeadObjectCommand({ Bucket, Key }))).StorageClass;
const versionsOf = async (Bucket: string): Promise<readonly string[]> => {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  return [...Versions.map(({ Key }) => `${Key}`), ...DeleteMarkers.map(({ Key }) => `${Key} gone`)].sort();
};

beforeEach(async () => {
  clock = createVirtualClock({ startMs: Date.parse("2026-11-22T08:20:00Z") });
  cloud = await createCloud({ clock });
  s3 = use();
});
afterEach(async () => {
  s3.destroy();
  await cloud.close();
  await clock.close();
});

const tiered: Omit<BucketDefinition, "name"> = {
  objectLock: { defaultRetention: { mode: "COMPLIANCE", days: 3650 } },
  lifecycleRules: [
    {
      prefix: "v1/events/",
      transitions: [{ days: 365, storageClass: "GLACIER_IR" }],
      expiredObjectDeleteMarker: false,
    },
  ],
};

describe("AUD-10 an object moves to a cheaper class by its age", () => {
  it("at the midnight after it is old enough, and not before", async () => {
    bucket("archive", tiered);
    await put("archive", "v1/events/a");
    await after(365);
    expect(await classOf("archive", "v1/events/a")).toBeUndefined();
    await after(1);
    expect(await classOf("archive", "v1/events/a")).toBe("GLACIER_IR");
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "archive" }));
    expect(Contents.map(({ StorageClass }) => StorageClass)).toEqual(["GLACIER_IR"]);
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: "archive" }));
    expect(Versions.map(({ StorageClass }) => StorageClass)).toEqual(["GLACIER_IR"]);
  });

  it("and is locked there as before", async () => {
    bucket("archive", tiered);
    await put("archive", "v1/events/a");
    await after(400);
    const head = await s3.send(new HeadObjectCommand({ Bucket: "archive", Key: "v1/events/a" }));
    expect(head).toMatchObject({ StorageClass: "GLACIER_IR", ObjectLockMode: "COMPLIANCE" });
    const gone = s3.send(new DeleteObjectCommand({ Bucket: "archive", Key: "v1/events/a", VersionId: head.VersionId }));
    await expect(gone).rejects.toThrow(/Access Denied|AccessDenied/);
  });

  it.each([
    ["a smaller one, which S3 would charge as 128 KiB", "v1/events/a", "small"],
    ["one under another prefix", "v1/log/a", LARGE],
  ])("but not %s", async (_title, key, body) => {
    bucket("archive", tiered);
    await put("archive", key, body);
    await after(4000);
    expect(await classOf("archive", key)).toBeUndefined();
  });
});

describe("EXP-1 what was deleted is gone a day later", () => {
  const tidy: Omit<BucketDefinition, "name"> = {
    lifecycleRules: [{ prefix: "t/", transitions: [], expiredObjectDeleteMarker: true, noncurrentDays: 1 }],
  };

  it("the version that a delete left behind, then the marker; what is current stays", async () => {
    bucket("att", tidy);
    await put("att", "t/a", "1");
    await put("att", "t/b", "2");
    await put("att", "other/a", "3");
    await s3.send(new DeleteObjectCommand({ Bucket: "att", Key: "t/a" }));
    await s3.send(new DeleteObjectCommand({ Bucket: "att", Key: "other/a" }));
    expect(await versionsOf("att")).toEqual(["other/a", "other/a gone", "t/a", "t/a gone", "t/b"]);
    await after(3);
    expect(await versionsOf("att")).toEqual(["other/a", "other/a gone", "t/b"]);
  });

  it("but never what is locked", async () => {
    bucket("locked", { ...tidy, objectLock: { defaultRetention: { mode: "COMPLIANCE", days: 30 } } });
    await put("locked", "t/a", "1");
    await put("locked", "t/a", "2");
    await after(20);
    expect(await versionsOf("locked")).toEqual(["t/a", "t/a"]);
    await after(20);
    expect(await versionsOf("locked")).toEqual(["t/a"]);
  });
});

describe("CLIN-8 what is tagged as unfinished expires", () => {
  it("the object and then its version, once its days are over; what is tagged otherwise, or anew, stays", async () => {
    bucket("att", {
      lifecycleRules: [
        { prefix: "t/", transitions: [], expiredObjectDeleteMarker: true, noncurrentDays: 1 },
        {
          prefix: "",
          tag: { key: "content", value: "open" },
          expirationDays: 2,
          transitions: [],
          expiredObjectDeleteMarker: false,
        },
      ],
    });
    for (const Key of ["t/left", "t/filed"])
      await s3.send(new PutObjectCommand({ Bucket: "att", Key, Body: "1", Tagging: "content=open" }));
    await put("att", "t/plain", "1");
    const TagSet = [{ Key: "content", Value: "filed" }];
    await s3.send(new PutObjectTaggingCommand({ Bucket: "att", Key: "t/filed", Tagging: { TagSet } }));
    await after(2);
    expect(await versionsOf("att")).toEqual(["t/filed", "t/left", "t/plain"]);
    await after(1);
    expect(await versionsOf("att")).toEqual(["t/filed", "t/left", "t/left gone", "t/plain"]);
    await after(3);
    expect(await versionsOf("att")).toEqual(["t/filed", "t/plain"]);
  });
});
