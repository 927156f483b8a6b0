import { methodNotAllowed, noSuchKey, noSuchVersion, invalidArgument } from "./errors.ts";
import type { Bucket, Contents, Version } from "./model.ts";
import type { S3Context } from "./operation.ts";
import type { S3Request } from "./request.ts";
import { NULL_VERSION, seqOfVersionId, type NewVersion, type Store } from "./store.ts";

/** The `versionId` of a request. Throws InvalidArgument for a text that no version id could be. */
export function requestedVersionId(request: S3Request): string | undefined {
  const versionId = request.query.get("versionId");
  if (versionId === undefined) return undefined;
  if (versionId === "") throw invalidArgument("Version id cannot be the empty string", "versionId");
  if (versionId !== NULL_VERSION && seqOfVersionId(versionId) === undefined) {
    throw invalidArgument("Invalid version id specified", "versionId");
  }
  return versionId;
}

/** The version asked for, or the newest; undefined where there is none. */
export const findVersion = (
  store: Store,
  bucket: string,
  key: string,
  versionId: string | undefined,
): Version | undefined => (versionId === undefined ? store.latest(bucket, key) : store.version(bucket, key, versionId));

const markerHeaders = (version: Version): Record<string, string> => ({
  "x-amz-delete-marker": "true",
  "x-amz-version-id": version.versionId,
});

/**
 * The version with its contents. Throws NoSuchKey where the newest is a delete marker, MethodNotAllowed for a delete
 * marker asked for by its id, NoSuchVersion and NoSuchKey for what is not there.
 */
export function requireObject(
  store: Store,
  place: { readonly bucket: string; readonly key: string; readonly versionId: string | undefined },
): { readonly version: Version; readonly contents: Contents } {
  const { bucket, key, versionId } = place;
  const version = findVersion(store, bucket, key, versionId);
  if (version === undefined) throw versionId === undefined ? noSuchKey(key) : noSuchVersion(key, versionId);
  if (version.contents === undefined) {
    if (versionId === undefined) throw noSuchKey(key, markerHeaders(version));
    const modified = { "last-modified": new Date(version.modifiedAtMs).toUTCString(), allow: "DELETE" };
    throw methodNotAllowed({ ...markerHeaders(version), ...modified });
  }
  return { version, contents: version.contents };
}

/**
 * Writes a version and, where the bucket does not version, takes the place of the null version. Nothing else runs
 * between the caller's condition checks and this: the service has one thread, and all of it is synchronous.
 * `alongside` joins the same transaction.
 */
export function insertVersion(
  s3: S3Context,
  bucket: Bucket,
  version: Omit<NewVersion, "bucket" | "versionId" | "modifiedAtMs">,
  alongside: () => void = () => undefined,
): Version {
  const isVersioned = bucket.config.versioning === "Enabled";
  const replaced = isVersioned ? undefined : s3.store.version(bucket.name, version.key, NULL_VERSION);
  const inserted = s3.store.transaction(() => {
    alongside();
    if (replaced !== undefined) s3.store.deleteVersion(replaced);
    return s3.store.insertVersion({
      ...version,
      bucket: bucket.name,
      versionId: isVersioned ? "new" : "null",
      modifiedAtMs: s3.clock.now(),
    });
  });
  if (replaced?.contents !== undefined) s3.store.releaseBlob(replaced.contents.blob);
  return inserted;
}

/** Removes a version for good, and its bytes if nothing else has them. */
export function removeVersion(s3: S3Context, version: Version): void {
  s3.store.transaction(() => s3.store.deleteVersion(version));
  if (version.contents !== undefined) s3.store.releaseBlob(version.contents.blob);
}
