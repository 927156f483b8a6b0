import {
  CreateGrantCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyPairCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateMacCommand,
  GetKeyPolicyCommand,
  GetPublicKeyCommand,
  ListKeysCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { keyAlias, type KeyArns } from "../../../core/iam/index.ts";
import { functionCredentials, type Hands, wrappedKey, type WrappedKey } from "../aws.ts";
import { cellKeyArn, SITE } from "../world.ts";
import { type Probe, probes, type Scene, type Use } from "./scene.ts";

const DENIED = "AccessDeniedException";
/** KMS's word for a blob that was not made under this context or this key. */
const INVALID = "InvalidCiphertextException";

const decrypt = ({ kms }: Hands, CiphertextBlob: Uint8Array, EncryptionContext?: Readonly<Record<string, string>>) =>
  kms.send(new DecryptCommand({ CiphertextBlob, ...(EncryptionContext && { EncryptionContext }) }));

type CommonUse = { readonly KeyId: string; readonly EncryptionContext: Record<string, string> };

/** The SDK's `send` is overloaded by command; a union of commands has to be sent as one of them. */
const sendTo = ({ kms }: Hands, command: unknown): Promise<unknown> => kms.send(command as DescribeKeyCommand);

type Attack = readonly [
  title: string,
  want: string,
  blob: "a" | "b",
  context: (a: WrappedKey, b: WrappedKey) => Record<string, string> | undefined,
];

/** A wrapped clinical key of each clinic, and the contexts that a session of A may try on it. */
const ATTACKS: readonly Attack[] = [
  ["B's key under B's context", DENIED, "b", (_a, b) => ({ ...b.context })],
  ["B's key under A's context", INVALID, "b", (a) => ({ ...a.context })],
  ["B's key under no context", DENIED, "b", () => undefined],
  ["B's key under both tenants at once", DENIED, "b", (a, b) => ({ ...a.context, Tenant: b.context.tenant })],
  ["B's key under A's context and one key more", DENIED, "b", (a) => ({ ...a.context, note: "x" })],
  ["A's key under no context", DENIED, "a", () => undefined],
  ["A's key under B's context", DENIED, "a", (_a, b) => ({ ...b.context })],
  ["A's key with one key more", DENIED, "a", (a) => ({ ...a.context, note: "x" })],
  ["A's key of another cell", DENIED, "a", (a) => ({ ...a.context, cell: "c02" })],
  ["A's key of another class that the session has", INVALID, "a", (a) => ({ ...a.context, class: "D" })],
  ["A's key of a class that the session has not", DENIED, "a", (a) => ({ ...a.context, class: "S" })],
  ["A's key of another version", INVALID, "a", (a) => ({ ...a.context, kver: "2" })],
  ["A's tenant in capitals", DENIED, "a", (a) => ({ ...a.context, tenant: a.context.tenant.toUpperCase() })],
  ["A's tenant as a pattern", DENIED, "a", (a) => ({ ...a.context, tenant: "*" })],
  ["the context's names in capitals", DENIED, "a", ({ context: { tenant, ...rest } }) => ({ ...rest, Tenant: tenant })],
  ...(["tenant", "cell", "class", "kver"] as const).map((left): Attack => [
    `A's key without its ${left}`,
    DENIED,
    "a",
    (a) => Object.fromEntries(Object.entries(a.context).filter(([name]) => name !== left)),
  ]),
];

export function keyContexts(use: Use): void {
  const pair = ({ world, a, b }: Scene) => ({ a: wrappedKey(world, a, "C"), b: wrappedKey(world, b, "C") });
  const alias = (name: keyof KeyArns): string => keyAlias(SITE, name);
  const withB = (call: (scene: Scene, b: WrappedKey) => Promise<unknown>) => (scene: Scene) =>
    call(scene, wrappedKey(scene.world, scene.b, "C"));
  const contextOf = ({ context }: WrappedKey) => ({ ...context });

  const rows: Probe[] = [
    ...ATTACKS.map(([title, want, blob, context]): Probe => [
      `Decrypt of ${title}`,
      want,
      (scene) => {
        const { a, b } = pair(scene);
        return decrypt(scene.own, blob === "a" ? a.enc : b.enc, context(a, b));
      },
    ]),
    [
      "Decrypt of A's private audit key",
      DENIED,
      ({ own, world, a }) => {
        const { enc, context } = wrappedKey(world, a, "A");
        return decrypt(own, enc, context);
      },
    ],
    [
      "ReEncrypt of B's key into A's context",
      DENIED,
      withB(({ own, world, a }, b) =>
        own.kms.send(
          new ReEncryptCommand({
            CiphertextBlob: b.enc,
            SourceEncryptionContext: contextOf(b),
            DestinationKeyId: cellKeyArn(world.stack),
            DestinationEncryptionContext: contextOf(wrappedKey(world, a, "C")),
          }),
        ),
      ),
    ],
    [
      "CreateGrant to itself",
      DENIED,
      ({ own, world }) =>
        own.kms.send(
          new CreateGrantCommand({
            KeyId: cellKeyArn(world.stack),
            GranteePrincipal: "arn:aws:iam::111122223333:role/keyward-dev-c01-tenant-request",
            Operations: ["Decrypt"],
          }),
        ),
    ],
    ...Object.entries({
      GenerateDataKey: (use: CommonUse) => new GenerateDataKeyCommand({ ...use, KeySpec: "AES_256" }),
      GenerateDataKeyWithoutPlaintext: (use: CommonUse) =>
        new GenerateDataKeyWithoutPlaintextCommand({ ...use, KeySpec: "AES_256" }),
      GenerateDataKeyPair: (use: CommonUse) => new GenerateDataKeyPairCommand({ ...use, KeyPairSpec: "ECC_NIST_P256" }),
      Encrypt: (use: CommonUse) => new EncryptCommand({ ...use, Plaintext: Buffer.alloc(32) }),
    }).map(([name, command]): Probe => [
      `${name} under A's own context`,
      DENIED,
      ({ own, world, a }) =>
        sendTo(own, command({ KeyId: alias("cell"), EncryptionContext: contextOf(wrappedKey(world, a, "C")) })),
    ]),
    ...Object.entries({
      DescribeKey: (KeyId: string) => new DescribeKeyCommand({ KeyId }),
      GetKeyPolicy: (KeyId: string) => new GetKeyPolicyCommand({ KeyId }),
      DisableKey: (KeyId: string) => new DisableKeyCommand({ KeyId }),
      ScheduleKeyDeletion: (KeyId: string) => new ScheduleKeyDeletionCommand({ KeyId }),
    }).map(([name, command]): Probe => [
      name,
      DENIED,
      ({ own, world }) => sendTo(own, command(cellKeyArn(world.stack))),
    ]),
    [
      "PutKeyPolicy",
      DENIED,
      async ({ own, root, world }) => {
        const KeyId = cellKeyArn(world.stack);
        const { Policy } = await root.kms.send(new GetKeyPolicyCommand({ KeyId }));
        return own.kms.send(new PutKeyPolicyCommand({ KeyId, Policy }));
      },
    ],
    ["ListKeys", DENIED, ({ own }) => own.kms.send(new ListKeysCommand({}))],
    [
      "signing an access token",
      DENIED,
      ({ own }) =>
        own.kms.send(
          new SignCommand({ KeyId: alias("token"), SigningAlgorithm: "ECDSA_SHA_256", Message: Buffer.from("x") }),
        ),
    ],
    [
      "signing a checkpoint",
      DENIED,
      ({ own }) =>
        own.kms.send(
          new SignCommand({
            KeyId: alias("checkpoint"),
            SigningAlgorithm: "ED25519_SHA_512",
            Message: Buffer.from("x"),
          }),
        ),
    ],
    [
      "deriving the secrets of sign-in",
      DENIED,
      ({ own }) =>
        own.kms.send(
          new GenerateMacCommand({ KeyId: alias("session"), MacAlgorithm: "HMAC_SHA_256", Message: Buffer.from("x") }),
        ),
    ],
    ["Decrypt as root, under the right context", DENIED, withB(({ root }, b) => decrypt(root, b.enc, contextOf(b)))],
    [
      "a plaintext data key for root",
      DENIED,
      withB(({ root, world }, b) =>
        root.kms.send(
          new GenerateDataKeyCommand({
            KeyId: cellKeyArn(world.stack),
            KeySpec: "AES_256",
            EncryptionContext: contextOf(b),
          }),
        ),
      ),
    ],
    [
      "a grant for root",
      DENIED,
      ({ root, world }) =>
        root.kms.send(
          new CreateGrantCommand({
            KeyId: cellKeyArn(world.stack),
            GranteePrincipal: "arn:aws:iam::111122223333:root",
            Operations: ["Decrypt"],
          }),
        ),
    ],
    ...(["fhir", "archive", "seal", "platform", "session", "cross-check", "public"] as const).map((name): Probe => [
      `Decrypt as the function ${name} itself`,
      DENIED,
      withB((scene, b) => decrypt(scene.hands(functionCredentials(scene.world, name)), b.enc, contextOf(b))),
    ]),
    [
      "control: root sees the cell key's policy",
      "allowed",
      ({ root, world }) => root.kms.send(new GetKeyPolicyCommand({ KeyId: cellKeyArn(world.stack) })),
    ],
    [
      "control: root has the public half of the checkpoint key",
      "allowed",
      ({ root }) => root.kms.send(new GetPublicKeyCommand({ KeyId: alias("checkpoint") })),
    ],
  ];
  describe("AW-09 key contexts", () => {
    probes("AW-09", use, rows);
    it("AW-09 control: each clinic's session unwraps its own key, and the two keys differ", async () => {
      const scene = use();
      const { a, b } = pair(scene);
      const ofB = await scene.vended({ tenantId: scene.b });
      const [left, right] = [await decrypt(scene.own, a.enc, a.context), await decrypt(ofB, b.enc, b.context)];
      expect(left.Plaintext).toHaveLength(32);
      expect(right.Plaintext).toHaveLength(32);
      expect(left.Plaintext).not.toEqual(right.Plaintext);
    });
  });
}
