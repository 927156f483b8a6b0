import type { StageSettings } from "./settings.ts";

/**
 * A bucket that keeps every version, takes no ACL and lets nobody in from outside. Its policy and its encryption are the
 * caller's; Object Lock can be had at creation only.
 */
export function privateBucket(
  name: string,
  physicalName: string,
  options: {
    readonly objectLock: boolean;
    readonly settings: StageSettings;
    /** Of the account that it stands in, where that is not the cell's. */
    readonly provider?: aws.Provider;
  },
): aws.s3.Bucket {
  const keep = options.settings.holdsPhi;
  const account = options.provider === undefined ? {} : { provider: options.provider };
  const bucket = new aws.s3.Bucket(
    name,
    { bucket: physicalName, forceDestroy: false, objectLockEnabled: options.objectLock },
    { protect: keep, retainOnDelete: keep, ...account },
  );
  new aws.s3.BucketPublicAccessBlock(
    `${name}PublicAccess`,
    {
      bucket: bucket.bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    account,
  );
  new aws.s3.BucketOwnershipControls(
    `${name}Ownership`,
    { bucket: bucket.bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
    account,
  );
  new aws.s3.BucketVersioning(
    `${name}Versioning`,
    { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
    account,
  );
  return bucket;
}

/** The bucket's default retention. Whatever writes depends on this: an object written before the lock is not locked. */
export function lockByDefault(
  name: string,
  bucket: aws.s3.Bucket,
  settings: StageSettings,
  account: { readonly provider?: aws.Provider } = {},
): aws.s3.BucketObjectLockConfiguration {
  return new aws.s3.BucketObjectLockConfiguration(
    `${name}Lock`,
    { bucket: bucket.bucket, rule: { defaultRetention: { mode: "COMPLIANCE", ...settings.archiveLock } } },
    { protect: settings.holdsPhi, retainOnDelete: settings.holdsPhi, ...account },
  );
}

/** Under a KMS key; one data key for a while (S3 Bucket Keys), so that not every object is a request to KMS. */
export function encryptByKey(name: string, bucket: aws.s3.Bucket, key: aws.kms.Key): void {
  new aws.s3.BucketServerSideEncryptionConfiguration(`${name}Encryption`, {
    bucket: bucket.bucket,
    rules: [
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
        bucketKeyEnabled: true,
      },
    ],
  });
}

/** Under S3's own key: what is in it is sealed already, or is no secret, or is read from another account. */
export function encryptByS3(
  name: string,
  bucket: aws.s3.Bucket,
  account: { readonly provider?: aws.Provider } = {},
): void {
  new aws.s3.BucketServerSideEncryptionConfiguration(
    `${name}Encryption`,
    { bucket: bucket.bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
    account,
  );
}
