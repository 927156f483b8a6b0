import type { Part } from "../model.ts";
import { bucketName, isoTime, objectKey, requireBucket, xmlReply, type Operation } from "../operation.ts";
import { invalidArgument, S3Error } from "../errors.ts";
import { leaf, node, xmlDocument } from "../xml.ts";

function count(text: string | undefined, argument: string): number {
  if (text === undefined) return 1000;
  if (!/^\d{1,9}$/.test(text))
    throw invalidArgument("Provided argument is not an integer or within integer range", argument);
  return Math.min(Number(text), 1000);
}

const partEntry = (part: Part) =>
  node("Part", [
    leaf("PartNumber", part.number),
    leaf("LastModified", isoTime(part.modifiedAtMs)),
    leaf("ETag", `"${part.etag}"`),
    leaf("Size", part.sizeBytes),
    ...(part.checksum === undefined
      ? []
      : [leaf(`Checksum${part.checksum.algorithm.toUpperCase()}`, part.checksum.value)]),
  ]);

const listParts: Operation = {
  name: "ListParts",
  readOnly: true,
  isManagement: false,
  method: "GET",
  scope: "object",
  select: ["uploadId"],
  query: ["max-parts", "part-number-marker"],
  plan({ s3, request, permit }) {
    const bucket = bucketName(request);
    const key = objectKey(request);
    return {
      checks: [permit.onObject("ListMultipartUploadParts", bucket, key)],
      run() {
        requireBucket(s3, bucket);
        const id = request.query.get("uploadId") ?? "";
        const upload = s3.store.upload(bucket, key, id);
        if (upload === undefined)
          throw new S3Error("NoSuchUpload", 404, "The specified upload does not exist.", { UploadId: id });
        const max = count(request.query.get("max-parts"), "max-parts");
        const marker = Number(request.query.get("part-number-marker") ?? 0);
        const rest = s3.store.parts(upload.id).filter((part) => part.number > marker);
        const shown = rest.slice(0, max);
        return xmlReply(
          xmlDocument("ListPartsResult", [
            leaf("Bucket", bucket),
            leaf("Key", key),
            leaf("UploadId", upload.id),
            leaf("PartNumberMarker", marker),
            leaf("NextPartNumberMarker", shown.at(-1)?.number ?? 0),
            leaf("MaxParts", max),
            leaf("IsTruncated", rest.length > shown.length),
            ...shown.map(partEntry),
            leaf("StorageClass", "STANDARD"),
          ]),
        );
      },
    };
  },
};

const listMultipartUploads: Operation = {
  name: "ListMultipartUploads",
  readOnly: true,
  isManagement: false,
  method: "GET",
  scope: "bucket",
  select: ["uploads"],
  query: ["prefix", "max-uploads", "key-marker", "upload-id-marker"],
  plan({ s3, request, permit }) {
    const bucket = bucketName(request);
    return {
      checks: [permit.onBucket("ListBucketMultipartUploads", bucket)],
      run() {
        requireBucket(s3, bucket);
        const prefix = request.query.get("prefix") ?? "";
        const max = count(request.query.get("max-uploads"), "max-uploads");
        const keyMarker = request.query.get("key-marker");
        const idMarker = request.query.get("upload-id-marker");
        const all = s3.store.uploads(bucket).filter((upload) => upload.key.startsWith(prefix));
        const marked = all.findIndex((upload) => upload.key === keyMarker && upload.id === idMarker);
        const rest =
          marked >= 0
            ? all.slice(marked + 1)
            : all.filter((upload) => keyMarker === undefined || upload.key > keyMarker);
        const shown = rest.slice(0, max);
        const last = rest.length > shown.length ? shown.at(-1) : undefined;
        return xmlReply(
          xmlDocument("ListMultipartUploadsResult", [
            leaf("Bucket", bucket),
            leaf("KeyMarker", keyMarker ?? ""),
            leaf("UploadIdMarker", idMarker ?? ""),
            leaf("NextKeyMarker", last?.key),
            leaf("NextUploadIdMarker", last?.id),
            leaf("Prefix", prefix),
            leaf("MaxUploads", max),
            leaf("IsTruncated", last !== undefined),
            ...shown.map((upload) =>
              node("Upload", [
                leaf("Key", upload.key),
                leaf("UploadId", upload.id),
                leaf("StorageClass", "STANDARD"),
                leaf("Initiated", isoTime(upload.startedAtMs)),
              ]),
            ),
          ]),
        );
      },
    };
  },
};

/** What of unfinished uploads is there. */
export const multipartListOperations: readonly Operation[] = [listParts, listMultipartUploads];
