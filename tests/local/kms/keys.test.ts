import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  ListAliasesCommand,
  ListKeyPoliciesCommand,
  ListKeyRotationsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
  type CreateKeyCommandInput,
  type KMSClient,
} from "@aws-sdk/client-kms";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errorName, kmsBench, type KmsBench } from "./clients.ts";

const DAY_MS = 86_400_000;

let bench: KmsBench;
let kms: KMSClient;

beforeEach(async () => {
  bench = await kmsBench();
  kms = bench.client();
});
afterEach(() => bench.close());

const newKey = async (input: CreateKeyCommandInput = {}): Promise<string> =>
  (await kms.send(new CreateKeyCommand(input))).KeyMetadata?.KeyId ?? "";
const stateOf = async (KeyId: string): Promise<string | undefined> =>
  (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;
const seal = async (KeyId: string, text: string): Promise<Uint8Array> =>
  (await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from(text) }))).CiphertextBlob ?? new Uint8Array();
const open = async (CiphertextBlob: Uint8Array): Promise<string> =>
  Buffer.from((await kms.send(new DecryptCommand({ CiphertextBlob }))).Plaintext ?? []).toString();

describe("deletion", () => {
  it("comes by the clock after the window, and nothing opens any more", async () => {
    const KeyId = await newKey();
    const blob = await seal(KeyId, "record");
    await kms.send(new CreateAliasCommand({ AliasName: "alias/gone", TargetKeyId: KeyId }));
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    bench.clock.advance(7 * DAY_MS - 1);
    expect(await stateOf(KeyId)).toBe("PendingDeletion");
    bench.clock.advance(1);
    expect(await errorName(stateOf(KeyId))).toBe("NotFoundException");
    expect(await errorName(open(blob))).toBe("InvalidCiphertextException");
    expect((await kms.send(new ListKeysCommand({}))).Keys).toEqual([]);
    expect((await kms.send(new ListAliasesCommand({}))).Aliases).toEqual([]);
  });

  it("can be called off, and leaves the key disabled", async () => {
    const KeyId = await newKey();
    const blob = await seal(KeyId, "record");
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId }));
    expect(await errorName(kms.send(new EnableKeyCommand({ KeyId })))).toBe("KMSInvalidStateException");
    expect(await errorName(kms.send(new ScheduleKeyDeletionCommand({ KeyId })))).toBe("KMSInvalidStateException");
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    expect(await errorName(open(blob))).toBe("DisabledException");
    await kms.send(new EnableKeyCommand({ KeyId }));
    expect(await open(blob)).toBe("record");
    expect(await errorName(kms.send(new CancelKeyDeletionCommand({ KeyId })))).toBe("KMSInvalidStateException");
  });

  it.each([6, 31])("refuses a window of %i days", async (PendingWindowInDays) => {
    const KeyId = await newKey();
    const command = new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays });
    expect(await errorName(kms.send(command))).toBe("ValidationException");
  });
});

describe("rotation", () => {
  it("comes by the clock, once per period, and old ciphertexts open", async () => {
    const KeyId = await newKey();
    const before = await seal(KeyId, "first");
    await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
    bench.clock.advance(89 * DAY_MS);
    expect((await kms.send(new ListKeyRotationsCommand({ KeyId }))).Rotations).toEqual([]);
    bench.clock.advance(DAY_MS + 90 * DAY_MS);
    const { Rotations = [] } = await kms.send(new ListKeyRotationsCommand({ KeyId }));
    expect(Rotations.map((rotation) => rotation.RotationType)).toEqual(["AUTOMATIC", "AUTOMATIC"]);
    const after = await seal(KeyId, "second");
    // The version number sits after the format byte and the key id.
    expect([before, after].map((blob) => Buffer.from(blob).readUInt16BE(17))).toEqual([0, 2]);
    expect([await open(before), await open(after)]).toEqual(["first", "second"]);
    const status = await kms.send(new GetKeyRotationStatusCommand({ KeyId }));
    expect(status.NextRotationDate?.getTime()).toBeGreaterThan(bench.clock.now());
  });

  it("waits while the key is disabled and is made up for once", async () => {
    const KeyId = await newKey();
    await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
    await kms.send(new DisableKeyCommand({ KeyId }));
    bench.clock.advance(300 * DAY_MS);
    expect((await kms.send(new ListKeyRotationsCommand({ KeyId }))).Rotations).toEqual([]);
    await kms.send(new EnableKeyCommand({ KeyId }));
    expect((await kms.send(new ListKeyRotationsCommand({ KeyId }))).Rotations).toHaveLength(1);
  });

  it("can be turned off", async () => {
    const KeyId = await newKey();
    await kms.send(new EnableKeyRotationCommand({ KeyId }));
    expect(await kms.send(new GetKeyRotationStatusCommand({ KeyId }))).toMatchObject({ RotationPeriodInDays: 365 });
    await kms.send(new DisableKeyRotationCommand({ KeyId }));
    bench.clock.advance(400 * DAY_MS);
    expect(await kms.send(new GetKeyRotationStatusCommand({ KeyId }))).toMatchObject({ KeyRotationEnabled: false });
    expect((await kms.send(new ListKeyRotationsCommand({ KeyId }))).Rotations).toEqual([]);
  });

  it.each([89, 2561])("refuses a period of %i days", async (RotationPeriodInDays) => {
    const KeyId = await newKey();
    const command = new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays });
    expect(await errorName(kms.send(command))).toBe("ValidationException");
  });

  it("is for symmetric keys only, and on demand at most 25 times", async () => {
    const signing = await newKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    const refused = new RotateKeyOnDemandCommand({ KeyId: signing });
    expect(await errorName(kms.send(refused))).toBe("UnsupportedOperationException");
    const KeyId = await newKey();
    for (let count = 0; count < 25; count += 1) await kms.send(new RotateKeyOnDemandCommand({ KeyId }));
    expect(await errorName(kms.send(new RotateKeyOnDemandCommand({ KeyId })))).toBe("LimitExceededException");
  });
});

describe("aliases", () => {
  it("move from key to key of the same kind", async () => {
    const [first, second] = [await newKey(), await newKey()];
    const signing = await newKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    const AliasName = "alias/moving";
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: first }));
    const again = new CreateAliasCommand({ AliasName, TargetKeyId: second });
    expect(await errorName(kms.send(again))).toBe("AlreadyExistsException");
    await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: second }));
    const described = await kms.send(new DescribeKeyCommand({ KeyId: AliasName }));
    expect(described.KeyMetadata?.KeyId).toBe(second);
    const other = new UpdateAliasCommand({ AliasName, TargetKeyId: signing });
    expect(await errorName(kms.send(other))).toBe("ValidationException");
    await kms.send(new DeleteAliasCommand({ AliasName }));
    expect(await errorName(kms.send(new DescribeKeyCommand({ KeyId: AliasName })))).toBe("NotFoundException");
    expect(await errorName(kms.send(new DeleteAliasCommand({ AliasName })))).toBe("NotFoundException");
  });

  it.each([
    ["alias/aws/s3", "NotAuthorizedException"],
    ["alias/with space", "InvalidAliasNameException"],
    ["noprefix", "ValidationException"],
  ])("refuse the name %s", async (AliasName, error) => {
    const TargetKeyId = await newKey();
    expect(await errorName(kms.send(new CreateAliasCommand({ AliasName, TargetKeyId })))).toBe(error);
  });

  it("do not name a key where AWS takes only ids", async () => {
    await kms.send(new CreateAliasCommand({ AliasName: "alias/x", TargetKeyId: await newKey() }));
    expect(await errorName(kms.send(new DisableKeyCommand({ KeyId: "alias/x" })))).toBe("NotFoundException");
  });
});

describe("listings, tags, policies", () => {
  it("page through keys and aliases without loss", async () => {
    const made = new Set<string>();
    for (let count = 0; count < 7; count += 1) made.add(await newKey());
    const seen: string[] = [];
    let Marker: string | undefined;
    do {
      const page: { Keys?: { KeyId?: string | undefined }[] | undefined; NextMarker?: string | undefined } =
        await kms.send(new ListKeysCommand({ Limit: 3, Marker }));
      seen.push(...(page.Keys ?? []).map((key) => key.KeyId ?? ""));
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    expect(seen.toSorted()).toEqual([...made].toSorted());
    const bad = new ListKeysCommand({ Marker: "not a marker!" });
    expect(await errorName(kms.send(bad))).toBe("InvalidMarkerException");
  });

  it("tag, retag and untag", async () => {
    const KeyId = await newKey({ Tags: [{ TagKey: "app", TagValue: "keyward" }] });
    await kms.send(
      new TagResourceCommand({
        KeyId,
        Tags: [
          { TagKey: "tier", TagValue: "dedicated" },
          { TagKey: "app", TagValue: "x" },
        ],
      }),
    );
    await kms.send(new UntagResourceCommand({ KeyId, TagKeys: ["tier"] }));
    const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId }));
    expect(Tags).toEqual([{ TagKey: "app", TagValue: "x" }]);
    const reserved = new TagResourceCommand({ KeyId, Tags: [{ TagKey: "aws:x", TagValue: "y" }] });
    expect(await errorName(kms.send(reserved))).toBe("TagException");
  });

  it("describe what they were told", async () => {
    const KeyId = await newKey({ Description: "first" });
    await kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: "second" }));
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata).toMatchObject({
      Description: "second",
      Origin: "AWS_KMS",
      KeyManager: "CUSTOMER",
      MultiRegion: false,
    });
    expect((await kms.send(new ListKeyPoliciesCommand({ KeyId }))).PolicyNames).toEqual(["default"]);
  });

  const statement = {
    Effect: "Allow",
    Principal: { AWS: "arn:aws:iam::111122223333:root" },
    Action: "kms:*",
    Resource: "*",
  };
  it.each([
    ["no JSON", "{"],
    ["no statement", JSON.stringify({ Version: "2012-10-17" })],
    ["a statement without principal", JSON.stringify({ Statement: [{ ...statement, Principal: undefined }] })],
    [
      "a statement for somebody else only",
      JSON.stringify({ Statement: [{ ...statement, Principal: { AWS: "arn:aws:iam::111122223333:role/other" } }] }),
    ],
    [
      "ForAllValues on a single-valued encryption context key (P18)",
      JSON.stringify({
        Statement: [
          statement,
          { ...statement, Condition: { "ForAllValues:StringEquals": { "kms:EncryptionContext:tenant": "a" } } },
        ],
      }),
    ],
  ])("refuse a key policy with %s", async (_name, Policy) => {
    const KeyId = await newKey();
    const command = new PutKeyPolicyCommand({ KeyId, PolicyName: "default", Policy });
    expect(await errorName(kms.send(command))).toBe("MalformedPolicyDocumentException");
  });

  it("take a policy without a way back only when told so", async () => {
    const KeyId = await newKey();
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ ...statement, Principal: { AWS: "arn:aws:iam::111122223333:role/other" } }],
    });
    await kms.send(
      new PutKeyPolicyCommand({ KeyId, PolicyName: "default", Policy, BypassPolicyLockoutSafetyCheck: true }),
    );
    expect(await errorName(kms.send(new DescribeKeyCommand({ KeyId })))).toBe("AccessDeniedException");
  });
});
