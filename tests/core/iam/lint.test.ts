import { describe, expect, it } from "vitest";
import { catalog, lintDocument, type LintKind, type RuleName, type Statement } from "../../../core/iam/index.ts";
import { RULE_NAMES } from "../../../core/iam/lint.ts";
import { keys, site, A } from "./stage.ts";
import { allow, deny, document } from "./statements.ts";

const table = "arn:aws:dynamodb:us-east-1:111122223333:table/keyward-dev-c01-data";
const guard = { Null: { "dynamodb:LeadingKeys": "false" } };
const own = { ...guard, "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [`T#${A}#C#*`] } };

/** One violation of each rule, as small as it can be. */
const planted: Readonly<Record<RuleName, readonly [kind: LintKind, statement: Statement]>> = {
  "unknown-operator": ["role", deny("sts:*", "*", { Condition: { StringMatches: { "aws:PrincipalArn": "x" } } })],
  "for-all-values-without-null": [
    "role",
    allow("dynamodb:GetItem", table, { Condition: { "ForAllValues:StringLike": own["ForAllValues:StringLike"] } }),
  ],
  "tenant-table-without-leading-keys": ["role", allow("dynamodb:GetItem", table, { Condition: guard })],
  "keyless-action": ["role", allow("dynamodb:Scan", table, { Condition: own })],
  "wildcard-action": ["role", allow("s3:Get*", "arn:aws:s3:::bucket/x")],
  "negated-operator-with-variable": [
    "role",
    deny("s3:GetObject", "*", { Condition: { StringNotEquals: { "aws:username": "${aws:PrincipalTag/tenant}" } } }),
  ],
  "undelimited-prefix": [
    "role",
    allow("dynamodb:GetItem", table, {
      Condition: { ...guard, "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [`T#${A}*`] } },
    }),
  ],
  "single-value-test-of-a-list": [
    "role",
    allow("dynamodb:GetItem", table, { Condition: { ...own, StringEquals: { "dynamodb:LeadingKeys": `T#${A}#C#K` } } }),
  ],
  "list-test-of-a-single-value": [
    "role",
    allow("kms:Decrypt", keys.cell, {
      Condition: { "ForAnyValue:StringEquals": { "kms:EncryptionContext:tenant": A } },
    }),
  ],
  "allow-by-exception": ["role", { Effect: "Allow", NotAction: "iam:CreateUser", Resource: table }],
  "any-resource": ["role", allow("s3:GetObject", "*")],
  "any-index": ["role", allow("dynamodb:Query", `${table}/index/*`, { Condition: own })],
  anybody: ["key", allow("kms:GetPublicKey", "*", { Principal: { AWS: "*" } })],
  "session-as-principal": [
    "key",
    allow("kms:GetPublicKey", "*", { Principal: { AWS: "arn:aws:sts::111122223333:assumed-role/x/s" } }),
  ],
  "resource-policy-that-allows": [
    "table",
    allow("dynamodb:DescribeTable", table, { Principal: { AWS: "arn:aws:iam::111122223333:role/x" } }),
  ],
  "short-arn": ["role", deny("s3:GetObject", "*", { Condition: { ArnLike: { "aws:PrincipalArn": "arn:aws:iam*" } } })],
  "tag-without-guard": ["role", allow("s3:GetObject", "arn:aws:s3:::bucket/t/${aws:PrincipalTag/tenant}/x")],
  "decrypt-without-context": ["role", allow("kms:Decrypt", keys.cell)],
};

describe("TST-3 the lint", () => {
  it.each(RULE_NAMES)("finds a planted %s", (rule) => {
    const [kind, statement] = planted[rule];
    expect(lintDocument(document({ ...statement, Sid: "Planted" }), kind)).toContainEqual({
      rule,
      statement: "Planted",
    });
  });

  it.each(RULE_NAMES)("finds nothing but %s in its violation, so that each rule stands alone", (rule) => {
    const [kind, statement] = planted[rule];
    expect(lintDocument(document(statement), kind).map((finding) => finding.rule)).toEqual([rule]);
  });

  it.each(["dev", "staging", "production"] as const)("finds nothing in the documents of stage %s", (stage) => {
    const findings = catalog({ ...site, stage }, keys).flatMap(({ name, kind, document: subject }) =>
      lintDocument(subject, kind).map((finding) => ({ name, ...finding })),
    );
    expect(findings).toEqual([]);
  });

  const witness = { AWS: `arn:aws:iam::${site.witnessAccountId}:role/keyward-dev-fn-witness` };
  const reader = (statement: Partial<Statement>): Statement => ({
    ...allow("s3:GetObject", `arn:aws:s3:::keyward-dev-c01-archive-${site.accountId}/v1/log/*`, { Principal: witness }),
    ...statement,
  });
  it("lets a bucket allow a named role of another account to read", () => {
    expect(lintDocument(document(reader({})), "bucket")).toEqual([]);
  });

  it.each<readonly [string, Partial<Statement>]>([
    ["writing", { Action: ["s3:GetObject", "s3:PutObject"] }],
    ["a role of its own account", { Principal: { AWS: `arn:aws:iam::${site.accountId}:role/x` } }],
    ["another account as a whole", { Principal: { AWS: `arn:aws:iam::${site.witnessAccountId}:root` } }],
    ["a pattern of roles", { Principal: { AWS: `arn:aws:iam::${site.witnessAccountId}:role/*` } }],
    ["anybody", { Principal: "*" }],
    ["a bucket that names no account", { Resource: "arn:aws:s3:::somebodys/*" }],
  ])("finds a bucket that allows %s", (_title, statement) => {
    const found = lintDocument(document(reader({ Sid: "Planted", ...statement })), "bucket");
    expect(found).toContainEqual({ rule: "resource-policy-that-allows", statement: "Planted" });
  });

  it("names a statement without Sid by its place", () => {
    expect(lintDocument(document(deny("s3:*", "*"), allow("s3:GetObject", "*")), "role")).toEqual([
      { rule: "any-resource", statement: "#1" },
    ]);
  });
});

describe("the documents of a stage", () => {
  /** IAM quotas: 10,240 characters of inline policies to a role, 2,048 to a trust policy by default. KMS: 32 KiB. S3: 20 KB. DynamoDB: 20 KB. */
  const limits: Readonly<Record<LintKind, number>> = {
    role: 10_240,
    session: 2048,
    trust: 2048,
    table: 20_000,
    bucket: 20_000,
    key: 32_768,
  };
  it.each(catalog({ ...site, stage: "production", region: "ap-southeast-1" }, keys))(
    "$name fits into its quota",
    (entry) => {
      expect(JSON.stringify(entry.document).length).toBeLessThanOrEqual(limits[entry.kind]);
    },
  );

  it.each(catalog(site, keys))("$name names each statement once", ({ document: { Statement } }) => {
    const sids = Statement.flatMap(({ Sid }) => Sid ?? []);
    expect(new Set(sids).size).toBe(sids.length);
  });
});
