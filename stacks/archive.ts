import {
  archiveBucketPolicy,
  attachmentBucketPolicy,
  archiveBucketName,
  attachmentBucketName,
  deadLetterQueueName,
} from "../core/iam/index.ts";
import type { Ground } from "./ground.ts";
import { lockByDefault, privateBucket } from "./bucket.ts";
import type { Keys } from "./keys.ts";

export interface Archive {
  readonly bucket: aws.s3.Bucket;
  /** Whatever writes to the archive depends on this: an object written before the lock is not locked. */
  readonly lock: aws.s3.BucketObjectLockConfiguration;
  readonly attachments: aws.s3.Bucket;
  readonly deadLetters: aws.sqs.Queue;
}

/** The audit archive under Object Lock, the attachments, and where stream records go that nobody could process. */
export function archive({ site, settings }: Ground, keys: Keys): Archive {
  const bucket = privateBucket("Archive", archiveBucketName(site), { objectLock: true, settings });
  const lock = lockByDefault("Archive", bucket, settings);
  new aws.s3.BucketServerSideEncryptionConfiguration("ArchiveEncryption", {
    bucket: bucket.bucket,
    rules: [
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keys.keys.audit.arn },
        bucketKeyEnabled: true,
      },
    ],
  });
  new aws.s3.BucketPolicy("ArchivePolicy", {
    bucket: bucket.bucket,
    policy: JSON.stringify(archiveBucketPolicy(site)),
  });

  const attachments = privateBucket("Attachments", attachmentBucketName(site), { objectLock: false, settings });
  new aws.s3.BucketServerSideEncryptionConfiguration("AttachmentsEncryption", {
    bucket: attachments.bucket,
    // Each object is sealed under its tenant's key before it gets here.
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
  });
  new aws.s3.BucketPolicy("AttachmentsPolicy", {
    bucket: attachments.bucket,
    policy: JSON.stringify(attachmentBucketPolicy(site)),
  });

  const deadLetters = new aws.sqs.Queue(
    "ArchiveDeadLetters",
    {
      name: deadLetterQueueName(site),
      messageRetentionSeconds: 14 * 24 * 3600,
      sqsManagedSseEnabled: true,
    },
    { retainOnDelete: settings.holdsPhi },
  );
  return { bucket, lock, attachments, deadLetters };
}
