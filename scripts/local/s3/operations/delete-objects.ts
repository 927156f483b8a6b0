import { CHECKSUM_HEADERS, verifyBody } from "../checksums.ts";
import { invalidRequest, malformedXml, S3Error } from "../errors.ts";
import { asksForBypass } from "../object-lock.ts";
import { bucketName, requireBucket, xmlReply, type Operation } from "../operation.ts";
import { NULL_VERSION, seqOfVersionId } from "../store.ts";
import { leaf, node, xmlDocument, type Xml } from "../xml.ts";
import { booleanChild, optionalText, parseBody, refuseUnknownChildren, requiredChild } from "../xml-reader.ts";
import { deleteOne, type Deleted } from "./delete-object.ts";
import { versioned } from "./get-object.ts";

const MAX_OBJECTS = 1000;

interface Target {
  readonly key: string;
  readonly versionId: string | undefined;
  readonly ifMatch: string | undefined;
}

function parseTargets(body: Buffer): { readonly targets: readonly Target[]; readonly isQuiet: boolean } {
  const root = parseBody(body, "Delete");
  refuseUnknownChildren(root, ["Object", "Quiet"]);
  const objects = root.children.filter((child) => child.name === "Object");
  if (objects.length === 0 || objects.length > MAX_OBJECTS) throw malformedXml();
  const targets = objects.map((object): Target => {
    refuseUnknownChildren(object, ["Key", "VersionId", "ETag"]);
    const { text: key } = requiredChild(object, "Key");
    if (key === "") throw malformedXml();
    return { key, versionId: optionalText(object, "VersionId"), ifMatch: optionalText(object, "ETag") };
  });
  return { targets, isQuiet: booleanChild(root, "Quiet") };
}

const deletedEntry = (target: Target, deleted: Deleted): Xml =>
  node("Deleted", [
    leaf("Key", target.key),
    leaf("VersionId", target.versionId),
    leaf("DeleteMarker", deleted.isMarker ? true : undefined),
    leaf("DeleteMarkerVersionId", deleted.isMarker ? deleted.versionId : undefined),
  ]);

const errorEntry = (target: Target, error: S3Error): Xml =>
  node("Error", [
    leaf("Key", target.key),
    leaf("VersionId", target.versionId),
    leaf("Code", error.code),
    leaf("Message", error.message),
  ]);

/** Every key is asked permission for, and one refusal refuses the whole request; AWS answers key by key. */
export const deleteObjects: Operation = {
  name: "DeleteObjects",
  readOnly: false,
  isManagement: false,
  method: "POST",
  scope: "bucket",
  select: ["delete"],
  headers: ["x-amz-bypass-governance-retention"],
  plan({ s3, request, permit }) {
    const name = bucketName(request);
    const { headers, body } = request;
    const { targets, isQuiet } = parseTargets(body);
    const checks = targets.flatMap(({ key, versionId, ifMatch }) => [
      permit.onObject(
        versioned("DeleteObject", versionId),
        name,
        key,
        versionId === undefined ? {} : { "s3:VersionId": versionId },
      ),
      ...(ifMatch === undefined ? [] : [permit.onObject("GetObject", name, key)]),
      ...permit.bypass(name, key),
    ]);
    return {
      checks,
      run() {
        const bucket = requireBucket(s3, name);
        if (headers["content-md5"] === undefined && !CHECKSUM_HEADERS.some((header) => headers[header] !== undefined)) {
          throw invalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
        }
        verifyBody(headers, body);
        const entries = targets.map((target): Xml => {
          try {
            const isOdd =
              target.versionId !== undefined &&
              target.versionId !== NULL_VERSION &&
              seqOfVersionId(target.versionId) === undefined;
            if (isOdd) throw new S3Error("NoSuchVersion", 404, "The specified version does not exist.");
            const deleted = deleteOne(s3, bucket, target, asksForBypass(headers));
            return isQuiet ? leaf("Deleted", undefined) : deletedEntry(target, deleted);
          } catch (error) {
            if (!(error instanceof S3Error)) throw error;
            return errorEntry(target, error);
          }
        });
        return xmlReply(xmlDocument("DeleteResult", entries));
      },
    };
  },
};
