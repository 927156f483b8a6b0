export const STAGES = ["dev", "staging", "production"] as const;
export type Stage = (typeof STAGES)[number];

/** Where a cell stands: one cell to an AWS account, so that each has quotas of its own. */
export interface Site {
  readonly stage: Stage;
  /** `c01` */
  readonly cell: string;
  /** Twelve digits. */
  readonly accountId: string;
  readonly region: string;
}

/** A site with the account that the witness of its audit log stands in: documents name roles of both. */
export interface WitnessedSite extends Site {
  /** Twelve digits, and another account than the cell's. */
  readonly witnessAccountId: string;
}

/** KMS gives keys their ids when it makes them, so these ARNs are told and not computed. */
export interface KeyArns {
  readonly cell: string;
  readonly audit: string;
  readonly checkpoint: string;
  readonly token: string;
  readonly session: string;
  /** Of the stage: what clinics cost and are asked for. */
  readonly cost: string;
  /** In the witness's account. */
  readonly witness: string;
}

export const FUNCTION_NAMES = [
  "public",
  "session",
  "fhir",
  "clinic",
  "patient",
  "admin",
  "platform",
  "finance",
  "archive",
  "index",
  "cross-check",
  "seal",
  "reconcile",
  "export",
  "meter",
  "close",
  "witness",
] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

/** The functions that answer requests, one to each trust zone. */
export const ZONE_FUNCTIONS = [
  "public",
  "session",
  "fhir",
  "clinic",
  "patient",
  "admin",
  "platform",
  "finance",
] as const satisfies readonly FunctionName[];

/** The functions that a schedule starts. */
export const SCHEDULED_FUNCTIONS = [
  "seal",
  "reconcile",
  "export",
  "meter",
  "close",
  "witness",
] as const satisfies readonly FunctionName[];

export const TABLE_NAMES = ["data", "outbox", "keys", "trail", "registry"] as const;
export type TableName = (typeof TABLE_NAMES)[number];

export const INDEX_NAME = "gsi1";

/** Where in the archive bucket each writer may write: prefixes that do not meet. `cost` holds the manifests of closed months. */
export const ARCHIVE_PREFIXES = { events: "v1/events/", log: "v1/log/", cost: "v1/cost/" } as const;

/** In the attachments bucket, where the export of one job writes: `t/<tenant>/X/<job>/`. */
export const exportFolder = (tenantId: string, jobId: string): string => `t/${tenantId}/X/${jobId}/`;

const cellPrefix = ({ stage, cell }: Site): string => `keyward-${stage}-${cell}`;

export const tableName = (site: Site, table: TableName): string =>
  table === "registry" ? `keyward-${site.stage}-registry` : `${cellPrefix(site)}-${table}`;

export const archiveBucketName = (site: Site): string => `${cellPrefix(site)}-archive-${site.accountId}`;
/**
 * The tag of an object of attachments: `open` while its file is being sent, `filed` before a record names it. What is still
 * open after so many days expires; what was filed is never tagged again, by anybody.
 */
export const CONTENT_TAG = { key: "content", open: "open", filed: "filed", openDays: 2 } as const;

export const attachmentBucketName = (site: Site): string => `${cellPrefix(site)}-att-${site.accountId}`;
export const cloudTrailBucketName = (site: Site): string => `${cellPrefix(site)}-trail-${site.accountId}`;
/** What clinics cost and are asked for; one to a stage. */
export const costBucketName = (site: Site): string => `keyward-${site.stage}-cost-${site.accountId}`;
/** The portal's files: public, and the same for every clinic. */
export const portalBucketName = (site: Site): string => `keyward-${site.stage}-portal-${site.accountId}`;
export const witnessBucketName = (site: WitnessedSite): string =>
  `${cellPrefix(site)}-witness-${site.witnessAccountId}`;
export const deadLetterQueueName = (site: Site): string => `${cellPrefix(site)}-archive-dlq`;
export const functionName = (site: Site, name: FunctionName): string => `keyward-${site.stage}-${name}`;
export const logGroupName = (site: Site, name: FunctionName): string => `/aws/lambda/${functionName(site, name)}`;
/** CloudFront's access log. */
export const edgeLogGroupName = (site: Site): string => `/aws/cloudfront/keyward-${site.stage}`;
/** The HTTP API's access log. */
export const apiLogGroupName = (site: Site): string => `/aws/apigateway/keyward-${site.stage}`;

/** `alias/keyward-dev-c01-cell`; token, session and cost keys belong to the stage and not to a cell. */
export const keyAlias = (site: Site, key: keyof KeyArns): string =>
  key === "token" || key === "session" || key === "cost"
    ? `alias/keyward-${site.stage}-${key}`
    : `alias/${cellPrefix(site)}-${key}`;

export const functionRoleName = (site: Site, name: FunctionName): string => `keyward-${site.stage}-fn-${name}`;
export const tenantRoleName = (site: Site): string => `${cellPrefix(site)}-tenant-request`;
export const registryReadRoleName = (site: Site): string => `keyward-${site.stage}-registry-read`;
export const identityRoleName = (site: Site): string => `keyward-${site.stage}-identity`;
export const controlPlaneRoleName = (site: Site): string => `keyward-${site.stage}-control-plane`;
export const registryPrivacyRoleName = (site: Site): string => `keyward-${site.stage}-registry-privacy`;
export const registryPeopleRoleName = (site: Site): string => `keyward-${site.stage}-registry-people`;
export const peopleNamesRoleName = (site: Site): string => `${cellPrefix(site)}-people-names`;
export const booksRoleName = (site: Site): string => `${cellPrefix(site)}-books`;
export const statementReadRoleName = (site: Site): string => `${cellPrefix(site)}-statement-read`;
export const auditAppendRoleName = (site: Site): string => `${cellPrefix(site)}-audit-append`;
export const auditReadRoleName = (site: Site): string => `${cellPrefix(site)}-audit-read`;
export const tenantExportRoleName = (site: Site): string => `${cellPrefix(site)}-tenant-export`;
export const schedulerRoleName = (site: Site): string => `keyward-${site.stage}-schedule`;
export const witnessSchedulerRoleName = (site: Site): string => `keyward-${site.stage}-witness-schedule`;

export const roleArn = (site: Site, name: string): string => `arn:aws:iam::${site.accountId}:role/${name}`;
export const accountRootArn = (site: Site): string => `arn:aws:iam::${site.accountId}:root`;
/** The witness runs in an account of its own, everybody else in the cell's. */
const accountOf = (site: WitnessedSite, name: FunctionName): string =>
  name === "witness" ? site.witnessAccountId : site.accountId;
export const functionRoleArn = (site: WitnessedSite, name: FunctionName): string =>
  `arn:aws:iam::${accountOf(site, name)}:role/${functionRoleName(site, name)}`;
export const witnessRootArn = (site: WitnessedSite): string => `arn:aws:iam::${site.witnessAccountId}:root`;
export const tenantRoleArn = (site: Site): string => roleArn(site, tenantRoleName(site));
export const registryReadRoleArn = (site: Site): string => roleArn(site, registryReadRoleName(site));
export const identityRoleArn = (site: Site): string => roleArn(site, identityRoleName(site));
export const controlPlaneRoleArn = (site: Site): string => roleArn(site, controlPlaneRoleName(site));
export const registryPrivacyRoleArn = (site: Site): string => roleArn(site, registryPrivacyRoleName(site));
export const registryPeopleRoleArn = (site: Site): string => roleArn(site, registryPeopleRoleName(site));
export const peopleNamesRoleArn = (site: Site): string => roleArn(site, peopleNamesRoleName(site));
export const booksRoleArn = (site: Site): string => roleArn(site, booksRoleName(site));
export const statementReadRoleArn = (site: Site): string => roleArn(site, statementReadRoleName(site));
export const auditAppendRoleArn = (site: Site): string => roleArn(site, auditAppendRoleName(site));
export const auditReadRoleArn = (site: Site): string => roleArn(site, auditReadRoleName(site));
export const tenantExportRoleArn = (site: Site): string => roleArn(site, tenantExportRoleName(site));

/** Who runs `keyward audit verify`: a user where this machine is the cloud, a role that people sign in to elsewhere. */
export const operatorName = (site: Site): string => `keyward-${site.stage}-operator`;
export const operatorArns = (site: Site): readonly string[] =>
  ["user", "role"].map((kind) => `arn:aws:iam::${site.accountId}:${kind}/${operatorName(site)}`);

export const tableArn = (site: Site, table: TableName): string =>
  `arn:aws:dynamodb:${site.region}:${site.accountId}:table/${tableName(site, table)}`;
export const indexArn = (site: Site, table: "data" | "registry"): string =>
  `${tableArn(site, table)}/index/${INDEX_NAME}`;
/** Every stream that the table ever had: a stream's own name is the time at which it was switched on. */
export const streamArns = (site: Site, table: "data" | "outbox"): string => `${tableArn(site, table)}/stream/*`;
export const bucketArn = (bucket: string): string => `arn:aws:s3:::${bucket}`;
export const archiveArn = (site: Site): string => bucketArn(archiveBucketName(site));
export const attachmentArn = (site: Site): string => bucketArn(attachmentBucketName(site));
export const costArn = (site: Site): string => bucketArn(costBucketName(site));
export const cloudTrailArn = (site: Site): string => bucketArn(cloudTrailBucketName(site));
export const witnessArn = (site: WitnessedSite): string => bucketArn(witnessBucketName(site));
export const deadLetterQueueArn = (site: Site): string =>
  `arn:aws:sqs:${site.region}:${site.accountId}:${deadLetterQueueName(site)}`;
export const functionArn = (site: WitnessedSite, name: FunctionName): string =>
  `arn:aws:lambda:${site.region}:${accountOf(site, name)}:function:${functionName(site, name)}`;
export const logGroupArn = (site: WitnessedSite, name: FunctionName): string =>
  `arn:aws:logs:${site.region}:${accountOf(site, name)}:log-group:${logGroupName(site, name)}`;
export const apiLogGroupArn = (site: Site): string =>
  `arn:aws:logs:${site.region}:${site.accountId}:log-group:${apiLogGroupName(site)}`;
