import {
  ANY_TENANT,
  KEYLESS_TABLE_ACTIONS,
  KEY_ESCAPE_ACTIONS,
  leadingKeys,
  policy,
  TAMPER_ACTIONS,
} from "./clauses.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import {
  ARCHIVE_PREFIXES,
  archiveArn,
  auditAppendRoleArn,
  controlPlaneRoleArn,
  deadLetterQueueArn,
  functionArn,
  identityRoleArn,
  logGroupArn,
  registryReadRoleArn,
  streamArns,
  tableArn,
  tenantRoleArn,
  type FunctionName,
  type KeyArns,
  type Site,
} from "./names.ts";

const serviceTrust = (service: string, condition: Pick<Statement, "Condition"> = {}): PolicyDocument =>
  policy({ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole", ...condition });

/** Execution roles are assumed by Lambda and by nobody else. */
export const functionTrust = (): PolicyDocument => serviceTrust("lambda.amazonaws.com");

/** The schedule's role; the account condition keeps another account's schedule from using it (confused deputy). */
export const schedulerTrust = (site: Site): PolicyDocument =>
  serviceTrust("scheduler.amazonaws.com", { Condition: { StringEquals: { "aws:SourceAccount": site.accountId } } });

/** EventBridge Scheduler may start the seal function. */
export const schedulerPolicy = (site: Site): PolicyDocument =>
  policy({
    Sid: "StartSeal",
    Effect: "Allow",
    Action: "lambda:InvokeFunction",
    Resource: functionArn(site, "seal"),
  });

const ownLog = (site: Site, name: FunctionName): Statement => ({
  Sid: "OwnLog",
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: `${logGroupArn(site, name)}:*`,
});

/** Zones hold no data right at all: whatever their code does, only a role that it assumes can reach a table. */
const NO_DATA: Statement = {
  Sid: "DenyData",
  Effect: "Deny",
  Action: ["dynamodb:*", "s3:*", "kms:*", "sqs:*", "iam:*"],
  Resource: "*",
};

const assume = (...roles: readonly string[]): Statement => ({
  Sid: "AssumeRoles",
  Effect: "Allow",
  Action: "sts:AssumeRole",
  Resource: roles,
});

/** A session of such a role is tagged with its tenant and carries whose work it is. */
const nameSessions = (role: string): Statement => ({
  Sid: "NameTheSession",
  Effect: "Allow",
  Action: ["sts:TagSession", "sts:SetSourceIdentity"],
  Resource: role,
});

/** The role policy of a function. Zones may only assume their roles; stream and schedule functions hold the least they need. */
export function functionPolicy(site: Site, keys: KeyArns, name: FunctionName): PolicyDocument {
  const log = ownLog(site, name);
  switch (name) {
    case "public":
      return policy(log, NO_DATA);
    case "session":
      return policy(
        log,
        assume(identityRoleArn(site), auditAppendRoleArn(site)),
        nameSessions(auditAppendRoleArn(site)),
        NO_DATA,
      );
    case "platform":
      return policy(
        log,
        assume(controlPlaneRoleArn(site), auditAppendRoleArn(site)),
        nameSessions(auditAppendRoleArn(site)),
        NO_DATA,
      );
    case "fhir":
      return policy(
        log,
        assume(tenantRoleArn(site), registryReadRoleArn(site)),
        nameSessions(tenantRoleArn(site)),
        NO_DATA,
      );
    case "archive":
      return policy(log, ...archiveStatements(site, keys));
    case "cross-check":
      return policy(log, ...crossCheckStatements(site));
    case "seal":
      return policy(log, ...sealStatements(site, keys));
  }
}

const readStream = (site: Site, table: "data" | "outbox"): readonly Statement[] => [
  {
    Sid: "ReadStream",
    Effect: "Allow",
    Action: ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"],
    Resource: streamArns(site, table),
  },
  // ListStreams takes no resource: Service Authorization Reference, Amazon DynamoDB.
  { Sid: "ListStreams", Effect: "Allow", Action: "dynamodb:ListStreams", Resource: "*" },
];

const putFailures = (site: Site): Statement => ({
  Sid: "PutFailures",
  Effect: "Allow",
  Action: "sqs:SendMessage",
  Resource: deadLetterQueueArn(site),
});

const createOnly = (site: Site, prefix: string): Statement => ({
  Sid: "CreateOnly",
  Effect: "Allow",
  Action: "s3:PutObject",
  Resource: `${archiveArn(site)}/${prefix}*`,
  Condition: { Null: { "s3:if-none-match": "false" } },
});

const throughS3 = (site: Site): Pick<Statement, "Condition"> => ({
  Condition: { StringEquals: { "kms:ViaService": `s3.${site.region}.amazonaws.com` } },
});

/** The archive writer serves all tenants, so it is blind: it creates objects, and reads and decrypts nothing. */
const archiveStatements = (site: Site, keys: KeyArns): readonly Statement[] => [
  ...readStream(site, "outbox"),
  createOnly(site, ARCHIVE_PREFIXES.events),
  {
    Sid: "EncryptArchive",
    Effect: "Allow",
    Action: "kms:GenerateDataKey",
    Resource: keys.audit,
    ...throughS3(site),
  },
  putFailures(site),
  {
    Sid: "DenyReadAndTamper",
    Effect: "Deny",
    Action: [
      "dynamodb:*Item",
      "dynamodb:Query",
      "dynamodb:Scan",
      "dynamodb:PartiQL*",
      "s3:GetObject*",
      "s3:ListBucket*",
      "kms:Decrypt",
      ...TAMPER_ACTIONS,
      ...KEY_ESCAPE_ACTIONS,
      "sts:AssumeRole",
    ],
    Resource: "*",
  },
];

/** Plain attributes that the cross-check compares; the sealed ones it cannot even ask for. */
export const CROSS_CHECK_ATTRIBUTES = ["pk", "sk", "_aud", "_ver", "_tx"] as const;

/**
 * The cross-check asks whether each changed row has its event. It sees keys and plain attributes only: the projection is
 * forced, because without one dynamodb:Attributes is absent and would hold (IAM, DynamoDB fine-grained access control).
 */
const crossCheckStatements = (site: Site): readonly Statement[] => {
  const someRow = leadingKeys([`T#${ANY_TENANT}#*`]);
  return [
    ...readStream(site, "data"),
    {
      Sid: "ReadPlainAttributes",
      Effect: "Allow",
      Action: "dynamodb:GetItem",
      Resource: [tableArn(site, "data"), tableArn(site, "outbox")],
      Condition: {
        ...someRow,
        Null: { ...someRow["Null"], "dynamodb:Attributes": "false" },
        "ForAllValues:StringEquals": { "dynamodb:Attributes": CROSS_CHECK_ATTRIBUTES },
        StringEquals: { "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
      },
    },
    putFailures(site),
    {
      Sid: "DenyTheRest",
      Effect: "Deny",
      Action: [
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:Query",
        ...KEYLESS_TABLE_ACTIONS.filter((action) => !/Stream|GetRecords|GetShard/.test(action)),
        "s3:*",
        "kms:*",
        "sts:AssumeRole",
      ],
      Resource: "*",
    },
  ];
};

/** The sealer reads the archive and adds signed checkpoints to it. It has no table, no tenant key and no other signature. */
const sealStatements = (site: Site, keys: KeyArns): readonly Statement[] => [
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
    Condition: { StringEquals: { "kms:SigningAlgorithm": "ED25519_SHA_512", "kms:MessageType": "RAW" } },
  },
  { Sid: "CheckpointPublicKey", Effect: "Allow", Action: "kms:GetPublicKey", Resource: keys.checkpoint },
  {
    Sid: "DenyTablesAndTamper",
    Effect: "Deny",
    Action: ["dynamodb:*", "sqs:*", "sts:AssumeRole", ...TAMPER_ACTIONS, ...KEY_ESCAPE_ACTIONS],
    Resource: "*",
  },
];
