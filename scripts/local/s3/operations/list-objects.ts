import type { ContextValue } from "../../service.ts";
import { invalidArgument } from "../errors.ts";
import {
  afterKey,
  afterPrefix,
  at,
  decodeToken,
  encodeToken,
  listPage,
  type ListingPage,
  type Position,
} from "../listing.ts";
import { storageClassOf } from "../lifecycle.ts";
import type { StorageClass, Version } from "../model.ts";
import { bucketName, isoTime, requireBucket, xmlReply, type Operation } from "../operation.ts";
import type { S3Request } from "../request.ts";
import { NULL_VERSION, seqOfVersionId } from "../store.ts";
import { leaf, node, xmlDocument, type Xml } from "../xml.ts";

const MAX_KEYS = 1000;
const LIST_QUERY = ["prefix", "delimiter", "max-keys", "encoding-type"];

function maxKeys(request: S3Request): number {
  const text = request.query.get("max-keys");
  if (text === undefined || text === "") return MAX_KEYS;
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2_147_483_647) {
    throw invalidArgument("Provided max-keys not an integer or within integer range", "max-keys");
  }
  return Math.min(Number(text), MAX_KEYS);
}

/** s3:prefix, s3:delimiter and s3:max-keys, each where the request has it. */
function listContext(request: S3Request): Readonly<Record<string, ContextValue>> {
  const names = ["prefix", "delimiter", "max-keys"] as const;
  return Object.fromEntries(
    names.flatMap((name): readonly [string, ContextValue][] => {
      const value = request.query.get(name);
      return value === undefined ? [] : [[`s3:${name}`, name === "max-keys" ? Number(value) : value]];
    }),
  );
}

/** How keys are written: as they are, or percent-encoded when the request asks for it. */
function keyWriter(request: S3Request): (text: string) => string {
  const encoding = request.query.get("encoding-type");
  if (encoding === undefined) return (text) => text;
  if (encoding !== "url") throw invalidArgument("Invalid Encoding Method specified in Request", "encoding-type");
  return (text) => encodeURIComponent(text).replaceAll("%2F", "/");
}

const emptyAsNone = (text: string | undefined): string | undefined => (text === "" ? undefined : text);

const objectEntry = (
  version: Version,
  storageClass: StorageClass,
  write: (text: string) => string,
  owner: readonly Xml[] = [],
): Xml =>
  node("Contents", [
    leaf("Key", write(version.key)),
    leaf("LastModified", isoTime(version.modifiedAtMs)),
    leaf("ETag", `"${version.contents?.etag ?? ""}"`),
    leaf("ChecksumAlgorithm", version.contents?.checksum.algorithm.toUpperCase()),
    leaf("ChecksumType", version.contents?.checksum.type),
    leaf("Size", version.contents?.sizeBytes),
    leaf("StorageClass", storageClass),
    ...owner,
  ]);

const prefixEntries = (page: ListingPage, write: (text: string) => string): readonly Xml[] =>
  page.commonPrefixes.map((prefix) => node("CommonPrefixes", [leaf("Prefix", write(prefix))]));

/** After a marker: past the key, or past everything under it where the marker is a common prefix of an earlier page. */
function afterMarker(marker: string, prefix: string, delimiter: string | undefined): Position {
  const isPrefix =
    delimiter !== undefined &&
    marker.startsWith(prefix) &&
    marker.indexOf(delimiter, prefix.length) === marker.length - delimiter.length &&
    marker.endsWith(delimiter);
  return isPrefix ? afterPrefix(marker) : afterKey(marker);
}

const listObjectsV2: Operation = {
  // CloudTrail knows one name for both versions of the call.
  name: "ListObjects",
  readOnly: true,
  isManagement: false,
  method: "GET",
  scope: "bucket",
  select: ["list-type"],
  query: [...LIST_QUERY, "continuation-token", "start-after", "fetch-owner"],
  plan({ s3, request, permit, call }) {
    const bucket = bucketName(request);
    return {
      checks: [permit.onBucket("ListBucket", bucket, listContext(request))],
      run() {
        const { config } = requireBucket(s3, bucket);
        const classOf = (version: Version): StorageClass => storageClassOf(config, version, s3.clock.now());
        if (request.query.get("list-type") !== "2")
          throw invalidArgument("Invalid List Type specified in Request", "list-type");
        const prefix = request.query.get("prefix") ?? "";
        const delimiter = emptyAsNone(request.query.get("delimiter"));
        const token = request.query.get("continuation-token");
        const startAfter = emptyAsNone(request.query.get("start-after"));
        const resumed = token === undefined ? undefined : decodeToken(token);
        if (token !== undefined && resumed === undefined) {
          throw invalidArgument("The continuation token provided is incorrect", "continuation-token");
        }
        const from = resumed ?? (startAfter === undefined ? at(Buffer.alloc(0)) : afterKey(startAfter));
        const max = maxKeys(request);
        const write = keyWriter(request);
        const page = listPage(s3.store, "current", { bucket, prefix, delimiter, from, max });
        const owner =
          request.query.get("fetch-owner") === "true" ? [node("Owner", [leaf("ID", call.caller.accountId)])] : [];
        return xmlReply(
          xmlDocument("ListBucketResult", [
            leaf("Name", bucket),
            leaf("Prefix", write(prefix)),
            leaf("Delimiter", delimiter === undefined ? undefined : write(delimiter)),
            leaf("StartAfter", startAfter === undefined ? undefined : write(startAfter)),
            leaf("ContinuationToken", token),
            leaf("EncodingType", request.query.get("encoding-type")),
            leaf("KeyCount", page.versions.length + page.commonPrefixes.length),
            leaf("MaxKeys", max),
            leaf("IsTruncated", page.next !== undefined),
            leaf("NextContinuationToken", page.next === undefined ? undefined : encodeToken(page.next)),
            ...page.versions.map((version) => objectEntry(version, classOf(version), write, owner)),
            ...prefixEntries(page, write),
          ]),
        );
      },
    };
  },
};

const listObjects: Operation = {
  name: "ListObjects",
  readOnly: true,
  isManagement: false,
  method: "GET",
  scope: "bucket",
  query: [...LIST_QUERY, "marker"],
  plan({ s3, request, permit }) {
    const bucket = bucketName(request);
    return {
      checks: [permit.onBucket("ListBucket", bucket, listContext(request))],
      run() {
        const { config } = requireBucket(s3, bucket);
        const classOf = (version: Version): StorageClass => storageClassOf(config, version, s3.clock.now());
        const prefix = request.query.get("prefix") ?? "";
        const delimiter = emptyAsNone(request.query.get("delimiter"));
        const marker = request.query.get("marker") ?? "";
        const max = maxKeys(request);
        const write = keyWriter(request);
        const from = marker === "" ? at(Buffer.alloc(0)) : afterMarker(marker, prefix, delimiter);
        const page = listPage(s3.store, "current", { bucket, prefix, delimiter, from, max });
        const next = typeof page.last === "string" ? page.last : page.last?.key;
        return xmlReply(
          xmlDocument("ListBucketResult", [
            leaf("Name", bucket),
            leaf("Prefix", write(prefix)),
            leaf("Marker", write(marker)),
            leaf("Delimiter", delimiter === undefined ? undefined : write(delimiter)),
            leaf("EncodingType", request.query.get("encoding-type")),
            leaf("MaxKeys", max),
            leaf("IsTruncated", page.next !== undefined),
            // Without a delimiter S3 leaves NextMarker out: the last key is the marker.
            leaf("NextMarker", delimiter === undefined || next === undefined ? undefined : write(next)),
            ...page.versions.map((version) => objectEntry(version, classOf(version), write)),
            ...prefixEntries(page, write),
          ]),
        );
      },
    };
  },
};

/** After a key and one of its versions, which may be gone by now: its id still tells its place. */
function afterVersion(
  keyMarker: string,
  versionMarker: string,
  findNull: (key: string) => Version | undefined,
): Position {
  if (versionMarker === NULL_VERSION) {
    const found = findNull(keyMarker);
    return found === undefined ? afterKey(keyMarker) : { key: Buffer.from(keyMarker, "utf8"), beforeSeq: found.seq };
  }
  const seq = seqOfVersionId(versionMarker);
  if (seq === undefined) throw invalidArgument("Invalid version id specified", "version-id-marker");
  return { key: Buffer.from(keyMarker, "utf8"), beforeSeq: seq };
}

const versionEntry = (version: Version, storageClass: StorageClass, write: (text: string) => string): Xml => {
  const { contents } = version;
  const common = [
    leaf("Key", write(version.key)),
    leaf("VersionId", version.versionId),
    leaf("IsLatest", version.isLatest),
    leaf("LastModified", isoTime(version.modifiedAtMs)),
  ];
  if (contents === undefined) return node("DeleteMarker", common);
  return node("Version", [
    ...common,
    leaf("ETag", `"${contents.etag}"`),
    leaf("ChecksumAlgorithm", contents.checksum.algorithm.toUpperCase()),
    leaf("ChecksumType", contents.checksum.type),
    leaf("Size", contents.sizeBytes),
    leaf("StorageClass", storageClass),
  ]);
};

const listObjectVersions: Operation = {
  name: "ListObjectVersions",
  readOnly: true,
  isManagement: false,
  method: "GET",
  scope: "bucket",
  select: ["versions"],
  query: [...LIST_QUERY, "key-marker", "version-id-marker"],
  plan({ s3, request, permit }) {
    const bucket = bucketName(request);
    return {
      checks: [permit.onBucket("ListBucketVersions", bucket, listContext(request))],
      run() {
        const { config } = requireBucket(s3, bucket);
        const classOf = (version: Version): StorageClass => storageClassOf(config, version, s3.clock.now());
        const prefix = request.query.get("prefix") ?? "";
        const delimiter = emptyAsNone(request.query.get("delimiter"));
        const keyMarker = request.query.get("key-marker") ?? "";
        const versionMarker = request.query.get("version-id-marker") ?? "";
        if (versionMarker !== "" && keyMarker === "") {
          throw invalidArgument("A version-id marker cannot be specified without a key marker.", "version-id-marker");
        }
        const nullVersion = (key: string): Version | undefined => s3.store.version(bucket, key, NULL_VERSION);
        const from =
          keyMarker === ""
            ? at(Buffer.alloc(0))
            : versionMarker === ""
              ? afterMarker(keyMarker, prefix, delimiter)
              : afterVersion(keyMarker, versionMarker, nullVersion);
        const max = maxKeys(request);
        const write = keyWriter(request);
        const page = listPage(s3.store, "all", { bucket, prefix, delimiter, from, max });
        const last = page.next === undefined ? undefined : page.last;
        return xmlReply(
          xmlDocument("ListVersionsResult", [
            leaf("Name", bucket),
            leaf("Prefix", write(prefix)),
            leaf("KeyMarker", write(keyMarker)),
            leaf("VersionIdMarker", versionMarker),
            leaf("NextKeyMarker", last === undefined ? undefined : write(typeof last === "string" ? last : last.key)),
            leaf("NextVersionIdMarker", typeof last === "string" ? undefined : last?.versionId),
            leaf("Delimiter", delimiter === undefined ? undefined : write(delimiter)),
            leaf("EncodingType", request.query.get("encoding-type")),
            leaf("MaxKeys", max),
            leaf("IsTruncated", page.next !== undefined),
            ...page.versions.map((version) => versionEntry(version, classOf(version), write)),
            ...prefixEntries(page, write),
          ]),
        );
      },
    };
  },
};

/** What a bucket holds, a page at a time. */
export const listOperations: readonly Operation[] = [listObjectsV2, listObjects, listObjectVersions];
