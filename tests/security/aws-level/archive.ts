import {
  CopyObjectCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, it } from "vitest";
import { parseVerifierKey } from "../../../core/audit/note.ts";
import type { VerifyReport } from "../../../core/audit/verify.ts";
import { createVersionReader } from "../../../core/archive/store.ts";
import {
  archiveBucketName,
  functionName,
  type KeyArns,
  keyAlias,
  operatorName,
  operatorPolicy,
  witnessBucketName,
} from "../../../core/iam/index.ts";
import { invariant } from "../../../core/kernel/invariant.ts";
import { archivedTenants, verifyTenant } from "../../../scripts/cli/audit-verify.ts";
import { functionCredentials, type Hands, outcome } from "../aws.ts";
import { newTestId, SITE } from "../world.ts";
import type { Scene, Use } from "./scene.ts";

const Bucket = archiveBucketName(SITE);
const WITNESS = witnessBucketName(SITE);
const DENIED = "AccessDenied";
const LATER = new Date("2099-01-01T00:00:00Z");
/** Later than this run, and before the day is over that stage dev locks an object for. */
const SOON = new Date(Date.now() + 12 * 3_600_000);

const versions = ({ world }: Scene) => [...world.stack.cloud.s3.dumpObjects(Bucket)];

/** An object of B's trail, which nothing else here disturbs: a batch of events. */
function batchOf(scene: Scene): { readonly Key: string; readonly VersionId: string } {
  const found = versions(scene).find(({ key, bytes }) => key.startsWith(`v1/events/t/${scene.b}/`) && bytes);
  invariant(found !== undefined, "B's trail has a batch");
  return { Key: found.key, VersionId: found.versionId };
}

/** The operator, who verifies: made as a stage's first start makes it. */
function operatorOf(scene: Scene): Hands {
  const { cloud, provisioned } = scene.world.stack;
  const { iam } = cloud;
  const name = operatorName(SITE);
  if (iam.users.get(name) === undefined) {
    const arnOf = (key: keyof KeyArns): string => provisioned.keyArns[keyAlias(SITE, key)] ?? "";
    const keys = {
      audit: arnOf("audit"),
      checkpoint: arnOf("checkpoint"),
      token: arnOf("token"),
      cost: arnOf("cost"),
      witness: arnOf("witness"),
    };
    iam.users.put({ name, policies: { operator: operatorPolicy(SITE, keys) } });
  }
  return scene.hands(iam.users.createAccessKey(name));
}

/** What `keyward audit verify` finds in B's trail, with the operator's rights. */
async function verified(scene: Scene): Promise<VerifyReport> {
  const line = versions(scene).find(({ key, bytes }) => key === "v1/log/verifier-key" && bytes);
  const logKey = parseVerifierKey(line?.bytes?.toString("utf8").trim() ?? "");
  invariant(logKey !== undefined, "the sealer left its public key");
  const reader = createVersionReader(operatorOf(scene).s3, Bucket);
  expect(await archivedTenants(reader)).toContain(scene.b);
  return verifyTenant(SITE, reader, logKey, scene.b, () => undefined);
}

type Attack = (hands: Hands, at: { readonly Key: string; readonly VersionId: string }) => Promise<unknown>;

const TAMPERING: Readonly<Record<string, Attack>> = {
  "put over it": ({ s3 }, { Key }) => s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" })),
  "put beside it without If-None-Match": ({ s3 }, { Key }) =>
    s3.send(new PutObjectCommand({ Bucket, Key: `${Key}x`, Body: "x" })),
  "put with a retention of its own": ({ s3 }, { Key }) =>
    s3.send(
      new PutObjectCommand({
        Bucket,
        Key: `${Key}y`,
        Body: "x",
        IfNoneMatch: "*",
        ObjectLockMode: "COMPLIANCE",
        ObjectLockRetainUntilDate: SOON,
      }),
    ),
  "put with a legal hold": ({ s3 }, { Key }) =>
    s3.send(
      new PutObjectCommand({ Bucket, Key: `${Key}z`, Body: "x", IfNoneMatch: "*", ObjectLockLegalHoldStatus: "ON" }),
    ),
  "copy over it": ({ s3 }, { Key }) => s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${Key}` })),
  "delete it": ({ s3 }, { Key }) => s3.send(new DeleteObjectCommand({ Bucket, Key })),
  "delete its version": ({ s3 }, at) => s3.send(new DeleteObjectCommand({ Bucket, ...at })),
  "delete its version, past governance": ({ s3 }, at) =>
    s3.send(new DeleteObjectCommand({ Bucket, ...at, BypassGovernanceRetention: true })),
  "delete it among others": async ({ s3 }, at) => {
    const { Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [at, { Key: at.Key }] } }));
    // DeleteObjects answers 200 and names what it did not delete.
    expect(Errors?.map(({ Code }) => Code)).toEqual([DENIED, DENIED]);
    throw Object.assign(new Error(DENIED), { name: DENIED, $metadata: { httpStatusCode: 403 } });
  },
  "shorten its retention": ({ s3 }, at) =>
    s3.send(new PutObjectRetentionCommand({ Bucket, ...at, Retention: { Mode: "COMPLIANCE", RetainUntilDate: SOON } })),
  "lengthen its retention": ({ s3 }, at) =>
    s3.send(
      new PutObjectRetentionCommand({ Bucket, ...at, Retention: { Mode: "COMPLIANCE", RetainUntilDate: LATER } }),
    ),
  "change its retention to governance": ({ s3 }, at) =>
    s3.send(
      new PutObjectRetentionCommand({
        Bucket,
        ...at,
        Retention: { Mode: "GOVERNANCE", RetainUntilDate: SOON },
        BypassGovernanceRetention: true,
      }),
    ),
  "lay a legal hold on it": ({ s3 }, at) =>
    s3.send(new PutObjectLegalHoldCommand({ Bucket, ...at, LegalHold: { Status: "OFF" } })),
  "let it expire": ({ s3 }) =>
    s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket,
        LifecycleConfiguration: {
          Rules: [{ ID: "end", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 1 } }],
        },
      }),
    ),
};

const ADMINISTRATION: Readonly<Record<string, Attack>> = {
  "change the bucket's policy": ({ s3 }) =>
    s3.send(
      new PutBucketPolicyCommand({
        Bucket,
        Policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:*", Resource: `arn:aws:s3:::${Bucket}/*` }],
        }),
      }),
    ),
  "remove the bucket's policy": ({ s3 }) => s3.send(new DeleteBucketPolicyCommand({ Bucket })),
  "delete the bucket": ({ s3 }) => s3.send(new DeleteBucketCommand({ Bucket })),
  "end versioning": ({ s3 }) =>
    s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Suspended" } })),
  "shorten the default retention": ({ s3 }) =>
    s3.send(
      new PutObjectLockConfigurationCommand({
        Bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: "Enabled",
          Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: 1 } },
        },
      }),
    ),
};

export function archiveTampering(use: Use): void {
  const who: Readonly<Record<string, (scene: Scene) => Hands>> = {
    "the archive function": (scene) => scene.hands(functionCredentials(scene.world, "archive")),
    "the seal function": (scene) => scene.hands(functionCredentials(scene.world, "seal")),
    "the operator": operatorOf,
    "a physician's session": ({ own }) => own,
  };

  describe("AW-17 archive tampering", () => {
    beforeAll(async () => {
      const { stack } = use().world;
      await stack.drain();
      await stack.lambda.invoke(functionName(SITE, "seal"), {});
    });

    it("AW-17 control: the trail verifies before", async () => {
      const { findings, events, seals } = await verified(use());
      expect(findings).toEqual([]);
      expect(events).toBeGreaterThan(3);
      expect(seals).toBeGreaterThan(0);
    });
    it.each(Object.keys(who))("AW-17 nothing is changed, deleted or freed by %s", async (name) => {
      const scene = use();
      const hands = who[name]?.(scene);
      invariant(hands !== undefined, "who attacks is listed");
      const before = versions(scene);
      const got: Record<string, string> = {};
      for (const [what, attack] of Object.entries({ ...TAMPERING, ...ADMINISTRATION })) {
        got[what] = await outcome(attack(hands, batchOf(scene)));
      }
      expect(got).toEqual(Object.fromEntries(Object.keys(got).map((what) => [what, DENIED])));
      expect(versions(scene)).toEqual(before);
    });
    it("AW-17 root, past whom nothing else stands, is refused by the bucket", async () => {
      const scene = use();
      const before = versions(scene);
      const got: Record<string, string> = {};
      for (const [what, attack] of Object.entries(TAMPERING))
        got[what] = await outcome(attack(scene.root, batchOf(scene)));
      expect(got).toEqual(Object.fromEntries(Object.keys(TAMPERING).map((what) => [what, DENIED])));
      expect(await outcome(Promise.resolve(ADMINISTRATION["end versioning"]?.(scene.root, batchOf(scene))))).toBe(
        "InvalidBucketState",
      );
      expect(await outcome(Promise.resolve(ADMINISTRATION["delete the bucket"]?.(scene.root, batchOf(scene))))).toBe(
        "BucketNotEmpty",
      );
      expect(versions(scene)).toEqual(before);
    });
    it("AW-17 root adds nothing to the trail either, under whatever key", async () => {
      const scene = use();
      const added = { Bucket, Key: `v1/events/t/${scene.b}/2026-11-22/x`, Body: "x", IfNoneMatch: "*" };
      for (const more of [{}, { ServerSideEncryption: "AES256" }] as const) {
        expect(await outcome(scene.root.s3.send(new PutObjectCommand({ ...added, ...more })))).toBe(DENIED);
      }
    });
    it("AW-17 whatever root does to the default retention, what is there keeps its own", async () => {
      const scene = use();
      const { s3 } = scene.root;
      const before = versions(scene);
      const { ObjectLockConfiguration } = await s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
      await outcome(Promise.resolve(ADMINISTRATION["shorten the default retention"]?.(scene.root, batchOf(scene))));
      try {
        expect(versions(scene)).toEqual(before);
        const got: Record<string, string> = {};
        for (const what of ["delete its version", "delete its version, past governance", "shorten its retention"]) {
          got[what] = await outcome(Promise.resolve(TAMPERING[what]?.(scene.root, batchOf(scene))));
        }
        expect([...new Set(Object.values(got))]).toEqual([DENIED]);
      } finally {
        await outcome(s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration })));
      }
    });
    it("AW-17 nobody of the first account writes for the witness or deletes what it kept, and the witness changes nothing of it", async () => {
      const scene = use();
      await scene.world.stack.lambda.invoke(functionName(SITE, "witness"), {});
      const kept = () => [...scene.world.stack.cloud.s3.dumpObjects(WITNESS)];
      const before = kept();
      const [found] = before.filter(({ key }) => key.includes("/cosigned/"));
      invariant(found !== undefined, "the witness has signed");
      const { key: Key, versionId: VersionId } = found;
      const names = ["seal", "archive", "fhir", "clinic", "platform", "reconcile", "index", "witness"] as const;
      const attackers = [
        ...names.map((name) => scene.hands(functionCredentials(scene.world, name))),
        operatorOf(scene),
      ];
      for (const [number, { s3 }] of attackers.entries()) {
        const beside = { Bucket: WITNESS, Key: `v1/log/t/${scene.b}/cosigned/x${number}`, Body: "x", IfNoneMatch: "*" };
        const isWitness = names[number] === "witness";
        if (!isWitness) expect(await outcome(s3.send(new PutObjectCommand(beside)))).toBe(DENIED);
        const over = { Bucket: WITNESS, Key, Body: "x" };
        expect(await outcome(s3.send(new PutObjectCommand(over)))).toBe(DENIED);
        expect(await outcome(s3.send(new DeleteObjectCommand({ Bucket: WITNESS, Key })))).toBe(DENIED);
        expect(await outcome(s3.send(new DeleteObjectCommand({ Bucket: WITNESS, Key, VersionId })))).toBe(DENIED);
        // And the witness, which reads the archive's log, changes none of it.
        if (isWitness) expect(await outcome(s3.send(new PutObjectCommand({ ...beside, Bucket })))).toBe(DENIED);
      }
      expect(kept()).toEqual(before);
    });
    it("AW-17 the archive function reads and lists nothing, and writes only where events go", async () => {
      const scene = use();
      const { s3 } = scene.hands(functionCredentials(scene.world, "archive"));
      const { Key } = batchOf(scene);
      const create = (name: string) =>
        outcome(s3.send(new PutObjectCommand({ Bucket, Key: name, Body: "x", IfNoneMatch: "*" })));
      expect(await outcome(s3.send(new GetObjectCommand({ Bucket, Key })))).toBe(DENIED);
      expect(await outcome(s3.send(new ListObjectsV2Command({ Bucket })))).toBe(DENIED);
      expect(await create(`v1/log/t/${scene.b}/checkpoint/x`)).toBe(DENIED);
      expect(await create("v2/x")).toBe(DENIED);
      expect(await create(Key)).toBe("PreconditionFailed");
      // The control: the one thing that it is for.
      expect(await create(`v1/events/quarantine/2026-11-22/${newTestId()}`)).toBe("allowed");
    });
    it("AW-17 the seal function writes no events, and replaces no seal", async () => {
      const scene = use();
      const { s3 } = scene.hands(functionCredentials(scene.world, "seal"));
      const create = (name: string) =>
        outcome(s3.send(new PutObjectCommand({ Bucket, Key: name, Body: "x", IfNoneMatch: "*" })));
      const seal = versions(scene).find(({ key }) => key.startsWith(`v1/log/t/${scene.b}/seal/`));
      expect(await create(`v1/events/t/${scene.b}/2026-11-22/x`)).toBe(DENIED);
      expect(await create(seal?.key ?? "")).toBe("PreconditionFailed");
      // The control: it reads what it has to seal.
      expect(await outcome(s3.send(new GetObjectCommand({ Bucket, Key: batchOf(scene).Key })))).toBe("allowed");
    });
    it("AW-17 control: after all that, the trail verifies", async () => {
      expect((await verified(use())).findings).toEqual([]);
    });
    it("AW-17 with the bucket's policy taken away, locked versions stay, and the oldest still verify", async () => {
      const scene = use();
      const { s3 } = scene.root;
      const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
      await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
      try {
        const genuine = versions(scene).filter(({ key }) => key.includes(`/t/${scene.b}/`));
        for (const { key, versionId } of genuine) {
          const at = { Bucket, Key: key, VersionId: versionId };
          expect(await outcome(s3.send(new DeleteObjectCommand({ ...at, BypassGovernanceRetention: true })))).toBe(
            DENIED,
          );
          const Retention = { Mode: "COMPLIANCE", RetainUntilDate: SOON } as const;
          expect(await outcome(s3.send(new PutObjectRetentionCommand({ ...at, Retention })))).toBe(DENIED);
          // What Object Lock lets happen: a marker that hides the object, and another under its name.
          expect(await outcome(s3.send(new DeleteObjectCommand({ Bucket, Key: key })))).toBe("allowed");
          // Under the archive's own key root encrypts nothing either, so that a forgery has to leave it.
          const forged = { Bucket, Key: key, Body: "forged", IfNoneMatch: "*" };
          expect(await outcome(s3.send(new PutObjectCommand(forged)))).toBe(DENIED);
          const elsewhere = new PutObjectCommand({ ...forged, ServerSideEncryption: "AES256" });
          expect(await outcome(s3.send(elsewhere))).toBe("allowed");
        }
        expect(genuine.length).toBeGreaterThan(1);
        const report = await verified(scene);
        expect(report.findings).toEqual([]);
        expect(report.events).toBeGreaterThan(3);
      } finally {
        await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
      }
    });
  });
}
