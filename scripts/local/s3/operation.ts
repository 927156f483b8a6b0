import type { Clock } from "../../../core/kernel/clock.ts";
import { invariant } from "../../../core/kernel/invariant.ts";
import type { Call, Check, WireResponse } from "../service.ts";
import type { Authorizer } from "./authorization.ts";
import { noSuchBucket } from "./errors.ts";
import type { Bucket, BucketConfig } from "./model.ts";
import type { S3Request } from "./request.ts";
import type { Sealer } from "./sealing.ts";
import type { Store } from "./store.ts";

/** What every operation works with. */
export interface S3Context {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly accountId: string;
  readonly region: string;
}

/** One request as an operation sees it. */
export interface Incoming {
  readonly s3: S3Context;
  readonly request: S3Request;
  readonly call: Call;
  readonly permit: Authorizer;
}

export interface Plan {
  readonly checks: readonly Check[];
  run(): WireResponse;
}

export interface Operation {
  /** As CloudTrail names it. */
  readonly name: string;
  readonly readOnly: boolean;
  /** True for what changes or shows the settings of buckets; object calls are data events. */
  readonly isManagement: boolean;
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly scope: "account" | "bucket" | "object";
  /** Query parameters that must be there: they choose the operation. */
  readonly select?: readonly string[];
  /** A header that must be there, where the query does not choose. */
  readonly selectHeader?: string;
  /** Query parameters that may be there. Any other gives 501. */
  readonly query?: readonly string[];
  /** x-amz-* and conditional headers that may be there. Any other gives 501. `x-amz-meta-*` is spelled so. */
  readonly headers?: readonly string[];
  plan(incoming: Incoming): Plan;
}

/** The bucket in the request; operations of scope `bucket` and `object` always have one. */
export function bucketName(request: S3Request): string {
  invariant(request.bucket !== undefined, "the operation's scope gives a bucket");
  return request.bucket;
}

export function objectKey(request: S3Request): string {
  invariant(request.key !== undefined, "the operation's scope gives a key");
  return request.key;
}

/** Throws NoSuchBucket. */
export function requireBucket(s3: S3Context, name: string): Bucket {
  const bucket = s3.store.bucket(name);
  if (bucket === undefined) throw noSuchBucket(name);
  return bucket;
}

/** Changes a bucket's configuration on disk. */
export function configure(s3: S3Context, bucket: Bucket, config: BucketConfig): void {
  s3.store.putBucket({ ...bucket, config });
}

export const reply = (
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: Buffer | string = "",
): WireResponse => ({
  status,
  headers,
  body,
});

export const xmlReply = (body: string, headers: Readonly<Record<string, string>> = {}): WireResponse =>
  reply(200, { "content-type": "application/xml", ...headers }, body);

export const isoTime = (ms: number): string => new Date(ms).toISOString();
