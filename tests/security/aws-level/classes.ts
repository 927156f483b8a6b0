import { GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { DecryptCommand } from "@aws-sdk/client-kms";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { SESSION_PURPOSES, tableName, type SessionPurpose } from "../../../core/iam/index.ts";
import type { Principal } from "../../../core/identity/principal.ts";
import { type DataClass, isPairClass, KEYED_CLASSES, RECORD_CLASSES } from "../../../core/kernel/data-class.ts";
import type { UserId } from "../../../core/kernel/ids.ts";
import { authorize } from "../../../core/policy/index.ts";
import { purposeOfRole } from "../../../scripts/cli/sign-in.ts";
import { type Hands, text, wrappedKey } from "../aws.ts";
import { newTestId, SITE } from "../world.ts";
import { attachment, ATTACHMENTS, key, partition, reached, type Scene, STORED_CLASSES, type Use } from "./scene.ts";

const DENIED = "AccessDeniedException";
const sorted = (classes: readonly DataClass[]): DataClass[] => [...new Set(classes)].toSorted();

/** What policy lets a role read, as the session is vended for it: asked of the real rules, not written down here. */
function granted({ a }: Scene, role: string): { classes: DataClass[]; purpose: SessionPurpose } {
  const principal: Principal = {
    kind: role === "integration" ? "client" : "user",
    userId: newTestId() as UserId,
    tenantId: a,
    roles: [role],
    assurance: role === "integration" ? "client" : "aal2",
    sessionId: "s",
    clientId: "c",
  };
  const purpose = SESSION_PURPOSES.find((each) => each === purposeOfRole(role));
  if (purpose === undefined) throw new Error("a role has a purpose");
  const classes = RECORD_CLASSES.filter((each) => {
    const type = { C: "Observation", S: "Observation", B: "Coverage", D: "Patient" }[each];
    return authorize(principal, [{ action: "read", type, classes: [each] }], { purpose }).ok;
  });
  return { classes: [...classes], purpose };
}

/** What a session reaches, by the kind of thing that has a class. */
async function reach({ world, a }: Scene, hands: Hands) {
  const { dynamodb, kms, s3 } = hands;
  const data = tableName(SITE, "data");
  return {
    rows: await reached(DENIED, STORED_CLASSES, (each) =>
      dynamodb.send(new GetItemCommand({ TableName: data, Key: key(partition(a, each)) })),
    ),
    indexRows: await reached(DENIED, STORED_CLASSES, (each) =>
      dynamodb.send(
        new QueryCommand({
          TableName: data,
          IndexName: "gsi1",
          KeyConditionExpression: "gpk = :p",
          ExpressionAttributeValues: { ":p": text(partition(a, each, "IX")) },
        }),
      ),
    ),
    keyRows: await reached(DENIED, KEYED_CLASSES, (each) =>
      dynamodb.send(
        new GetItemCommand({ TableName: tableName(SITE, "keys"), Key: key(partition(a, each, "K"), "v#000001") }),
      ),
    ),
    unwraps: await reached(DENIED, KEYED_CLASSES, (each) => {
      const { enc, context } = wrappedKey(world, a, each);
      return kms.send(new DecryptCommand({ CiphertextBlob: enc, EncryptionContext: { ...context } }));
    }),
    attachmentsRead: await reached("AccessDenied", RECORD_CLASSES, (each) =>
      s3.send(new GetObjectCommand({ Bucket: ATTACHMENTS, Key: attachment(a, each) })),
    ),
    attachmentsWritten: await reached("AccessDenied", RECORD_CLASSES, (each) =>
      s3.send(
        new PutObjectCommand({
          Bucket: ATTACHMENTS,
          Key: attachment(a, each, newTestId()),
          Body: "x",
          IfNoneMatch: "*",
        }),
      ),
    ),
  };
}

export function classWalls(use: Use): void {
  describe("AW-08 class walls", () => {
    const roles = ["physician", "nurse", "front-desk", "billing", "integration", "clinic-administrator", "nobody"];
    it.each(roles)("AW-08 a session of the role %s reaches exactly the classes of its grant", async (role) => {
      const scene = use();
      const { classes, purpose } = granted(scene, role);
      // As the FHIR function adds them: search tokens and idempotency rows.
      const hands = await scene.vended({ classes: [...classes, "X", "I"], purpose });
      expect(await reach(scene, hands)).toEqual({
        rows: STORED_CLASSES.filter((each) => ["X", "I", ...classes].includes(each)),
        indexRows: STORED_CLASSES.filter((each) => ["X", "I", ...classes].includes(each)),
        // The wrapped private key of class A is next to its public half, and nobody unwraps it.
        keyRows: KEYED_CLASSES.filter((each) => ["X", "A", ...classes].includes(each)),
        unwraps: KEYED_CLASSES.filter((each) => ["X", ...classes].includes(each)),
        attachmentsRead: classes,
        attachmentsWritten: classes,
      });
    });
    it("AW-08 billing is granted no clinical class, and nobody is granted the segmented one", () => {
      const scene = use();
      expect(sorted(granted(scene, "billing").classes)).toEqual(["B", "D"]);
      for (const role of roles) expect(granted(scene, role).classes).not.toContain("S");
    });
    it("AW-08 control: a session that is vended for every class reaches every class but the pairs", async () => {
      const scene = use();
      const hands = await scene.vended({ classes: ["C", "S", "B", "D", "X", "I"] });
      const found = await reach(scene, hands);
      expect(found.rows).toEqual(STORED_CLASSES);
      expect(found.unwraps).toEqual(KEYED_CLASSES.filter((each) => !isPairClass(each)));
      expect(found.attachmentsRead).toEqual(RECORD_CLASSES);
    });
  });
}
