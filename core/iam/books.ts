import { throughS3 } from "./archive-clauses.ts";
import {
  DENY_UNTAGGED,
  KEYLESS_TABLE_ACTIONS,
  KEY_ESCAPE_ACTIONS,
  leadingKeys,
  policy,
  TENANT_TAG,
} from "./clauses.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import { costArn, functionRoleArn, indexArn, type KeyArns, type WitnessedSite } from "./names.ts";
import { taggedSessionTrust } from "./session-trust.ts";

/** Who may read the platform's books: the finance zone, under the name of the person, for the platform's own tenant. */
export const booksTrust = (site: WitnessedSite): PolicyDocument =>
  taggedSessionTrust({
    principals: functionRoleArn(site, "finance"),
    tags: ["tenant"],
    sids: { assume: "AssumeWithTenantTag", tag: "TagWithTheTenant", identity: "SourceIdentityIsAUser" },
  });

/** Who may read a clinic's own statement: the admin zone, with a session of that clinic, for a user of it. */
export const statementReadTrust = (site: WitnessedSite): PolicyDocument =>
  taggedSessionTrust({
    principals: functionRoleArn(site, "admin"),
    tags: ["tenant"],
    sids: { assume: "AssumeWithTenantTag", tag: "TagWithTheTenant", identity: "SourceIdentityIsAUser" },
  });

/** Prefixes of the cost bucket, as core/cost/store/keys.ts spells them. */
const READ = ["v1/months/", "v1/closed/", "v1/alerts/", "v1/inputs/", "v1/bills/", "v1/summaries/"];
/** What people put in. A version is created once and stays. */
const WRITTEN = ["v1/inputs/", "v1/bills/"];

/** The bucket's key, through S3 alone. */
const costKey = (site: WitnessedSite, keys: KeyArns, Action: string | readonly string[]): Statement => ({
  Sid: "CostKey",
  Effect: "Allow",
  Action,
  Resource: keys.cost,
  ...throughS3(site),
});
const OTHER_CRYPTOGRAPHY = ["kms:Encrypt", "kms:Sign", "kms:*Mac", ...KEY_ESCAPE_ACTIONS];

const reading = (site: WitnessedSite, prefixes: readonly string[]): Statement => ({
  Sid: "ReadBooks",
  Effect: "Allow",
  Action: "s3:GetObject",
  Resource: prefixes.map((prefix) => `${costArn(site)}/${prefix}*`),
});

/**
 * Books, bills and what people put in, and which clinics there are. It changes nothing that stands, and reads no raw fact,
 * no chart, no key, no session and no member of anybody.
 */
export function booksPolicy(site: WitnessedSite, keys: KeyArns): PolicyDocument {
  const written = WRITTEN.map((prefix) => `${costArn(site)}/${prefix}*`);
  return policy(
    reading(site, READ),
    // The whole bucket's names: months, hours, ids and digests. Listed by prefix, what is not there would be refused and not missing.
    { Sid: "ListBooks", Effect: "Allow", Action: "s3:ListBucket", Resource: costArn(site) },
    costKey(site, keys, ["kms:Decrypt", "kms:GenerateDataKey"]),
    {
      Sid: "PutInOnce",
      Effect: "Allow",
      Action: "s3:PutObject",
      Resource: written,
      Condition: { Null: { "s3:if-none-match": "false" } },
    },
    {
      Sid: "ListTenants",
      Effect: "Allow",
      Action: "dynamodb:Query",
      Resource: indexArn(site, "registry"),
      Condition: leadingKeys(["TENANTS"]),
    },
    DENY_UNTAGGED,
    {
      Sid: "DenyTheRest",
      Effect: "Deny",
      Action: [
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        ...KEYLESS_TABLE_ACTIONS,
        "s3:Delete*",
        ...OTHER_CRYPTOGRAPHY,
        "sqs:*",
        "sts:*",
        "iam:*",
      ],
      Resource: "*",
    },
    { Sid: "DenyOtherQueries", Effect: "Deny", Action: "dynamodb:Query", NotResource: indexArn(site, "registry") },
    { Sid: "DenyOtherBuckets", Effect: "Deny", Action: "s3:*", NotResource: [costArn(site), `${costArn(site)}/*`] },
    { Sid: "DenyOtherWrites", Effect: "Deny", Action: "s3:PutObject", NotResource: written },
  );
}

/** The statements of the session's own tenant, read and nothing else. */
export function statementReadPolicy(site: WitnessedSite, keys: KeyArns): PolicyDocument {
  return policy(
    reading(site, [`v1/clinics/${TENANT_TAG}/`]),
    {
      Sid: "ListOwnStatements",
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: costArn(site),
      Condition: { StringLike: { "s3:prefix": `v1/clinics/${TENANT_TAG}/*` } },
    },
    costKey(site, keys, "kms:Decrypt"),
    DENY_UNTAGGED,
    {
      Sid: "DenyTheRest",
      Effect: "Deny",
      Action: [
        "dynamodb:*",
        "s3:Put*",
        "s3:Delete*",
        ...OTHER_CRYPTOGRAPHY,
        "kms:Generate*",
        "sqs:*",
        "sts:*",
        "iam:*",
      ],
      Resource: "*",
    },
    { Sid: "DenyOtherBuckets", Effect: "Deny", Action: "s3:*", NotResource: [costArn(site), `${costArn(site)}/*`] },
  );
}
