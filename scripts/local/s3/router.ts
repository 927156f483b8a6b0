import { methodNotAllowed, notImplemented } from "./errors.ts";
import type { Operation } from "./operation.ts";
import { bucketOperations } from "./operations/buckets.ts";
import { bucketSettingOperations } from "./operations/bucket-settings.ts";
import { copyObject } from "./operations/copy-object.ts";
import { deleteObject } from "./operations/delete-object.ts";
import { deleteObjects } from "./operations/delete-objects.ts";
import { getObject, headObject } from "./operations/get-object.ts";
import { listOperations } from "./operations/list-objects.ts";
import { multipartOperations } from "./operations/multipart.ts";
import { multipartListOperations } from "./operations/multipart-lists.ts";
import { objectSettingOperations } from "./operations/object-settings.ts";
import { putObject } from "./operations/put-object.ts";
import type { S3Request } from "./request.ts";

const OPERATIONS: readonly Operation[] = [
  ...bucketOperations,
  ...bucketSettingOperations,
  ...listOperations,
  ...multipartListOperations,
  ...multipartOperations,
  ...objectSettingOperations,
  deleteObjects,
  copyObject,
  putObject,
  getObject,
  headObject,
  deleteObject,
];

/** What every request may carry: the signature, the transfer, and the digests of the body. */
const COMMON_HEADERS = new Set([
  "x-amz-date",
  "x-amz-content-sha256",
  "x-amz-security-token",
  "x-amz-user-agent",
  "x-amz-decoded-content-length",
  "x-amz-trailer",
  "x-amz-expected-bucket-owner",
  "x-amz-sdk-checksum-algorithm",
  "x-amz-checksum-crc32",
  "x-amz-checksum-crc32c",
  "x-amz-checksum-crc64nvme",
  "x-amz-checksum-sha1",
  "x-amz-checksum-sha256",
]);

/** Headers beside x-amz-* that change what an operation does. */
const CONDITIONAL_HEADERS = new Set([
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
  "if-range",
  "range",
]);

/** Whether the query is exactly what the operation is chosen by, and what it may have beside. */
function fitsQuery(operation: Operation, request: S3Request): boolean {
  const { select = [], query = [] } = operation;
  return (
    select.every((name) => request.query.has(name)) &&
    [...request.query.keys()].every((name) => select.includes(name) || query.includes(name))
  );
}

function refuseUnknownHeaders(operation: Operation, request: S3Request): void {
  const allowed = operation.headers ?? [];
  for (const name of Object.keys(request.headers)) {
    if (!name.startsWith("x-amz-") && !CONDITIONAL_HEADERS.has(name)) continue;
    const isMetadata = name.startsWith("x-amz-meta-") && allowed.includes("x-amz-meta-*");
    if (!isMetadata && !COMMON_HEADERS.has(name) && !allowed.includes(name)) throw notImplemented("header");
  }
}

/**
 * The operation that a request means. A sub-resource or a header that it does not know gives NotImplemented (501), never
 * the operation that would be left without it: `PUT ?legal-hold` must not overwrite an object.
 */
export function routeRequest(request: S3Request): Operation {
  const scope = request.bucket === undefined ? "account" : request.key === undefined ? "bucket" : "object";
  const inScope = OPERATIONS.filter((operation) => operation.scope === scope);
  const withMethod = inScope.filter((operation) => operation.method === request.method);
  if (withMethod.length === 0) throw request.method === "POST" ? notImplemented("operation") : methodNotAllowed();
  const chosen = withMethod
    .filter((operation) => fitsQuery(operation, request))
    .filter(({ selectHeader }) => selectHeader === undefined || request.headers[selectHeader] !== undefined)
    .toSorted((left, right) => rank(right) - rank(left))[0];
  if (chosen === undefined) throw notImplemented("query");
  refuseUnknownHeaders(chosen, request);
  return chosen;
}

const rank = (operation: Operation): number =>
  (operation.select?.length ?? 0) + (operation.selectHeader === undefined ? 0 : 1);
