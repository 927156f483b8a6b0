import type { DataClass } from "../kernel/data-class.ts";
import { isId, type TenantId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import {
  DENY_UNTAGGED,
  ANY_TENANT,
  KEYLESS_TABLE_ACTIONS,
  KEY_ESCAPE_ACTIONS,
  keyContext,
  leadingKeys,
  ONLY_IN_TRANSACTIONS,
  policy,
  TENANT_TAG,
  thisTenant,
} from "./clauses.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import {
  attachmentArn,
  exportFolder,
  functionRoleArn,
  indexArn,
  tableArn,
  type KeyArns,
  type Site,
  type WitnessedSite,
} from "./names.ts";
import { taggedSessionTrust } from "./session-trust.ts";
import {
  keyedClasses,
  READS,
  SESSION_POLICY_LIMIT,
  SESSION_PURPOSES,
  SESSION_TAGS,
  UNWRAPPED_CLASSES,
  type SessionPurpose,
} from "./tenant-request.ts";

/** The tag that STS puts on the session of one export. */
const JOB_TAG = "${aws:PrincipalTag/job}";
/** The job of a session that looks for work: it reads a tenant's jobs and nothing else. */
export const QUEUE_JOB = "queue";
/** As many `?` as an id has characters. */
const ANY_JOB = ANY_TENANT;

/** The classes that documents are sealed in. Files of exports lie under X, and one job never reads another's. */
const CONTENT_CLASSES = ["C", "D", "S"] as const;

/** Who may work off a tenant's exports: the export function, a job at a time. */
export const tenantExportTrust = (site: WitnessedSite): PolicyDocument =>
  taggedSessionTrust({
    principals: functionRoleArn(site, "export"),
    tags: [...SESSION_TAGS, "job"],
    oneOf: { purpose: SESSION_PURPOSES },
    like: { job: [QUEUE_JOB, ANY_JOB] },
    sids: { assume: "AssumeForOneJob", tag: "TagWithTheJob", identity: "SourceIdentityIsAUser" },
  });

/**
 * What the export of one job may do, at most: read its tenant's charts and documents, write its own files and no other, keep the rows
 * of jobs, and append events. What it wrote it may destroy, because a job that loses its consent leaves nothing behind.
 */
export function tenantExportPolicy(site: WitnessedSite, keys: Pick<KeyArns, "cell">): PolicyDocument {
  const attachments = attachmentArn(site);
  const own = leadingKeys([`T#${TENANT_TAG}#*`]);
  const jobRows = leadingKeys([`T#${TENANT_TAG}#D#JOB`]);
  const forOneJob = { StringLike: { "aws:PrincipalTag/job": ANY_JOB } };
  const folder = exportFolder(TENANT_TAG, JOB_TAG);
  return policy(
    {
      Sid: "FindJobs",
      Effect: "Allow",
      Action: ["dynamodb:GetItem", "dynamodb:Query"],
      Resource: tableArn(site, "data"),
      Condition: jobRows,
    },
    {
      Sid: "ReadOwnRows",
      Effect: "Allow",
      Action: READS,
      Resource: [tableArn(site, "data"), indexArn(site, "data")],
      Condition: { ...own, ...forOneJob },
    },
    {
      Sid: "KeepJobs",
      Effect: "Allow",
      Action: "dynamodb:PutItem",
      Resource: tableArn(site, "data"),
      Condition: { ...jobRows, ...ONLY_IN_TRANSACTIONS, ...forOneJob },
    },
    {
      Sid: "AppendAuditEvents",
      Effect: "Allow",
      Action: "dynamodb:PutItem",
      Resource: tableArn(site, "outbox"),
      Condition: {
        ...leadingKeys([`T#${TENANT_TAG}#A#*`]),
        StringEqualsIfExists: { "dynamodb:ReturnValues": "NONE" },
        ...forOneJob,
      },
    },
    {
      Sid: "ReadWrappedKeys",
      Effect: "Allow",
      Action: ["dynamodb:GetItem", "dynamodb:Query"],
      Resource: tableArn(site, "keys"),
      Condition: leadingKeys([`T#${TENANT_TAG}#?#K`]),
    },
    {
      Sid: "UnwrapOwnKeys",
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: keys.cell,
      Condition: keyContext(thisTenant, site.cell, UNWRAPPED_CLASSES),
    },
    {
      Sid: "WriteOwnFiles",
      Effect: "Allow",
      Action: "s3:PutObject",
      Resource: `${attachments}/${folder}*`,
      Condition: { Null: { "s3:if-none-match": "false" }, ...forOneJob },
    },
    {
      Sid: "ReadAndDestroyOwnFiles",
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:DeleteObject", "s3:DeleteObjectVersion"],
      Resource: `${attachments}/${folder}*`,
      Condition: forOneJob,
    },
    {
      Sid: "ReadDocuments",
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: CONTENT_CLASSES.map((dataClass) => `${attachments}/t/${TENANT_TAG}/${dataClass}/*`),
      Condition: forOneJob,
    },
    {
      Sid: "ListOwnFiles",
      Effect: "Allow",
      Action: ["s3:ListBucket", "s3:ListBucketVersions"],
      Resource: attachments,
      Condition: { StringLike: { "s3:prefix": `${folder}*`, ...forOneJob.StringLike } },
    },
    DENY_UNTAGGED,
    {
      Sid: "DenyWithoutJob",
      Effect: "Deny",
      Action: "*",
      Resource: "*",
      Condition: { Null: { "aws:PrincipalTag/job": "true" } },
    },
    {
      Sid: "DenyNever",
      Effect: "Deny",
      Action: [
        ...KEYLESS_TABLE_ACTIONS,
        "dynamodb:UpdateItem",
        "s3:PutObject*Retention",
        "s3:PutObjectLegalHold",
        "s3:BypassGovernanceRetention",
        "s3:PutBucket*",
        "s3:PutLifecycleConfiguration",
        ...KEY_ESCAPE_ACTIONS,
        "sts:*",
        "iam:*",
      ],
      Resource: "*",
    },
  );
}

export interface ExportScope {
  readonly tenantId: TenantId;
  /** `QUEUE_JOB` for a session that looks for work. */
  readonly jobId: string;
  /** The classes that the job may hold, X and I with them where they are needed. Never A. */
  readonly classes: readonly DataClass[];
  readonly purpose: SessionPurpose;
}

/**
 * The session policy of one job: its tenant, its classes, its folder, and nothing for a session that is tagged for another
 * job. Throws InvariantError for an id outside the grammar, for class A, and for a result that STS would refuse.
 */
export function exportSessionPolicy(site: Site, keys: Pick<KeyArns, "cell">, scope: ExportScope): PolicyDocument {
  const { tenantId, jobId, purpose } = scope;
  invariant(isId(tenantId), "a session policy is made for a tenant id");
  invariant(isId(jobId) || jobId === QUEUE_JOB, "an export's session is for one job, or for the queue");
  invariant(SESSION_PURPOSES.includes(purpose), "a session has a known purpose");
  invariant(!scope.classes.includes("A"), "no session reads or unwraps audit detail");
  const attachments = attachmentArn(site);
  const classes = [...new Set(scope.classes)].sort();
  const keyed = keyedClasses(classes);
  const statements: Statement[] = [
    {
      Effect: "Allow",
      Action: [...READS, "dynamodb:PutItem"],
      // One statement for four tables, for the limit's sake: what may be done with each is the role's to say.
      Resource: [tableArn(site, "data"), indexArn(site, "data"), tableArn(site, "keys"), tableArn(site, "outbox")],
      Condition: leadingKeys([
        ...classes.map((dataClass) => `T#${tenantId}#${dataClass}#*`),
        `T#${tenantId}#A#*`,
        ...(classes.includes("D") ? [] : [`T#${tenantId}#D#JOB`]),
      ]),
    },
    {
      Effect: "Deny",
      Action: "*",
      Resource: "*",
      Condition: { StringNotEquals: { "aws:PrincipalTag/job": jobId } },
    },
  ];
  if (jobId !== QUEUE_JOB) {
    const contents = CONTENT_CLASSES.filter((dataClass) => classes.includes(dataClass));
    if (contents.length > 0) {
      statements.push({
        Effect: "Allow",
        Action: "s3:GetObject",
        Resource: contents.map((dataClass) => `${attachments}/t/${tenantId}/${dataClass}/*`),
      });
    }
    statements.push(
      {
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"],
        Resource: `${attachments}/${exportFolder(tenantId, jobId)}*`,
      },
      { Effect: "Allow", Action: ["s3:ListBucket", "s3:ListBucketVersions"], Resource: attachments },
    );
  }
  if (keyed.length > 0) {
    statements.push({
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: keys.cell,
      Condition: {
        StringEquals: { "kms:EncryptionContext:tenant": tenantId, "kms:EncryptionContext:class": keyed },
      },
    });
  }
  const document = policy(...statements);
  invariant(JSON.stringify(document).length <= SESSION_POLICY_LIMIT, "a session policy fits into STS's limit");
  return document;
}
