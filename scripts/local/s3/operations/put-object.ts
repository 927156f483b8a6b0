import type { Check } from "../../service.ts";
import { requestTags } from "../authorization.ts";
import { checksumHeaders, CHECKSUM_HEADERS, fullObjectChecksum, verifyBody } from "../checksums.ts";
import { requireWritePreconditions } from "../conditions.ts";
import { invalidRequest } from "../errors.ts";
import { keptHeaders, refuseOtherClasses, versionHeader } from "../object-headers.ts";
import { LOCK_HEADERS, lockForNewVersion } from "../object-lock.ts";
import type { Bucket } from "../model.ts";
import { bucketName, objectKey, reply, requireBucket, type Incoming, type Operation } from "../operation.ts";
import { encryptionHeaders, ENCRYPTION_HEADERS } from "../sealing.ts";
import { tagsOfHeader } from "../tagging.ts";
import { createHash } from "node:crypto";
import { insertVersion } from "../versions.ts";

/** What describes a new object: PutObject, CopyObject and CreateMultipartUpload take the same. */
export const NEW_OBJECT_HEADERS = [
  "x-amz-meta-*",
  "x-amz-tagging",
  "x-amz-storage-class",
  "x-amz-acl",
  ...LOCK_HEADERS,
  ...ENCRYPTION_HEADERS,
];

/**
 * The permissions for making an object: PutObject, and one more for each thing that its headers set beside the bytes.
 * `isCreation` fills s3:ObjectCreationOperation, with which policies tell a finished object from the parts of an upload.
 * If-Match reads the object's entity tag, so it needs GetObject. Source: Amazon S3 User Guide, "Conditional writes".
 */
export function writeChecks(
  { permit, request }: Incoming,
  options: { readonly isCreation: boolean },
): readonly Check[] {
  const bucket = bucketName(request);
  const key = objectKey(request);
  const { headers } = request;
  const context = {
    ...requestTags(tagsOfHeader(headers["x-amz-tagging"])),
    "s3:ObjectCreationOperation": options.isCreation,
  };
  const extra: readonly (readonly [string, boolean])[] = [
    ["PutObjectTagging", headers["x-amz-tagging"] !== undefined],
    ["PutObjectAcl", headers["x-amz-acl"] !== undefined],
    ["PutObjectRetention", headers["x-amz-object-lock-mode"] !== undefined],
    [
      "PutObjectRetention",
      headers["x-amz-object-lock-mode"] === undefined && headers["x-amz-object-lock-retain-until-date"] !== undefined,
    ],
    ["PutObjectLegalHold", headers["x-amz-object-lock-legal-hold"] !== undefined],
    ["GetObject", headers["if-match"] !== undefined],
  ];
  return [
    permit.onObject("PutObject", bucket, key, context),
    ...extra.filter(([, isNeeded]) => isNeeded).map(([action]) => permit.onObject(action, bucket, key, context)),
  ];
}

/** S3 takes a locked object only with a digest of it. */
export function requireDigestForLock(
  bucket: Bucket,
  headers: Readonly<Record<string, string>>,
  isLocked: boolean,
): void {
  const hasDigest =
    headers["content-md5"] !== undefined || CHECKSUM_HEADERS.some((name) => headers[name] !== undefined);
  if (isLocked && bucket.config.objectLock !== undefined && !hasDigest) {
    throw invalidRequest(
      "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters",
    );
  }
}

export const putObject: Operation = {
  name: "PutObject",
  readOnly: false,
  isManagement: false,
  method: "PUT",
  scope: "object",
  headers: [...NEW_OBJECT_HEADERS, "if-match", "if-none-match"],
  plan(incoming) {
    const { s3, request, call } = incoming;
    const name = bucketName(request);
    const key = objectKey(request);
    const usual = s3.store.bucket(name)?.config.encryption ?? { algorithm: "AES256" };
    const sealing = s3.sealer.forNewObject(request.headers, { bucket: name, key }, usual, call);
    return {
      checks: [...writeChecks(incoming, { isCreation: true }), ...sealing.checks],
      run() {
        const bucket = requireBucket(s3, name);
        const { headers, body } = request;
        refuseOtherClasses(headers);
        const lock = lockForNewVersion(bucket.config, headers, s3.clock.now());
        requireDigestForLock(bucket, headers, lock.retention !== undefined || lock.legalHold);
        const { md5, checksum = fullObjectChecksum(body) } = verifyBody(headers, body);
        requireWritePreconditions(headers, key, s3.store.latest(name, key));
        const { encryption, seal } = sealing.unlock();
        const stored = seal(body);
        // Under KMS the entity tag is a digest of the ciphertext: it must tell nothing about the content.
        const etag = (encryption.algorithm === "AES256" ? md5 : createHash("md5").update(stored).digest()).toString(
          "hex",
        );
        const version = insertVersion(s3, bucket, {
          key,
          contents: {
            blob: s3.store.blobs.write(stored),
            sizeBytes: body.length,
            etag,
            checksum,
            headers: keptHeaders(headers),
            encryption,
          },
          tags: tagsOfHeader(headers["x-amz-tagging"]),
          lock,
        });
        return reply(200, {
          etag: `"${etag}"`,
          ...versionHeader(bucket.config, version.versionId),
          ...encryptionHeaders(encryption),
          ...checksumHeaders(checksum),
        });
      },
    };
  },
};
