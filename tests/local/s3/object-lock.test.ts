import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  type DefaultRetention,
  type ObjectLockRetention,
  type S3Client,
} from "@aws-sdk/client-s3";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requireDeletable, requireRetentionChange } from "../../../scripts/local/s3/object-lock.ts";
import type { Retention } from "../../../scripts/local/s3/index.ts";
import { errorName } from "../kms/clients.ts";
import { ADMIN, allow } from "../kms/harness.ts";
import { s3Bench, type S3Bench } from "./bench.ts";

const DAY_MS = 86_400_000;
const NOW = 1_800_000_000_000;

const passes = (rule: () => void): boolean => {
  try {
    rule();
    return true;
  } catch {
    return false;
  }
};

describe("the rules", () => {
  const at = (mode: Retention["mode"], offsetMs: number): Retention => ({ mode, untilMs: NOW + offsetMs });
  const running = at("COMPLIANCE", DAY_MS);
  const governed = at("GOVERNANCE", DAY_MS);

  it.each([
    ["COMPLIANCE removed", running, undefined, true, false],
    ["COMPLIANCE shortened by a millisecond", running, at("COMPLIANCE", DAY_MS - 1), true, false],
    ["COMPLIANCE to GOVERNANCE, longer", running, at("GOVERNANCE", 2 * DAY_MS), true, false],
    ["COMPLIANCE kept", running, running, false, true],
    ["COMPLIANCE longer", running, at("COMPLIANCE", 2 * DAY_MS), false, true],
    ["COMPLIANCE that ran out", at("COMPLIANCE", 0), undefined, false, true],
    ["GOVERNANCE shortened", governed, at("GOVERNANCE", 1), false, false],
    ["GOVERNANCE shortened with bypass", governed, at("GOVERNANCE", 1), true, true],
    ["GOVERNANCE removed", governed, undefined, false, false],
    ["GOVERNANCE removed with bypass", governed, undefined, true, true],
    ["GOVERNANCE longer", governed, at("GOVERNANCE", 2 * DAY_MS), false, true],
    ["no retention before", undefined, running, false, true],
  ] as const)("a change of retention: %s", (_name, current, next, bypass, isAllowed) => {
    expect(passes(() => requireRetentionChange(current, next, NOW, bypass))).toBe(isAllowed);
  });

  const retention = fc.option(
    fc.record({
      mode: fc.constantFrom("GOVERNANCE", "COMPLIANCE"),
      untilMs: fc.integer({ min: NOW - 9, max: NOW + 9 }),
    }),
    { nil: undefined },
  );

  it("under COMPLIANCE no sequence of changes makes a version deletable earlier", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.tuple(retention, fc.boolean()), { maxLength: 8 }),
        (lead, changes) => {
          let current: Retention | undefined = { mode: "COMPLIANCE", untilMs: NOW + lead };
          for (const [next, bypass] of changes) {
            const before = current;
            if (passes(() => requireRetentionChange(before, next, NOW, bypass))) current = next;
            const lock = { retention: current, legalHold: false };
            expect(passes(() => requireDeletable(lock, NOW + lead - 1, true))).toBe(false);
          }
        },
      ),
    );
  });

  it("a legal hold holds whatever the retention says", () => {
    fc.assert(
      fc.property(retention, fc.boolean(), (until, bypass) => {
        expect(passes(() => requireDeletable({ retention: until, legalHold: true }, NOW, bypass))).toBe(false);
      }),
    );
  });
});

describe("buckets and objects", () => {
  let bench: S3Bench;
  let s3: S3Client;
  const principals = {
    ADMIN,
    WRITER: {
      roleName: "writer",
      policies: [allow("s3:PutObject", "s3:DeleteObject*", "s3:PutObjectRetention", "s3:GetObject*")],
    },
    RETAINER: {
      roleName: "retainer",
      policies: [allow("s3:PutObject", "s3:PutObjectRetention", "s3:PutObjectLegalHold")],
    },
    PLAIN: { roleName: "plain", policies: [allow("s3:PutObject")] },
  };

  beforeAll(async () => {
    bench = await s3Bench({ principals });
    s3 = bench.client();
    bench.s3.putBucket({ name: "locked", objectLock: {} });
    bench.s3.putBucket({ name: "plain" });
  });
  afterAll(() => bench.close());

  const soon = (): Date => new Date(bench.clock.now() + DAY_MS);
  const governed = async (Key: string): Promise<{ Bucket: string; Key: string; VersionId: string | undefined }> => {
    const lock = { ObjectLockMode: "GOVERNANCE", ObjectLockRetainUntilDate: soon() } as const;
    const put = await s3.send(new PutObjectCommand({ Bucket: "locked", Key, Body: "x", ...lock }));
    return { Bucket: "locked", Key, VersionId: put.VersionId };
  };

  it("GOVERNANCE yields to the header only with the permission for it", async () => {
    const object = await governed("g1");
    const bypass = new DeleteObjectCommand({ ...object, BypassGovernanceRetention: true });
    expect(await errorName(s3.send(new DeleteObjectCommand(object)))).toBe("AccessDenied");
    expect(await errorName(bench.client("WRITER").send(bypass))).toBe("AccessDenied");
    expect(await errorName(s3.send(bypass))).toBe("resolved");
  });

  it("a retention can be put later, is shown, and is refused in the past", async () => {
    const put = await s3.send(new PutObjectCommand({ Bucket: "locked", Key: "later", Body: "x" }));
    const object = { Bucket: "locked", Key: "later", VersionId: put.VersionId };
    expect(await errorName(s3.send(new GetObjectRetentionCommand(object)))).toBe("NoSuchObjectLockConfiguration");
    const past = { Mode: "COMPLIANCE", RetainUntilDate: new Date(bench.clock.now() - 1) } as const;
    expect(await errorName(s3.send(new PutObjectRetentionCommand({ ...object, Retention: past })))).toBe(
      "InvalidArgument",
    );
    const Retention = { Mode: "COMPLIANCE", RetainUntilDate: soon() } as const;
    await s3.send(new PutObjectRetentionCommand({ ...object, Retention }));
    const got = await s3.send(new GetObjectRetentionCommand(object));
    expect(got.Retention).toEqual(Retention);
  });

  it("each header of PutObject asks for its own permission", async () => {
    const put = (who: string, lock: object): Promise<string> =>
      errorName(bench.client(who).send(new PutObjectCommand({ Bucket: "locked", Key: "p", Body: "x", ...lock })));
    const retention = { ObjectLockMode: "GOVERNANCE", ObjectLockRetainUntilDate: soon() };
    expect(await put("PLAIN", {})).toBe("resolved");
    expect(await put("PLAIN", retention)).toBe("AccessDenied");
    expect(await put("PLAIN", { ObjectLockLegalHoldStatus: "ON" })).toBe("AccessDenied");
    expect(await put("RETAINER", { ...retention, ObjectLockLegalHoldStatus: "ON" })).toBe("resolved");
  });

  it.each([
    ["a mode without a date", { ObjectLockMode: "COMPLIANCE" }, "InvalidArgument"],
    ["a date without a mode", { ObjectLockRetainUntilDate: new Date(Date.now() + DAY_MS) }, "InvalidArgument"],
    [
      "a mode that S3 does not know",
      { ObjectLockMode: "FOREVER", ObjectLockRetainUntilDate: new Date(Date.now() + DAY_MS) },
      "InvalidArgument",
    ],
    ["a date in the past", { ObjectLockMode: "COMPLIANCE", ObjectLockRetainUntilDate: new Date(0) }, "InvalidArgument"],
  ])("PutObject refuses %s", async (_name, lock, error) => {
    const command = new PutObjectCommand({ Bucket: "locked", Key: "bad", Body: "x", ...(lock as object) });
    expect(await errorName(s3.send(command))).toBe(error);
  });

  it("a bucket without Object Lock takes no locks", async () => {
    const put = await s3.send(new PutObjectCommand({ Bucket: "plain", Key: "x", Body: "x" }));
    expect(put.VersionId).toBeUndefined();
    const lock = { ObjectLockMode: "COMPLIANCE", ObjectLockRetainUntilDate: soon() } as const;
    const locked = new PutObjectCommand({ Bucket: "plain", Key: "x", Body: "x", ...lock });
    expect(await errorName(s3.send(locked))).toBe("InvalidRequest");
    const hold = new PutObjectLegalHoldCommand({ Bucket: "plain", Key: "x", LegalHold: { Status: "ON" } });
    expect(await errorName(s3.send(hold))).toBe("InvalidRequest");
    const configuration = new GetObjectLockConfigurationCommand({ Bucket: "plain" });
    expect(await errorName(s3.send(configuration))).toBe("ObjectLockConfigurationNotFoundError");
  });

  it("a bucket that is there gets Object Lock only with versions", async () => {
    const Bucket = "later-locked";
    await s3.send(new CreateBucketCommand({ Bucket }));
    const lock = new PutObjectLockConfigurationCommand({
      Bucket,
      ObjectLockConfiguration: { ObjectLockEnabled: "Enabled" },
    });
    expect(await errorName(s3.send(lock))).toBe("InvalidBucketState");
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
    expect(await errorName(s3.send(lock))).toBe("resolved");
  });

  const periods: readonly (readonly [string, DefaultRetention, string])[] = [
    ["no period", { Mode: "COMPLIANCE" }, "MalformedXML"],
    ["days and years", { Mode: "COMPLIANCE", Days: 1, Years: 1 }, "MalformedXML"],
    ["no days", { Mode: "COMPLIANCE", Days: 0 }, "InvalidArgument"],
    ["more than a hundred years", { Mode: "COMPLIANCE", Years: 101 }, "InvalidArgument"],
    ["an unknown mode", { Mode: "FOREVER" as never, Days: 1 }, "MalformedXML"],
    ["seven years", { Mode: "COMPLIANCE", Years: 7 }, "resolved"],
  ];
  it.each(periods)("a default retention of %s", async (_name, retention, error) => {
    bench.s3.putBucket({ name: "periods", objectLock: {} });
    const configuration = { ObjectLockEnabled: "Enabled", Rule: { DefaultRetention: retention } } as const;
    const command = new PutObjectLockConfigurationCommand({
      Bucket: "periods",
      ObjectLockConfiguration: configuration,
    });
    expect(await errorName(s3.send(command))).toBe(error);
  });

  it("counts a year as 365 days", async () => {
    bench.s3.putBucket({ name: "years", objectLock: { defaultRetention: { mode: "COMPLIANCE", years: 7 } } });
    await s3.send(new PutObjectCommand({ Bucket: "years", Key: "x", Body: "x" }));
    const head = await s3.send(new HeadObjectCommand({ Bucket: "years", Key: "x" }));
    const days = ((head.ObjectLockRetainUntilDate?.getTime() ?? 0) - bench.clock.now()) / DAY_MS;
    expect(Math.round(days)).toBe(7 * 365);
  });

  it("puts no retention on a delete marker", async () => {
    await s3.send(new PutObjectCommand({ Bucket: "locked", Key: "marked", Body: "x" }));
    const { VersionId } = await s3.send(new DeleteObjectCommand({ Bucket: "locked", Key: "marked" }));
    const Retention: ObjectLockRetention = { Mode: "COMPLIANCE", RetainUntilDate: soon() };
    const command = new PutObjectRetentionCommand({ Bucket: "locked", Key: "marked", VersionId, Retention });
    expect(await errorName(s3.send(command))).toBe("MethodNotAllowed");
    // A marker itself is not locked: deleting it brings the object back.
    await s3.send(new DeleteObjectCommand({ Bucket: "locked", Key: "marked", VersionId }));
    expect(await errorName(s3.send(new HeadObjectCommand({ Bucket: "locked", Key: "marked" })))).toBe("resolved");
  });

  it("demands a digest of what it locks", async () => {
    const url = `${bench.server.endpoint}/locked/undigested`;
    const authorization = "AWS4-HMAC-SHA256 Credential=ADMIN/20261122/us-east-1/s3/aws4_request";
    const lock = {
      "x-amz-object-lock-mode": "COMPLIANCE",
      "x-amz-object-lock-retain-until-date": soon().toISOString(),
    };
    const answer = await fetch(url, { method: "PUT", body: "x", headers: { authorization, ...lock } });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("InvalidRequest")]);
  });
});
