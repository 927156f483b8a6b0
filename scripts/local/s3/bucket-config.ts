import { invalidArgument, invalidBucketState, malformedXml, notImplemented, S3Error } from "./errors.ts";
import type { BucketConfig, BucketEncryption, DefaultRetention, PublicAccessBlock } from "./model.ts";
import { leaf, node, xmlDocument } from "./xml.ts";
import {
  booleanChild,
  optionalChild,
  optionalNumber,
  optionalText,
  parseBody,
  refuseUnknownChildren,
  requiredChild,
} from "./xml-reader.ts";

const MAX_RETENTION_DAYS = 36_500;
const MAX_RETENTION_YEARS = 100;

/** What AWS gives every new bucket since 2023: S3's own encryption, no ACLs, nothing public. */
export const NEW_BUCKET: BucketConfig = {
  encryption: { algorithm: "AES256" },
  hasOwnershipControls: true,
  publicAccessBlock: {
    blockPublicAcls: true,
    ignorePublicAcls: true,
    blockPublicPolicy: true,
    restrictPublicBuckets: true,
  },
};

/** Turns versioning on or to rest. Throws InvalidBucketState for a bucket with Object Lock, whose versions must go on. */
export function withVersioning(config: BucketConfig, status: "Enabled" | "Suspended"): BucketConfig {
  if (config.objectLock !== undefined && status !== "Enabled") {
    throw invalidBucketState(
      "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
    );
  }
  return { ...config, versioning: status };
}

/** Turns Object Lock on, or changes the default retention. Throws InvalidBucketState without versioning. */
export function withObjectLock(config: BucketConfig, retention: DefaultRetention | undefined): BucketConfig {
  if (config.versioning !== "Enabled") {
    throw invalidBucketState("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
  }
  return { ...config, objectLock: retention === undefined ? {} : { defaultRetention: retention } };
}

export function parseVersioning(body: Buffer): "Enabled" | "Suspended" {
  const root = parseBody(body, "VersioningConfiguration");
  refuseUnknownChildren(root, ["Status", "MfaDelete"]);
  if ((optionalText(root, "MfaDelete") ?? "Disabled") !== "Disabled") throw notImplemented("element");
  const status = optionalText(root, "Status");
  if (status !== "Enabled" && status !== "Suspended") throw malformedXml();
  return status;
}

export function parseObjectLock(body: Buffer): DefaultRetention | undefined {
  const root = parseBody(body, "ObjectLockConfiguration");
  refuseUnknownChildren(root, ["ObjectLockEnabled", "Rule"]);
  if (optionalText(root, "ObjectLockEnabled") !== "Enabled") throw malformedXml();
  const rule = optionalChild(root, "Rule");
  if (rule === undefined) return undefined;
  refuseUnknownChildren(rule, ["DefaultRetention"]);
  const retention = requiredChild(rule, "DefaultRetention");
  refuseUnknownChildren(retention, ["Mode", "Days", "Years"]);
  const mode = optionalText(retention, "Mode");
  const days = optionalNumber(retention, "Days");
  const years = optionalNumber(retention, "Years");
  if (mode !== "GOVERNANCE" && mode !== "COMPLIANCE") throw malformedXml();
  if ((days === undefined) === (years === undefined)) throw malformedXml();
  return defaultRetention(days === undefined ? { mode, years: years ?? 0 } : { mode, days });
}

/** Throws InvalidArgument for a period of nothing or of more than a hundred years. */
export function defaultRetention(retention: DefaultRetention): DefaultRetention {
  const [amount, max] =
    "days" in retention ? [retention.days, MAX_RETENTION_DAYS] : [retention.years, MAX_RETENTION_YEARS];
  if (amount < 1) throw invalidArgument("Default retention period must be a positive integer value.");
  if (amount > max) throw invalidArgument("Default retention period too large");
  return retention;
}

export function parseEncryption(body: Buffer): BucketEncryption {
  const root = parseBody(body, "ServerSideEncryptionConfiguration");
  refuseUnknownChildren(root, ["Rule"]);
  const rule = requiredChild(root, "Rule");
  refuseUnknownChildren(rule, ["ApplyServerSideEncryptionByDefault", "BucketKeyEnabled"]);
  const usual = requiredChild(rule, "ApplyServerSideEncryptionByDefault");
  refuseUnknownChildren(usual, ["SSEAlgorithm", "KMSMasterKeyID"]);
  const algorithm = optionalText(usual, "SSEAlgorithm");
  const keyId = optionalText(usual, "KMSMasterKeyID");
  if (algorithm === "aws:kms:dsse") throw notImplemented("element");
  if (algorithm !== "AES256" && algorithm !== "aws:kms") throw malformedXml();
  if (algorithm === "AES256" && keyId !== undefined) {
    throw invalidArgument(
      "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
    );
  }
  return { algorithm, bucketKey: booleanChild(rule, "BucketKeyEnabled"), ...(keyId === undefined ? {} : { keyId }) };
}

export const encryptionDocument = ({ algorithm, keyId, bucketKey }: BucketEncryption): string =>
  xmlDocument("ServerSideEncryptionConfiguration", [
    node("Rule", [
      node("ApplyServerSideEncryptionByDefault", [leaf("SSEAlgorithm", algorithm), leaf("KMSMasterKeyID", keyId)]),
      leaf("BucketKeyEnabled", bucketKey === true),
    ]),
  ]);

export function objectLockDocument(config: BucketConfig): string {
  if (config.objectLock === undefined) {
    throw new S3Error(
      "ObjectLockConfigurationNotFoundError",
      404,
      "Object Lock configuration does not exist for this bucket",
    );
  }
  const retention = config.objectLock.defaultRetention;
  const period =
    retention === undefined
      ? []
      : "days" in retention
        ? [leaf("Days", retention.days)]
        : [leaf("Years", retention.years)];
  const rule =
    retention === undefined
      ? []
      : [node("Rule", [node("DefaultRetention", [leaf("Mode", retention.mode), ...period])])];
  return xmlDocument("ObjectLockConfiguration", [leaf("ObjectLockEnabled", "Enabled"), ...rule]);
}

export function parsePublicAccessBlock(body: Buffer): PublicAccessBlock {
  const root = parseBody(body, "PublicAccessBlockConfiguration");
  refuseUnknownChildren(root, ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]);
  return {
    blockPublicAcls: booleanChild(root, "BlockPublicAcls"),
    ignorePublicAcls: booleanChild(root, "IgnorePublicAcls"),
    blockPublicPolicy: booleanChild(root, "BlockPublicPolicy"),
    restrictPublicBuckets: booleanChild(root, "RestrictPublicBuckets"),
  };
}

export const publicAccessBlockDocument = (block: PublicAccessBlock): string =>
  xmlDocument("PublicAccessBlockConfiguration", [
    leaf("BlockPublicAcls", block.blockPublicAcls),
    leaf("IgnorePublicAcls", block.ignorePublicAcls),
    leaf("BlockPublicPolicy", block.blockPublicPolicy),
    leaf("RestrictPublicBuckets", block.restrictPublicBuckets),
  ]);

/** ACLs do not exist here: the only ownership is the one that turns them off. Any other gives 501. */
export function requireEnforcedOwnership(body: Buffer): void {
  const root = parseBody(body, "OwnershipControls");
  refuseUnknownChildren(root, ["Rule"]);
  if (optionalText(requiredChild(root, "Rule"), "ObjectOwnership") !== "BucketOwnerEnforced")
    throw notImplemented("element");
}
