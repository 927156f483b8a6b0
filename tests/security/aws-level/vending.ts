import { GetItemCommand, PutItemCommand, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { DecryptCommand } from "@aws-sdk/client-kms";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { type PolicyDocument, sessionPolicy, tableName, tenantRoleName } from "../../../core/iam/index.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import { type Hands, outcome, text, wrappedKey } from "../aws.ts";
import { cellKeyArn, newTestId, SITE } from "../world.ts";
import { attachment, ATTACHMENTS, key, partition, type Scene, STORED_CLASSES, type Use } from "./scene.ts";
import { appending } from "./sts-requests.ts";

const REFUSED = "AccessDenied";
const TABLE = tableName(SITE, "data");

/** One call of each kind on a tenant's things, by what it is. */
function callsOn({ world }: Scene, { dynamodb, kms, s3 }: Hands, tenantId: TenantId): Record<string, Promise<unknown>> {
  const { enc, context } = wrappedKey(world, tenantId, "C");
  const rows = STORED_CLASSES.map((each) => [
    `row ${each}`,
    dynamodb.send(new GetItemCommand({ TableName: TABLE, Key: key(partition(tenantId, each)) })),
  ]);
  return {
    ...(Object.fromEntries(rows) as Record<string, Promise<unknown>>),
    query: dynamodb.send(
      new QueryCommand({
        TableName: TABLE,
        KeyConditionExpression: "pk = :p",
        ExpressionAttributeValues: { ":p": text(partition(tenantId, "C")) },
      }),
    ),
    event: dynamodb.send(
      new PutItemCommand({
        TableName: tableName(SITE, "outbox"),
        Item: key(partition(tenantId, "A", "2026-11-22"), newTestId()),
      }),
    ),
    "wrapped key": dynamodb.send(
      new GetItemCommand({ TableName: tableName(SITE, "keys"), Key: key(partition(tenantId, "C", "K"), "v#000001") }),
    ),
    unwrap: kms.send(new DecryptCommand({ CiphertextBlob: enc, EncryptionContext: { ...context } })),
    attachment: s3.send(new GetObjectCommand({ Bucket: ATTACHMENTS, Key: attachment(tenantId, "C") })),
  };
}

async function outcomes(calls: Record<string, Promise<unknown>>): Promise<Record<string, string>> {
  const entries = Object.entries(calls).map(async ([name, call]) => [name, await outcome(call)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** What no session may do, whatever its policy says: read back what was sealed into the trail. */
function unwrapAuditKey({ world, a }: Scene, { kms }: Hands): Promise<string> {
  const { enc, context } = wrappedKey(world, a, "A");
  return outcome(kms.send(new DecryptCommand({ CiphertextBlob: enc, EncryptionContext: { ...context } })));
}

const allOf = (found: Record<string, string>): string[] => [...new Set(Object.values(found))].toSorted();
const NOTHING = ["AccessDenied", "AccessDeniedException"];

export function vendingFaults(use: Use): void {
  const everything: PolicyDocument = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
  };
  const policyFor = ({ world }: Scene, tenantId: TenantId): PolicyDocument =>
    sessionPolicy(
      SITE,
      { cell: cellKeyArn(world.stack) },
      { tenantId, classes: ["C", "S", "B", "D", "X", "I"], purpose: "TREAT" },
    );
  const check = async (scene: Scene, hands: Hands) => ({
    a: allOf(await outcomes(callsOn(scene, hands, scene.a))),
    b: allOf(await outcomes(callsOn(scene, hands, scene.b))),
    scan: await outcome(hands.dynamodb.send(new ScanCommand({ TableName: TABLE }))),
    auditKey: await unwrapAuditKey(scene, hands),
  });
  const bounded = { a: ["allowed"], b: NOTHING, scan: "AccessDeniedException", auditKey: "AccessDeniedException" };
  const nothing = { ...bounded, a: NOTHING };

  describe("AW-12 vending faults", () => {
    it("AW-12 control: a session with tag and policy of A reaches all of A and none of B", async () => {
      const scene = use();
      expect(await check(scene, await scene.vended({ policy: policyFor(scene, scene.a) }))).toEqual(bounded);
    });
    it("AW-12 the policy is forgotten: the session is still bounded by its tenant", async () => {
      const scene = use();
      expect(await check(scene, await scene.vended({ policy: null }))).toEqual(bounded);
    });
    it("AW-12 the policy allows everything: the session is still bounded by its tenant", async () => {
      const scene = use();
      expect(await check(scene, await scene.vended({ policy: everything }))).toEqual(bounded);
    });
    it("AW-12 the tag is forgotten: there is no session", async () => {
      const scene = use();
      expect(await outcome(scene.vended({ tagTenant: null }))).toBe(REFUSED);
      expect(await outcome(scene.vended({ tagTenant: null, policy: null }))).toBe(REFUSED);
    });
    it("AW-12 a session without a tag, past STS, is denied everything by name, with any policy", async () => {
      const scene = use();
      const { iam, clock } = scene.world.stack.cloud;
      const role = iam.roles.get(tenantRoleName(SITE));
      if (role === undefined) throw new Error("the tenant role is there");
      for (const policy of [undefined, policyFor(scene, scene.a), everything]) {
        const credentials = iam.openSession({
          roleName: role.name,
          roleId: role.roleId,
          sessionName: "untagged",
          tags: {},
          transitiveTagKeys: [],
          issuedAtMs: clock.now(),
          expiresAtMs: clock.now() + 900_000,
          ...(policy === undefined ? {} : { policy }),
        });
        const hands = scene.hands(credentials);
        expect(await check(scene, hands)).toEqual(nothing);
        const refusal = await hands.dynamodb
          .send(new GetItemCommand({ TableName: TABLE, Key: key(partition(scene.a, "C")) }))
          .catch((error: unknown) => (error as Error).message);
        expect(refusal).toContain("explicit deny");
      }
    });
    it("AW-12 the tag of one tenant and the policy of another leave nothing of either", async () => {
      const scene = use();
      const tagA = await scene.vended({ policy: policyFor(scene, scene.b) });
      expect(await check(scene, tagA)).toEqual(nothing);
      const tagB = await scene.vended({ tagTenant: scene.b, policy: policyFor(scene, scene.a) });
      expect(await check(scene, tagB)).toEqual(nothing);
    });
    it("AW-12 the tag in capitals leaves nothing", async () => {
      const scene = use();
      const hands = await scene.vended({ tagTenant: scene.a.toUpperCase() });
      expect(await check(scene, hands)).toEqual(nothing);
    });
    it("AW-12 the tag of one purpose and the policy of another leave nothing", async () => {
      const scene = use();
      const hands = await scene.vended({ purpose: "HPAYMT", policy: policyFor(scene, scene.a) });
      expect(await check(scene, hands)).toEqual(nothing);
    });
    it.each(["*", "", "01hxyzabcd0123456789abcde?", `","Resource":"*`, "01HXYZABCD0123456789ABCDEF"])(
      "AW-12 no policy is made for the tenant id %j",
      (tenantId) => {
        expect(() => policyFor(use(), tenantId as TenantId)).toThrow("a session policy is made for a tenant id");
      },
    );
  });
}

export function appendOnlySessions(use: Use): void {
  describe("AW-05 a session that only appends events", () => {
    it("AW-05 appends to its tenant's trail, and reaches nothing else of it and nothing of another's", async () => {
      const scene = use();
      const hands = await appending(scene, { tenant: scene.a });
      const got = {
        a: await outcomes(callsOn(scene, hands, scene.a)),
        b: await outcomes(callsOn(scene, hands, scene.b)),
      };
      expect(Object.keys(got.a).filter((name) => got.a[name] === "allowed")).toEqual(["event"]);
      expect(Object.keys(got.b).filter((name) => got.b[name] === "allowed")).toEqual([]);
      const audit = (tenantId: TenantId, sk: string) =>
        hands.dynamodb.send(
          new GetItemCommand({ TableName: tableName(SITE, "keys"), Key: key(partition(tenantId, "A", "K"), sk) }),
        );
      expect(await outcome(audit(scene.a, "v#000001"))).toBe("allowed");
      expect(await outcome(audit(scene.b, "v#000001"))).toBe("AccessDeniedException");
      const { enc, context } = wrappedKey(scene.world, scene.a, "A");
      const unwrap = new DecryptCommand({ CiphertextBlob: enc, EncryptionContext: { ...context } });
      expect(await outcome(hands.kms.send(unwrap))).toBe("AccessDeniedException");
    });
    it("AW-05 is not to be had without a tenant, or with a tag more", async () => {
      const scene = use();
      for (const tags of [undefined, { purpose: "TREAT" }, { tenant: "x" }, { tenant: scene.a, purpose: "TREAT" }]) {
        expect(await outcome(appending(scene, tags))).toBe(REFUSED);
      }
    });
  });
}
