import { createOnly, throughS3 } from "./archive-clauses.ts";
import {
  ANY_TENANT,
  type Condition,
  KEYLESS_TABLE_ACTIONS,
  KEY_ESCAPE_ACTIONS,
  leadingKeys,
  TAMPER_ACTIONS,
} from "./clauses.ts";
import type { Statement } from "./document.ts";
import {
  apiLogGroupArn,
  ARCHIVE_PREFIXES,
  archiveArn,
  cloudTrailArn,
  FUNCTION_NAMES,
  indexArn,
  logGroupArn,
  tableArn,
  witnessArn,
  type KeyArns,
  type WitnessedSite,
} from "./names.ts";

/** What the functions that a schedule starts may do. */

const SIGN_NOTES = { StringEquals: { "kms:SigningAlgorithm": "ED25519_SHA_512", "kms:MessageType": "RAW" } };

/** The sealer reads the archive and adds signed checkpoints to it. It has no table, no tenant key and no other signature. */
export const sealStatements = (site: WitnessedSite, keys: KeyArns): readonly Statement[] => [
  {
    Sid: "ReadArchive",
    Effect: "Allow",
    Action: "s3:GetObject",
    Resource: [`${archiveArn(site)}/${ARCHIVE_PREFIXES.events}*`, `${archiveArn(site)}/${ARCHIVE_PREFIXES.log}*`],
  },
  { Sid: "ListArchive", Effect: "Allow", Action: "s3:ListBucket", Resource: archiveArn(site) },
  createOnly(site, ARCHIVE_PREFIXES.log),
  {
    Sid: "ArchiveKey",
    Effect: "Allow",
    Action: ["kms:Decrypt", "kms:GenerateDataKey"],
    Resource: keys.audit,
    ...throughS3(site),
  },
  {
    Sid: "SignCheckpoints",
    Effect: "Allow",
    Action: "kms:Sign",
    Resource: keys.checkpoint,
    Condition: SIGN_NOTES,
  },
  { Sid: "CheckpointPublicKey", Effect: "Allow", Action: "kms:GetPublicKey", Resource: keys.checkpoint },
  {
    Sid: "DenyTablesAndTamper",
    Effect: "Deny",
    Action: ["dynamodb:*", "sqs:*", "sts:AssumeRole", ...TAMPER_ACTIONS, ...KEY_ESCAPE_ACTIONS],
    Resource: "*",
  },
];

/** Plain attributes of an event that the reconciler reads: its key and its text, whose detail is sealed. */
const RECONCILE_ATTRIBUTES = ["pk", "sk", "event", "ttl"] as const;

/** Of the registry: when a clinic works, and which members are patients of it. No name, no login, no secret. */
const HOURS_ATTRIBUTES = ["pk", "sk", "tenantId", "profile", "timeZone"] as const;
const MEMBER_ATTRIBUTES = ["pk", "sk", "gpk", "gsk", "tenantId", "userId", "patientId", "roles", "status"] as const;

/** Rows of some partitions, and nothing of them but what is listed: the projection is forced. */
const listed = (partitions: readonly string[], attributes: readonly string[]): Condition => {
  const keys = leadingKeys(partitions);
  return {
    ...keys,
    Null: { ...keys["Null"], "dynamodb:Attributes": "false" },
    "ForAllValues:StringEquals": { "dynamodb:Attributes": attributes },
    StringEquals: { "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
  };
};

/** Rows of the trail that say that something is missing. */
export const SIGNAL_ROWS = [`T#${ANY_TENANT}#A#S`, `T#${ANY_TENANT}#A#S#*`];

/**
 * The reconciler joins what every other record says: events, archived batches by name, the functions' logs, CloudTrail's
 * files; and of the registry when a clinic works and who of it is a patient too. It writes signals and nothing else, opens
 * no sealed detail and reaches no chart.
 */
export const reconcileStatements = (site: WitnessedSite, keys: KeyArns): readonly Statement[] => {
  // The witness writes its log in another account.
  const groups = FUNCTION_NAMES.filter((name) => name !== "witness").map((name) => logGroupArn(site, name));
  return [
    {
      Sid: "ReadEvents",
      Effect: "Allow",
      Action: "dynamodb:Query",
      Resource: tableArn(site, "outbox"),
      Condition: listed([`T#${ANY_TENANT}#A#*`], RECONCILE_ATTRIBUTES),
    },
    {
      Sid: "ReadClinicHours",
      Effect: "Allow",
      Action: "dynamodb:Query",
      Resource: tableArn(site, "registry"),
      Condition: listed([`PRIVACY#${ANY_TENANT}`], HOURS_ATTRIBUTES),
    },
    {
      Sid: "ReadMembers",
      Effect: "Allow",
      Action: "dynamodb:Query",
      Resource: indexArn(site, "registry"),
      Condition: listed([`MEMBERS#${ANY_TENANT}`], MEMBER_ATTRIBUTES),
    },
    {
      Sid: "WriteSignals",
      Effect: "Allow",
      Action: "dynamodb:PutItem",
      Resource: tableArn(site, "trail"),
      Condition: { ...leadingKeys(SIGNAL_ROWS), StringEqualsIfExists: { "dynamodb:ReturnValues": "NONE" } },
    },
    {
      Sid: "ReadRecords",
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: [
        `${archiveArn(site)}/${ARCHIVE_PREFIXES.events}*`,
        `${archiveArn(site)}/${ARCHIVE_PREFIXES.log}*`,
        `${cloudTrailArn(site)}/AWSLogs/${site.accountId}/*`,
      ],
    },
    {
      Sid: "ListRecords",
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: [archiveArn(site), cloudTrailArn(site)],
    },
    { Sid: "ArchiveKey", Effect: "Allow", Action: "kms:Decrypt", Resource: keys.audit, ...throughS3(site) },
    {
      Sid: "ReadLogs",
      Effect: "Allow",
      Action: "logs:FilterLogEvents",
      Resource: [...groups, apiLogGroupArn(site)].map((group) => `${group}:*`),
    },
    {
      Sid: "DenyTheRest",
      Effect: "Deny",
      Action: [
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:UpdateItem",
        ...KEYLESS_TABLE_ACTIONS,
        "s3:PutObject",
        ...TAMPER_ACTIONS,
        ...KEY_ESCAPE_ACTIONS,
        "kms:Sign",
        "kms:Generate*",
        "kms:Encrypt",
        "sqs:*",
        "sts:AssumeRole",
      ],
      Resource: "*",
    },
  ];
};

/** The export function knows which tenants there are; everything else it does as one job of one of them. */
export const exportStatements = (site: WitnessedSite): readonly Statement[] => [
  {
    Sid: "ListTenants",
    Effect: "Allow",
    Action: "dynamodb:Query",
    Resource: indexArn(site, "registry"),
    Condition: leadingKeys(["TENANTS"]),
  },
  {
    Sid: "DenyTheRest",
    Effect: "Deny",
    Action: [
      "dynamodb:*Item",
      ...KEYLESS_TABLE_ACTIONS.filter((action) => !action.endsWith("Item")),
      "s3:*",
      "kms:*",
      "sqs:*",
      "iam:*",
    ],
    Resource: "*",
  },
];

/**
 * The witness, in an account of its own: it reads the signed log of the cell and countersigns what continues what it saw
 * before. It changes nothing in the cell's account, and nobody there changes what it keeps.
 */
export const witnessStatements = (site: WitnessedSite, keys: KeyArns): readonly Statement[] => [
  {
    Sid: "ReadLog",
    Effect: "Allow",
    Action: "s3:GetObject",
    Resource: [`${archiveArn(site)}/${ARCHIVE_PREFIXES.log}*`, `${witnessArn(site)}/*`],
  },
  {
    Sid: "ListLog",
    Effect: "Allow",
    Action: "s3:ListBucket",
    Resource: archiveArn(site),
    Condition: { StringLike: { "s3:prefix": `${ARCHIVE_PREFIXES.log}*` } },
  },
  { Sid: "ListOwn", Effect: "Allow", Action: "s3:ListBucket", Resource: witnessArn(site) },
  {
    Sid: "KeepCountersignatures",
    Effect: "Allow",
    Action: "s3:PutObject",
    Resource: `${witnessArn(site)}/${ARCHIVE_PREFIXES.log}*`,
    Condition: { Null: { "s3:if-none-match": "false" } },
  },
  { Sid: "ArchiveKey", Effect: "Allow", Action: "kms:Decrypt", Resource: keys.audit, ...throughS3(site) },
  { Sid: "Countersign", Effect: "Allow", Action: "kms:Sign", Resource: keys.witness, Condition: SIGN_NOTES },
  { Sid: "WitnessPublicKey", Effect: "Allow", Action: "kms:GetPublicKey", Resource: keys.witness },
  {
    Sid: "DenyTheRest",
    Effect: "Deny",
    Action: ["dynamodb:*", "sqs:*", "sts:AssumeRole", ...TAMPER_ACTIONS, ...KEY_ESCAPE_ACTIONS],
    Resource: "*",
  },
];
