import type { PolicyDocument, Statement } from "./document.ts";

/** The pieces that several documents share. */

export type Condition = NonNullable<Statement["Condition"]>;

export const policy = (...Statement: readonly Statement[]): PolicyDocument => ({ Version: "2012-10-17", Statement });

/** The tag that STS puts on a tenant's session. */
export const TENANT_TAG = "${aws:PrincipalTag/tenant}";
/** As many `?` as a tenant id has characters: the nearest that a policy comes to its grammar. */
export const ANY_TENANT = "?".repeat(26);

/** What may be in the KMS encryption context of a wrapped key: all of these, and nothing else. */
export const CONTEXT_KEYS = ["tenant", "cell", "class", "kver"] as const;

/**
 * Every partition key of the request matches one of `patterns`, and there is one: ForAllValues alone holds where the
 * key is absent, which would let a Scan through. IAM User Guide, "Set operators".
 */
export const leadingKeys = (patterns: readonly string[]): Condition => ({
  Null: { "dynamodb:LeadingKeys": "false" },
  "ForAllValues:StringLike": { "dynamodb:LeadingKeys": patterns },
});

/** Wrapped keys are used under their full context and no other. `kver` differs by key, so it must only be there. */
export const keyContext = (tenant: Condition, cell: string, classes: readonly string[]): Condition => ({
  ...tenant,
  StringEquals: {
    ...tenant["StringEquals"],
    "kms:EncryptionContext:cell": cell,
    "kms:EncryptionContext:class": classes,
  },
  Null: { "kms:EncryptionContext:kver": "false", "kms:EncryptionContextKeys": "false" },
  "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": CONTEXT_KEYS },
});

export const thisTenant: Condition = { StringEquals: { "kms:EncryptionContext:tenant": TENANT_TAG } };
export const someTenant: Condition = { StringLike: { "kms:EncryptionContext:tenant": ANY_TENANT } };

/** Nobody changes a row outside a transaction, and no write answers with what it overwrote. */
export const ONLY_IN_TRANSACTIONS: Condition = {
  StringEquals: { "dynamodb:EnclosingOperation": "TransactWriteItems" },
  StringEqualsIfExists: { "dynamodb:ReturnValues": "NONE" },
};

/** Calls of the table API that have no partition key to be judged by, or that leave the table altogether. */
export const KEYLESS_TABLE_ACTIONS = [
  "dynamodb:Scan",
  "dynamodb:PartiQL*",
  "dynamodb:BatchWriteItem",
  "dynamodb:DeleteItem",
  "dynamodb:*Table*",
  "dynamodb:*Backup*",
  "dynamodb:*Stream*",
  "dynamodb:GetRecords",
  "dynamodb:GetShardIterator",
  "dynamodb:*ResourcePolicy",
] as const;

/** A session without a tenant's tag does nothing. */
export const DENY_UNTAGGED: Statement = {
  Sid: "DenyUntagged",
  Effect: "Deny",
  Action: "*",
  Resource: "*",
  Condition: { Null: { "aws:PrincipalTag/tenant": "true" } },
};

/** For a session of one tenant that gets, queries and puts rows of a table, and does nothing else at all. */
export const ROWS_BY_KEY_ALONE: readonly Statement[] = [
  DENY_UNTAGGED,
  {
    Sid: "DenyTheRest",
    Effect: "Deny",
    Action: [
      "dynamodb:BatchGetItem",
      "dynamodb:ConditionCheckItem",
      "dynamodb:UpdateItem",
      ...KEYLESS_TABLE_ACTIONS,
      "s3:*",
      "kms:*",
      "sqs:*",
      "sts:*",
      "iam:*",
    ],
    Resource: "*",
  },
];

export const TAMPER_ACTIONS = [
  "s3:DeleteObject*",
  "s3:PutObject*Retention",
  "s3:PutObjectLegalHold",
  "s3:BypassGovernanceRetention",
  "s3:PutBucket*",
  "s3:PutLifecycleConfiguration",
] as const;

export const KEY_ESCAPE_ACTIONS = [
  "kms:CreateGrant",
  "kms:ReEncrypt*",
  "kms:Schedule*",
  "kms:DisableKey",
  "kms:PutKeyPolicy",
] as const;
