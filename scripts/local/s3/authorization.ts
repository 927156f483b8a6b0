import type { Call, Check, ContextValue } from "../service.ts";
import { asksForBypass } from "./object-lock.ts";
import type { Bucket, Version } from "./model.ts";
import type { S3Request } from "./request.ts";

export type Context = Readonly<Record<string, ContextValue>>;

const DAY_MS = 86_400_000;

export const bucketArn = (bucket: string): string => `arn:aws:s3:::${bucket}`;
export const objectArn = (bucket: string, key: string): string => `arn:aws:s3:::${bucket}/${key}`;

/** Condition keys that S3 fills from headers under their own names, where the header is sent. */
const HEADER_KEYS: Readonly<Record<string, string>> = {
  "if-match": "s3:if-match",
  "if-none-match": "s3:if-none-match",
  "x-amz-acl": "s3:x-amz-acl",
  "x-amz-content-sha256": "s3:x-amz-content-sha256",
  "x-amz-copy-source": "s3:x-amz-copy-source",
  "x-amz-metadata-directive": "s3:x-amz-metadata-directive",
  "x-amz-server-side-encryption": "s3:x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id": "s3:x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-storage-class": "s3:x-amz-storage-class",
  "x-amz-object-lock-mode": "s3:object-lock-mode",
  "x-amz-object-lock-retain-until-date": "s3:object-lock-retain-until-date",
  "x-amz-object-lock-legal-hold": "s3:object-lock-legal-hold",
};

/** Source: Service Authorization Reference, Amazon S3: the keys of every request, and those that headers carry. */
function requestContext(request: S3Request, call: Call): Context {
  const fromHeaders = Object.entries(HEADER_KEYS).flatMap(([header, key]): readonly [string, string][] => {
    const value = request.headers[header];
    return value === undefined ? [] : [[key, value]];
  });
  const until = Date.parse(request.headers["x-amz-object-lock-retain-until-date"] ?? "");
  return {
    "s3:authType": request.isPresigned ? "REST-QUERY-STRING" : "REST-HEADER",
    "s3:signatureversion": "AWS4-HMAC-SHA256",
    ...(request.signedAtMs === undefined ? {} : { "s3:signatureAge": Math.max(0, call.nowMs - request.signedAtMs) }),
    ...(Number.isNaN(until)
      ? {}
      : { "s3:object-lock-remaining-retention-days": Math.ceil((until - call.nowMs) / DAY_MS) }),
    ...Object.fromEntries(fromHeaders),
  };
}

/** `s3:ExistingObjectTag/<key>` of the object as it is now. */
export const existingTags = (version: Version | undefined): Context =>
  Object.fromEntries(
    Object.entries(version?.tags ?? {}).map(([name, value]) => [`s3:ExistingObjectTag/${name}`, value]),
  );

/** `s3:RequestObjectTag/<key>` and `s3:RequestObjectTagKeys` of the tags that a request brings. */
export const requestTags = (tags: Readonly<Record<string, string>>): Context => {
  const names = Object.keys(tags);
  return {
    ...Object.fromEntries(Object.entries(tags).map(([name, value]) => [`s3:RequestObjectTag/${name}`, value])),
    ...(names.length > 0 ? { "s3:RequestObjectTagKeys": names } : {}),
  };
};

/** Makes the checks of one request: the same condition keys, and the policy of the bucket that the resource is in. */
export interface Authorizer {
  onBucket(action: string, bucket: string, context?: Context): Check;
  onObject(action: string, bucket: string, key: string, context?: Context): Check;
  /** For what belongs to the account, such as ListAllMyBuckets. */
  onAccount(action: string): Check;
  /** The permission that goes with x-amz-bypass-governance-retention: none where the header is not sent. */
  bypass(bucket: string, key: string): readonly Check[];
}

/** `findBucket` gives the bucket, whose absence is not told before the checks have passed. */
export function authorizer(
  request: S3Request,
  call: Call,
  findBucket: (name: string) => Bucket | undefined,
  cloudAccountId: string,
): Authorizer {
  const common = requestContext(request, call);
  const check = (action: string, resource: string, bucket: string | undefined, context: Context): Check => {
    const found = bucket === undefined ? undefined : findBucket(bucket);
    const policy = found?.config.policy?.document;
    // A bucket that is not there belongs to nobody: the caller learns nothing by asking.
    const owner = found === undefined ? call.caller.accountId : (found.config.accountId ?? cloudAccountId);
    return {
      action: `s3:${action}`,
      resource,
      resourceAccountId: owner,
      context: { ...common, "s3:ResourceAccount": owner, ...context },
      ...(policy === undefined ? {} : { resourcePolicy: policy }),
    };
  };
  return {
    onBucket: (action, bucket, context = {}) => check(action, bucketArn(bucket), bucket, context),
    onObject: (action, bucket, key, context = {}) => check(action, objectArn(bucket, key), bucket, context),
    onAccount: (action) => check(action, "*", undefined, {}),
    bypass: (bucket, key) =>
      asksForBypass(request.headers) ? [check("BypassGovernanceRetention", objectArn(bucket, key), bucket, {})] : [],
  };
}
