import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batchKey, dayOf } from "../../core/audit/layout.ts";
import { createVirtualClock } from "../../scripts/local/front/index.ts";
import { startStack, type Stack } from "../../scripts/local/stack.ts";
import { functionCredentials, outcome } from "./aws.ts";
import { newTestId, SITE } from "./world.ts";

const DAY_MS = 86_400_000;
const Bucket = `keyward-dev-c01-archive-${SITE.accountId}`;

/** Time goes by in days: what the schedules and CloudTrail would do meanwhile is not what is looked at. */
describe("retention", () => {
  const clock = createVirtualClock();
  const content = randomBytes(150_000).toString("hex");
  const day = dayOf(clock.now());
  const tenantId = newTestId();
  const Key = batchKey(tenantId, day, newTestId(), content);
  let stack: Stack;
  const s3As = (credentials: ReturnType<typeof functionCredentials>): S3Client =>
    new S3Client({ region: SITE.region, endpoint: stack.endpoint, credentials, forcePathStyle: true, maxAttempts: 3 });
  const head = async () => {
    const client = s3As(functionCredentials({ stack }, "seal"));
    const found = await client.send(new HeadObjectCommand({ Bucket, Key }));
    client.destroy();
    return found;
  };

  beforeAll(async () => {
    stack = await startStack({ clock });
    const archiver = s3As(functionCredentials({ stack }, "archive"));
    await archiver.send(new PutObjectCommand({ Bucket, Key, Body: content, IfNoneMatch: "*" }));
    archiver.destroy();
    await stack.schedules.close();
    for (const delivery of stack.trailDeliveries) delivery.stop();
  });
  afterAll(() => stack.close());

  it("AUD-10 an event's object begins in full, and after the stage's days lies in the cheaper class, as locked and as readable as before", async () => {
    const before = await head();
    expect(before.StorageClass ?? "STANDARD").toBe("STANDARD");
    await clock.advance(89 * DAY_MS);
    expect((await head()).StorageClass ?? "STANDARD").toBe("STANDARD");
    await clock.advance(400 * DAY_MS);
    const after = await head();
    expect(after.StorageClass).toBe("GLACIER_IR");
    expect(after.ETag).toBe(before.ETag);
    const reader = s3As(functionCredentials({ stack }, "seal"));
    const read = await reader.send(new GetObjectCommand({ Bucket, Key }));
    expect(await read.Body?.transformToString()).toBe(content);
    reader.destroy();
  });

  it("AUD-10 nobody takes it away or changes the tier by hand, the account's root included", async () => {
    const root = s3As(stack.cloud.rootCredentials);
    expect(await outcome(root.send(new DeleteObjectCommand({ Bucket, Key })))).toMatch(/AccessDenied/);
    const rule = { ID: "sooner", Status: "Enabled" as const, Filter: { Prefix: "" }, Expiration: { Days: 1 } };
    const lifecycle = new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [rule] } });
    expect(await outcome(root.send(lifecycle))).toMatch(/AccessDenied/);
    root.destroy();
  });
});
