import { createHash } from "node:crypto";
import { invariant } from "../../../../core/kernel/invariant.ts";
import { existingTags } from "../authorization.ts";
import { fullObjectChecksum, namedAlgorithm } from "../checksums.ts";
import { judgeRead, requireWritePreconditions } from "../conditions.ts";
import { invalidArgument, invalidRequest, preconditionFailed } from "../errors.ts";
import { keptHeaders, refuseOtherClasses, versionHeader } from "../object-headers.ts";
import { lockForNewVersion } from "../object-lock.ts";
import { bucketName, isoTime, objectKey, requireBucket, xmlReply, type Operation } from "../operation.ts";
import { encryptionHeaders, ENCRYPTION_HEADERS } from "../sealing.ts";
import { tagsOfHeader } from "../tagging.ts";
import { findVersion, insertVersion, requireObject } from "../versions.ts";
import { leaf, xmlDocument } from "../xml.ts";
import { NEW_OBJECT_HEADERS, writeChecks } from "./put-object.ts";
import { versioned } from "./get-object.ts";

const SOURCE_CONDITIONS = [
  "x-amz-copy-source-if-match",
  "x-amz-copy-source-if-none-match",
  "x-amz-copy-source-if-modified-since",
  "x-amz-copy-source-if-unmodified-since",
];

interface Source {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** `bucket/key?versionId=id`, percent-encoded, with or without a slash in front. ARNs of access points are not known here. */
function parseSource(header: string): Source {
  const parts = /^\/?([^/?]+)\/([^?]+)(?:\?versionId=([^&]+))?$/.exec(header);
  if (parts === null || header.startsWith("arn:")) {
    throw invalidArgument(
      "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
      "x-amz-copy-source",
    );
  }
  const [, bucket = "", key = "", versionId] = parts;
  try {
    return { bucket: decodeURIComponent(bucket), key: decodeURIComponent(key), versionId };
  } catch {
    throw invalidArgument("Invalid copy source object key", "x-amz-copy-source");
  }
}

function directive(headers: Readonly<Record<string, string>>, name: string): "COPY" | "REPLACE" {
  const value = headers[name] ?? "COPY";
  if (value === "COPY" || value === "REPLACE") return value;
  throw invalidArgument("Unknown directive.", name);
}

export const copyObject: Operation = {
  name: "CopyObject",
  readOnly: false,
  isManagement: false,
  method: "PUT",
  scope: "object",
  selectHeader: "x-amz-copy-source",
  headers: [
    ...NEW_OBJECT_HEADERS,
    ...SOURCE_CONDITIONS,
    "x-amz-copy-source",
    "x-amz-metadata-directive",
    "x-amz-tagging-directive",
    "x-amz-checksum-algorithm",
    "if-match",
    "if-none-match",
  ],
  plan(incoming) {
    const { s3, request, call, permit } = incoming;
    const { headers } = request;
    const name = bucketName(request);
    const key = objectKey(request);
    const source = parseSource(headers["x-amz-copy-source"] ?? "");
    const found = findVersion(s3.store, source.bucket, source.key, source.versionId);
    const context = {
      ...existingTags(found),
      ...(source.versionId === undefined ? {} : { "s3:VersionId": source.versionId }),
    };
    const copiesTags =
      directive(headers, "x-amz-tagging-directive") === "COPY" && Object.keys(found?.tags ?? {}).length > 0;
    const sourceActions = ["GetObject", ...(copiesTags ? ["GetObjectTagging"] : [])];
    const opening = found?.contents && s3.sealer.forStored(found.contents.encryption, call);
    const usual = s3.store.bucket(name)?.config.encryption ?? { algorithm: "AES256" };
    const sealing = s3.sealer.forNewObject(headers, { bucket: name, key }, usual, call);
    return {
      checks: [
        ...sourceActions.map((action) =>
          permit.onObject(versioned(action, source.versionId), source.bucket, source.key, context),
        ),
        ...(found?.contents === undefined ? [permit.onBucket("ListBucket", source.bucket)] : []),
        ...writeChecks(incoming, { isCreation: true }),
        ...(copiesTags ? [permit.onObject("PutObjectTagging", name, key)] : []),
        ...(opening?.checks ?? []),
        ...sealing.checks,
      ],
      run() {
        const bucket = requireBucket(s3, name);
        const sourceBucket = requireBucket(s3, source.bucket);
        refuseOtherClasses(headers);
        const { version, contents } = requireObject(s3.store, source);
        const judged = judgeRead(
          headers,
          { etag: contents.etag, modifiedAtMs: version.modifiedAtMs },
          "x-amz-copy-source-",
        );
        if (judged === "not-modified") throw preconditionFailed("x-amz-copy-source-If-None-Match");
        const replacesHeaders = directive(headers, "x-amz-metadata-directive") === "REPLACE";
        const changesEncryption = ENCRYPTION_HEADERS.some((header) => headers[header] !== undefined);
        if (
          source.bucket === name &&
          source.key === key &&
          source.versionId === undefined &&
          !replacesHeaders &&
          !changesEncryption
        ) {
          throw invalidRequest(
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
          );
        }
        const lock = lockForNewVersion(bucket.config, headers, s3.clock.now());
        requireWritePreconditions(headers, key, s3.store.latest(name, key));
        invariant(opening !== undefined, "a plan with a source has its key");
        const bytes = opening.unlock().open(s3.store.blobs.read(contents.blob));
        const { encryption, seal } = sealing.unlock();
        const stored = seal(bytes);
        const etag = createHash("md5").update(stored).digest("hex");
        const kept = contents.checksum.type === "FULL_OBJECT" ? contents.checksum.algorithm : undefined;
        const checksum = fullObjectChecksum(bytes, namedAlgorithm(headers["x-amz-checksum-algorithm"]) ?? kept);
        const copy = insertVersion(s3, bucket, {
          key,
          contents: {
            blob: s3.store.blobs.write(stored),
            sizeBytes: bytes.length,
            etag,
            checksum,
            headers: replacesHeaders ? keptHeaders(headers) : contents.headers,
            encryption,
          },
          tags:
            directive(headers, "x-amz-tagging-directive") === "COPY"
              ? version.tags
              : tagsOfHeader(headers["x-amz-tagging"]),
          lock,
        });
        const body = xmlDocument("CopyObjectResult", [
          leaf("LastModified", isoTime(copy.modifiedAtMs)),
          leaf("ETag", `"${etag}"`),
          leaf(`Checksum${checksum.algorithm.toUpperCase()}`, checksum.value),
          leaf("ChecksumType", checksum.type),
        ]);
        return xmlReply(body, {
          ...versionHeader(bucket.config, copy.versionId),
          ...(sourceBucket.config.versioning === undefined
            ? {}
            : { "x-amz-copy-source-version-id": version.versionId }),
          ...encryptionHeaders(encryption),
        });
      },
    };
  },
};
