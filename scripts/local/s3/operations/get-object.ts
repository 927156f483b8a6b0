import { invariant } from "../../../../core/kernel/invariant.ts";
import { existingTags } from "../authorization.ts";
import { judgeRead } from "../conditions.ts";
import { objectHeaders, RESPONSE_OVERRIDES } from "../object-headers.ts";
import { bucketName, objectKey, reply, requireBucket, type Incoming, type Operation } from "../operation.ts";
import { parseRange } from "../ranges.ts";
import type { Check } from "../../service.ts";
import type { Version } from "../model.ts";
import { findVersion, requestedVersionId, requireObject } from "../versions.ts";

const READ_HEADERS = [
  "x-amz-checksum-mode",
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
  "range",
];

/** `GetObject` and the like have a second action for requests that name a version. */
export const versioned = (action: string, versionId: string | undefined): string =>
  versionId === undefined ? action : action.replace(/^(Get|Put|Delete)Object/, "$1ObjectVersion");

/**
 * The checks for reading something of an object. Where there is no such object, ListBucket too: S3 tells that a key is
 * missing only to those who may list. Source: Amazon S3 API Reference, GetObject, "Permissions".
 */
export function readChecks(
  incoming: Incoming,
  action: string,
): { readonly checks: readonly Check[]; readonly found: Version | undefined } {
  const { s3, request, permit } = incoming;
  const bucket = bucketName(request);
  const key = objectKey(request);
  const versionId = requestedVersionId(request);
  const found = findVersion(s3.store, bucket, key, versionId);
  const context = { ...existingTags(found), ...(versionId === undefined ? {} : { "s3:VersionId": versionId }) };
  const isMissing = found === undefined || (found.contents === undefined && versionId === undefined);
  const checks = [
    permit.onObject(versioned(action, versionId), bucket, key, context),
    ...(isMissing ? [permit.onBucket("ListBucket", bucket)] : []),
  ];
  return { checks, found };
}

function readOperation(method: "GET" | "HEAD", name: string): Operation {
  return {
    name,
    readOnly: true,
    isManagement: false,
    method,
    scope: "object",
    query: ["versionId", ...Object.keys(RESPONSE_OVERRIDES)],
    headers: READ_HEADERS,
    plan(incoming) {
      const { s3, request, call } = incoming;
      const { checks, found } = readChecks(incoming, "GetObject");
      const withChecksum = request.headers["x-amz-checksum-mode"]?.toUpperCase() === "ENABLED";
      // HEAD shows no byte of the object, but its checksum tells of them.
      const needsBytes = method === "GET" || withChecksum;
      const sealing =
        needsBytes && found?.contents !== undefined ? s3.sealer.forStored(found.contents.encryption, call) : undefined;
      return {
        checks: [...checks, ...(sealing?.checks ?? [])],
        run() {
          const place = {
            bucket: bucketName(request),
            key: objectKey(request),
            versionId: requestedVersionId(request),
          };
          const { config } = requireBucket(s3, place.bucket);
          const { version, contents } = requireObject(s3.store, place);
          const overrides = Object.entries(RESPONSE_OVERRIDES).flatMap(
            ([parameter, header]): readonly [string, string][] => {
              const value = request.query.get(parameter);
              return value === undefined ? [] : [[header, value]];
            },
          );
          const headers = {
            ...objectHeaders(config, version, contents, {
              withChecksum: withChecksum && request.headers["range"] === undefined,
              nowMs: s3.clock.now(),
            }),
            ...Object.fromEntries(overrides),
          };
          const judged = judgeRead(request.headers, { etag: contents.etag, modifiedAtMs: version.modifiedAtMs });
          if (judged === "not-modified") return reply(304, headers);
          const range = parseRange(request.headers["range"], contents.sizeBytes);
          const { first, last } = range ?? { first: 0, last: contents.sizeBytes - 1 };
          const shown = {
            ...headers,
            "content-length": String(last - first + 1),
            ...(range === undefined ? {} : { "content-range": `bytes ${first}-${last}/${contents.sizeBytes}` }),
          };
          const status = range === undefined ? 200 : 206;
          const open = sealing?.unlock().open;
          if (method === "HEAD") return reply(status, shown);
          invariant(open !== undefined, "a plan with an object has its key");
          const bytes = open(s3.store.blobs.read(contents.blob));
          return reply(status, shown, range === undefined ? bytes : bytes.subarray(first, last + 1));
        },
      };
    },
  };
}

export const getObject = readOperation("GET", "GetObject");
export const headObject = readOperation("HEAD", "HeadObject");
