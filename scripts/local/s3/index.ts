import { recheck, type Kms } from "../kms/index.ts";
import type { Call, Prepared, Service, ServiceDeps, ServiceError, WireRequest, WireResponse } from "../service.ts";
import {
  dumpObjects,
  putBucket,
  putObjectInternal,
  type BucketDefinition,
  type DumpedObject,
  type InternalMetadata,
} from "./administration.ts";
import { authorizer } from "./authorization.ts";
import { accessDenied, S3Error } from "./errors.ts";
import { expire } from "./lifecycle.ts";
import type { S3Context } from "./operation.ts";
import { parseRequest } from "./request.ts";
import { routeRequest } from "./router.ts";
import { createSealer } from "./sealing.ts";
import { openStore } from "./store.ts";
import { leaf } from "./xml.ts";

export type { BucketDefinition, DumpedObject, InternalMetadata } from "./administration.ts";
export { STORAGE_CLASSES } from "./model.ts";
export type { LifecycleRule, Retention } from "./model.ts";

/** The embedded S3, with what the provisioner and deliveries call without a signature. */
export interface S3 extends Service {
  /** Idempotent: objects of a known bucket stay. Throws ServiceError MalformedPolicy, InvalidBucketState. */
  putBucket(definition: BucketDefinition): void;
  /** Asks nobody's permission. Throws ServiceError NoSuchBucket, PreconditionFailed, KMS.*. */
  putObjectInternal(
    bucket: string,
    key: string,
    bytes: Buffer,
    metadata?: InternalMetadata,
  ): { readonly versionId: string; readonly etag: string };
  /** Every version with its opened bytes. Throws ServiceError NoSuchBucket. */
  dumpObjects(bucket: string): Iterable<DumpedObject>;
  /** Carries out what is due of the buckets' lifecycles. The clock does so at every midnight UTC. */
  runLifecycles(): void;
  close(): void;
}

function prepare(s3: S3Context, wire: WireRequest, call: Call): Prepared {
  const request = parseRequest(wire);
  const operation = routeRequest(request);
  const permit = authorizer(request, call, (name) => s3.store.bucket(name), s3.accountId);
  const makePlan = () => operation.plan({ s3, request, call, permit });
  const plan = makePlan();
  const current = recheck(s3.store.db, plan, makePlan, () => new S3Error("SlowDown", 503, "Please try again."));
  const versionId = request.query.get("versionId");
  let responseElements: Readonly<Record<string, string>> | undefined;
  return {
    operation: operation.name,
    checks: plan.checks,
    readOnly: operation.readOnly,
    managementEvent: operation.isManagement,
    requestParameters: {
      ...(request.bucket === undefined ? {} : { bucketName: request.bucket }),
      ...(request.key === undefined ? {} : { key: request.key }),
      ...(versionId === undefined ? {} : { versionId }),
    },
    responseElements: () => responseElements,
    run() {
      const owner = request.headers["x-amz-expected-bucket-owner"];
      const bucket = request.bucket === undefined ? undefined : s3.store.bucket(request.bucket);
      if (owner !== undefined && owner !== (bucket?.config.accountId ?? s3.accountId)) throw accessDenied();
      const response = current().run();
      if (!operation.readOnly) responseElements = trailElements(response.headers);
      return { ...response, headers: { "x-amz-request-id": call.requestId, ...response.headers } };
    },
  };
}

/** What CloudTrail keeps of an answer: which version was made or removed, and under which key. */
function trailElements(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> | undefined {
  const kept = Object.entries(headers).filter(([name]) =>
    /^x-amz-(?:version-id|delete-marker|server-side-encryption.*)$/.test(name),
  );
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function renderError(error: ServiceError, call: Pick<Call, "requestId">, wire: WireRequest): WireResponse {
  const { code, status } = error;
  const headers = {
    "x-amz-request-id": call.requestId,
    ...(error instanceof S3Error ? error.headers : {}),
  };
  if (wire.method === "HEAD") return { status, headers, body: "" };
  const fields = Object.entries(error.fields).flatMap(([name, value]) =>
    typeof value === "string" ? [leaf(name, value)] : [],
  );
  const elements = [leaf("Code", code), leaf("Message", error.message), ...fields, leaf("RequestId", call.requestId)];
  return {
    status,
    headers: { ...headers, "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${elements.join("")}</Error>`,
  };
}

export interface S3Services {
  readonly kms?: Kms;
  /** Hears of bytes that lie in a bucket from now on, in any version; fewer when below zero. */
  readonly onStored?: (bucket: string, accountId: string, bytes: number) => void;
}

/** Opens the database `s3` of `deps` and its blobs. Without `kms`, SSE-KMS is answered with 501. */
export function createS3(deps: ServiceDeps, services: S3Services = {}): S3 {
  const store = openStore(deps, (bucket, bytes, accountId = deps.accountId) =>
    services.onStored?.(bucket, accountId, bytes),
  );
  const s3: S3Context = {
    store,
    sealer: createSealer(services.kms),
    clock: deps.clock,
    accountId: deps.accountId,
    region: deps.region,
  };
  return {
    signingName: "s3",
    prepare: (request, call) => prepare(s3, request, call),
    renderError,
    putBucket: (definition) => putBucket(s3, definition),
    putObjectInternal: (bucket, key, bytes, metadata) => putObjectInternal(s3, bucket, key, bytes, metadata),
    dumpObjects: (bucket) => dumpObjects(s3, bucket),
    runLifecycles: () => expire(s3),
    close: () => store.db.close(),
  };
}
