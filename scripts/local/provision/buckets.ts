import * as z from "zod";
import type { PolicyDocument } from "../../../core/iam/document.ts";
import { STORAGE_CLASSES, type BucketDefinition, type LifecycleRule, type S3 } from "../s3/index.ts";
import { inAccount, policyDocument } from "./resources.ts";
import type { Resource, Resources } from "./resources.ts";

const bucket = z.strictObject({
  bucket: z.string(),
  /** What `sst remove` may do with a bucket that is not empty; here a folder is deleted by its owner. */
  forceDestroy: z.boolean().optional(),
  objectLockEnabled: z.boolean().default(false),
  tags: z.record(z.string(), z.string()).optional(),
});

const versioning = z.strictObject({
  bucket: z.string(),
  versioningConfiguration: z.strictObject({ status: z.enum(["Enabled", "Suspended"]) }),
});

const retention = z.union([
  z.strictObject({ mode: z.enum(["COMPLIANCE", "GOVERNANCE"]), days: z.int() }),
  z.strictObject({ mode: z.enum(["COMPLIANCE", "GOVERNANCE"]), years: z.int() }),
]);
const objectLock = z.strictObject({ bucket: z.string(), rule: z.strictObject({ defaultRetention: retention }) });

const encryption = z.strictObject({
  bucket: z.string(),
  rules: z.tuple([
    z.strictObject({
      applyServerSideEncryptionByDefault: z.strictObject({
        sseAlgorithm: z.enum(["AES256", "aws:kms"]),
        kmsMasterKeyId: z.string().optional(),
      }),
      bucketKeyEnabled: z.boolean().optional(),
    }),
  ]),
});

/** What expires has to say by its tag that nobody needs it. */
const taggedRule = z.strictObject({
  id: z.string(),
  status: z.enum(["Enabled", "Disabled"]),
  filter: z.strictObject({ tag: z.strictObject({ key: z.string(), value: z.string() }) }),
  expiration: z.strictObject({ days: z.int() }),
});
const lifecycle = z.strictObject({
  bucket: z.string(),
  rules: z.array(
    z.union([
      taggedRule,
      z.strictObject({
        id: z.string(),
        status: z.enum(["Enabled", "Disabled"]),
        filter: z.strictObject({ prefix: z.string() }),
        transitions: z.array(z.strictObject({ days: z.int(), storageClass: z.enum(STORAGE_CLASSES) })).default([]),
        expiration: z.strictObject({ expiredObjectDeleteMarker: z.boolean() }).optional(),
        noncurrentVersionExpiration: z.strictObject({ noncurrentDays: z.int() }).optional(),
        /** An upload that is never ended costs nothing here. */
        abortIncompleteMultipartUpload: z.strictObject({ daysAfterInitiation: z.int() }).optional(),
      }),
    ]),
  ),
  transitionDefaultMinimumObjectSize: z.literal("all_storage_classes_128K").optional(),
});

const policy = z.strictObject({ bucket: z.string(), policy: policyDocument });

const publicAccess = z.strictObject({
  bucket: z.string(),
  blockPublicAcls: z.boolean().default(false),
  blockPublicPolicy: z.boolean().default(false),
  ignorePublicAcls: z.boolean().default(false),
  restrictPublicBuckets: z.boolean().default(false),
});

/** Without ACLs, which do not exist here at all. */
const ownership = z.strictObject({
  bucket: z.string(),
  rule: z.strictObject({ objectOwnership: z.literal("BucketOwnerEnforced") }),
});

/**
 * Makes every bucket with everything that is set on it. Objects stay. Gives the names.
 * @throws Error for a setting of a bucket that the plan does not hold.
 */
export function provisionBuckets(resources: Resources, s3: S3): readonly string[] {
  const definitions = readBuckets(resources);
  for (const definition of definitions) s3.putBucket(definition);
  return definitions.map((definition) => definition.name);
}

function readBuckets(resources: Resources): readonly BucketDefinition[] {
  const buckets = resources.take("aws:s3/bucket:Bucket", bucket);
  const names = new Set(buckets.map((one) => one.inputs.bucket));
  const take = <Inputs extends { readonly bucket: string }>(type: string, schema: z.ZodType<Inputs>) => {
    const list: readonly Resource<Inputs>[] = resources.take(type, schema);
    const lost = list.find((one) => !names.has(one.inputs.bucket));
    if (lost !== undefined) throw new Error(`the plan's ${lost.name} is about a bucket that the plan does not hold`);
    return (name: string): Inputs | undefined => list.find((one) => one.inputs.bucket === name)?.inputs;
  };
  const versioningOf = take("aws:s3/bucketVersioning:BucketVersioning", versioning);
  const lockOf = take("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", objectLock);
  const encryptionOf = take(
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    encryption,
  );
  const policyOf = take("aws:s3/bucketPolicy:BucketPolicy", policy);
  const publicAccessOf = take("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", publicAccess);
  take("aws:s3/bucketOwnershipControls:BucketOwnershipControls", ownership);

  const lifecycleOf = take("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", lifecycle);

  return buckets.map(({ inputs: { bucket: name, objectLockEnabled, tags }, ...resource }) => {
    const lock = lockOf(name);
    if (lock !== undefined && !objectLockEnabled) {
      throw new Error(`the plan locks bucket ${name}, which it makes without Object Lock`);
    }
    const status = versioningOf(name)?.versioningConfiguration.status;
    const rule = encryptionOf(name)?.rules[0];
    const blocked = publicAccessOf(name);
    const document = policyOf(name)?.policy;
    const rules = lifecycleOf(name)?.rules;
    return {
      name,
      ...inAccount(resource),
      ...(rules === undefined ? {} : { lifecycleRules: rules.flatMap(lifecycleRule) }),
      ...(objectLockEnabled
        ? { objectLock: lock === undefined ? {} : { defaultRetention: lock.rule.defaultRetention } }
        : {}),
      ...(status === undefined ? {} : { versioning: status }),
      ...(rule === undefined ? {} : { encryption: encryptionRule(rule) }),
      ...(document === undefined ? {} : { policy: document as PolicyDocument }),
      ...(blocked === undefined ? {} : { publicAccessBlock: withoutBucket(blocked) }),
      ...(tags === undefined ? {} : { tags }),
    };
  });
}

function lifecycleRule(rule: z.output<typeof lifecycle>["rules"][number]): readonly LifecycleRule[] {
  if (rule.status === "Disabled") return [];
  if (!("transitions" in rule)) {
    const { tag } = rule.filter;
    const expirationDays = rule.expiration.days;
    return [{ prefix: "", tag, expirationDays, transitions: [], expiredObjectDeleteMarker: false }];
  }
  const noncurrentDays = rule.noncurrentVersionExpiration?.noncurrentDays;
  return [
    {
      prefix: rule.filter.prefix,
      transitions: rule.transitions,
      expiredObjectDeleteMarker: rule.expiration?.expiredObjectDeleteMarker === true,
      ...(noncurrentDays === undefined ? {} : { noncurrentDays }),
    },
  ];
}

function encryptionRule(rule: z.output<typeof encryption>["rules"][0]): NonNullable<BucketDefinition["encryption"]> {
  const { sseAlgorithm: algorithm, kmsMasterKeyId: keyId } = rule.applyServerSideEncryptionByDefault;
  return {
    algorithm,
    ...(keyId === undefined ? {} : { keyId }),
    ...(rule.bucketKeyEnabled === undefined ? {} : { bucketKey: rule.bucketKeyEnabled }),
  };
}

function withoutBucket({ bucket: _bucket, ...settings }: z.output<typeof publicAccess>) {
  return settings;
}
