import { ServiceError } from "../service.ts";

/** An S3 error, with the headers that go with it (`x-amz-delete-marker`). `fields` become elements beside Message. */
export class S3Error extends ServiceError {
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    code: string,
    status: number,
    message: string,
    fields: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(code, message, status, fields);
    this.headers = headers;
  }
}

/* Codes, statuses and wording: Amazon S3 API Reference, "Error responses". */

export const noSuchBucket = (name: string): S3Error =>
  new S3Error("NoSuchBucket", 404, "The specified bucket does not exist", { BucketName: name });

export const noSuchKey = (key: string, headers: Readonly<Record<string, string>> = {}): S3Error =>
  new S3Error("NoSuchKey", 404, "The specified key does not exist.", { Key: key }, headers);

export const noSuchVersion = (key: string, versionId: string): S3Error =>
  new S3Error("NoSuchVersion", 404, "The specified version does not exist.", { Key: key, VersionId: versionId });

export const accessDenied = (message = "Access Denied"): S3Error => new S3Error("AccessDenied", 403, message);

export const objectIsLocked = (): S3Error => accessDenied("Access Denied because object protected by object lock.");

export const preconditionFailed = (condition: string): S3Error =>
  new S3Error("PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold", {
    Condition: condition,
  });

export const invalidArgument = (message: string, argument?: string): S3Error =>
  new S3Error("InvalidArgument", 400, message, argument === undefined ? {} : { ArgumentName: argument });

export const invalidRequest = (message: string): S3Error => new S3Error("InvalidRequest", 400, message);

export const invalidBucketState = (message: string): S3Error => new S3Error("InvalidBucketState", 409, message);

export const malformedXml = (): S3Error =>
  new S3Error(
    "MalformedXML",
    400,
    "The XML you provided was not well-formed or did not validate against our published schema",
  );

export const methodNotAllowed = (headers: Readonly<Record<string, string>> = {}): S3Error =>
  new S3Error("MethodNotAllowed", 405, "The specified method is not allowed against this resource.", {}, headers);

/** What this S3 does not do is said so, with 501: it never acts as if the request had asked for less. */
export const notImplemented = (what: "header" | "query" | "operation" | "element"): S3Error =>
  new S3Error(
    "NotImplemented",
    501,
    what === "header"
      ? "A header you provided implies functionality that is not implemented"
      : `A ${what} of the request implies functionality that is not implemented`,
  );
