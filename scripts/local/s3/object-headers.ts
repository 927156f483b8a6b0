import { checksumHeaders } from "./checksums.ts";
import { S3Error, notImplemented } from "./errors.ts";
import { storageClassOf } from "./lifecycle.ts";
import { lockHeaders } from "./object-lock.ts";
import type { BucketConfig, Contents, Version } from "./model.ts";
import { encryptionHeaders } from "./sealing.ts";

type Headers = Readonly<Record<string, string>>;

/** Headers that S3 keeps with an object and gives back as they were. */
const KEPT = [
  "content-type",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "expires",
];
const MAX_METADATA_BYTES = 2048;
const DEFAULT_CONTENT_TYPE = "binary/octet-stream";

/** The query parameters with which a reader overrides kept headers, and what they override. */
export const RESPONSE_OVERRIDES: Readonly<Record<string, string>> = {
  "response-content-type": "content-type",
  "response-content-language": "content-language",
  "response-expires": "expires",
  "response-cache-control": "cache-control",
  "response-content-disposition": "content-disposition",
  "response-content-encoding": "content-encoding",
};

/** `aws-chunked` describes the transfer, not the object. */
const withoutTransferCoding = (encoding: string): string =>
  encoding
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "aws-chunked" && part !== "")
    .join(",");

/** What of a writer's headers belongs to the object. Throws MetadataTooLarge over 2 KB of x-amz-meta-*. */
export function keptHeaders(headers: Headers): Record<string, string> {
  const kept: Record<string, string> = { "content-type": DEFAULT_CONTENT_TYPE };
  let metadataBytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (name === "content-encoding") {
      const encoding = withoutTransferCoding(value);
      if (encoding !== "") kept[name] = encoding;
    } else if (KEPT.includes(name)) {
      kept[name] = value;
    } else if (name.startsWith("x-amz-meta-")) {
      metadataBytes += Buffer.byteLength(name) - "x-amz-meta-".length + Buffer.byteLength(value);
      kept[name] = value;
    }
  }
  if (metadataBytes > MAX_METADATA_BYTES) {
    const message = "Your metadata headers exceed the maximum allowed metadata size";
    throw new S3Error("MetadataTooLarge", 400, message, { MaxSizeAllowed: String(MAX_METADATA_BYTES) });
  }
  return kept;
}

/** The one storage class there is, and the one ACL that a bucket without ACLs takes. */
export function refuseOtherClasses(headers: Headers): void {
  const storageClass = headers["x-amz-storage-class"];
  if (storageClass !== undefined && storageClass !== "STANDARD") throw notImplemented("header");
  const acl = headers["x-amz-acl"];
  if (acl !== undefined && acl !== "bucket-owner-full-control") {
    throw new S3Error("AccessControlListNotSupported", 400, "The bucket does not allow ACLs");
  }
}

export const versionHeader = (config: BucketConfig, versionId: string): Record<string, string> =>
  config.versioning === undefined ? {} : { "x-amz-version-id": versionId };

/** What GetObject and HeadObject say of an object, without its length. */
export function objectHeaders(
  config: BucketConfig,
  version: Version,
  contents: Contents,
  options: { readonly withChecksum: boolean; readonly nowMs: number },
): Record<string, string> {
  const storageClass = storageClassOf(config, version, options.nowMs);
  const tagCount = Object.keys(version.tags).length;
  return {
    ...contents.headers,
    etag: `"${contents.etag}"`,
    "last-modified": new Date(version.modifiedAtMs).toUTCString(),
    "accept-ranges": "bytes",
    ...versionHeader(config, version.versionId),
    ...encryptionHeaders(contents.encryption),
    ...lockHeaders(version.lock),
    // S3 says nothing of the usual class.
    ...(storageClass === "STANDARD" ? {} : { "x-amz-storage-class": storageClass }),
    ...(tagCount > 0 ? { "x-amz-tagging-count": String(tagCount) } : {}),
    ...(options.withChecksum ? checksumHeaders(contents.checksum) : {}),
  };
}
