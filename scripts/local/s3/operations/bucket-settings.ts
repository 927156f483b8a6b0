import { verifyBody } from "../checksums.ts";
import { accessDenied, S3Error } from "../errors.ts";
import {
  encryptionDocument,
  objectLockDocument,
  parseEncryption,
  parseObjectLock,
  parsePublicAccessBlock,
  parseVersioning,
  publicAccessBlockDocument,
  requireEnforcedOwnership,
  withObjectLock,
  withVersioning,
} from "../bucket-config.ts";
import { parseLifecycle } from "../lifecycle.ts";
import { isPublicPolicy, parseBucketPolicy } from "../bucket-policy.ts";
import type { Bucket, BucketConfig } from "../model.ts";
import { bucketName, configure, reply, requireBucket, xmlReply, type Operation } from "../operation.ts";
import { tagsDocument, tagsOfBody } from "../tagging.ts";
import { leaf, node, xmlDocument } from "../xml.ts";
import type { WireResponse } from "../../service.ts";

interface Setting {
  readonly name: string;
  /** The IAM action, where it is not the operation's name. */
  readonly action?: string;
  readonly method: "GET" | "PUT" | "DELETE";
  readonly subresource: string;
}

const notSet = (code: string, message: string): S3Error => new S3Error(code, 404, message);

function reading(setting: Omit<Setting, "method">, show: (bucket: Bucket) => WireResponse): Operation {
  return operation({ ...setting, method: "GET" }, show, undefined);
}

/** `change` gives the configuration as it shall be. */
function changing(
  setting: Setting,
  change: (bucket: Bucket, body: Buffer) => BucketConfig,
  status: 200 | 204 = setting.method === "DELETE" ? 204 : 200,
): Operation {
  return operation(setting, () => reply(status), change);
}

function operation(
  setting: Setting,
  answer: (bucket: Bucket) => WireResponse,
  change: ((bucket: Bucket, body: Buffer) => BucketConfig) | undefined,
): Operation {
  return {
    name: setting.name,
    readOnly: change === undefined,
    isManagement: true,
    method: setting.method,
    scope: "bucket",
    select: [setting.subresource],
    plan({ s3, request, permit }) {
      const name = bucketName(request);
      return {
        checks: [permit.onBucket(setting.action ?? setting.name, name)],
        run() {
          const bucket = requireBucket(s3, name);
          if (change !== undefined) {
            verifyBody(request.headers, request.body);
            configure(s3, bucket, change(bucket, request.body));
          }
          return answer(bucket);
        },
      };
    },
  };
}

const versioning: readonly Operation[] = [
  changing({ name: "PutBucketVersioning", method: "PUT", subresource: "versioning" }, ({ config }, body) =>
    withVersioning(config, parseVersioning(body)),
  ),
  reading({ name: "GetBucketVersioning", subresource: "versioning" }, ({ config }) =>
    xmlReply(xmlDocument("VersioningConfiguration", [leaf("Status", config.versioning)])),
  ),
];

const objectLock: readonly Operation[] = [
  changing(
    {
      name: "PutObjectLockConfiguration",
      action: "PutBucketObjectLockConfiguration",
      method: "PUT",
      subresource: "object-lock",
    },
    ({ config }, body) => withObjectLock(config, parseObjectLock(body)),
  ),
  reading(
    { name: "GetObjectLockConfiguration", action: "GetBucketObjectLockConfiguration", subresource: "object-lock" },
    ({ config }) => xmlReply(objectLockDocument(config)),
  ),
];

function withPolicy(bucket: Bucket, body: Buffer): BucketConfig {
  const text = body.toString("utf8");
  const document = parseBucketPolicy(text, bucket.name);
  if (bucket.config.publicAccessBlock?.blockPublicPolicy === true && isPublicPolicy(document)) {
    throw accessDenied("Access Denied because public policies are blocked by the BlockPublicPolicy setting.");
  }
  return { ...bucket.config, policy: { text, document } };
}

const policy: readonly Operation[] = [
  changing({ name: "PutBucketPolicy", method: "PUT", subresource: "policy" }, withPolicy, 204),
  reading({ name: "GetBucketPolicy", subresource: "policy" }, ({ config }) => {
    if (config.policy === undefined) throw notSet("NoSuchBucketPolicy", "The bucket policy does not exist");
    return reply(200, { "content-type": "application/json" }, config.policy.text);
  }),
  changing({ name: "DeleteBucketPolicy", method: "DELETE", subresource: "policy" }, ({ config }) => {
    const { policy: _removed, ...rest } = config;
    return rest;
  }),
];

const encryption: readonly Operation[] = [
  changing(
    { name: "PutBucketEncryption", action: "PutEncryptionConfiguration", method: "PUT", subresource: "encryption" },
    ({ config }, body) => ({ ...config, encryption: parseEncryption(body) }),
  ),
  reading(
    { name: "GetBucketEncryption", action: "GetEncryptionConfiguration", subresource: "encryption" },
    ({ config }) => xmlReply(encryptionDocument(config.encryption)),
  ),
  changing(
    {
      name: "DeleteBucketEncryption",
      action: "PutEncryptionConfiguration",
      method: "DELETE",
      subresource: "encryption",
    },
    ({ config }) => ({ ...config, encryption: { algorithm: "AES256" } }),
  ),
];

const publicAccess: readonly Operation[] = [
  changing(
    {
      name: "PutPublicAccessBlock",
      action: "PutBucketPublicAccessBlock",
      method: "PUT",
      subresource: "publicAccessBlock",
    },
    ({ config }, body) => ({ ...config, publicAccessBlock: parsePublicAccessBlock(body) }),
  ),
  reading(
    { name: "GetPublicAccessBlock", action: "GetBucketPublicAccessBlock", subresource: "publicAccessBlock" },
    ({ config }) => {
      if (config.publicAccessBlock === undefined) {
        throw notSet("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found");
      }
      return xmlReply(publicAccessBlockDocument(config.publicAccessBlock));
    },
  ),
  changing(
    {
      name: "DeletePublicAccessBlock",
      action: "PutBucketPublicAccessBlock",
      method: "DELETE",
      subresource: "publicAccessBlock",
    },
    ({ config }) => {
      const { publicAccessBlock: _removed, ...rest } = config;
      return rest;
    },
  ),
];

const ownership: readonly Operation[] = [
  changing(
    { name: "PutBucketOwnershipControls", method: "PUT", subresource: "ownershipControls" },
    ({ config }, body) => {
      requireEnforcedOwnership(body);
      return { ...config, hasOwnershipControls: true };
    },
  ),
  reading({ name: "GetBucketOwnershipControls", subresource: "ownershipControls" }, ({ config }) => {
    if (!config.hasOwnershipControls) {
      throw notSet("OwnershipControlsNotFoundError", "The bucket ownership controls were not found");
    }
    const rule = node("Rule", [leaf("ObjectOwnership", "BucketOwnerEnforced")]);
    return xmlReply(xmlDocument("OwnershipControls", [rule]));
  }),
  changing(
    {
      name: "DeleteBucketOwnershipControls",
      action: "PutBucketOwnershipControls",
      method: "DELETE",
      subresource: "ownershipControls",
    },
    ({ config }) => ({ ...config, hasOwnershipControls: false }),
  ),
];

const lifecycle: readonly Operation[] = [
  changing(
    {
      name: "PutBucketLifecycleConfiguration",
      action: "PutLifecycleConfiguration",
      method: "PUT",
      subresource: "lifecycle",
    },
    ({ config }, body) => ({ ...config, ...parseLifecycle(body) }),
  ),
  reading(
    { name: "GetBucketLifecycleConfiguration", action: "GetLifecycleConfiguration", subresource: "lifecycle" },
    ({ config }) => {
      if (config.lifecycle === undefined) {
        throw notSet("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist");
      }
      return xmlReply(config.lifecycle);
    },
  ),
  changing(
    { name: "DeleteBucketLifecycle", action: "PutLifecycleConfiguration", method: "DELETE", subresource: "lifecycle" },
    ({ config }) => {
      const { lifecycle: _removed, lifecycleRules: _rules, ...rest } = config;
      return rest;
    },
  ),
];

const tagging: readonly Operation[] = [
  changing(
    { name: "PutBucketTagging", method: "PUT", subresource: "tagging" },
    ({ config }, body) => ({ ...config, tags: tagsOfBody(body, 50) }),
    204,
  ),
  reading({ name: "GetBucketTagging", subresource: "tagging" }, ({ config }) => {
    if (config.tags === undefined) throw notSet("NoSuchTagSet", "The TagSet does not exist");
    return xmlReply(tagsDocument(config.tags));
  }),
  changing(
    { name: "DeleteBucketTagging", action: "PutBucketTagging", method: "DELETE", subresource: "tagging" },
    ({ config }) => {
      const { tags: _removed, ...rest } = config;
      return rest;
    },
  ),
];

/** The settings of a bucket: each is read, written and, where AWS has it, deleted. */
export const bucketSettingOperations: readonly Operation[] = [
  ...versioning,
  ...objectLock,
  ...policy,
  ...encryption,
  ...publicAccess,
  ...ownership,
  ...lifecycle,
  ...tagging,
];
