import { createOnly, throughS3 } from "./archive-clauses.ts";
import { KEYLESS_TABLE_ACTIONS, KEY_ESCAPE_ACTIONS, leadingKeys, TAMPER_ACTIONS } from "./clauses.ts";
import type { Statement } from "./document.ts";
import {
  ARCHIVE_PREFIXES,
  archiveArn,
  attachmentArn,
  costArn,
  FUNCTION_NAMES,
  indexArn,
  logGroupArn,
  tableArn,
  type KeyArns,
  type WitnessedSite,
} from "./names.ts";

/** What makes the books may do: it reads what was counted, never what it was counted of. */

/** Of a tenant's row what a bill is made out to. */
const ROSTER_ATTRIBUTES = [
  "pk",
  "sk",
  "gpk",
  "gsk",
  "tenantId",
  "name",
  "tier",
  "cell",
  "status",
  "createdAtMs",
  "isOperations",
] as const;

const below = (site: WitnessedSite, ...names: readonly string[]): readonly string[] =>
  names.map((name) => `${costArn(site)}/v1/${name.includes(".") ? name : `${name}/*`}`);

const costKey = (site: WitnessedSite, keys: KeyArns): Statement => ({
  Sid: "CostKey",
  Effect: "Allow",
  Action: ["kms:Decrypt", "kms:GenerateDataKey"],
  Resource: keys.cost,
  ...throughS3(site),
});

const readCosts = (site: WitnessedSite): readonly Statement[] => [
  { Sid: "ReadCosts", Effect: "Allow", Action: "s3:GetObject", Resource: `${costArn(site)}/v1/*` },
  { Sid: "ListCosts", Effect: "Allow", Action: "s3:ListBucket", Resource: costArn(site) },
];

const once = (site: WitnessedSite, ...names: readonly string[]): Statement => ({
  Sid: "CreateOnce",
  Effect: "Allow",
  Action: "s3:PutObject",
  Resource: below(site, ...names),
  Condition: { Null: { "s3:if-none-match": "false" } },
});

const ITEM_ACTIONS = [
  "dynamodb:GetItem",
  "dynamodb:BatchGetItem",
  "dynamodb:ConditionCheckItem",
  "dynamodb:PutItem",
  "dynamodb:UpdateItem",
] as const;

/** Everything keyless but the size of a table. */
const KEYLESS_BUT_SIZES = KEYLESS_TABLE_ACTIONS.filter((action) => action !== "dynamodb:*Table*");

/**
 * The meter reads the functions' logs and which clinics there are, and keeps the cost bucket. It counts what is stored by names and
 * sizes: no object's content, no row of a clinic, no session of one.
 */
export const meterStatements = (site: WitnessedSite, keys: KeyArns): readonly Statement[] => [
  {
    Sid: "ReadLogs",
    Effect: "Allow",
    Action: "logs:FilterLogEvents",
    // The witness writes its log in another account.
    Resource: FUNCTION_NAMES.filter((name) => name !== "witness").map((name) => `${logGroupArn(site, name)}:*`),
  },
  ...readCosts(site),
  once(site, "facts", "alerts"),
  {
    Sid: "MakeBooks",
    Effect: "Allow",
    Action: "s3:PutObject",
    Resource: below(site, "hours", "days", "state", "roster", "months", "clinics", "mark.json"),
  },
  costKey(site, keys),
  {
    Sid: "ListTenants",
    Effect: "Allow",
    Action: "dynamodb:Query",
    Resource: indexArn(site, "registry"),
    Condition: {
      ...leadingKeys(["TENANTS", "OPERATIONS"]),
      Null: { "dynamodb:LeadingKeys": "false", "dynamodb:Attributes": "false" },
      "ForAllValues:StringEquals": { "dynamodb:Attributes": ROSTER_ATTRIBUTES },
      StringEquals: { "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
    },
  },
  {
    Sid: "SizesOfTables",
    Effect: "Allow",
    Action: "dynamodb:DescribeTable",
    Resource: (["data", "outbox", "trail"] as const).map((table) => tableArn(site, table)),
  },
  {
    Sid: "SizesOfObjects",
    Effect: "Allow",
    Action: "s3:ListBucketVersions",
    Resource: [attachmentArn(site), archiveArn(site)],
  },
  {
    Sid: "DenyTheRest",
    Effect: "Deny",
    Action: [
      ...ITEM_ACTIONS,
      ...KEYLESS_BUT_SIZES,
      ...TAMPER_ACTIONS,
      ...KEY_ESCAPE_ACTIONS,
      "kms:Sign",
      "kms:Encrypt",
      "sqs:*",
      "sts:*",
      "iam:*",
    ],
    Resource: "*",
  },
  { Sid: "DenyOtherQueries", Effect: "Deny", Action: "dynamodb:Query", NotResource: indexArn(site, "registry") },
  {
    Sid: "DenyOtherObjects",
    Effect: "Deny",
    Action: ["s3:GetObject*", "s3:PutObject"],
    NotResource: `${costArn(site)}/*`,
  },
];

/**
 * The close reads the books and adds to them once; in the archive it creates manifests under their own prefix, and reads nothing
 * there. What it closed it cannot open: it neither replaces nor deletes.
 */
export const closeStatements = (site: WitnessedSite, keys: KeyArns): readonly Statement[] => [
  ...readCosts(site),
  once(site, "closed", "summaries"),
  { Sid: "ShowClosed", Effect: "Allow", Action: "s3:PutObject", Resource: below(site, "months", "clinics") },
  costKey(site, keys),
  { ...createOnly(site, ARCHIVE_PREFIXES.cost), Sid: "LockManifests" },
  {
    Sid: "EncryptManifests",
    Effect: "Allow",
    Action: "kms:GenerateDataKey",
    Resource: keys.audit,
    ...throughS3(site),
  },
  {
    Sid: "DenyTheRest",
    Effect: "Deny",
    Action: [
      "dynamodb:*",
      "logs:FilterLogEvents",
      ...TAMPER_ACTIONS,
      ...KEY_ESCAPE_ACTIONS,
      "kms:Sign",
      "kms:Encrypt",
      "sqs:*",
      "sts:*",
      "iam:*",
    ],
    Resource: "*",
  },
  { Sid: "DenyOtherReads", Effect: "Deny", Action: "s3:GetObject*", NotResource: `${costArn(site)}/*` },
];
