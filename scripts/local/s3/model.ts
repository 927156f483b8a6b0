import type { PolicyDocument } from "../../../core/iam/document.ts";
import type { Checksum, ChecksumAlgorithm, ChecksumType } from "./checksums.ts";

/** What S3 remembers of buckets, versions and uploads. Times are milliseconds since the epoch. */

export type LockMode = "GOVERNANCE" | "COMPLIANCE";

/** Exactly one of days and years. A year counts 365 days, as S3 counts it. */
export type DefaultRetention = { readonly mode: LockMode } & ({ readonly days: number } | { readonly years: number });

export interface Retention {
  readonly mode: LockMode;
  readonly untilMs: number;
}

/** The lock on one version. */
export interface ObjectLock {
  readonly retention: Retention | undefined;
  readonly legalHold: boolean;
}

export interface BucketEncryption {
  readonly algorithm: "AES256" | "aws:kms";
  /** Key id, ARN or alias; undefined with aws:kms is the AWS managed key. */
  readonly keyId?: string;
  readonly bucketKey?: boolean;
}

export interface PublicAccessBlock {
  readonly blockPublicAcls: boolean;
  readonly ignorePublicAcls: boolean;
  readonly blockPublicPolicy: boolean;
  readonly restrictPublicBuckets: boolean;
}

/** One rule of a bucket's lifecycle that is on. */
export interface LifecycleRule {
  readonly prefix: string;
  /** The rule is about objects with this tag alone. */
  readonly tag?: { readonly key: string; readonly value: string };
  /** Days since the current version was written: then it is deleted, as by a caller who names no version. */
  readonly expirationDays?: number;
  /** Days since the version was written, and the class that it moves to. */
  readonly transitions: readonly { readonly days: number; readonly storageClass: StorageClass }[];
  /** Delete markers go when nothing is left behind them. */
  readonly expiredObjectDeleteMarker: boolean;
  /** Days since the version was succeeded by another, or by a delete marker. */
  readonly noncurrentDays?: number;
}

export const STORAGE_CLASSES = ["STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER_IR"] as const;
export type StorageClass = (typeof STORAGE_CLASSES)[number];

export interface BucketConfig {
  /** The account that made it; the cloud's own when left out. */
  readonly accountId?: string;
  readonly versioning?: "Enabled" | "Suspended";
  /** Present once Object Lock is on; it cannot be turned off. */
  readonly objectLock?: { readonly defaultRetention?: DefaultRetention };
  readonly encryption: BucketEncryption;
  /** As it was sent, and parsed. */
  readonly policy?: { readonly text: string; readonly document: PolicyDocument };
  readonly publicAccessBlock?: PublicAccessBlock;
  readonly hasOwnershipControls: boolean;
  /** The XML as it was sent. */
  readonly lifecycle?: string;
  /** What the XML says, as the clock acts on it. */
  readonly lifecycleRules?: readonly LifecycleRule[];
  readonly tags?: Readonly<Record<string, string>>;
}

export interface Bucket {
  readonly name: string;
  readonly createdAtMs: number;
  readonly config: BucketConfig;
}

/** How the bytes of an object are kept. AES256 stands for S3's own keys and leaves the bytes as they are. */
export type Encryption =
  | { readonly algorithm: "AES256" }
  | {
      readonly algorithm: "aws:kms";
      readonly keyArn: string;
      readonly bucketKey: boolean;
      /** The wrapped data key, base64. */
      readonly dataKey: string;
      readonly context: Readonly<Record<string, string>>;
    };

/** What a writer fixes when a version is made. */
export interface Draft {
  /** content-type, cache-control, x-amz-meta-* and the like, by their header names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly encryption: Encryption;
}

/** `contents` is absent on a delete marker. */
export interface Version {
  readonly seq: number;
  readonly bucket: string;
  readonly key: string;
  /** `null` where the bucket does not version. */
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly modifiedAtMs: number;
  readonly contents: Contents | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly lock: ObjectLock;
}

export interface Contents extends Draft {
  readonly blob: string;
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly checksum: Checksum;
}

export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly startedAtMs: number;
  readonly draft: Draft;
  readonly tags: Readonly<Record<string, string>>;
  readonly lock: ObjectLock;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType } | undefined;
}

export interface Part {
  readonly number: number;
  readonly blob: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly checksum: Checksum | undefined;
  readonly modifiedAtMs: number;
}
