import { describe, expect, it } from "vitest";
import {
  assumeRoleRequests,
  evaluate,
  principalContext,
  type AccessPrincipal,
  type PolicyDocument,
  type PolicySet,
  type Statement,
} from "../../../core/iam/index.ts";
import { principals } from "./stage.ts";
import { allow, deny, document } from "./statements.ts";

const object = "arn:aws:s3:::bucket/x";
const queue = "arn:aws:sqs:us-east-1:111122223333:q";
const by = (Principal: NonNullable<Statement["Principal"]>, action = "s3:GetObject"): PolicyDocument =>
  document(allow(action, "*", { Principal }));
const nothing = document(deny("iam:CreateUser", "*"));
const everything = document(allow("*", "*"));

interface Case {
  readonly title: string;
  readonly as: AccessPrincipal;
  readonly policies: PolicySet;
  readonly want: string;
  readonly action?: string;
  readonly resource?: string;
}

const cases: readonly Case[] = [
  { title: "no policy at all", as: principals.admin, policies: { identity: [] }, want: "implicit-deny identity" },
  {
    title: "one of several identity policies",
    as: principals.admin,
    policies: { identity: [nothing, everything] },
    want: "allowed identity",
  },
  {
    title: "a bucket policy that names the role",
    as: principals.admin,
    policies: { identity: [], resource: by({ AWS: principals.admin.roleArn }) },
    want: "allowed resource",
  },
  {
    title: "a bucket policy that names the account",
    as: principals.admin,
    policies: { identity: [], resource: by({ AWS: "111122223333" }) },
    want: "implicit-deny identity",
  },
  {
    title: "a bucket policy that names the account, with an identity policy",
    as: principals.admin,
    policies: { identity: [everything], resource: by({ AWS: "111122223333" }) },
    want: "allowed identity",
  },
  {
    title: "a bucket policy for everybody passes by session and boundary",
    as: principals.admin,
    policies: { identity: [], session: [nothing], boundary: nothing, resource: by("*") },
    want: "allowed resource",
  },
  {
    title: "a bucket policy that names the role, with a silent boundary",
    as: principals.admin,
    policies: { identity: [], boundary: nothing, resource: by({ AWS: principals.admin.roleArn }) },
    want: "implicit-deny boundary",
  },
  {
    title: "a bucket policy that names the user passes by the boundary",
    as: principals.operator,
    policies: { identity: [], boundary: nothing, resource: by({ AWS: principals.operator.arn }) },
    want: "allowed resource",
  },
  {
    title: "a bucket policy without principal allows nobody",
    as: principals.admin,
    policies: { identity: [], resource: document(allow("*", "*")) },
    want: "implicit-deny identity",
  },
  {
    title: "a bucket policy without principal denies everybody",
    as: principals.admin,
    policies: { identity: [everything], resource: document(deny("*", "*")) },
    want: "explicit-deny resource",
  },
  {
    title: "an identity policy with a principal allows nothing",
    as: principals.admin,
    policies: { identity: [document(allow("*", "*", { Principal: "*" }))] },
    want: "implicit-deny identity",
  },
  {
    title: "an identity policy with a principal denies",
    as: principals.admin,
    policies: { identity: [everything, document(deny("*", "*", { Principal: "*" }))] },
    want: "explicit-deny identity",
  },
  {
    title: "an empty list of session policies allows nothing",
    as: principals.admin,
    policies: { identity: [everything], session: [] },
    want: "implicit-deny session",
  },
  {
    title: "a Deny of the boundary",
    as: principals.admin,
    policies: { identity: [everything], boundary: document(allow("*", "*"), deny("s3:*", "*")) },
    want: "explicit-deny boundary",
  },
  {
    title: "a statement without action denies only",
    as: principals.admin,
    policies: { identity: [everything, document({ Effect: "Deny", Resource: "*" })] },
    want: "explicit-deny identity",
  },
  {
    title: "a statement without resource allows nothing",
    as: principals.admin,
    policies: { identity: [document({ Effect: "Allow", Action: "*" })] },
    want: "implicit-deny identity",
  },
  {
    title: "NotResource",
    as: principals.admin,
    policies: { identity: [document({ Effect: "Allow", Action: "*", NotResource: "arn:aws:s3:::other/*" })] },
    want: "allowed identity",
  },
  {
    title: "NotResource with a variable that has no value allows nothing",
    as: principals.admin,
    policies: {
      identity: [document({ Effect: "Allow", Action: "*", NotResource: "arn:aws:s3:::other/${aws:PrincipalTag/x}" })],
    },
    want: "implicit-deny identity",
  },
  {
    title: "NotResource with a variable that has no value denies",
    as: principals.admin,
    policies: {
      identity: [
        everything,
        document({ Effect: "Deny", Action: "*", NotResource: "arn:aws:s3:::bucket/${aws:PrincipalTag/x}" }),
      ],
    },
    want: "explicit-deny identity",
  },
  {
    title: "NotPrincipal cannot allow",
    as: principals.admin,
    policies: {
      identity: [],
      resource: document({ Effect: "Allow", NotPrincipal: { AWS: "999988887777" }, Action: "*", Resource: "*" }),
    },
    want: "implicit-deny identity",
  },
  {
    title: "NotPrincipal that lists the role alone still denies its session",
    as: principals.admin,
    policies: {
      identity: [everything],
      resource: document({
        Effect: "Deny",
        NotPrincipal: { AWS: principals.admin.roleArn },
        Action: "*",
        Resource: "*",
      }),
    },
    want: "explicit-deny resource",
  },
  {
    title: "NotPrincipal that lists session, role and account spares them",
    as: principals.admin,
    policies: {
      identity: [everything],
      resource: document({
        Effect: "Deny",
        NotPrincipal: { AWS: [principals.admin.arn, principals.admin.roleArn, "arn:aws:iam::111122223333:root"] },
        Action: "*",
        Resource: "*",
      }),
    },
    want: "allowed identity",
  },
  {
    title: "the account root needs no policy",
    as: principals.root,
    policies: { identity: [] },
    want: "allowed identity",
  },
  {
    title: "the account root is bound by a bucket policy",
    as: principals.root,
    policies: { identity: [], resource: document(deny("s3:*", "*", { Principal: "*" })) },
    want: "explicit-deny resource",
  },
  {
    title: "the account root needs the key policy",
    as: principals.root,
    policies: { identity: [], resource: by({ AWS: principals.admin.roleArn }, "kms:*"), resourceMandatory: true },
    want: "implicit-deny resource",
    action: "kms:Decrypt",
    resource: "arn:aws:kms:us-east-1:111122223333:key/k",
  },
  {
    title: "a key without policy opens for nobody",
    as: principals.admin,
    policies: { identity: [everything], resourceMandatory: true },
    want: "implicit-deny resource",
    action: "kms:Decrypt",
    resource: "arn:aws:kms:us-east-1:111122223333:key/k",
  },
  {
    title: "a service that the queue names",
    as: principals.lambda,
    policies: { identity: [], resource: by({ Service: "lambda.amazonaws.com" }, "sqs:SendMessage") },
    want: "allowed resource",
    action: "sqs:SendMessage",
    resource: queue,
  },
  {
    title: "a service that the queue does not name",
    as: principals.lambda,
    policies: { identity: [everything], resource: by({ Service: "s3.amazonaws.com" }, "sqs:SendMessage") },
    want: "implicit-deny resource",
    action: "sqs:SendMessage",
    resource: queue,
  },
  {
    title: "a service is nobody of the account",
    as: { ...principals.lambda, accountId: "111122223333" },
    policies: { identity: [], resource: by({ AWS: "111122223333" }, "sqs:SendMessage") },
    want: "implicit-deny resource",
    action: "sqs:SendMessage",
    resource: queue,
  },
  {
    title: "another account's role, named by the queue alone",
    as: principals.foreign,
    policies: { identity: [], resource: by({ AWS: principals.foreign.roleArn }, "sqs:*") },
    want: "implicit-deny identity",
    action: "sqs:SendMessage",
    resource: queue,
  },
  {
    title: "another account's role, allowed at home alone",
    as: principals.foreign,
    policies: { identity: [everything] },
    want: "implicit-deny resource",
    action: "sqs:SendMessage",
    resource: queue,
  },
  {
    title: "another account's role, allowed on both sides",
    as: principals.foreign,
    policies: { identity: [everything], resource: by({ AWS: principals.foreign.roleArn }, "sqs:*") },
    want: "allowed identity",
    action: "sqs:SendMessage",
    resource: queue,
  },
];

describe("evaluate, layer by layer", () => {
  it.each(cases)("$title: $want", ({ as, policies, want, action = "s3:GetObject", resource = object }) => {
    const decision = evaluate({ principal: as, action, resource, context: {} }, policies);
    expect(`${decision.reason} ${decision.layer}`).toBe(want);
  });

  it("names the statement that decided", () => {
    const request = { principal: principals.admin, action: "s3:GetObject", resource: object, context: {} };
    const identity = [document(allow("s3:*", "*", { Sid: "Broad" }), deny("s3:GetObject", object, { Sid: "NotThis" }))];
    expect(evaluate(request, { identity })).toEqual({
      allowed: false,
      reason: "explicit-deny",
      layer: "identity",
      sid: "NotThis",
    });
    expect(evaluate({ ...request, resource: `${object}y` }, { identity })).toMatchObject({
      allowed: true,
      sid: "Broad",
    });
  });

  it("reads the role from a session's ARN when it is not told", () => {
    const { roleArn, ...session } = principals.admin;
    const request = { principal: session, action: "s3:GetObject", resource: object, context: {} };
    expect(evaluate(request, { identity: [], resource: by({ AWS: roleArn }) }).allowed).toBe(true);
  });

  it("takes true and 10 in a condition as it takes their text", () => {
    const loose = { Bool: { "aws:SecureTransport": true }, NumericLessThan: { "s3:max-keys": 10 } };
    const identity = [document(allow("s3:*", "*", { Condition: JSON.parse(JSON.stringify(loose)) as never }))];
    const context = { "aws:SecureTransport": "true", "s3:max-keys": 5 };
    const request = { principal: principals.admin, action: "s3:GetObject", resource: object, context };
    expect(evaluate(request, { identity }).allowed).toBe(true);
    expect(evaluate({ ...request, context: { ...context, "s3:max-keys": 10 } }, { identity }).allowed).toBe(false);
  });
});

describe("what IAM knows of a caller", () => {
  it("names the role of a session, with its tags", () => {
    expect(principalContext(principals.tenant, { tenant: "t" })).toEqual({
      "aws:PrincipalArn": principals.tenant.roleArn,
      "aws:PrincipalAccount": "111122223333",
      "aws:PrincipalType": "AssumedRole",
      "aws:PrincipalIsAWSService": "false",
      "aws:PrincipalTag/tenant": "t",
    });
  });
  it("knows no ARN of a service", () => {
    expect(principalContext(principals.lambda)).toEqual({
      "aws:PrincipalIsAWSService": "true",
      "aws:PrincipalServiceName": "lambda.amazonaws.com",
    });
  });
});

describe("the checks of one AssumeRole call", () => {
  const call = {
    principal: principals.fhir,
    roleArn: principals.tenant.roleArn,
    roleSessionName: "s",
    context: { "aws:SourceIp": "203.0.113.7" },
  };
  it("gives each action the keys that AWS supplies for it", () => {
    const checks = assumeRoleRequests({
      ...call,
      tags: { tenant: "t" },
      transitiveTagKeys: ["tenant"],
      sourceIdentity: "u",
      externalId: "e",
    });
    const tags = { "aws:RequestTag/tenant": "t", "aws:TagKeys": ["tenant"], "sts:TransitiveTagKeys": ["tenant"] };
    expect(checks.map(({ action, context }) => [action, context])).toEqual([
      [
        "sts:AssumeRole",
        { ...call.context, "sts:RoleSessionName": "s", "sts:ExternalId": "e", "sts:SourceIdentity": "u", ...tags },
      ],
      ["sts:TagSession", { ...call.context, ...tags }],
      ["sts:SetSourceIdentity", { ...call.context, "sts:SourceIdentity": "u" }],
    ]);
  });
  it("asks about tags and source identity only where there are any", () => {
    const checks = assumeRoleRequests({ ...call, tags: {}, transitiveTagKeys: [] });
    expect(checks.map(({ action }) => action)).toEqual(["sts:AssumeRole"]);
    expect(checks[0]?.context).toEqual({ ...call.context, "sts:RoleSessionName": "s" });
  });
});
