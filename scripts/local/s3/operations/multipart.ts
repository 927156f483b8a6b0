import { createHash, randomBytes } from "node:crypto";
import { invariant } from "../../../../core/kernel/invariant.ts";
import {
  checksumType,
  compositeChecksum,
  fullObjectChecksum,
  namedAlgorithm,
  verifyBody,
  type Checksum,
} from "../checksums.ts";
import { requireWritePreconditions } from "../conditions.ts";
import { invalidArgument, invalidRequest, malformedXml, S3Error } from "../errors.ts";
import type { Part, Upload } from "../model.ts";
import { keptHeaders, refuseOtherClasses, versionHeader } from "../object-headers.ts";
import { asksForLock, defaultRetentionFor, lockForNewVersion } from "../object-lock.ts";
import {
  bucketName,
  objectKey,
  reply,
  requireBucket,
  xmlReply,
  type Incoming,
  type Operation,
  type S3Context,
} from "../operation.ts";
import { encryptionHeaders } from "../sealing.ts";
import { tagsOfHeader } from "../tagging.ts";
import { insertVersion } from "../versions.ts";
import { leaf, xmlDocument } from "../xml.ts";
import { optionalNumber, optionalText, parseBody, refuseUnknownChildren, requiredChild } from "../xml-reader.ts";
import { NEW_OBJECT_HEADERS, writeChecks } from "./put-object.ts";

/** Source: Amazon S3 User Guide, "Multipart upload limits". The last part may be smaller. */
const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_PARTS = 10_000;

const noSuchUpload = (id: string): S3Error =>
  new S3Error(
    "NoSuchUpload",
    404,
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    { UploadId: id },
  );

const uploadId = ({ request }: Incoming): string => request.query.get("uploadId") ?? "";

const findUpload = (incoming: Incoming): Upload | undefined =>
  incoming.s3.store.upload(bucketName(incoming.request), objectKey(incoming.request), uploadId(incoming));

function requireUpload(incoming: Incoming): Upload {
  requireBucket(incoming.s3, bucketName(incoming.request));
  const upload = findUpload(incoming);
  if (upload === undefined) throw noSuchUpload(uploadId(incoming));
  return upload;
}

const createMultipartUpload: Operation = {
  name: "CreateMultipartUpload",
  readOnly: false,
  isManagement: false,
  method: "POST",
  scope: "object",
  select: ["uploads"],
  headers: [...NEW_OBJECT_HEADERS, "x-amz-checksum-algorithm", "x-amz-checksum-type"],
  plan(incoming) {
    const { s3, request, call } = incoming;
    const { headers } = request;
    const name = bucketName(request);
    const key = objectKey(request);
    const usual = s3.store.bucket(name)?.config.encryption ?? { algorithm: "AES256" };
    const sealing = s3.sealer.forNewObject(headers, { bucket: name, key }, usual, call);
    return {
      checks: [...writeChecks(incoming, { isCreation: false }), ...sealing.checks],
      run() {
        const { config } = requireBucket(s3, name);
        refuseOtherClasses(headers);
        const algorithm = namedAlgorithm(headers["x-amz-checksum-algorithm"]);
        const asked = headers["x-amz-checksum-type"];
        if (algorithm === undefined && asked !== undefined) {
          throw invalidRequest(
            "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
          );
        }
        const nowMs = s3.clock.now();
        // The bucket's default retention counts from the finished object, so only a lock of its own is kept here.
        const lock = lockForNewVersion(config, headers, nowMs);
        const { encryption } = sealing.unlock();
        const upload: Upload = {
          id: randomBytes(48).toString("base64url"),
          bucket: name,
          key,
          startedAtMs: nowMs,
          draft: { headers: keptHeaders(headers), encryption },
          tags: tagsOfHeader(headers["x-amz-tagging"]),
          lock: asksForLock(headers) ? lock : { retention: undefined, legalHold: false },
          checksum: algorithm === undefined ? undefined : { algorithm, type: checksumType(algorithm, asked) },
        };
        s3.store.putUpload(upload);
        const body = [leaf("Bucket", name), leaf("Key", key), leaf("UploadId", upload.id)];
        return xmlReply(xmlDocument("InitiateMultipartUploadResult", body), {
          ...encryptionHeaders(encryption),
          ...(upload.checksum === undefined
            ? {}
            : {
                "x-amz-checksum-algorithm": upload.checksum.algorithm.toUpperCase(),
                "x-amz-checksum-type": upload.checksum.type,
              }),
        });
      },
    };
  },
};

const uploadPart: Operation = {
  name: "UploadPart",
  readOnly: false,
  isManagement: false,
  method: "PUT",
  scope: "object",
  select: ["partNumber", "uploadId"],
  plan(incoming) {
    const { s3, request, call, permit } = incoming;
    const { headers, body } = request;
    const upload = findUpload(incoming);
    const sealing = upload && s3.sealer.forStored(upload.draft.encryption, call);
    const context = { "s3:ObjectCreationOperation": false };
    return {
      checks: [
        permit.onObject("PutObject", bucketName(request), objectKey(request), context),
        ...(sealing?.checks ?? []),
      ],
      run() {
        const known = requireUpload(incoming);
        invariant(sealing !== undefined, "a plan with an upload has its key");
        const number = Number(request.query.get("partNumber"));
        if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS) {
          throw invalidArgument("Part number must be an integer between 1 and 10000, inclusive", "partNumber");
        }
        const { md5, checksum } = verifyBody(headers, body);
        if (known.checksum !== undefined && checksum !== undefined && checksum.algorithm !== known.checksum.algorithm) {
          throw invalidRequest("Checksum Type mismatch occurred, the part and the upload use different algorithms");
        }
        const own =
          known.checksum === undefined ? checksum : (checksum ?? fullObjectChecksum(body, known.checksum.algorithm));
        const stored = sealing.unlock().seal(body);
        const replaced = s3.store.parts(known.id).find((part) => part.number === number);
        const etag = md5.toString("hex");
        s3.store.putPart(known.id, {
          number,
          blob: s3.store.blobs.write(stored),
          sizeBytes: body.length,
          etag,
          checksum: own,
          modifiedAtMs: s3.clock.now(),
        });
        if (replaced !== undefined) s3.store.releaseBlob(replaced.blob);
        const shown = own === undefined ? {} : { [`x-amz-checksum-${own.algorithm}`]: own.value };
        return reply(200, { etag: `"${etag}"`, ...encryptionHeaders(known.draft.encryption), ...shown });
      },
    };
  },
};

/** The parts that the client lists, in its order. Throws InvalidPart, InvalidPartOrder, EntityTooSmall, MalformedXML. */
function chosenParts(s3: S3Context, upload: Upload, body: Buffer): readonly Part[] {
  const root = parseBody(body, "CompleteMultipartUpload");
  refuseUnknownChildren(root, ["Part"]);
  if (root.children.length === 0) throw malformedXml();
  const stored = new Map(s3.store.parts(upload.id).map((part) => [part.number, part]));
  const parts = root.children.map((entry): Part => {
    const number = optionalNumber(entry, "PartNumber") ?? 0;
    const etag = requiredChild(entry, "ETag").text.trim().replaceAll('"', "");
    const part = stored.get(number);
    const algorithm = part?.checksum?.algorithm;
    const claimed = algorithm === undefined ? undefined : optionalText(entry, `Checksum${algorithm.toUpperCase()}`);
    if (part === undefined || part.etag !== etag || (claimed !== undefined && claimed !== part.checksum?.value)) {
      throw new S3Error(
        "InvalidPart",
        400,
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        { UploadId: upload.id, PartNumber: String(number), ETag: etag },
      );
    }
    return part;
  });
  if (parts.some((part, index) => index > 0 && part.number <= (parts[index - 1]?.number ?? 0))) {
    throw new S3Error(
      "InvalidPartOrder",
      400,
      "The list of parts was not in ascending order. Parts must be ordered by part number.",
    );
  }
  if (parts.slice(0, -1).some((part) => part.sizeBytes < MIN_PART_BYTES)) {
    throw new S3Error("EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size");
  }
  return parts;
}

function objectChecksum(upload: Upload, parts: readonly Part[], body: Buffer): Checksum {
  if (upload.checksum === undefined) return fullObjectChecksum(body);
  const { algorithm, type } = upload.checksum;
  if (type === "FULL_OBJECT") return fullObjectChecksum(body, algorithm);
  return compositeChecksum(
    algorithm,
    parts.map((part) => part.checksum?.value ?? ""),
  );
}

const completeMultipartUpload: Operation = {
  name: "CompleteMultipartUpload",
  readOnly: false,
  isManagement: false,
  method: "POST",
  scope: "object",
  select: ["uploadId"],
  headers: ["if-match", "if-none-match", "x-amz-checksum-type", "x-amz-mp-object-size"],
  plan(incoming) {
    const { s3, request, call } = incoming;
    const { headers } = request;
    const name = bucketName(request);
    const key = objectKey(request);
    const upload = findUpload(incoming);
    const sealing = upload && s3.sealer.forStored(upload.draft.encryption, call);
    return {
      checks: [...writeChecks(incoming, { isCreation: true }), ...(sealing?.checks ?? [])],
      run() {
        const known = requireUpload(incoming);
        invariant(sealing !== undefined, "a plan with an upload has its key");
        const bucket = requireBucket(s3, name);
        const parts = chosenParts(s3, known, request.body);
        requireWritePreconditions(headers, key, s3.store.latest(name, key));
        const { open, seal } = sealing.unlock();
        const body = Buffer.concat(parts.map((part) => open(s3.store.blobs.read(part.blob))));
        const size = headers["x-amz-mp-object-size"];
        if (size !== undefined && Number(size) !== body.length) {
          throw invalidRequest("The provided 'x-amz-mp-object-size' header does not match what was computed.");
        }
        const checksum = objectChecksum(known, parts, body);
        const claimed = headers[`x-amz-checksum-${checksum.algorithm}`];
        if (claimed !== undefined && claimed.replace(/-\d+$/, "") !== checksum.value.replace(/-\d+$/, "")) {
          const message = `The ${checksum.algorithm.toUpperCase()} you specified did not match the calculated checksum.`;
          throw new S3Error("BadDigest", 400, message);
        }
        const digests = Buffer.concat(parts.map((part) => Buffer.from(part.etag, "hex")));
        const etag = `${createHash("md5").update(digests).digest("hex")}-${parts.length}`;
        const leftover = s3.store.parts(known.id);
        const retention = known.lock.retention ?? defaultRetentionFor(bucket.config, s3.clock.now());
        const contents = {
          ...known.draft,
          blob: s3.store.blobs.write(seal(body)),
          sizeBytes: body.length,
          etag,
          checksum,
        };
        const object = { key, contents, tags: known.tags, lock: { ...known.lock, retention } };
        const version = insertVersion(s3, bucket, object, () => s3.store.deleteUpload(known.id));
        for (const part of leftover) s3.store.releaseBlob(part.blob);
        const answer = [
          leaf("Location", `/${name}/${key}`),
          leaf("Bucket", name),
          leaf("Key", key),
          leaf("ETag", `"${etag}"`),
          leaf(`Checksum${checksum.algorithm.toUpperCase()}`, checksum.value),
          leaf("ChecksumType", checksum.type),
        ];
        return xmlReply(xmlDocument("CompleteMultipartUploadResult", answer), {
          ...versionHeader(bucket.config, version.versionId),
          ...encryptionHeaders(known.draft.encryption),
        });
      },
    };
  },
};

const abortMultipartUpload: Operation = {
  name: "AbortMultipartUpload",
  readOnly: false,
  isManagement: false,
  method: "DELETE",
  scope: "object",
  select: ["uploadId"],
  plan(incoming) {
    const { s3, request, permit } = incoming;
    return {
      checks: [permit.onObject("AbortMultipartUpload", bucketName(request), objectKey(request))],
      run() {
        const upload = requireUpload(incoming);
        const parts = s3.store.parts(upload.id);
        s3.store.deleteUpload(upload.id);
        for (const part of parts) s3.store.releaseBlob(part.blob);
        return reply(204);
      },
    };
  },
};

/** Uploads of large objects in parts. */
export const multipartOperations: readonly Operation[] = [
  createMultipartUpload,
  uploadPart,
  completeMultipartUpload,
  abortMultipartUpload,
];
