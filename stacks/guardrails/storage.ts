import { boundaryViolations, tableNames, tables, type TableDefinition } from "../../core/table/definitions.ts";
import {
  at,
  listAt,
  stageOf,
  statements,
  textAt,
  type ResourceGuardrail,
  type StackGuardrail,
  type StackResource,
} from "./guardrail.ts";

const BUCKET = "aws:s3/bucket:Bucket";
const PUBLIC_ACCESS_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const OBJECT_LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration";
const ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
const VERSIONING = "aws:s3/bucketVersioning:BucketVersioning";
const BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy";
const TABLE = "aws:dynamodb/table:Table";
const TABLE_POLICY = "aws:dynamodb/resourcePolicy:ResourcePolicy";
const QUEUE = "aws:sqs/queue:Queue";

const ACCESS_SETTINGS = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"] as const;

/** HIPAA asks for six years (45 CFR 164.316(b)(2)); the archive keeps seven. */
const ARCHIVE_YEARS = 7;

export const publicAccessBlocked: ResourceGuardrail = {
  name: "public-access-blocked",
  description: "No setting of a bucket lets the public in.",
  examine({ type, properties }) {
    if (type === PUBLIC_ACCESS_BLOCK) {
      return ACCESS_SETTINGS.filter((setting) => properties[setting] !== true).map((setting) => `${setting} is off`);
    }
    if (type === BUCKET && /public|authenticated/.test(textAt(properties, "acl")))
      return ["the bucket has a public ACL"];
    return [];
  },
};

/** What each bucket must have beside it, by type. */
const COMPANIONS: Readonly<Record<string, string>> = {
  [PUBLIC_ACCESS_BLOCK]: "a public access block",
  [ENCRYPTION]: "default encryption",
  [VERSIONING]: "versioning",
  [BUCKET_POLICY]: "a policy",
};

export const bucketComplete: StackGuardrail = {
  name: "bucket-complete",
  description: "Every bucket has a public access block, default encryption, versions and a policy that asks for TLS.",
  examineStack(resources) {
    return resources
      .filter(({ type }) => type === BUCKET)
      .flatMap((bucket) => {
        const beside = resources.filter(({ properties }) => properties["bucket"] === bucket.properties["bucket"]);
        const missing = Object.entries(COMPANIONS)
          .filter(([type]) => !beside.some((resource) => resource.type === type))
          .map(([, what]) => `the bucket has no ${what.replace(/^an? /, "")}`);
        const policies = beside.filter(({ type }) => type === BUCKET_POLICY);
        if (policies.length > 0 && !policies.some(asksForTls)) missing.push("the bucket answers without TLS");
        return missing.map((message) => ({ urn: bucket.urn, message }));
      });
  },
};

const asksForTls = ({ properties }: StackResource): boolean =>
  statements(properties["policy"]).some(
    ({ Effect, Condition }) => Effect === "Deny" && Condition?.["Bool"]?.["aws:SecureTransport"] === "false",
  );

export const bucketKept: ResourceGuardrail = {
  name: "bucket-kept",
  description: "A bucket is never emptied by a deploy, and never suspended from keeping versions.",
  examine(resource) {
    const { type, properties } = resource;
    if (type === VERSIONING && at(properties, "versioningConfiguration", "status") !== "Enabled") {
      return ["versioning is not enabled"];
    }
    if (type !== BUCKET) return [];
    const found: string[] = [];
    if (properties["forceDestroy"] !== false) found.push("forceDestroy is not off: removing the bucket would empty it");
    if (stageOf(resource).holdsPhi && !resource.isProtected) found.push("the bucket is not protected");
    return found;
  },
};

export const bucketEncrypted: ResourceGuardrail = {
  name: "bucket-encrypted",
  description: "Default encryption is AES256, or KMS under a key that is named.",
  examine({ type, properties }) {
    if (type !== ENCRYPTION) return [];
    const rules = listAt(properties, "rules");
    if (rules.length === 0) return ["there is no encryption rule"];
    return rules.flatMap((rule) => {
      const algorithm = at(rule, "applyServerSideEncryptionByDefault", "sseAlgorithm");
      if (algorithm === "AES256") return [];
      if (algorithm !== "aws:kms") return ["the encryption rule names no algorithm of S3's"];
      return textAt(rule, "applyServerSideEncryptionByDefault", "kmsMasterKeyId") === ""
        ? ["the KMS key of the encryption rule is AWS's own"]
        : [];
    });
  },
};

export const archiveLocked: ResourceGuardrail = {
  name: "archive-locked",
  description:
    "The archive, its witness and the trail are made with Object Lock in COMPLIANCE mode, for seven years where PHI is.",
  examine(resource) {
    const { type, properties } = resource;
    const bucket = textAt(properties, "bucket");
    if (!/-(archive|trail|witness)-/.test(bucket)) return [];
    if (type === BUCKET)
      return properties["objectLockEnabled"] === true ? [] : ["the bucket is made without Object Lock"];
    if (type !== OBJECT_LOCK) return [];
    const retention = at(properties, "rule", "defaultRetention");
    const found: string[] = [];
    if (at(retention, "mode") !== "COMPLIANCE") found.push("the lock is not in COMPLIANCE mode");
    const years = Number(at(retention, "years") ?? Number(at(retention, "days") ?? 0) / 365);
    if (years <= 0) found.push("the lock has no default retention");
    if (stageOf(resource).holdsPhi && years < ARCHIVE_YEARS)
      found.push(`the lock is shorter than ${ARCHIVE_YEARS} years`);
    return found;
  },
};

export const lockConfigured: StackGuardrail = {
  name: "lock-configured",
  description: "A bucket that can lock objects has a default retention.",
  examineStack(resources) {
    const locked = new Set(
      resources.filter(({ type }) => type === OBJECT_LOCK).map((lock) => lock.properties["bucket"]),
    );
    return resources
      .filter(({ type, properties }) => type === BUCKET && properties["objectLockEnabled"] === true)
      .filter(({ properties }) => !locked.has(properties["bucket"]))
      .map(({ urn }) => ({ urn, message: "objects in the bucket are not locked by default" }));
  },
};

/** The definition that a table was made from: by the last part of its physical name. */
function definitionOf({ properties }: StackResource): TableDefinition | undefined {
  const name = tableNames.find((known) => textAt(properties, "name").endsWith(`-${known}`));
  return name === undefined ? undefined : tables[name];
}

export const tableRecoverable: ResourceGuardrail = {
  name: "table-recoverable",
  description: "Where PHI is, tables are protected and can be restored to a point in time; the key table never can.",
  examine(resource) {
    if (resource.type !== TABLE) return [];
    const { properties } = resource;
    const definition = definitionOf(resource);
    if (definition === undefined) return ["the table has no definition in core/table/definitions.ts"];
    const found: string[] = [];
    const canRestore = at(properties, "pointInTimeRecovery", "enabled") === true;
    if (definition.pointInTimeRecovery && !canRestore) found.push("point-in-time recovery is off");
    if (!definition.pointInTimeRecovery && canRestore) found.push("a restore would bring back what was shredded");
    if (!stageOf(resource).holdsPhi) return found;
    if (properties["deletionProtectionEnabled"] !== true) found.push("deletion protection is off");
    if (!resource.isProtected) found.push("the table is not protected");
    return found;
  },
};

export const tenantBoundary: ResourceGuardrail = {
  name: "tenant-boundary",
  description: "ISO-5: every key of a tenant's table and of its indexes begins with the tenant.",
  examine(resource) {
    if (resource.type !== TABLE) return [];
    const definition = definitionOf(resource);
    if (definition === undefined) return ["the table has no definition in core/table/definitions.ts"];
    const indexes = [
      ...listAt(resource.properties, "globalSecondaryIndexes"),
      ...listAt(resource.properties, "localSecondaryIndexes"),
    ];
    return boundaryViolations({
      ...definition,
      partitionKey: textAt(resource.properties, "hashKey"),
      indexes: indexes.map((index) => ({
        name: textAt(index, "name"),
        partitionKey: textAt(index, "hashKey"),
        sortKey: textAt(index, "rangeKey"),
        projection: "ALL",
        boundary: definition.boundary,
      })),
    });
  },
};

export const tableGuarded: StackGuardrail = {
  name: "table-guarded",
  description: "Every table of tenants has a policy of its own, which binds administrators too.",
  examineStack(resources) {
    const guarded = new Set(
      resources.filter(({ type }) => type === TABLE_POLICY).map((policy) => textAt(policy.properties, "resourceArn")),
    );
    return resources
      .filter((table) => table.type === TABLE && definitionOf(table)?.boundary.kind === "tenant-first")
      .filter(({ properties }) => ![...guarded].some((arn) => arn.endsWith(`:table/${textAt(properties, "name")}`)))
      .map(({ urn }) => ({ urn, message: "the table has no policy of its own" }));
  },
};

export const queueEncrypted: ResourceGuardrail = {
  name: "queue-encrypted",
  description: "Queues are encrypted and keep their messages for the longest time that SQS has.",
  examine({ type, properties }) {
    if (type !== QUEUE) return [];
    const found: string[] = [];
    if (properties["sqsManagedSseEnabled"] !== true && textAt(properties, "kmsMasterKeyId") === "") {
      found.push("the queue is not encrypted");
    }
    if (properties["messageRetentionSeconds"] !== 14 * 24 * 3600) found.push("messages are kept less than 14 days");
    return found;
  },
};
