import { GetItemCommand, PutItemCommand, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { DecryptCommand } from "@aws-sdk/client-kms";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { type AssumeRoleCommandInput, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import {
  controlPlaneRoleArn,
  FUNCTION_NAMES,
  identityRoleArn,
  type PolicyDocument,
  registryReadRoleArn,
  sessionPolicy,
  tableName,
  tenantRoleArn,
  tenantRoleName,
} from "../../../core/iam/index.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import { assumeRole, functionCredentials, type Hands, outcome, text, wrappedKey } from "../aws.ts";
import { cellKeyArn, newTestId, SITE } from "../world.ts";
import { attachment, ATTACHMENTS, key, partition, type Scene, STORED_CLASSES, type Use } from "./scene.ts";

const REFUSED = "AccessDenied";

/** What the FHIR function asks STS for, with some of it changed; `undefined` leaves a part out. */
function asked({ a, world }: Scene, change: Partial<AssumeRoleCommandInput> = {}): AssumeRoleCommandInput {
  const policy = sessionPolicy(
    SITE,
    { cell: cellKeyArn(world.stack) },
    { tenantId: a, classes: ["C", "D", "X", "I"], purpose: "TREAT" },
  );
  const input: AssumeRoleCommandInput = {
    RoleArn: tenantRoleArn(SITE),
    RoleSessionName: "test",
    SourceIdentity: `u-${newTestId()}`,
    DurationSeconds: 900,
    Tags: tagsOf({ tenant: a, purpose: "TREAT", role: "physician" }),
    Policy: JSON.stringify(policy),
    ...change,
  };
  return Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined),
  ) as unknown as AssumeRoleCommandInput;
}

const tagsOf = (tags: Readonly<Record<string, string>>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

type Fault = readonly [title: string, want: string, change: (scene: Scene) => Partial<AssumeRoleCommandInput>];

const FAULTS: readonly Fault[] = [
  ["no tags at all", REFUSED, () => ({ Tags: undefined })],
  ["no tenant", REFUSED, () => ({ Tags: tagsOf({ purpose: "TREAT", role: "physician" }) })],
  ["no purpose", REFUSED, ({ a }) => ({ Tags: tagsOf({ tenant: a, role: "physician" }) })],
  ["a purpose of its own", REFUSED, ({ a }) => ({ Tags: tagsOf({ tenant: a, purpose: "HMARKT", role: "physician" }) })],
  ["one tag more", REFUSED, ({ a }) => ({ Tags: tagsOf({ tenant: a, purpose: "TREAT", role: "x", job: "1" }) })],
  ["a tenant that is one short", REFUSED, ({ a }) => ({ Tags: tagsOf({ tenant: a.slice(1), purpose: "TREAT" }) })],
  ["a tenant that is one long", REFUSED, ({ a }) => ({ Tags: tagsOf({ tenant: `${a}0`, purpose: "TREAT" }) })],
  ["an empty tenant", REFUSED, () => ({ Tags: tagsOf({ tenant: "", purpose: "TREAT" }) })],
  [
    "a tenant with a wildcard",
    "ValidationError",
    () => ({ Tags: tagsOf({ tenant: "*".repeat(26), purpose: "TREAT" }) }),
  ],
  [
    "the tenant twice, in two spellings",
    "InvalidParameterValue",
    ({ a, b }) => ({ Tags: tagsOf({ tenant: a, Tenant: b, purpose: "TREAT" }) }),
  ],
  ["no source identity", REFUSED, () => ({ SourceIdentity: undefined })],
  ["a source identity that is no user of ours", REFUSED, () => ({ SourceIdentity: "administrator" })],
  ["a source identity that is one short", REFUSED, () => ({ SourceIdentity: `u-${newTestId().slice(1)}` })],
  ["a role that does not exist", REFUSED, () => ({ RoleArn: `${tenantRoleArn(SITE)}-2` })],
  ["the role of another account", REFUSED, () => ({ RoleArn: tenantRoleArn({ ...SITE, accountId: "999988887777" }) })],
  ["longer than role chaining allows", "ValidationError", () => ({ DurationSeconds: 3601 })],
  ["a session policy over the limit", "ValidationError", () => ({ Policy: JSON.stringify(longPolicy) })],
];

const longPolicy: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: Array.from({ length: 100 }, (_, n) => `arn:aws:s3:::bucket-${n}/name/*`),
    },
  ],
};

export function chainingAndTrust(use: Use): void {
  describe("AW-11 chaining and trust", () => {
    it.each(FAULTS)("AW-11 the FHIR function asks for a tenant's session with %s: %s", async (_title, want, change) => {
      const scene = use();
      const { sts } = scene.hands(functionCredentials(scene.world, "fhir"));
      expect(await outcome(assumeRole(sts, asked(scene, change(scene))))).toBe(want);
    });
    it("AW-11 control: the same call unchanged gives a session that names its user", async () => {
      const scene = use();
      const { sts } = scene.hands(functionCredentials(scene.world, "fhir"));
      const hands = scene.hands(await assumeRole(sts, asked(scene)));
      // AWS answers GetCallerIdentity whatever policies say.
      const { Arn } = await hands.sts.send(new GetCallerIdentityCommand({}));
      expect(Arn).toBe(`arn:aws:sts::111122223333:assumed-role/${tenantRoleName(SITE)}/test`);
    });

    const STAGE_ROLES = {
      "tenant-request": tenantRoleArn(SITE),
      "registry-read": registryReadRoleArn(SITE),
      identity: identityRoleArn(SITE),
      "control-plane": controlPlaneRoleArn(SITE),
    } as const;
    it("AW-11 each role is assumed by its one function and by no other", async () => {
      const scene = use();
      const allowed: string[] = [];
      for (const name of FUNCTION_NAMES) {
        const { sts } = scene.hands(functionCredentials(scene.world, name));
        for (const [role, RoleArn] of Object.entries(STAGE_ROLES)) {
          const input =
            role === "tenant-request" ? asked(scene) : { RoleArn, RoleSessionName: "test", DurationSeconds: 900 };
          const result = await outcome(assumeRole(sts, input));
          if (result === "allowed") allowed.push(`${name} -> ${role}`);
          else expect(result).toBe(REFUSED);
        }
      }
      expect(allowed).toEqual([
        "session -> identity",
        "fhir -> tenant-request",
        "fhir -> registry-read",
        "platform -> control-plane",
      ]);
    });
    it("AW-11 root, who may do everything by its own policy, becomes no tenant's request", async () => {
      const scene = use();
      expect(await outcome(assumeRole(scene.root.sts, asked(scene)))).toBe(REFUSED);
    });
    it("AW-11 registry-read, identity and control-plane take no tags with them", async () => {
      const scene = use();
      const { sts } = scene.hands(functionCredentials(scene.world, "fhir"));
      const tagged = {
        RoleArn: registryReadRoleArn(SITE),
        RoleSessionName: "test",
        Tags: tagsOf({ tenant: scene.a }),
      };
      expect(await outcome(assumeRole(sts, tagged))).toBe(REFUSED);
    });
    it("AW-11 from a session of any of them there is no way on, to any role of the account", async () => {
      const scene = use();
      const from = {
        tenant: scene.own,
        "registry-read": await sessionOf(scene, "fhir", registryReadRoleArn(SITE)),
        identity: await sessionOf(scene, "session", identityRoleArn(SITE)),
        "control-plane": await sessionOf(scene, "platform", controlPlaneRoleArn(SITE)),
      };
      const roles = scene.world.stack.cloud.iam.roles.list();
      expect(roles.length).toBeGreaterThanOrEqual(11);
      for (const hands of Object.values(from)) {
        for (const { arn } of roles) {
          expect(await outcome(assumeRole(hands.sts, asked(scene, { RoleArn: arn })))).toBe(REFUSED);
          expect(
            await outcome(assumeRole(hands.sts, { RoleArn: arn, RoleSessionName: "test", DurationSeconds: 900 })),
          ).toBe(REFUSED);
        }
      }
    });
  });
}

async function sessionOf(scene: Scene, name: "fhir" | "session" | "platform", RoleArn: string): Promise<Hands> {
  const { sts } = scene.hands(functionCredentials(scene.world, name));
  return scene.hands(await assumeRole(sts, { RoleArn, RoleSessionName: "test", DurationSeconds: 900 }));
}

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
  });
  const bounded = { a: ["allowed"], b: NOTHING, scan: "AccessDeniedException" };
  const nothing = { a: NOTHING, b: NOTHING, scan: "AccessDeniedException" };

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
