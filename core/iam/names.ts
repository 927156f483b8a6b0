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

/** KMS gives keys their ids when it makes them, so these ARNs are told and not computed. */
export interface KeyArns {
  readonly cell: string;
  readonly audit: string;
  readonly checkpoint: string;
  readonly token: string;
  readonly session: string;
}

export const FUNCTION_NAMES = ["public", "session", "fhir", "platform", "archive", "cross-check", "seal"] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

export const TABLE_NAMES = ["data", "outbox", "keys", "registry"] as const;
export type TableName = (typeof TABLE_NAMES)[number];

export const INDEX_NAME = "gsi1";

/** Where in the archive bucket each writer may write: two prefixes that do not meet. */
export const ARCHIVE_PREFIXES = { events: "v1/events/", log: "v1/log/" } as const;

const cellPrefix = ({ stage, cell }: Site): string => `keyward-${stage}-${cell}`;

export const tableName = (site: Site, table: TableName): string =>
  table === "registry" ? `keyward-${site.stage}-registry` : `${cellPrefix(site)}-${table}`;

export const archiveBucketName = (site: Site): string => `${cellPrefix(site)}-archive-${site.accountId}`;
export const attachmentBucketName = (site: Site): string => `${cellPrefix(site)}-att-${site.accountId}`;
export const deadLetterQueueName = (site: Site): string => `${cellPrefix(site)}-archive-dlq`;
export const functionName = (site: Site, name: FunctionName): string => `keyward-${site.stage}-${name}`;
export const logGroupName = (site: Site, name: FunctionName): string => `/aws/lambda/${functionName(site, name)}`;

/** `alias/keyward-dev-c01-cell`; token and session keys belong to the stage and not to a cell. */
export const keyAlias = (site: Site, key: keyof KeyArns): string =>
  key === "token" || key === "session" ? `alias/keyward-${site.stage}-${key}` : `alias/${cellPrefix(site)}-${key}`;

export const functionRoleName = (site: Site, name: FunctionName): string => `keyward-${site.stage}-fn-${name}`;
export const tenantRoleName = (site: Site): string => `${cellPrefix(site)}-tenant-request`;
export const registryReadRoleName = (site: Site): string => `keyward-${site.stage}-registry-read`;
export const identityRoleName = (site: Site): string => `keyward-${site.stage}-identity`;
export const controlPlaneRoleName = (site: Site): string => `keyward-${site.stage}-control-plane`;
export const auditAppendRoleName = (site: Site): string => `${cellPrefix(site)}-audit-append`;

export const roleArn = (site: Site, name: string): string => `arn:aws:iam::${site.accountId}:role/${name}`;
export const accountRootArn = (site: Site): string => `arn:aws:iam::${site.accountId}:root`;
export const functionRoleArn = (site: Site, name: FunctionName): string => roleArn(site, functionRoleName(site, name));
export const tenantRoleArn = (site: Site): string => roleArn(site, tenantRoleName(site));
export const registryReadRoleArn = (site: Site): string => roleArn(site, registryReadRoleName(site));
export const identityRoleArn = (site: Site): string => roleArn(site, identityRoleName(site));
export const controlPlaneRoleArn = (site: Site): string => roleArn(site, controlPlaneRoleName(site));
export const auditAppendRoleArn = (site: Site): string => roleArn(site, auditAppendRoleName(site));

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
export const deadLetterQueueArn = (site: Site): string =>
  `arn:aws:sqs:${site.region}:${site.accountId}:${deadLetterQueueName(site)}`;
export const functionArn = (site: Site, name: FunctionName): string =>
  `arn:aws:lambda:${site.region}:${site.accountId}:function:${functionName(site, name)}`;
export const logGroupArn = (site: Site, name: FunctionName): string =>
  `arn:aws:logs:${site.region}:${site.accountId}:log-group:${logGroupName(site, name)}`;
