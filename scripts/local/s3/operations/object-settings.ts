import { existingTags, requestTags } from "../authorization.ts";
import { verifyBody } from "../checksums.ts";
import { invalidRequest, malformedXml, S3Error } from "../errors.ts";
import type { Retention, Version } from "../model.ts";
import { asksForBypass, parseLockMode, parseRetainUntil, requireRetentionChange } from "../object-lock.ts";
import {
  bucketName,
  isoTime,
  objectKey,
  reply,
  requireBucket,
  xmlReply,
  type Incoming,
  type Operation,
  type Plan,
} from "../operation.ts";
import { versionHeader } from "../object-headers.ts";
import { tagsDocument, tagsOfBody } from "../tagging.ts";
import { findVersion, requestedVersionId, requireObject } from "../versions.ts";
import { leaf, xmlDocument } from "../xml.ts";
import { optionalText, parseBody, refuseUnknownChildren } from "../xml-reader.ts";
import type { WireResponse } from "../../service.ts";
import { readChecks, versioned } from "./get-object.ts";

/** An operation on what S3 keeps beside the bytes of a version. `action` has no second form for versions unless `hasVersioned`. */
function settingOperation(
  name: string,
  method: "GET" | "PUT" | "DELETE",
  subresource: string,
  options: { readonly hasVersionAction: boolean; readonly headers?: readonly string[] },
  run: (incoming: Incoming, version: Version) => WireResponse,
): Operation {
  return {
    name,
    readOnly: method === "GET",
    isManagement: false,
    method,
    scope: "object",
    select: [subresource],
    query: ["versionId"],
    headers: options.headers ?? [],
    plan(incoming): Plan {
      const { s3, request, permit } = incoming;
      const bucket = bucketName(request);
      const key = objectKey(request);
      const versionId = requestedVersionId(request);
      const found = findVersion(s3.store, bucket, key, versionId);
      const action = options.hasVersionAction ? versioned(name, versionId) : name;
      const tags = name === "PutObjectTagging" ? requestTags(tagsOfBody(request.body, 10)) : {};
      const context = {
        ...existingTags(found),
        ...tags,
        ...lockContext(incoming, name),
        ...(versionId === undefined ? {} : { "s3:VersionId": versionId }),
      };
      // The second of these checks is there only when the object is not: who may not list is not told so.
      const [, ...absence] = readChecks(incoming, "GetObject").checks;
      return {
        checks: [permit.onObject(action, bucket, key, context), ...absence, ...permit.bypass(bucket, key)],
        run() {
          requireBucket(s3, bucket);
          verifyBody(request.headers, request.body);
          return run(incoming, requireObject(s3.store, { bucket, key, versionId }).version);
        },
      };
    },
  };
}

/** PutObjectRetention and PutObjectLegalHold carry in their body what PutObject carries in headers. */
function lockContext({ request, call }: Incoming, name: string): Readonly<Record<string, string | number>> {
  if (name === "PutObjectLegalHold") return { "s3:object-lock-legal-hold": parseLegalHold(request.body) };
  if (name !== "PutObjectRetention") return {};
  const root = parseBody(request.body, "Retention");
  const mode = optionalText(root, "Mode");
  const until = optionalText(root, "RetainUntilDate");
  const remaining = Math.ceil((Date.parse(until ?? "") - call.nowMs) / 86_400_000);
  return {
    ...(mode === undefined ? {} : { "s3:object-lock-mode": mode }),
    ...(until === undefined ? {} : { "s3:object-lock-retain-until-date": until }),
    ...(Number.isNaN(remaining) ? {} : { "s3:object-lock-remaining-retention-days": remaining }),
  };
}

function requireLockBucket({ s3, request }: Incoming): void {
  if (requireBucket(s3, bucketName(request)).config.objectLock === undefined) {
    throw invalidRequest("Bucket is missing Object Lock Configuration");
  }
}

const noLockConfiguration = (): S3Error =>
  new S3Error("NoSuchObjectLockConfiguration", 404, "The specified object does not have a ObjectLock configuration");

/** An empty element takes the retention away, where it may be. */
function parseRetention(body: Buffer, nowMs: number): Retention | undefined {
  const root = parseBody(body, "Retention");
  refuseUnknownChildren(root, ["Mode", "RetainUntilDate"]);
  const mode = optionalText(root, "Mode");
  const until = optionalText(root, "RetainUntilDate");
  if (mode === undefined && until === undefined) return undefined;
  if (mode === undefined || until === undefined) throw malformedXml();
  if (mode !== "GOVERNANCE" && mode !== "COMPLIANCE") throw malformedXml();
  return { mode: parseLockMode(mode), untilMs: parseRetainUntil(until, nowMs) };
}

function parseLegalHold(body: Buffer): "ON" | "OFF" {
  const root = parseBody(body, "LegalHold");
  refuseUnknownChildren(root, ["Status"]);
  const status = optionalText(root, "Status");
  if (status !== "ON" && status !== "OFF") throw malformedXml();
  return status;
}

const putObjectRetention = settingOperation(
  "PutObjectRetention",
  "PUT",
  "retention",
  { hasVersionAction: false, headers: ["x-amz-bypass-governance-retention"] },
  (incoming, version) => {
    requireLockBucket(incoming);
    const { s3, request } = incoming;
    const nowMs = s3.clock.now();
    const retention = parseRetention(request.body, nowMs);
    requireRetentionChange(version.lock.retention, retention, nowMs, asksForBypass(request.headers));
    s3.store.setLock(version, { ...version.lock, retention });
    return reply(200);
  },
);

const getObjectRetention = settingOperation(
  "GetObjectRetention",
  "GET",
  "retention",
  { hasVersionAction: false },
  (incoming, version) => {
    requireLockBucket(incoming);
    const { retention } = version.lock;
    if (retention === undefined) throw noLockConfiguration();
    const body = [leaf("Mode", retention.mode), leaf("RetainUntilDate", isoTime(retention.untilMs))];
    return xmlReply(xmlDocument("Retention", body));
  },
);

const putObjectLegalHold = settingOperation(
  "PutObjectLegalHold",
  "PUT",
  "legal-hold",
  { hasVersionAction: false },
  (incoming, version) => {
    requireLockBucket(incoming);
    const { s3, request } = incoming;
    s3.store.setLock(version, { ...version.lock, legalHold: parseLegalHold(request.body) === "ON" });
    return reply(200);
  },
);

const getObjectLegalHold = settingOperation(
  "GetObjectLegalHold",
  "GET",
  "legal-hold",
  { hasVersionAction: false },
  (incoming, version) => {
    requireLockBucket(incoming);
    return xmlReply(xmlDocument("LegalHold", [leaf("Status", version.lock.legalHold ? "ON" : "OFF")]));
  },
);

const versionOf = ({ s3, request }: Incoming, version: Version): Record<string, string> =>
  versionHeader(requireBucket(s3, bucketName(request)).config, version.versionId);

const getObjectTagging = settingOperation(
  "GetObjectTagging",
  "GET",
  "tagging",
  { hasVersionAction: true },
  (incoming, version) => xmlReply(tagsDocument(version.tags), versionOf(incoming, version)),
);

const putObjectTagging = settingOperation(
  "PutObjectTagging",
  "PUT",
  "tagging",
  { hasVersionAction: true },
  (incoming, version) => {
    incoming.s3.store.setTags(version, tagsOfBody(incoming.request.body, 10));
    return reply(200, versionOf(incoming, version));
  },
);

const deleteObjectTagging = settingOperation(
  "DeleteObjectTagging",
  "DELETE",
  "tagging",
  { hasVersionAction: true },
  (incoming, version) => {
    incoming.s3.store.setTags(version, {});
    return reply(204, versionOf(incoming, version));
  },
);

/** Retention, legal hold and tags of one version. */
export const objectSettingOperations: readonly Operation[] = [
  putObjectRetention,
  getObjectRetention,
  putObjectLegalHold,
  getObjectLegalHold,
  getObjectTagging,
  putObjectTagging,
  deleteObjectTagging,
];
