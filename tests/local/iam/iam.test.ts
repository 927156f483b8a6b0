import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PolicyDocument } from "../../../core/iam/document.ts";
import { createVirtualClock, type VirtualClock } from "../../../scripts/local/front/clock.ts";
import { openState, type State } from "../../../scripts/local/front/state.ts";
import {
  createIam,
  parsePolicy,
  type Iam,
  type RoleInput,
  type ServiceSessionEvent,
} from "../../../scripts/local/iam/index.ts";

const LAMBDA = "lambda.amazonaws.com";
const trustOf = (
  Principal: Readonly<Record<string, string>>,
  Condition?: PolicyDocument["Statement"][number]["Condition"],
): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal, Action: "sts:AssumeRole", ...(Condition === undefined ? {} : { Condition }) },
  ],
});
const document = (...actions: readonly string[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }],
});
const roleArn = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;

let folder: string;
let state: State;
let clock: VirtualClock;
let events: ServiceSessionEvent[];

function start(): Iam {
  const opened = openState(folder);
  if (!opened.ok) throw new Error(opened.error.kind);
  state = opened.value;
  events = [];
  return createIam({ ...state, clock, accountId: "111122223333", region: "us-east-1" }, (event) => events.push(event));
}
function restart(): Iam {
  state.close();
  return start();
}
const codeOf = (act: () => unknown): string => {
  try {
    act();
    return "none";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "not a ServiceError";
  }
};

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "keyward-iam-"));
  clock = createVirtualClock({ startMs: Date.parse("2026-11-22T08:00:00Z") });
});
afterEach(async () => {
  state.close();
  await clock.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

describe("what outlives a restart", () => {
  it("root keys, users, roles and sessions, with no secret in plain text on disk", () => {
    const iam = start();
    const root = iam.rootCredentials;
    iam.users.put({ name: "someone", policies: { all: document("*") } });
    const key = iam.users.createAccessKey("someone");
    iam.roles.put({ name: "fn", trust: trustOf({ Service: LAMBDA }), policies: { own: document("kms:Sign") } });
    const session = iam.issueServiceSession(roleArn("fn"), LAMBDA, "fn");
    const secrets = [root.secretAccessKey, key.secretAccessKey, session.secretAccessKey, session.sessionToken];

    const again = restart();
    expect(again.rootCredentials).toEqual(root);
    expect(again.identify(key.accessKeyId)?.secretAccessKey).toBe(key.secretAccessKey);
    const identity = again.identify(session.accessKeyId);
    expect(identity?.caller.arn).toBe("arn:aws:sts::111122223333:assumed-role/fn/fn");
    expect(identity?.secretAccessKey).toBe(session.secretAccessKey);
    expect(identity?.policies.identity).toEqual([document("kms:Sign")]);
    expect([
      identity?.acceptsToken(session.sessionToken),
      identity?.acceptsToken("other"),
      identity?.acceptsToken(undefined),
    ]).toEqual([true, false, false]);

    state.close();
    const bytes = Buffer.concat(
      fs
        .readdirSync(folder)
        .filter((name) => name.startsWith("iam"))
        .map((name) => fs.readFileSync(path.join(folder, name))),
    );
    for (const secret of secrets) expect(bytes.includes(secret)).toBe(false);
  });

  it("a role's id, when it is provisioned again", () => {
    const input: RoleInput = { name: "fn", trust: trustOf({ Service: LAMBDA }) };
    const first = start().roles.put(input);
    const again = restart().roles.put({ ...input, tags: { team: "a" } });
    expect(again.roleId).toBe(first.roleId);
    expect(again.tags).toEqual({ team: "a" });
  });
});

describe("service sessions", () => {
  it.each<[string, PolicyDocument, string, string]>([
    ["the service is trusted", trustOf({ Service: LAMBDA }), LAMBDA, "none"],
    ["another service is trusted", trustOf({ Service: "ec2.amazonaws.com" }), LAMBDA, "AccessDenied"],
    ["only the account is trusted", trustOf({ AWS: "111122223333" }), LAMBDA, "AccessDenied"],
    [
      "the source account is right",
      trustOf({ Service: LAMBDA }, { StringEquals: { "aws:SourceAccount": "111122223333" } }),
      LAMBDA,
      "none",
    ],
    [
      "the source account is another",
      trustOf({ Service: LAMBDA }, { StringEquals: { "aws:SourceAccount": "999999999999" } }),
      LAMBDA,
      "AccessDenied",
    ],
  ])("when %s", (_, trust, service, code) => {
    const iam = start();
    iam.roles.put({ name: "fn", trust });
    expect(codeOf(() => iam.issueServiceSession(roleArn("fn"), service, "fn"))).toBe(code);
    expect(events).toMatchObject([{ servicePrincipal: LAMBDA, isDenied: code !== "none" }]);
  });

  it("last an hour, or as long as asked within the role's maximum", () => {
    const iam = start();
    iam.roles.put({ name: "fn", trust: trustOf({ Service: LAMBDA }), maxSessionSeconds: 7200 });
    const endsAfter = (durationSeconds?: number): number =>
      iam
        .issueServiceSession(roleArn("fn"), LAMBDA, "fn", durationSeconds === undefined ? {} : { durationSeconds })
        .expiration.getTime() - clock.now();
    expect([endsAfter(), endsAfter(900), endsAfter(7200)]).toEqual([3_600_000, 900_000, 7_200_000]);
    expect(codeOf(() => endsAfter(7201))).toBe("AccessDenied");
    expect(codeOf(() => endsAfter(899))).toBe("AccessDenied");
    expect(codeOf(() => iam.issueServiceSession(roleArn("nobody"), LAMBDA, "fn"))).toBe("AccessDenied");
  });
});

describe("identities", () => {
  it("take tags from role and session, the session's first in any letter case", () => {
    const iam = start();
    const role = iam.roles.put({ name: "r", trust: trustOf({ Service: LAMBDA }), tags: { Tenant: "role", team: "a" } });
    const session = iam.openSession({
      roleName: role.name,
      roleId: role.roleId,
      sessionName: "s1",
      tags: { tenant: "session" },
      transitiveTagKeys: [],
      issuedAtMs: clock.now(),
      expiresAtMs: clock.now() + 1000,
    });
    expect(iam.identify(session.accessKeyId)?.tags).toEqual({ team: "a", tenant: "session" });
  });

  it("follow every change of role and user, and end with them", () => {
    const iam = start();
    iam.roles.put({ name: "fn", trust: trustOf({ Service: LAMBDA }) });
    const { accessKeyId } = iam.issueServiceSession(roleArn("fn"), LAMBDA, "fn");
    iam.roles.putPolicy("fn", "late", document("kms:Sign"));
    expect(iam.identify(accessKeyId)?.policies.identity).toEqual([document("kms:Sign")]);
    iam.roles.deletePolicy("fn", "late");
    expect(iam.identify(accessKeyId)?.policies.identity).toEqual([]);
    iam.roles.delete("fn");
    expect(iam.identify(accessKeyId)).toBeUndefined();

    iam.users.put({ name: "someone" });
    const key = iam.users.createAccessKey("someone");
    expect(iam.identify(key.accessKeyId)?.caller.type).toBe("IAMUser");
    iam.users.deleteAccessKey(key.accessKeyId);
    expect(iam.identify(key.accessKeyId)).toBeUndefined();
    expect(codeOf(() => iam.users.deleteAccessKey(iam.rootCredentials.accessKeyId))).toBe("NoSuchEntity");
  });

  it("are forgotten a day after they ended", async () => {
    const iam = start();
    iam.roles.put({ name: "fn", trust: trustOf({ Service: LAMBDA }) });
    const old = iam.issueServiceSession(roleArn("fn"), LAMBDA, "fn");
    await clock.advance(3_600_000 + 25 * 3_600_000);
    const again = restart();
    expect(again.identify(old.accessKeyId)).toBeDefined();
    again.issueServiceSession(roleArn("fn"), LAMBDA, "fn");
    expect(restart().identify(old.accessKeyId)).toBeUndefined();
  });
});

describe("what IAM would not take", () => {
  const trust = trustOf({ Service: LAMBDA });
  const big = document(...Array.from({ length: 400 }, (_, index) => `service:SomeLongActionName${index}`));
  it.each<[string, RoleInput, string]>([
    ["a name with a slash", { name: "a/b", trust }, "ValidationError"],
    ["a name of 65 characters", { name: "a".repeat(65), trust }, "ValidationError"],
    ["a path without its end", { name: "r", path: "/x", trust }, "ValidationError"],
    ["a maximum session of a second", { name: "r", trust, maxSessionSeconds: 1 }, "ValidationError"],
    ["a trust policy without a principal", { name: "r", trust: document("sts:AssumeRole") }, "MalformedPolicyDocument"],
    ["a policy with a principal", { name: "r", trust, policies: { p: trust } }, "MalformedPolicyDocument"],
    ["policies longer than 10,240 characters", { name: "r", trust, policies: { p: big } }, "LimitExceeded"],
  ])("%s", (_, input, code) => {
    expect(codeOf(() => start().roles.put(input))).toBe(code);
  });

  it.each([
    ["text that is no JSON", "{"],
    ["a list", "[]"],
    ["the old version", '{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'],
    [
      "an unknown element",
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Conditions":{}}]}',
    ],
    ["no effect", '{"Version":"2012-10-17","Statement":[{"Action":"*","Resource":"*"}]}'],
    [
      "Action and NotAction",
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}]}',
    ],
    [
      "an action without its service",
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"GetItem","Resource":"*"}]}',
    ],
    ["no resource", '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*"}]}'],
    [
      "an operator that is none",
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringMatches":{"a":"b"}}}]}',
    ],
    [
      "a condition value that is a number",
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"a":1}}}]}',
    ],
  ])("a policy with %s", (_, text) => {
    start();
    expect(codeOf(() => parsePolicy(text, "identity"))).toBe("MalformedPolicyDocument");
  });

  it.each([
    "StringEqualsIfExists",
    "ForAllValues:StringLike",
    "ForAnyValue:StringNotEqualsIfExists",
    "Null",
    "BinaryEquals",
    "ArnNotLike",
  ])("but the operator %s it takes", (operator) => {
    start();
    const text = JSON.stringify({
      Version: "2012-10-17",
      Statement: { Effect: "Deny", Action: "*", Resource: "*", Condition: { [operator]: { a: "b" } } },
    });
    expect(parsePolicy(text, "session").Statement).toHaveLength(1);
  });
});
