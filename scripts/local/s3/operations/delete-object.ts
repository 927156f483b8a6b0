import { existingTags } from "../authorization.ts";
import { requireDeletePrecondition } from "../conditions.ts";
import type { Bucket } from "../model.ts";
import { asksForBypass, NO_LOCK, requireDeletable } from "../object-lock.ts";
import { bucketName, objectKey, reply, requireBucket, type Operation, type S3Context } from "../operation.ts";
import { findVersion, insertVersion, removeVersion, requestedVersionId } from "../versions.ts";
import { versioned } from "./get-object.ts";

/** What a delete did. `versionId` is the marker that was made, or the version that is gone. */
export interface Deleted {
  readonly versionId: string | undefined;
  readonly isMarker: boolean;
}

/**
 * Deletes one object or version. Without a version id a versioned bucket gets a delete marker, which hides and destroys
 * nothing; with one, the version goes for good unless a lock holds it. Throws AccessDenied, PreconditionFailed.
 */
export function deleteOne(
  s3: S3Context,
  bucket: Bucket,
  target: { readonly key: string; readonly versionId: string | undefined; readonly ifMatch: string | undefined },
  bypassGovernance: boolean,
): Deleted {
  const { key, versionId, ifMatch } = target;
  const current = findVersion(s3.store, bucket.name, key, versionId);
  requireDeletePrecondition(ifMatch, key, current);
  if (versionId !== undefined) {
    if (current === undefined) return { versionId, isMarker: false };
    requireDeletable(current.lock, s3.clock.now(), bypassGovernance);
    removeVersion(s3, current);
    return { versionId, isMarker: current.contents === undefined };
  }
  if (bucket.config.versioning === undefined) {
    if (current !== undefined) removeVersion(s3, current);
    return { versionId: undefined, isMarker: false };
  }
  const marker = insertVersion(s3, bucket, { key, contents: undefined, tags: {}, lock: NO_LOCK });
  return { versionId: marker.versionId, isMarker: true };
}

export const deleteObject: Operation = {
  name: "DeleteObject",
  readOnly: false,
  isManagement: false,
  method: "DELETE",
  scope: "object",
  query: ["versionId"],
  headers: ["x-amz-bypass-governance-retention", "if-match"],
  plan({ s3, request, permit }) {
    const bucket = bucketName(request);
    const key = objectKey(request);
    const versionId = requestedVersionId(request);
    const ifMatch = request.headers["if-match"];
    const context = {
      ...existingTags(findVersion(s3.store, bucket, key, versionId)),
      ...(versionId === undefined ? {} : { "s3:VersionId": versionId }),
    };
    return {
      checks: [
        permit.onObject(versioned("DeleteObject", versionId), bucket, key, context),
        ...(ifMatch === undefined ? [] : [permit.onObject("GetObject", bucket, key, context)]),
        ...permit.bypass(bucket, key),
      ],
      run() {
        const target = { key, versionId, ifMatch };
        const deleted = deleteOne(s3, requireBucket(s3, bucket), target, asksForBypass(request.headers));
        return reply(204, {
          ...(deleted.versionId === undefined ? {} : { "x-amz-version-id": deleted.versionId }),
          ...(deleted.isMarker ? { "x-amz-delete-marker": "true" } : {}),
        });
      },
    };
  },
};
