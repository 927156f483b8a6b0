import { type AssumeRoleCommandInput, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import {
  auditAppendRoleArn,
  booksRoleArn,
  peopleNamesRoleArn,
  statementReadRoleArn,
  controlPlaneRoleArn,
  FUNCTION_NAMES,
  identityRoleArn,
  type PolicyDocument,
  registryReadRoleArn,
  tenantRoleArn,
  tenantRoleName,
} from "../../../core/iam/index.ts";
import { assumeRole, functionCredentials, type Hands, outcome } from "../aws.ts";
import { newTestId, SITE } from "../world.ts";
import type { Scene, Use } from "./scene.ts";
import { appending, asked, askedToAppend, tagsOf } from "./sts-requests.ts";

const REFUSED = "AccessDenied";

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
      "audit-append": auditAppendRoleArn(SITE),
      "people-names": peopleNamesRoleArn(SITE),
      books: booksRoleArn(SITE),
      "statement-read": statementReadRoleArn(SITE),
    } as const;
    const inputFor = (scene: Scene, role: string, RoleArn: string): AssumeRoleCommandInput => {
      if (role === "tenant-request") return asked(scene);
      if (role === "audit-append") return askedToAppend({ tenant: scene.a });
      if (role === "books" || role === "statement-read") return { ...askedToAppend({ tenant: scene.a }), RoleArn };
      if (role === "people-names") return { ...askedToAppend({ tenant: scene.a }), RoleArn };
      return { RoleArn, RoleSessionName: "test", DurationSeconds: 900 };
    };
    it("AW-11 each role is assumed by its functions and by no other", async () => {
      const scene = use();
      const allowed: string[] = [];
      for (const name of FUNCTION_NAMES) {
        const { sts } = scene.hands(functionCredentials(scene.world, name));
        for (const [role, RoleArn] of Object.entries(STAGE_ROLES)) {
          const input = inputFor(scene, role, RoleArn);
          const result = await outcome(assumeRole(sts, input));
          if (result === "allowed") allowed.push(`${name} -> ${role}`);
          else expect(result).toBe(REFUSED);
        }
      }
      expect(allowed).toEqual([
        "session -> identity",
        "session -> audit-append",
        "session -> people-names",
        "fhir -> tenant-request",
        "fhir -> registry-read",
        "clinic -> tenant-request",
        "clinic -> registry-read",
        "clinic -> people-names",
        "patient -> registry-read",
        "patient -> people-names",
        "admin -> registry-read",
        "admin -> audit-append",
        "admin -> people-names",
        "admin -> statement-read",
        "platform -> control-plane",
        "platform -> audit-append",
        "finance -> registry-read",
        "finance -> audit-append",
        "finance -> books",
        "export -> registry-read",
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
        "audit-append": await appending(scene, { tenant: scene.a }),
      };
      const roles = scene.world.stack.cloud.iam.roles.list();
      expect(roles.length).toBeGreaterThanOrEqual(12);
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
