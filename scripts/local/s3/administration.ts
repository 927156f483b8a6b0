import { createHash } from "node:crypto";
import type { PolicyDocument } from "../../../core/iam/document.ts";
import { invariant } from "../../../core/kernel/invariant.ts";
import { defaultRetention, NEW_BUCKET, withObjectLock, withVersioning } from "./bucket-config.ts";
import { parseBucketPolicy } from "./bucket-policy.ts";
import { fullObjectChecksum } from "./checksums.ts";
import { preconditionFailed } from "./errors.ts";
import type {
  BucketConfig,
  BucketEncryption,
  DefaultRetention,
  LifecycleRule,
  PublicAccessBlock,
  Version,
} from "./model.ts";
import { keptHeaders } from "./object-headers.ts";
import { defaultRetentionFor } from "./object-lock.ts";
import { requireBucket, type S3Context } from "./operation.ts";
import { isBucketName } from "./operations/buckets.ts";
import { insertVersion } from "./versions.ts";

/** A bucket as the stack's plan describes it. What is left out is as AWS makes a new bucket. */
export interface BucketDefinition {
  readonly name: string;
  /** `{}` turns Object Lock on without a default retention. Brings versioning with it. */
  readonly objectLock?: { readonly defaultRetention?: DefaultRetention };
  readonly versioning?: "Enabled" | "Suspended";
  readonly encryption?: BucketEncryption;
  readonly policy?: PolicyDocument;
  readonly publicAccessBlock?: PublicAccessBlock;
  readonly tags?: Readonly<Record<string, string>>;
  readonly lifecycleRules?: readonly LifecycleRule[];
  /** Of the account that it stands in; the cloud's own when left out. */
  readonly accountId?: string;
}

/**
 * Makes the bucket or brings a known one to its definition; objects stay. Object Lock, once on, cannot be left out.
 * Throws S3Error MalformedPolicy, InvalidBucketState.
 */
export function putBucket(s3: S3Context, definition: BucketDefinition): void {
  const { name, objectLock, versioning, encryption, policy, publicAccessBlock, tags, lifecycleRules } = definition;
  invariant(isBucketName(name), "a provisioned bucket has a name that S3 accepts");
  const known = s3.store.bucket(name);
  invariant(known?.config.objectLock === undefined || objectLock !== undefined, "Object Lock cannot be turned off");
  let config: BucketConfig = {
    ...NEW_BUCKET,
    ...(encryption === undefined ? {} : { encryption }),
    ...(publicAccessBlock === undefined ? {} : { publicAccessBlock }),
    ...(tags === undefined ? {} : { tags }),
    ...(lifecycleRules === undefined ? {} : { lifecycleRules }),
    ...(definition.accountId === undefined ? {} : { accountId: definition.accountId }),
  };
  if (policy !== undefined) {
    const text = JSON.stringify(policy);
    config = { ...config, policy: { text, document: parseBucketPolicy(text, name) } };
  }
  const wantedVersioning = objectLock === undefined ? versioning : (versioning ?? "Enabled");
  if (wantedVersioning !== undefined) config = withVersioning(config, wantedVersioning);
  if (objectLock !== undefined) {
    const retention = objectLock.defaultRetention;
    config = withObjectLock(config, retention && defaultRetention(retention));
  }
  s3.store.putBucket({ name, createdAtMs: known?.createdAtMs ?? s3.clock.now(), config });
}

export interface InternalMetadata {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  /** Names without `x-amz-meta-`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Refuses with PreconditionFailed where the key has an object already. */
  readonly ifNoneMatch?: boolean;
}

/**
 * Writes an object in the name of a service of the embedded AWS itself: nobody's permission is asked and no bucket policy
 * has a say, but default retention and default encryption hold. For deliveries, such as the trail's log files.
 */
export function putObjectInternal(
  s3: S3Context,
  bucketName: string,
  key: string,
  bytes: Buffer,
  metadata: InternalMetadata = {},
): { readonly versionId: string; readonly etag: string } {
  const bucket = requireBucket(s3, bucketName);
  const current = s3.store.latest(bucketName, key);
  if (metadata.ifNoneMatch === true && current?.contents !== undefined) throw preconditionFailed("If-None-Match");
  const place = { bucket: bucketName, key };
  const { encryption, seal } = s3.sealer.forNewObject({}, place, bucket.config.encryption, undefined).unlock();
  const stored = seal(bytes);
  const etag = createHash("md5").update(stored).digest("hex");
  const pairs = Object.entries(metadata.metadata ?? {}).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  const headers = keptHeaders({
    ...(metadata.contentType === undefined ? {} : { "content-type": metadata.contentType }),
    ...(metadata.contentEncoding === undefined ? {} : { "content-encoding": metadata.contentEncoding }),
    ...(Object.fromEntries(pairs) as Record<string, string>),
  });
  const version = insertVersion(s3, bucket, {
    key,
    contents: {
      blob: s3.store.blobs.write(stored),
      sizeBytes: bytes.length,
      etag,
      checksum: fullObjectChecksum(bytes),
      headers,
      encryption,
    },
    tags: {},
    lock: { retention: defaultRetentionFor(bucket.config, s3.clock.now()), legalHold: false },
  });
  return { versionId: version.versionId, etag };
}

/** One version as it is, its bytes opened. `bytes` is undefined for a delete marker. */
export interface DumpedObject {
  readonly key: string;
  readonly versionId: string;
  readonly modifiedAtMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly lock: Version["lock"];
  readonly bytes: Buffer | undefined;
}

/** Every version in a bucket, newest first within a key: for scans of what is really stored. */
export function* dumpObjects(s3: S3Context, bucketName: string): Generator<DumpedObject> {
  requireBucket(s3, bucketName);
  for (const version of s3.store.versions(bucketName)) {
    const { contents, key, versionId, modifiedAtMs, tags, lock } = version;
    const bytes =
      contents && s3.sealer.forStored(contents.encryption, undefined).unlock().open(s3.store.blobs.read(contents.blob));
    yield { key, versionId, modifiedAtMs, headers: contents?.headers ?? {}, tags, lock, bytes };
  }
}
