import {
  archiveBucketPolicy,
  attachmentBucketPolicy,
  archiveBucketName,
  attachmentBucketName,
  CONTENT_TAG,
  deadLetterQueueName,
  witnessBucketName,
  costBucketName,
  costBucketPolicy,
  witnessBucketPolicy,
} from "../core/iam/index.ts";
import type { Ground } from "./ground.ts";
import { encryptByKey, encryptByS3, lockByDefault, privateBucket } from "./bucket.ts";
import type { Keys } from "./keys.ts";
import type { StageSettings } from "./settings.ts";

export interface Archive {
  readonly bucket: aws.s3.Bucket;
  /** Whatever writes to the archive depends on this: an object written before the lock is not locked. */
  readonly lock: aws.s3.BucketObjectLockConfiguration;
  readonly witnessLock: aws.s3.BucketObjectLockConfiguration;
  readonly attachments: aws.s3.Bucket;
  readonly deadLetters: aws.sqs.Queue;
}

/** The audit archive under Object Lock, its witness, the attachments, and where stream records go that nobody could process. */
export function archive(ground: Ground, keys: Keys): Archive {
  const { site, settings, witnessProvider: provider } = ground;
  const bucket = privateBucket("Archive", archiveBucketName(site), { objectLock: true, settings });
  const lock = lockByDefault("Archive", bucket, settings);
  encryptByKey("Archive", bucket, keys.keys.audit);
  const tiers = archiveTiers(bucket, settings);
  new aws.s3.BucketPolicy(
    "ArchivePolicy",
    { bucket: bucket.bucket, policy: JSON.stringify(archiveBucketPolicy(site)) },
    // Once the policy stands, it lets nobody change the lifecycle.
    { dependsOn: [tiers] },
  );

  const witness = privateBucket("Witness", witnessBucketName(site), { objectLock: true, settings, provider });
  const witnessLock = lockByDefault("Witness", witness, settings, { provider });
  encryptByS3("Witness", witness, { provider });
  new aws.s3.BucketPolicy(
    "WitnessPolicy",
    { bucket: witness.bucket, policy: JSON.stringify(witnessBucketPolicy(site)) },
    { provider },
  );

  const attachments = privateBucket("Attachments", attachmentBucketName(site), { objectLock: false, settings });
  // Each object is sealed under its tenant's key before it gets here.
  encryptByS3("Attachments", attachments);
  destroyDeleted(attachments);
  new aws.s3.BucketPolicy("AttachmentsPolicy", {
    bucket: attachments.bucket,
    policy: JSON.stringify(attachmentBucketPolicy(site)),
  });

  costs(ground, keys);

  const deadLetters = new aws.sqs.Queue(
    "ArchiveDeadLetters",
    {
      name: deadLetterQueueName(site),
      messageRetentionSeconds: 14 * 24 * 3600,
      sqsManagedSseEnabled: true,
    },
    { retainOnDelete: settings.holdsPhi },
  );
  return { bucket, lock, witnessLock, attachments, deadLetters };
}

/** AUD-10: events in full for as long as they are locked; after a while in a cheaper class, as locked as before. */
function archiveTiers(bucket: aws.s3.Bucket, settings: StageSettings): aws.s3.BucketLifecycleConfiguration {
  return new aws.s3.BucketLifecycleConfiguration("ArchiveTiers", {
    bucket: bucket.bucket,
    rules: [
      {
        id: "cheaper-tier",
        status: "Enabled",
        filter: { prefix: "v1/events/" },
        transitions: [{ days: settings.archiveTierAfterDays, storageClass: "GLACIER_IR" }],
      },
    ],
    // S3 moves nothing below 128 KiB by default: a transition is paid by the object, and so is what it saves.
    transitionDefaultMinimumObjectSize: "all_storage_classes_128K",
  });
}

/**
 * What clinics cost, under a key of its own. No lock: what must never change is created once by the bucket's policy, and a closed
 * month's digests lie in the archive. Facts are rarely read once their month is closed.
 */
function costs({ site, settings }: Ground, keys: Keys): void {
  const bucket = privateBucket("Costs", costBucketName(site), { objectLock: false, settings });
  encryptByKey("Costs", bucket, keys.keys.cost);
  const tiers = new aws.s3.BucketLifecycleConfiguration("CostsTiers", {
    bucket: bucket.bucket,
    rules: [
      {
        id: "old-facts",
        status: "Enabled",
        filter: { prefix: "v1/facts/" },
        transitions: [{ days: 90, storageClass: "GLACIER_IR" }],
      },
      {
        id: "replaced",
        status: "Enabled",
        filter: { prefix: "v1/" },
        noncurrentVersionExpiration: { noncurrentDays: 30 },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
      },
    ],
    transitionDefaultMinimumObjectSize: "all_storage_classes_128K",
  });
  new aws.s3.BucketPolicy(
    "CostsPolicy",
    { bucket: bucket.bucket, policy: JSON.stringify(costBucketPolicy(site)) },
    // Once the policy stands, it lets nobody change the lifecycle.
    { dependsOn: [tiers] },
  );
}

/**
 * What an export deleted is gone a day later, should it have left a version behind. Parts of a file that was never filed
 * expire: an upload ends within a day, and what a record names was tagged anew before. Nothing else is ever deleted there.
 */
function destroyDeleted(bucket: aws.s3.Bucket): void {
  new aws.s3.BucketLifecycleConfiguration("AttachmentsDeleted", {
    bucket: bucket.bucket,
    rules: [
      {
        id: "destroy-deleted",
        status: "Enabled",
        filter: { prefix: "t/" },
        noncurrentVersionExpiration: { noncurrentDays: 1 },
        expiration: { expiredObjectDeleteMarker: true },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
      },
      {
        id: "never-filed",
        status: "Enabled",
        filter: { tag: { key: CONTENT_TAG.key, value: CONTENT_TAG.open } },
        expiration: { days: CONTENT_TAG.openDays },
      },
    ],
  });
}
