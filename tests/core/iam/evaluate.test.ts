import { describe, expect, it } from "vitest";
import { evaluate, type PolicySet } from "../../../core/iam/evaluate.ts";
import type { AccessContext, AccessPrincipal } from "../../../core/iam/request.ts";
import { allow, deny, document } from "./statements.ts";

const account = "111122223333";
const table = `arn:aws:dynamodb:us-east-1:${account}:table/charts`;
const index = `${table}/index/gsi1`;
const key = `arn:aws:kms:us-east-1:${account}:key/1234abcd`;
const role = `arn:aws:iam::${account}:role/records`;
const object = "arn:aws:s3:::archive/2026/x.json";
const session: AccessPrincipal = {
  arn: `arn:aws:sts::${account}:assumed-role/records/tenant-a`,
  accountId: account,
  type: "AssumedRole",
  roleArn: role,
};
const own = { "dynamodb:LeadingKeys": ["TENANT#a"] };
const foreign = { "dynamodb:LeadingKeys": ["TENANT#b"] };

const roleDocument = document(
  allow("dynamodb:*", [table, `${table}/index/*`]),
  allow(["kms:GenerateDataKey", "kms:Decrypt"], key),
  allow(["s3:PutObject", "s3:GetObject", "s3:DeleteObjectVersion", "s3:PutObjectRetention"], "arn:aws:s3:::archive/*"),
);
const onlyA = { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["TENANT#a"] } };
const present = { Null: { "dynamodb:LeadingKeys": "false" } };
const itemActions = ["Get", "BatchGet", "Put", "Update", "Delete", "ConditionCheck"].map(
  (verb) => `dynamodb:${verb}Item`,
);
const unguarded = document(
  allow([...itemActions, "dynamodb:Query", "dynamodb:BatchWriteItem", "dynamodb:Scan"], [table, `${table}/index/*`], {
    Condition: onlyA,
  }),
);
const guarded = document(
  allow(["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"], [table, `${table}/index/*`], {
    Condition: { ...onlyA, ...present },
  }),
);
const byTag = document(
  allow("dynamodb:*", [table, `${table}/index/*`], {
    Condition: {
      "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["TENANT#${aws:PrincipalTag/tenant}"] },
      ...present,
    },
  }),
);
const keysOfA = document(
  allow(["kms:GenerateDataKey", "kms:Decrypt"], key, {
    Condition: { StringEquals: { "kms:EncryptionContext:tenant": "a" } },
  }),
);
const keyPolicy = {
  root: document(allow("kms:*", "*", { Principal: { AWS: `arn:aws:iam::${account}:root` } })),
  otherRole: document(allow("kms:*", "*", { Principal: { AWS: `arn:aws:iam::${account}:role/admin` } })),
  role: document(
    allow(["kms:Decrypt", "kms:GenerateDataKey"], "*", {
      Principal: { AWS: role },
      Condition: { StringEquals: { "kms:EncryptionContext:tenant": "a" } },
    }),
  ),
};
const contextA = { "kms:EncryptionContext:tenant": "a" };

interface Case {
  readonly title: string;
  readonly want: "allowed" | "explicit-deny" | "implicit-deny";
  readonly action: string;
  readonly resource: string;
  readonly context?: AccessContext;
  readonly policies?: Partial<PolicySet>;
}

const kms = (resource: PolicySet["resource"]): Partial<PolicySet> => ({
  ...(resource && { resource }),
  resourceMandatory: true,
});

const cases: readonly Case[] = [
  {
    title: "01 GetItem of the own tenant",
    want: "allowed",
    action: "dynamodb:GetItem",
    resource: table,
    context: own,
    policies: { session: [unguarded] },
  },
  {
    title: "02 GetItem of another tenant",
    want: "implicit-deny",
    action: "dynamodb:GetItem",
    resource: table,
    context: foreign,
    policies: { session: [unguarded] },
  },
  {
    title: "03 Scan carries no leading key, so ForAllValues alone allows it (the trap)",
    want: "allowed",
    action: "dynamodb:Scan",
    resource: table,
    policies: { session: [unguarded] },
  },
  {
    title: "04 Scan with the Null guard",
    want: "implicit-deny",
    action: "dynamodb:Scan",
    resource: table,
    policies: { session: [guarded] },
  },
  {
    title: "05 BatchGetItem with one foreign key",
    want: "implicit-deny",
    action: "dynamodb:BatchGetItem",
    resource: table,
    context: { "dynamodb:LeadingKeys": ["TENANT#a", "TENANT#b"] },
    policies: { session: [unguarded] },
  },
  {
    title: "06 BatchGetItem of own keys",
    want: "allowed",
    action: "dynamodb:BatchGetItem",
    resource: table,
    context: { "dynamodb:LeadingKeys": ["TENANT#a", "TENANT#a"] },
    policies: { session: [unguarded] },
  },
  {
    title: "07 a foreign put of a transaction, judged as PutItem",
    want: "implicit-deny",
    action: "dynamodb:PutItem",
    resource: table,
    context: foreign,
    policies: { session: [unguarded] },
  },
  {
    title: "08 a condition check of a transaction",
    want: "allowed",
    action: "dynamodb:ConditionCheckItem",
    resource: table,
    context: own,
    policies: { session: [unguarded] },
  },
  {
    title: "09 Query of an index with an own key",
    want: "allowed",
    action: "dynamodb:Query",
    resource: index,
    context: own,
    policies: { session: [unguarded] },
  },
  {
    title: "10 Query of an index when only the table is listed",
    want: "implicit-deny",
    action: "dynamodb:Query",
    resource: index,
    context: own,
    policies: { session: [document(allow("dynamodb:Query", table, { Condition: onlyA }))] },
  },
  {
    title: "11 a Deny in the session beats an Allow",
    want: "explicit-deny",
    action: "dynamodb:DeleteItem",
    resource: table,
    context: own,
    policies: { session: [document(allow("dynamodb:*", "*"), deny("dynamodb:DeleteItem", "*"))] },
  },
  {
    title: "12 a session wider than the role",
    want: "implicit-deny",
    action: "s3:DeleteObject",
    resource: object,
    policies: { session: [document(allow("*", "*"))] },
  },
  {
    title: "13 a role wider than the session",
    want: "implicit-deny",
    action: "s3:PutObject",
    resource: object,
    policies: { session: [unguarded] },
  },
  {
    title: "14 wildcards in action and resource",
    want: "allowed",
    action: "dynamodb:UpdateItem",
    resource: table,
    policies: { session: [document(allow("dynamodb:*Item", table.replace("charts", "ch?rts")))] },
  },
  {
    title: "15 actions match in any letter case",
    want: "allowed",
    action: "dynamodb:GetItem",
    resource: table,
    policies: { session: [document(allow("DynamoDB:getitem", table))] },
  },
  {
    title: "16 condition values match in their letter case only",
    want: "implicit-deny",
    action: "dynamodb:GetItem",
    resource: table,
    context: { "dynamodb:LeadingKeys": ["tenant#A"] },
    policies: { session: [unguarded] },
  },
  {
    title: "17 a principal tag that matches",
    want: "allowed",
    action: "dynamodb:GetItem",
    resource: table,
    context: { ...own, "aws:PrincipalTag/tenant": "a" },
    policies: { session: [byTag] },
  },
  {
    title: "18 a principal tag that does not match",
    want: "implicit-deny",
    action: "dynamodb:GetItem",
    resource: table,
    context: { ...foreign, "aws:PrincipalTag/tenant": "a" },
    policies: { session: [byTag] },
  },
  {
    title: "19 a principal tag that is missing",
    want: "implicit-deny",
    action: "dynamodb:GetItem",
    resource: table,
    context: { "dynamodb:LeadingKeys": ["TENANT#"] },
    policies: { session: [byTag] },
  },
  {
    title: "20 a principal tag of * is a star, not a wildcard",
    want: "implicit-deny",
    action: "dynamodb:GetItem",
    resource: table,
    context: { ...foreign, "aws:PrincipalTag/tenant": "*" },
    policies: { session: [byTag] },
  },
  {
    title: "21 KMS: right context, key policy hands to the account",
    want: "allowed",
    action: "kms:GenerateDataKey",
    resource: key,
    context: contextA,
    policies: { session: [keysOfA], ...kms(keyPolicy.root) },
  },
  {
    title: "22 KMS: wrong context",
    want: "implicit-deny",
    action: "kms:Decrypt",
    resource: key,
    context: { "kms:EncryptionContext:tenant": "b" },
    policies: { session: [keysOfA], ...kms(keyPolicy.root) },
  },
  {
    title: "23 KMS: the key policy does not name the caller",
    want: "implicit-deny",
    action: "kms:Decrypt",
    resource: key,
    context: contextA,
    policies: { session: [keysOfA], ...kms(keyPolicy.otherRole) },
  },
  {
    title: "24 KMS: the key policy names the role, identity silent",
    want: "allowed",
    action: "kms:Decrypt",
    resource: key,
    context: contextA,
    policies: { identity: [document(allow("dynamodb:*", "*"))], ...kms(keyPolicy.role) },
  },
  {
    title: "25 KMS: the key policy names the role, session silent",
    want: "implicit-deny",
    action: "kms:Decrypt",
    resource: key,
    context: contextA,
    policies: { session: [unguarded], ...kms(keyPolicy.role) },
  },
  {
    title: "26 a bucket policy that names the session passes by the session policy",
    want: "allowed",
    action: "s3:GetObject",
    resource: object,
    policies: {
      session: [unguarded],
      resource: document(allow("s3:GetObject", "arn:aws:s3:::archive/*", { Principal: { AWS: session.arn } })),
    },
  },
  {
    title: "27 a Deny in the bucket policy",
    want: "explicit-deny",
    action: "s3:DeleteObjectVersion",
    resource: object,
    policies: {
      session: [document(allow("s3:*", "*"))],
      resource: document(deny("s3:DeleteObjectVersion", "arn:aws:s3:::archive/*", { Principal: "*" })),
    },
  },
  {
    title: "28 a boundary without the action",
    want: "implicit-deny",
    action: "s3:PutObject",
    resource: object,
    policies: { boundary: document(allow("dynamodb:*", "*")) },
  },
  {
    title: "29 a boundary with the action",
    want: "allowed",
    action: "s3:PutObject",
    resource: object,
    policies: { boundary: document(allow(["dynamodb:*", "s3:PutObject"], "*")) },
  },
  {
    title: "30 Deny with NotAction",
    want: "explicit-deny",
    action: "dynamodb:DeleteItem",
    resource: table,
    policies: {
      session: [
        document(allow("dynamodb:*", "*"), {
          Effect: "Deny",
          NotAction: ["dynamodb:GetItem", "dynamodb:Query"],
          Resource: "*",
        }),
      ],
    },
  },
  {
    title: "31 ForAnyValue with the key absent",
    want: "implicit-deny",
    action: "dynamodb:GetItem",
    resource: table,
    policies: {
      session: [
        document(
          allow("dynamodb:GetItem", table, {
            Condition: { "ForAnyValue:StringEquals": { "dynamodb:LeadingKeys": ["TENANT#a"] } },
          }),
        ),
      ],
    },
  },
  {
    title: "32 StringNotEquals with the key absent holds",
    want: "allowed",
    action: "dynamodb:GetItem",
    resource: table,
    policies: {
      session: [
        document(
          allow("dynamodb:GetItem", table, { Condition: { StringNotEquals: { "aws:PrincipalTag/tenant": "b" } } }),
        ),
      ],
    },
  },
  {
    title: "33 StringEqualsIfExists with the key absent holds",
    want: "allowed",
    action: "dynamodb:GetItem",
    resource: table,
    policies: {
      session: [
        document(
          allow("dynamodb:GetItem", table, { Condition: { StringEqualsIfExists: { "aws:PrincipalTag/tenant": "b" } } }),
        ),
      ],
    },
  },
  {
    title: "34 an attribute that is not listed",
    want: "implicit-deny",
    action: "dynamodb:GetItem",
    resource: table,
    context: { "dynamodb:Attributes": ["pk", "ssn"], "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
    policies: {
      session: [
        document(
          allow("dynamodb:GetItem", table, {
            Condition: {
              "ForAllValues:StringEquals": { "dynamodb:Attributes": ["pk", "name"] },
              StringEqualsIfExists: { "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
            },
          }),
        ),
      ],
    },
  },
  {
    title: "35 no session policy: the role alone",
    want: "allowed",
    action: "dynamodb:GetItem",
    resource: table,
    context: foreign,
  },
  {
    title: "36 a single-valued operator on several values",
    want: "implicit-deny",
    action: "dynamodb:BatchGetItem",
    resource: table,
    context: { "dynamodb:LeadingKeys": ["TENANT#a", "TENANT#b"] },
    policies: {
      session: [
        document(
          allow("dynamodb:BatchGetItem", table, {
            Condition: { StringEquals: { "dynamodb:LeadingKeys": ["TENANT#a"] } },
          }),
        ),
      ],
    },
  },
];

describe("evaluate: the tricky cases of the IAM documentation", () => {
  it.each(cases)("ISO-3 $title: $want", ({ action, resource, context, policies, want }) => {
    const decision = evaluate(
      { principal: session, action, resource, context: context ?? {} },
      { identity: [roleDocument], ...policies },
    );
    expect(decision.reason).toBe(want);
    expect(decision.allowed).toBe(want === "allowed");
  });
});
