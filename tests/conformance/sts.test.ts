import { createHash } from "node:crypto";
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  STSClient,
  type AssumeRoleCommandInput,
  type Tag,
} from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { PolicyDocument } from "../../core/iam/document.ts";
import { createVirtualClock } from "../../scripts/local/front/index.ts";
import { probe } from "./deviations.ts";
import { clientOptions, isPeer, target, type Target } from "./target.ts";

const TENANT = "01hxyzabcd0123456789abcdef";
const EXEC = "arn:aws:iam::111122223333:role/exec";
const REQUEST = "arn:aws:iam::111122223333:role/tenant-request";

/** The trust policy of the clinical request role: `notes/security.md` 1.4 a. */
const requestTrust: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "AssumeOnlyWithTenantTag",
      Effect: "Allow",
      Principal: { AWS: EXEC },
      Action: "sts:AssumeRole",
      Condition: {
        StringLike: { "aws:RequestTag/tenant": "??????????????????????????", "sts:SourceIdentity": "u-*" },
        StringEquals: { "aws:RequestTag/purpose": ["TREAT", "HPAYMT", "HOPERAT", "ETREAT"] },
        Null: { "aws:TagKeys": "false" },
        "ForAllValues:StringEquals": { "aws:TagKeys": ["tenant", "purpose", "role"] },
      },
    },
    {
      Sid: "TagOnlyKnownKeys",
      Effect: "Allow",
      Principal: { AWS: EXEC },
      Action: "sts:TagSession",
      Condition: {
        StringLike: { "aws:RequestTag/tenant": "??????????????????????????" },
        Null: { "aws:TagKeys": "false" },
        "ForAllValues:StringEquals": { "aws:TagKeys": ["tenant", "purpose", "role"] },
      },
    },
    {
      Sid: "SourceIdentityIsUser",
      Effect: "Allow",
      Principal: { AWS: EXEC },
      Action: "sts:SetSourceIdentity",
      Condition: { StringLike: { "sts:SourceIdentity": "u-*" } },
    },
  ],
};
const allow = (Action: string | readonly string[], Resource = "*"): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action, Resource }],
});
const trusting = (arn: string, Action: readonly string[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: arn }, Action }],
});

const clock = createVirtualClock();
let place: Target;
const clients: STSClient[] = [];
const client = (credentials: Target["credentials"]): STSClient => {
  const sts = new STSClient({ ...clientOptions(place, credentials), systemClockOffset: clock.now() - Date.now() });
  clients.push(sts);
  return sts;
};
const assume = async (sts: STSClient, input: AssumeRoleCommandInput) => {
  const { Credentials: issued, ...rest } = await sts.send(new AssumeRoleCommand(input));
  return {
    ...rest,
    expiration: issued?.Expiration,
    credentials: {
      accessKeyId: issued?.AccessKeyId ?? "",
      secretAccessKey: issued?.SecretAccessKey ?? "",
      sessionToken: issued?.SessionToken ?? "",
    },
  };
};
/** `allowed`, or the name of the error. */
const outcome = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "allowed",
    (error: unknown) => (error instanceof Error ? error.name : "unknown"),
  );
const tags = (values: Readonly<Record<string, string>>): Tag[] =>
  Object.entries(values).map(([Key, Value]) => ({ Key, Value }));

const full = {
  RoleArn: REQUEST,
  RoleSessionName: "request",
  SourceIdentity: "u-42",
  Tags: tags({ tenant: TENANT, purpose: "TREAT" }),
};

describe.skipIf(isPeer)("STS", () => {
  let admin: STSClient;
  let exec: STSClient;

  beforeAll(async () => {
    place = await target({ clock });
    const adminArn = "arn:aws:iam::111122223333:user/administrator";
    const roles = place.cloud?.iam.roles;
    roles?.put({
      name: "exec",
      trust: trusting(adminArn, ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]),
      policies: { vend: allow(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"], REQUEST) },
      maxSessionSeconds: 7200,
    });
    roles?.put({
      name: "other",
      trust: trusting(adminArn, ["sts:AssumeRole"]),
      policies: { vend: allow(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]) },
    });
    roles?.put({ name: "tenant-request", trust: requestTrust, policies: { sts: allow("sts:*") } });
    roles?.put({
      name: "chained",
      trust: trusting(REQUEST, ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]),
    });
    roles?.put({ name: "by-account", trust: trusting("arn:aws:iam::111122223333:root", ["sts:AssumeRole"]) });
    admin = client(place.credentials);
    exec = client((await assume(admin, { RoleArn: EXEC, RoleSessionName: "fn" })).credentials);
  });
  afterAll(async () => {
    for (const sts of clients) sts.destroy();
    await place.close();
    await clock.close();
  });

  describe("AW-11 chaining and trust", () => {
    const without = (key: string): Tag[] => full.Tags.filter((tag) => tag.Key !== key);
    const cases: readonly (readonly [name: string, input: AssumeRoleCommandInput, expected: string])[] = [
      ["everything in place", full, "allowed"],
      ["no tenant tag", { ...full, Tags: without("tenant") }, "AccessDenied"],
      ["no tags at all", { ...full, Tags: [] }, "AccessDenied"],
      ["a short tenant", { ...full, Tags: tags({ tenant: "t1", purpose: "TREAT" }) }, "AccessDenied"],
      ["an extra tag", { ...full, Tags: tags({ tenant: TENANT, purpose: "TREAT", admin: "yes" }) }, "AccessDenied"],
      ["no source identity", { RoleArn: REQUEST, RoleSessionName: "request", Tags: full.Tags }, "AccessDenied"],
      ["a source identity that is no user", { ...full, SourceIdentity: "x-42" }, "AccessDenied"],
      ["another purpose", { ...full, Tags: tags({ tenant: TENANT, purpose: "MARKETING" }) }, "AccessDenied"],
    ];
    for (const [name, input, expected] of cases) {
      probe(`sts-trust-${name.replaceAll(" ", "-")}`, `${name}: ${expected}`, async () => {
        expect(await outcome(assume(exec, input))).toBe(expected);
      });
    }
    probe("sts-trust-other-principal", "another role of the account is refused", async () => {
      const other = client(
        (await assume(admin, { RoleArn: "arn:aws:iam::111122223333:role/other", RoleSessionName: "other" }))
          .credentials,
      );
      expect(await outcome(assume(other, full))).toBe("AccessDenied");
    });
    probe(
      "sts-trust-tenant-session",
      "a tenant session assumes no role but one that trusts it, and hands on what it must",
      async () => {
        const tenant = client((await assume(exec, full)).credentials);
        expect(await outcome(assume(tenant, full))).toBe("AccessDenied");
        const chained = { RoleArn: "arn:aws:iam::111122223333:role/chained", RoleSessionName: "next" };
        expect((await assume(tenant, chained)).SourceIdentity).toBe("u-42");
        expect(await outcome(assume(tenant, { ...chained, SourceIdentity: "u-43" }))).toBe("AccessDenied");
      },
    );
    probe("sts-trust-root", "the account's root cannot assume a role, and its trust alone allows nobody", async () => {
      const root = client(place.cloud?.rootCredentials ?? place.credentials);
      const byAccount = { RoleArn: "arn:aws:iam::111122223333:role/by-account", RoleSessionName: "root" };
      expect(await outcome(assume(root, byAccount))).toBe("AccessDenied");
      expect(await outcome(assume(exec, byAccount))).toBe("AccessDenied");
      expect(await outcome(assume(admin, byAccount))).toBe("allowed");
    });
    probe(
      "sts-trust-unknown-role",
      "an unknown role is refused in the words of a role that is not trusted",
      async () => {
        const words = (name: string): Promise<string> =>
          assume(exec, { RoleArn: `arn:aws:iam::111122223333:role/${name}`, RoleSessionName: "x1" }).then(
            () => "allowed",
            (error: Error) => `${error.name}: ${error.message}`.replace(name, "ROLE"),
          );
        expect(await words("nobody")).toBe(await words("chained"));
      },
    );
  });

  describe("transitive tags", () => {
    probe("sts-transitive", "follow the chain, cannot be replaced, and need sts:TagSession", async () => {
      place.cloud?.iam.roles.put({
        name: "no-tags",
        trust: trusting(REQUEST, ["sts:AssumeRole", "sts:SetSourceIdentity"]),
      });
      place.cloud?.iam.roles.put({
        name: "tag-gate",
        trust: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { AWS: REQUEST },
              Action: ["sts:AssumeRole", "sts:TagSession"],
              Condition: { StringEquals: { "aws:RequestTag/tenant": TENANT } },
            },
            { Effect: "Allow", Principal: { AWS: REQUEST }, Action: "sts:SetSourceIdentity" },
          ],
        },
      });
      const arn = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;
      const transitive = client((await assume(exec, { ...full, TransitiveTagKeys: ["tenant"] })).credentials);
      expect(await outcome(assume(transitive, { RoleArn: arn("tag-gate"), RoleSessionName: "next" }))).toBe("allowed");
      expect(await outcome(assume(transitive, { RoleArn: arn("no-tags"), RoleSessionName: "next" }))).toBe(
        "AccessDenied",
      );
      const replaced = { RoleArn: arn("chained"), RoleSessionName: "next", Tags: tags({ Tenant: "other" }) };
      expect(await outcome(assume(transitive, replaced))).toBe("InvalidParameterValue");
      const plain = client((await assume(exec, full)).credentials);
      expect(await outcome(assume(plain, { RoleArn: arn("tag-gate"), RoleSessionName: "next" }))).toBe("AccessDenied");
      expect(await outcome(assume(plain, { RoleArn: arn("no-tags"), RoleSessionName: "next" }))).toBe("allowed");
    });
    probe("sts-transitive-unknown", "name only tags that are passed", async () => {
      expect(await outcome(assume(exec, { ...full, TransitiveTagKeys: ["job"] }))).toBe("InvalidParameterValue");
    });
  });

  describe("limits", () => {
    const policyOf = (length: number): string => {
      const empty = JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Sid: "", Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
      });
      return empty.replace('"Sid":""', `"Sid":"${"a".repeat(length - empty.length)}"`);
    };
    const incompressible = (seed: number): string =>
      createHash("sha512").update(`tag ${seed}`).digest("base64").slice(0, 80);
    const wide = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`k${index}`, incompressible(index)]));
    const cases: readonly (readonly [
      id: string,
      name: string,
      input: Partial<AssumeRoleCommandInput>,
      expected: string,
    ])[] = [
      ["policy-2048", "a session policy of 2,048 characters", { Policy: policyOf(2048) }, "allowed"],
      ["policy-2049", "a session policy of 2,049 characters", { Policy: policyOf(2049) }, "ValidationError"],
      ["policy-json", "a session policy that is no JSON", { Policy: "{" }, "MalformedPolicyDocumentException"],
      [
        "policy-principal",
        "a session policy with a Principal",
        { Policy: JSON.stringify(trusting(EXEC, ["s3:GetObject"])) },
        "MalformedPolicyDocumentException",
      ],
      [
        "policy-operator",
        "a session policy with an operator that is none",
        { Policy: policyOf(200).replace('"Resource":"*"', '"Resource":"*","Condition":{"StringMatches":{"a:b":"c"}}') },
        "MalformedPolicyDocumentException",
      ],
      ["duration-899", "899 seconds", { DurationSeconds: 899 }, "ValidationError"],
      ["duration-900", "900 seconds", { DurationSeconds: 900 }, "allowed"],
      ["duration-7200", "the role's maximum", { DurationSeconds: 7200 }, "allowed"],
      ["duration-7201", "a second more than the role's maximum", { DurationSeconds: 7201 }, "ValidationError"],
      ["duration-43201", "more than twelve hours", { DurationSeconds: 43_201 }, "ValidationError"],
      ["session-name-1", "a session name of one character", { RoleSessionName: "x" }, "ValidationError"],
      ["session-name-slash", "a session name with a slash", { RoleSessionName: "a/b" }, "ValidationError"],
      ["source-identity-space", "a source identity with a space", { SourceIdentity: "u 1" }, "ValidationError"],
      ["tag-wildcard", "a tag value of *", { Tags: tags({ tenant: "*" }) }, "ValidationError"],
      ["tag-dollar", "a tag value with ${", { Tags: tags({ tenant: "${aws:userid}" }) }, "ValidationError"],
      ["tag-quote", "a tag value with a quote", { Tags: tags({ tenant: '","x' }) }, "ValidationError"],
      ["tag-aws", "a tag key that begins with aws:", { Tags: tags({ "aws:tenant": "a" }) }, "InvalidParameterValue"],
      [
        "tag-twice",
        "two tags that differ in letter case only",
        { Tags: tags({ tenant: "a", Tenant: "b" }) },
        "InvalidParameterValue",
      ],
      [
        "tag-long-value",
        "a tag value of 257 characters",
        { Tags: tags({ tenant: "a".repeat(257) }) },
        "ValidationError",
      ],
      [
        "tag-51",
        "51 tags",
        { Tags: tags(Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, ""]))) },
        "ValidationError",
      ],
      [
        "tag-50",
        "50 tags",
        { Tags: tags(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, ""]))) },
        "allowed",
      ],
      ["packed", "tags that do not fit the packed form", { Tags: tags(wide) }, "PackedPolicyTooLargeException"],
      [
        "policy-arns",
        "managed session policies, which are not built",
        { PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }] },
        "NotImplemented",
      ],
    ];
    for (const [id, name, input, expected] of cases) {
      probe(`sts-${id}`, `${name}: ${expected}`, async () => {
        const call = assume(admin, { RoleArn: EXEC, RoleSessionName: "limits", ...input });
        expect(await outcome(call)).toBe(expected);
      });
    }
    probe("sts-chained-hour", "a chained session lasts an hour at most", async () => {
      place.cloud?.iam.roles.put({
        name: "long",
        trust: trusting(EXEC, ["sts:AssumeRole"]),
        maxSessionSeconds: 43_200,
      });
      const input = { RoleArn: "arn:aws:iam::111122223333:role/long", RoleSessionName: "long" };
      expect(await outcome(assume(exec, { ...input, DurationSeconds: 3600 }))).toBe("allowed");
      expect(await outcome(assume(exec, { ...input, DurationSeconds: 3601 }))).toBe("ValidationError");
    });
    probe("sts-packed-percent", "tells how full the packed form is", async () => {
      const { PackedPolicySize } = await assume(admin, {
        RoleArn: EXEC,
        RoleSessionName: "packed",
        Policy: policyOf(1800),
        Tags: full.Tags,
      });
      expect(PackedPolicySize).toBeGreaterThan(0);
      expect(PackedPolicySize).toBeLessThan(100);
    });
  });

  describe("sessions", () => {
    probe("sts-identity", "say who they are, whatever their policies", async () => {
      const denied = await assume(admin, {
        RoleArn: EXEC,
        RoleSessionName: "me",
        Policy: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }] }),
      });
      const who = await client(denied.credentials).send(new GetCallerIdentityCommand({}));
      expect(who.Arn).toBe("arn:aws:sts::111122223333:assumed-role/exec/me");
      expect(who.UserId).toMatch(/^AROA[A-Z2-7]{17}:me$/);
      expect(who.UserId).toBe(denied.AssumedRoleUser?.AssumedRoleId);
    });
    probe("sts-expiry", "end when they say, by the cloud's clock", async () => {
      const session = await assume(admin, { RoleArn: EXEC, RoleSessionName: "short", DurationSeconds: 900 });
      const sts = client(session.credentials);
      expect(session.expiration?.getTime()).toBe(clock.now() + 900_000);
      await sts.send(new GetCallerIdentityCommand({}));
      await clock.advance(200_000);
      await sts.send(new GetCallerIdentityCommand({}));
      for (let waitedMs = 200_000; waitedMs < 899_000; waitedMs += 233_000) {
        await clock.advance(233_000);
        await sts.send(new GetCallerIdentityCommand({}));
      }
      await clock.advance(1_000);
      expect(await outcome(sts.send(new GetCallerIdentityCommand({})))).toBe("ExpiredToken");
    });
    probe("sts-deleted-role", "end with their role, and do not come back with one of the same name", async () => {
      const put = (): void =>
        void place.cloud?.iam.roles.put({
          name: "passing",
          trust: trusting("arn:aws:iam::111122223333:user/administrator", ["sts:AssumeRole"]),
        });
      put();
      const session = await assume(client(place.credentials), {
        RoleArn: "arn:aws:iam::111122223333:role/passing",
        RoleSessionName: "gone",
      });
      place.cloud?.iam.roles.delete("passing");
      expect(await outcome(client(session.credentials).send(new GetCallerIdentityCommand({})))).toBe(
        "InvalidClientTokenId",
      );
      put();
      expect(await outcome(client(session.credentials).send(new GetCallerIdentityCommand({})))).toBe(
        "InvalidClientTokenId",
      );
    });
  });
});
