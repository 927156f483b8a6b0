import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { CloudTrailClient, LookupEventsCommand, type LookupAttributeKey } from "@aws-sdk/client-cloudtrail";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCloud, createVirtualClock, type Cloud, type VirtualClock } from "../../../scripts/local/front/index.ts";
import { packJson, unpack } from "../../../scripts/local/trail/digest.ts";
import { verifyTrail, type Delivery, type TrailFile } from "../../../scripts/local/trail/index.ts";

const HOUR_MS = 3_600_000;
let folder: string;
let clock: VirtualClock;
let cloud: Cloud;

const optionsFor = (credentials: object) => ({
  endpoint: cloud.endpoint,
  region: "us-east-1",
  credentials: credentials as { accessKeyId: string; secretAccessKey: string },
  maxAttempts: 1,
  systemClockOffset: clock.now() - Date.now(),
});
async function assume(sessionName: string): Promise<void> {
  const sts = new STSClient(optionsFor(cloud.iam.users.createAccessKey("admin")));
  const input = {
    RoleArn: "arn:aws:iam::111122223333:role/r",
    RoleSessionName: sessionName,
    SourceIdentity: "u-7",
    Tags: [{ Key: "tenant", Value: "a" }],
  };
  const { Credentials } = await sts.send(new AssumeRoleCommand(input));
  const session = new STSClient(
    optionsFor({
      accessKeyId: Credentials?.AccessKeyId,
      secretAccessKey: Credentials?.SecretAccessKey,
      sessionToken: Credentials?.SessionToken,
    }),
  );
  await session.send(new GetCallerIdentityCommand({}));
  sts.destroy();
  session.destroy();
}
const lookup = async (input: ConstructorParameters<typeof LookupEventsCommand>[0] = {}) => {
  const client = new CloudTrailClient(optionsFor(cloud.rootCredentials));
  try {
    return await client.send(new LookupEventsCommand(input));
  } finally {
    client.destroy();
  }
};
const start = async (): Promise<void> => {
  cloud = await createCloud({ folder, clock });
};

beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "keyward-trail-"));
  clock = createVirtualClock({ startMs: Date.parse("2026-11-22T08:20:00Z") });
  await start();
  const user = cloud.iam.users.put({
    name: "admin",
    policies: { all: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] } },
  });
  cloud.iam.roles.put({
    name: "r",
    trust: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: user.arn },
          Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        },
      ],
    },
  });
  cloud.sqs.createQueue({ name: "q" });
});
afterEach(async () => {
  await cloud.close();
  await clock.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

describe("records", () => {
  it("name the session, its role, its source identity, and what was asked", async () => {
    await assume("request-1");
    const [asked, opened] = cloud.trail.records();
    expect(opened).toMatchObject({
      eventVersion: "1.11",
      eventTime: "2026-11-22T08:20:00Z",
      eventSource: "sts.amazonaws.com",
      eventName: "AssumeRole",
      awsRegion: "us-east-1",
      sourceIPAddress: "127.0.0.1",
      requestParameters: { roleSessionName: "request-1", sourceIdentity: "u-7", tags: [{ key: "tenant", value: "a" }] },
      eventType: "AwsApiCall",
      managementEvent: true,
      recipientAccountId: "111122223333",
      eventCategory: "Management",
    });
    const role = cloud.iam.roles.get("r");
    const issued = opened?.responseElements?.["credentials"];
    expect(asked?.userIdentity).toEqual({
      type: "AssumedRole",
      principalId: `${role?.roleId}:request-1`,
      arn: "arn:aws:sts::111122223333:assumed-role/r/request-1",
      accountId: "111122223333",
      ...(issued as object),
      sessionContext: {
        sessionIssuer: {
          type: "Role",
          principalId: role?.roleId,
          arn: role?.arn,
          accountId: "111122223333",
          userName: "r",
        },
        attributes: { creationDate: "2026-11-22T08:20:00Z", mfaAuthenticated: "false" },
        sourceIdentity: "u-7",
      },
    });
  });

  it("hold no secret and no token of a session, also after a restart", async () => {
    await assume("request-1");
    const text = JSON.stringify(cloud.trail.records());
    expect(text).not.toMatch(/secretAccessKey|sessionToken|SecretAccessKey|SessionToken/);
    await cloud.close();
    await start();
    expect(JSON.stringify(cloud.trail.records())).toBe(text);
  });

  it("tell of a service's own session", () => {
    cloud.iam.roles.put({
      name: "fn",
      trust: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
      },
    });
    const { accessKeyId } = cloud.iam.issueServiceSession(
      "arn:aws:iam::111122223333:role/fn",
      "lambda.amazonaws.com",
      "fn",
    );
    expect(cloud.trail.records()[0]).toMatchObject({
      userIdentity: { type: "AWSService", invokedBy: "lambda.amazonaws.com" },
      responseElements: { credentials: { accessKeyId } },
    });
  });

  it("are kept for 90 days", async () => {
    await assume("old");
    await clock.advance(91 * 86_400_000);
    for (let count = 0; count < 1000; count += 1) {
      const identity = cloud.iam.identify(cloud.rootCredentials.accessKeyId);
      if (identity === undefined) throw new Error("no root");
      cloud.trail.record({
        identity,
        service: "kms",
        operation: "ListKeys",
        requestId: "r",
        atMs: clock.now(),
        sourceIp: "127.0.0.1",
        userAgent: "t\r\nt",
        isReadOnly: true,
        isManagementEvent: true,
        requestParameters: {},
        resources: [],
        recipientAccountId: "111122223333",
      });
    }
    expect(cloud.trail.records({ eventName: "AssumeRole" })).toEqual([]);
    expect(cloud.trail.records({ eventName: "ListKeys" }, 1)[0]?.userAgent).toBe("t  t");
  });
});

describe("LookupEvents", () => {
  it("gives management events only, newest first, in pages", async () => {
    for (const name of ["s1", "s2", "s3"]) {
      await assume(name);
      await clock.advance(1000);
    }
    const sqs = new SQSClient(optionsFor(cloud.rootCredentials));
    await sqs.send(new SendMessageCommand({ QueueUrl: `${cloud.endpoint}/111122223333/q`, MessageBody: "x" }));
    sqs.destroy();
    expect(cloud.trail.records()[0]?.eventName).toBe("SendMessage");

    const seen: (string | undefined)[] = [];
    const query = { LookupAttributes: [{ AttributeKey: "EventSource" as const, AttributeValue: "sts.amazonaws.com" }] };
    let NextToken: string | undefined;
    do {
      const page = await lookup({ ...query, MaxResults: 4, ...(NextToken === undefined ? {} : { NextToken }) });
      seen.push(...(page.Events ?? []).map((event) => `${event.EventName} ${event.Username}`));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(seen).toEqual(["s3", "s2", "s1"].flatMap((name) => [`GetCallerIdentity ${name}`, "AssumeRole admin"]));
    expect(
      (await lookup({ LookupAttributes: [{ AttributeKey: "EventName", AttributeValue: "SendMessage" }] })).Events,
    ).toEqual([]);
  });

  it("finds by each attribute and by time", async () => {
    await assume("s1");
    const [call] = cloud.trail.records({ eventName: "GetCallerIdentity" });
    const found = async (AttributeKey: LookupAttributeKey, AttributeValue: string): Promise<number | undefined> =>
      (await lookup({ LookupAttributes: [{ AttributeKey, AttributeValue }] })).Events?.length;
    expect(await found("EventId", call?.eventID ?? "")).toBe(1);
    expect(await found("EventName", "GetCallerIdentity")).toBe(1);
    expect(await found("Username", "s1")).toBe(1);
    expect(await found("AccessKeyId", String(call?.userIdentity["accessKeyId"]))).toBe(1);
    expect(await found("ResourceName", "arn:aws:iam::111122223333:role/r")).toBe(1);
    expect(await found("ResourceType", "AWS::IAM::Role")).toBe(1);
    expect(await found("ReadOnly", "false")).toBe(0);
    const [event] =
      (await lookup({ LookupAttributes: [{ AttributeKey: "EventId", AttributeValue: call?.eventID ?? "" }] })).Events ??
      [];
    expect(JSON.parse(event?.CloudTrailEvent ?? "")).toEqual(call);
    expect(event?.EventTime?.getTime()).toBe(clock.now());
    expect((await lookup({ StartTime: new Date(clock.now() + 1000) })).Events).toEqual([]);
    expect((await lookup({ EndTime: new Date(clock.now() - 1000) })).Events).toEqual([]);
  });

  it.each([
    [{ MaxResults: 51 }, "InvalidMaxResultsException"],
    [{ StartTime: new Date(2), EndTime: new Date(1) }, "InvalidTimeRangeException"],
    [
      { LookupAttributes: [{ AttributeKey: "Nothing" as LookupAttributeKey, AttributeValue: "x" }] },
      "InvalidLookupAttributesException",
    ],
    [{ NextToken: "!" }, "InvalidNextTokenException"],
    [{ EventCategory: "insight" as const }, "InvalidEventCategoryException"],
  ])("refuses %j", async (input, name) => {
    expect(
      await lookup(input).then(
        () => "none",
        (error: Error) => error.name,
      ),
    ).toBe(name);
  });
});

describe("log files and digests", () => {
  const bucket = new Map<string, TrailFile>();
  const startDelivery = (): Promise<Delivery> =>
    cloud.trail.startDelivery({
      trailName: "main",
      bucket: "trail",
      deliver: (key, bytes, metadata) => void bucket.set(key, { bytes, metadata }),
    });
  const verify = async (delivery: Delivery, files: ReadonlyMap<string, TrailFile> = bucket) =>
    verifyTrail({
      read: (key) => files.get(key),
      publicKeyPem: delivery.publicKeyPem,
      newestKey: delivery.newestKey() ?? "",
    });
  const kindsOf = async (delivery: Delivery, change: (files: Map<string, TrailFile>) => void): Promise<string[]> => {
    const files = new Map(bucket);
    change(files);
    const result = await verify(delivery, files);
    return result.ok ? [] : result.error.map((problem) => problem.kind);
  };
  const keysOf = (kind: "CloudTrail" | "CloudTrail-Digest"): string[] =>
    [...bucket.keys()].filter((key) => key.includes(`/${kind}/`)).toSorted();

  let delivery: Delivery;
  beforeEach(async () => {
    bucket.clear();
    delivery = await startDelivery();
    for (const name of ["s1", "s2", "s3"]) {
      await assume(name);
      await clock.advance(HOUR_MS);
    }
  });

  it("come every five minutes, their digests every full hour, named as CloudTrail names them, and verify", async () => {
    expect(keysOf("CloudTrail-Digest")).toEqual(
      ["T090000Z", "T100000Z", "T110000Z"].map(
        (time) =>
          `AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/11/22/111122223333_CloudTrail-Digest_us-east-1_main_us-east-1_20261122${time}.json.gz`,
      ),
    );
    expect(keysOf("CloudTrail")[0]).toMatch(
      /^AWSLogs\/111122223333\/CloudTrail\/us-east-1\/2026\/11\/22\/111122223333_CloudTrail_us-east-1_20261122T0825Z_[0-9a-f]{16}\.json\.gz$/,
    );
    expect(await verify(delivery)).toEqual({ ok: true, value: { digests: 3, logFiles: 3, records: 6 } });
  });

  it("show an altered, removed or swapped log file, and name it", async () => {
    const [first = "", second = ""] = keysOf("CloudTrail");
    const rewrite = (key: string, change: (text: string) => string) => (files: Map<string, TrailFile>) => {
      const file = files.get(key);
      const text = change(unpack(file?.bytes ?? Buffer.alloc(0))?.toString() ?? "");
      files.set(key, { bytes: packJson(text), metadata: file?.metadata ?? {} });
    };
    expect(
      await kindsOf(
        delivery,
        rewrite(first, (text) => text.replace("u-7", "u-8")),
      ),
    ).toEqual(["log-altered"]);
    expect(await kindsOf(delivery, (files) => void files.delete(first))).toEqual(["log-missing"]);
    expect(
      await kindsOf(delivery, (files) => {
        const [a, b] = [files.get(first), files.get(second)];
        if (a && b) files.set(first, b).set(second, a);
      }),
    ).toEqual(["log-altered", "log-altered"]);
    expect(
      await kindsOf(delivery, (files) => void files.set(first, { bytes: Buffer.from("x"), metadata: {} })),
    ).toEqual(["log-altered"]);
  });

  it("show an altered, removed, moved or re-signed digest", async () => {
    const [first = "", second = ""] = keysOf("CloudTrail-Digest");
    expect(await kindsOf(delivery, (files) => void files.delete(second))).toEqual(["digest-missing"]);
    const edited = (files: Map<string, TrailFile>): void => {
      const file = files.get(second);
      const digest = JSON.parse(unpack(file?.bytes ?? Buffer.alloc(0))?.toString() ?? "{}") as { logFiles: unknown[] };
      files.set(second, {
        bytes: packJson(JSON.stringify({ ...digest, logFiles: [] })),
        metadata: file?.metadata ?? {},
      });
    };
    expect(await kindsOf(delivery, edited)).toEqual(["signature-invalid", "chain-broken"]);
    expect(
      await kindsOf(delivery, (files) => {
        const file = files.get(first);
        if (file) files.set(second, file);
      }),
    ).toEqual(expect.arrayContaining(["digest-moved", "chain-broken"]));
    const flipped = (files: Map<string, TrailFile>): void => {
      const file = files.get(second);
      const signature = (file?.metadata["signature"] ?? "").replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
      if (file) files.set(second, { ...file, metadata: { ...file.metadata, signature } });
    };
    expect(await kindsOf(delivery, flipped)).toEqual(["signature-invalid", "chain-broken"]);
  });

  it("go on after a restart with the same key and one chain", async () => {
    const key = delivery.publicKeyPem;
    await cloud.close();
    await start();
    delivery = await startDelivery();
    expect(delivery.publicKeyPem).toBe(key);
    await assume("s4");
    await clock.advance(HOUR_MS);
    expect(await verify(delivery)).toEqual({ ok: true, value: { digests: 4, logFiles: 4, records: 8 } });
  });

  it("repeat the very same files when a delivery broke off in the middle", async () => {
    delivery.stop();
    await assume("s4");
    let failures = 1;
    const breaking = await cloud.trail.startDelivery({
      trailName: "main",
      bucket: "trail",
      deliver(key, bytes, metadata) {
        if (key.includes("Digest") && failures-- > 0) throw new Error("planted");
        bucket.set(key, { bytes, metadata });
      },
    });
    await clock.advance(1000);
    await expect(breaking.deliver()).rejects.toThrow("planted");
    const partial = keysOf("CloudTrail");
    await assume("s5");
    await clock.advance(1000);
    await breaking.deliver();
    expect(keysOf("CloudTrail")).toEqual(expect.arrayContaining(partial));
    expect(await verify(breaking)).toEqual({ ok: true, value: { digests: 5, logFiles: 5, records: 10 } });
  });

  it("come before their time when there are many", async () => {
    delivery.stop();
    const eager = await cloud.trail.startDelivery({
      trailName: "main",
      bucket: "trail",
      deliver: (key, bytes, metadata) => void bucket.set(key, { bytes, metadata }),
      recordsBeforeTheTime: 4,
    });
    const files = (): number => keysOf("CloudTrail").length;
    const before = files();
    await clock.advance(1000);
    await assume("s4");
    expect(files()).toBe(before);
    await assume("s5");
    await clock.advance(0);
    await expect.poll(files).toBe(before + 1);
    await eager.deliver();
    expect(await verify(eager)).toMatchObject({ ok: true, value: { digests: 4, records: 10 } });
  });

  it("come on demand, and leave the digest to its hour", async () => {
    const [files, newest] = [keysOf("CloudTrail").length, delivery.newestKey()];
    await assume("s4");
    await delivery.deliverFiles();
    expect(keysOf("CloudTrail")).toHaveLength(files + 1);
    expect(delivery.newestKey()).toBe(newest);
    await clock.advance(HOUR_MS);
    expect(await verify(delivery)).toMatchObject({ ok: true, value: { digests: 4, logFiles: 4, records: 8 } });
  });

  it("lie in a locked bucket of the embedded S3 and verify from there", async () => {
    cloud.s3.putBucket({ name: "trail-locked", objectLock: { defaultRetention: { mode: "COMPLIANCE", days: 1 } } });
    delivery.stop();
    const locked = await cloud.trail.startDelivery({
      trailName: "main",
      bucket: "trail-locked",
      deliver: (key, bytes, metadata) => cloud.s3.putObjectInternal("trail-locked", key, bytes, { metadata }),
    });
    for (const [key, file] of bucket) {
      cloud.s3.putObjectInternal("trail-locked", key, file.bytes, { metadata: file.metadata });
    }
    await assume("s4");
    await clock.advance(HOUR_MS);
    const files = new Map<string, TrailFile>();
    for (const object of cloud.s3.dumpObjects("trail-locked")) {
      const signature = object.headers["x-amz-meta-signature"] ?? "";
      files.set(object.key, { bytes: object.bytes ?? Buffer.alloc(0), metadata: { signature } });
    }
    expect(await verify(locked, files)).toMatchObject({ ok: true, value: { digests: 4, records: 8 } });
  });
});
