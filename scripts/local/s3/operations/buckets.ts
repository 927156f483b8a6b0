import { verifyBody } from "../checksums.ts";
import { NEW_BUCKET } from "../bucket-config.ts";
import { invalidArgument, malformedXml, notImplemented, S3Error } from "../errors.ts";
import { bucketName, isoTime, reply, requireBucket, xmlReply, type Operation } from "../operation.ts";
import { leaf, node, xmlDocument } from "../xml.ts";
import { optionalText, parseBody, refuseUnknownChildren } from "../xml-reader.ts";

/** Source: Amazon S3 User Guide, "General purpose bucket naming rules". */
export function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes("..") &&
    !/^\d{1,3}(\.\d{1,3}){3}$/.test(name) &&
    !/^(?:xn--|sthree-|amzn-s3-demo-)/.test(name) &&
    !/(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name)
  );
}

/** The Region in the body must be this one; no body means us-east-1. Throws IllegalLocationConstraintException. */
function requireOurRegion(body: Buffer, region: string): void {
  if (body.length === 0) return;
  const root = parseBody(body, "CreateBucketConfiguration");
  refuseUnknownChildren(root, ["LocationConstraint"]);
  const asked = optionalText(root, "LocationConstraint");
  if (asked === undefined || asked === "") throw malformedXml();
  if (asked === region && region !== "us-east-1") return;
  const message = `The ${asked} location constraint is incompatible for the region specific endpoint this request was sent to.`;
  throw new S3Error("IllegalLocationConstraintException", 400, message);
}

const createBucket: Operation = {
  name: "CreateBucket",
  readOnly: false,
  isManagement: true,
  method: "PUT",
  scope: "bucket",
  headers: ["x-amz-bucket-object-lock-enabled", "x-amz-object-ownership", "x-amz-acl"],
  plan({ s3, request, permit }) {
    const name = bucketName(request);
    const { headers, body } = request;
    const isLocked = headers["x-amz-bucket-object-lock-enabled"]?.toLowerCase() === "true";
    return {
      checks: [
        permit.onBucket("CreateBucket", name),
        ...(isLocked
          ? [permit.onBucket("PutBucketObjectLockConfiguration", name), permit.onBucket("PutBucketVersioning", name)]
          : []),
      ],
      run() {
        if (!isBucketName(name)) throw new S3Error("InvalidBucketName", 400, "The specified bucket is not valid.");
        if ((headers["x-amz-object-ownership"] ?? "BucketOwnerEnforced") !== "BucketOwnerEnforced")
          throw notImplemented("header");
        if ((headers["x-amz-acl"] ?? "private") !== "private") throw notImplemented("header");
        verifyBody(headers, body);
        requireOurRegion(body, s3.region);
        if (s3.store.bucket(name) !== undefined) {
          throw new S3Error(
            "BucketAlreadyOwnedByYou",
            409,
            "Your previous request to create the named bucket succeeded and you already own it.",
            { BucketName: name },
          );
        }
        s3.store.putBucket({
          name,
          createdAtMs: s3.clock.now(),
          config: isLocked ? { ...NEW_BUCKET, versioning: "Enabled", objectLock: {} } : NEW_BUCKET,
        });
        return reply(200, { location: `/${name}` });
      },
    };
  },
};

const deleteBucket: Operation = {
  name: "DeleteBucket",
  readOnly: false,
  isManagement: true,
  method: "DELETE",
  scope: "bucket",
  plan({ s3, request, permit }) {
    const name = bucketName(request);
    return {
      checks: [permit.onBucket("DeleteBucket", name)],
      run() {
        requireBucket(s3, name);
        if (!s3.store.isEmpty(name)) {
          const message = "The bucket you tried to delete is not empty. You must delete all versions in the bucket.";
          throw new S3Error("BucketNotEmpty", 409, message, { BucketName: name });
        }
        const parts = s3.store.uploads(name).flatMap((upload) => s3.store.parts(upload.id));
        s3.store.deleteBucket(name);
        for (const part of parts) s3.store.releaseBlob(part.blob);
        return reply(204);
      },
    };
  },
};

const headBucket: Operation = {
  name: "HeadBucket",
  readOnly: true,
  isManagement: false,
  method: "HEAD",
  scope: "bucket",
  plan({ s3, request, permit }) {
    const name = bucketName(request);
    return {
      checks: [permit.onBucket("ListBucket", name)],
      run() {
        requireBucket(s3, name);
        return reply(200, { "x-amz-bucket-region": s3.region, "content-type": "application/xml" });
      },
    };
  },
};

const getBucketLocation: Operation = {
  name: "GetBucketLocation",
  readOnly: true,
  isManagement: true,
  method: "GET",
  scope: "bucket",
  select: ["location"],
  plan({ s3, request, permit }) {
    const name = bucketName(request);
    return {
      checks: [permit.onBucket("GetBucketLocation", name)],
      run() {
        requireBucket(s3, name);
        // The first Region has no name here: an empty element.
        const constraint = s3.region === "us-east-1" ? "" : s3.region;
        return xmlReply(xmlDocument("LocationConstraint", []).replace("></", `>${constraint}</`));
      },
    };
  },
};

const listBuckets: Operation = {
  name: "ListBuckets",
  readOnly: true,
  isManagement: true,
  method: "GET",
  scope: "account",
  query: ["prefix", "max-buckets", "continuation-token", "bucket-region"],
  plan({ s3, request, permit, call }) {
    return {
      checks: [permit.onAccount("ListAllMyBuckets")],
      run() {
        const prefix = request.query.get("prefix") ?? "";
        const limit = Number(request.query.get("max-buckets") ?? 10_000);
        if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
          throw invalidArgument("max-buckets must be 1 to 10000", "max-buckets");
        const after = request.query.get("continuation-token");
        const inRegion = (request.query.get("bucket-region") ?? s3.region) === s3.region;
        const all = inRegion ? s3.store.buckets().filter((bucket) => bucket.name.startsWith(prefix)) : [];
        const rest =
          after === undefined ? all : all.filter((bucket) => bucket.name > Buffer.from(after, "base64url").toString());
        const shown = rest.slice(0, limit);
        const last = rest.length > shown.length ? shown.at(-1) : undefined;
        return xmlReply(
          xmlDocument("ListAllMyBucketsResult", [
            node("Owner", [leaf("ID", call.caller.accountId)]),
            node(
              "Buckets",
              shown.map((bucket) =>
                node("Bucket", [
                  leaf("Name", bucket.name),
                  leaf("CreationDate", isoTime(bucket.createdAtMs)),
                  leaf("BucketRegion", s3.region),
                ]),
              ),
            ),
            leaf("Prefix", prefix === "" ? undefined : prefix),
            leaf("ContinuationToken", last === undefined ? undefined : Buffer.from(last.name).toString("base64url")),
          ]),
        );
      },
    };
  },
};

/** Buckets themselves. */
export const bucketOperations: readonly Operation[] = [
  createBucket,
  deleteBucket,
  headBucket,
  getBucketLocation,
  listBuckets,
];
