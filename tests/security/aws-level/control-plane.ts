import { GetItemCommand, QueryCommand, ScanCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateGrantCommand,
  DecryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateMacCommand,
  GetKeyPolicyCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
} from "@aws-sdk/client-kms";
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { describe } from "vitest";
import { archiveBucketName, controlPlaneRoleArn, keyAlias, tableName } from "../../../core/iam/index.ts";
import { assumeRole, functionCredentials, type Hands, type Item, text, wrappedKey } from "../aws.ts";
import { cellKeyArn, newTestId, SITE } from "../world.ts";
import { attachment, ATTACHMENTS, key, partition, type Probe, probes, type Scene, type Use } from "./scene.ts";

const DENIED = "AccessDeniedException";
const REGISTRY = tableName(SITE, "registry");

/** A session of the control plane, as the platform function assumes it. */
async function controlPlane(scene: Scene): Promise<Hands> {
  const { sts } = scene.hands(functionCredentials(scene.world, "platform"));
  const input = { RoleArn: controlPlaneRoleArn(SITE), RoleSessionName: "platform", DurationSeconds: 900 };
  return scene.hands(await assumeRole(sts, input));
}

type Call = (hands: Hands, scene: Scene) => Promise<unknown>;

const put = ({ dynamodb }: Hands, TableName: string, Item: Item): Promise<unknown> =>
  dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item } }] }));
const getFrom = ({ dynamodb }: Hands, TableName: string, pk: string, sk: string): Promise<unknown> =>
  dynamodb.send(new GetItemCommand({ TableName, Key: key(pk, sk) }));
const underContext = ({ world }: Scene, tenant: string) => ({
  KeyId: cellKeyArn(world.stack),
  EncryptionContext: { tenant, cell: SITE.cell, class: "C", kver: "2" },
});

const ESCALATIONS: readonly (readonly [title: string, want: string, call: Call])[] = [
  ["reading a chart", DENIED, (hands, { a }) => getFrom(hands, tableName(SITE, "data"), partition(a, "C"), "x")],
  [
    "querying a chart",
    DENIED,
    ({ dynamodb }, { a }) =>
      dynamodb.send(
        new QueryCommand({
          TableName: tableName(SITE, "data"),
          KeyConditionExpression: "pk = :p",
          ExpressionAttributeValues: { ":p": text(partition(a, "D")) },
        }),
      ),
  ],
  ["writing a chart", DENIED, (hands, { a }) => put(hands, tableName(SITE, "data"), key(partition(a, "C"), "x"))],
  [
    "writing an audit event",
    DENIED,
    (hands, { a }) => put(hands, tableName(SITE, "outbox"), key(partition(a, "A", "2026-11-22"), newTestId())),
  ],
  ["scanning the registry", DENIED, ({ dynamodb }) => dynamodb.send(new ScanCommand({ TableName: REGISTRY }))],
  ["forging a session", DENIED, (hands) => put(hands, REGISTRY, key(`SESSION#${newTestId()}`, "SESSION"))],
  ["forging a grant of the authorization server", DENIED, (hands) => put(hands, REGISTRY, key("OIDC#Grant#x", "OIDC"))],
  [
    "writing a row into the keys table that is no key row",
    DENIED,
    (hands, { a }) => put(hands, tableName(SITE, "keys"), key(partition(a, "C", "P#1"), "x")),
  ],
  [
    "unwrapping a data key",
    DENIED,
    ({ kms }, { world, a }) => {
      const { enc, context } = wrappedKey(world, a, "C");
      return kms.send(new DecryptCommand({ CiphertextBlob: enc, EncryptionContext: { ...context } }));
    },
  ],
  [
    "a data key in plaintext",
    DENIED,
    ({ kms }, scene) => kms.send(new GenerateDataKeyCommand({ ...underContext(scene, scene.a), KeySpec: "AES_256" })),
  ],
  [
    "minting for a tenant id that is none",
    DENIED,
    ({ kms }, scene) =>
      kms.send(new GenerateDataKeyWithoutPlaintextCommand({ ...underContext(scene, "x"), KeySpec: "AES_256" })),
  ],
  [
    "minting under no context",
    DENIED,
    ({ kms }, { world }) =>
      kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: cellKeyArn(world.stack), KeySpec: "AES_256" })),
  ],
  [
    "giving itself the key by its policy",
    DENIED,
    async ({ kms }, { root, world }) => {
      const KeyId = cellKeyArn(world.stack);
      const { Policy } = await root.kms.send(new GetKeyPolicyCommand({ KeyId }));
      return kms.send(new PutKeyPolicyCommand({ KeyId, Policy }));
    },
  ],
  [
    "giving itself the key by a grant",
    DENIED,
    ({ kms }, { world }) =>
      kms.send(
        new CreateGrantCommand({
          KeyId: cellKeyArn(world.stack),
          GranteePrincipal: controlPlaneRoleArn(SITE),
          Operations: ["Decrypt"],
        }),
      ),
  ],
  [
    "deleting the key",
    DENIED,
    ({ kms }, { world }) => kms.send(new ScheduleKeyDeletionCommand({ KeyId: cellKeyArn(world.stack) })),
  ],
  [
    "signing an access token",
    DENIED,
    ({ kms }) =>
      kms.send(
        new SignCommand({
          KeyId: keyAlias(SITE, "token"),
          SigningAlgorithm: "ECDSA_SHA_256",
          Message: Buffer.from("x"),
        }),
      ),
  ],
  [
    "reading an attachment",
    "AccessDenied",
    ({ s3 }, { a }) => s3.send(new GetObjectCommand({ Bucket: ATTACHMENTS, Key: attachment(a, "C") })),
  ],
  [
    "listing the archive",
    "AccessDenied",
    ({ s3 }) => s3.send(new ListObjectsV2Command({ Bucket: archiveBucketName(SITE) })),
  ],
  [
    "assuming itself again",
    "AccessDenied",
    ({ sts }) => assumeRole(sts, { RoleArn: controlPlaneRoleArn(SITE), RoleSessionName: "again" }),
  ],
  [
    "control: reading a tenant's registration",
    "allowed",
    (hands, { a }) => getFrom(hands, REGISTRY, `TENANT#${a}`, "TENANT"),
  ],
  [
    "control: minting a key that it does not see",
    "allowed",
    ({ kms }, scene) =>
      kms.send(new GenerateDataKeyWithoutPlaintextCommand({ ...underContext(scene, scene.a), KeySpec: "AES_256" })),
  ],
  [
    "control: reading a wrapped key",
    "allowed",
    (hands, { a }) => getFrom(hands, tableName(SITE, "keys"), partition(a, "C", "K"), "v#000001"),
  ],
  [
    "control: deriving the secrets that sign-in needs",
    "allowed",
    ({ kms }) =>
      kms.send(
        new GenerateMacCommand({
          KeyId: keyAlias(SITE, "session"),
          MacAlgorithm: "HMAC_SHA_256",
          Message: Buffer.from("x"),
        }),
      ),
  ],
];

export function controlPlaneEscalation(use: Use): void {
  describe("AW-20 KEY-10 the control plane", () => {
    const rows = ESCALATIONS.map(([title, want, call]): Probe => [
      title,
      want,
      async (scene) => call(await controlPlane(scene), scene),
    ]);
    probes("AW-20", use, rows);
  });
}
