import { ServiceError } from "../service.ts";
import type { AuthFailure, SignatureClaim } from "./sigv4-claim.ts";

/** AWS words the same refusal in three ways: the JSON services, the query services, and S3. */
export type ErrorFamily = "json" | "query" | "s3";

export const familyOf = (signingName: string): ErrorFamily =>
  signingName === "s3" ? "s3" : signingName === "sts" || signingName === "iam" ? "query" : "json";

/** The refusal of an unauthenticated request, as the service of the family would say it. */
export function authError(failure: AuthFailure, family: ErrorFamily, claim?: SignatureClaim): ServiceError {
  const [code, message, status] = wording(failure, family, claim?.form ?? "header");
  return new ServiceError(code, message, status);
}

/** Not allowed, after the caller is known. Source: IAM User Guide, "Troubleshoot access denied error messages". */
export const accessDenied = (message: string, family: ErrorFamily): ServiceError =>
  family === "json"
    ? new ServiceError("AccessDeniedException", message, 400)
    : new ServiceError("AccessDenied", message, 403);

type Wording = readonly [code: string, message: string, status: number];

const MISMATCH =
  "The request signature we calculated does not match the signature you provided. " +
  "Check your AWS Secret Access Key and signing method.";
const BAD_TOKEN = "The security token included in the request is invalid.";
const EXPIRED_TOKEN = "The security token included in the request is expired";

function wording(failure: AuthFailure, family: ErrorFamily, form: "header" | "query"): Wording {
  const pick = (json: Wording, query: Wording, s3: Wording): Wording => ({ json, query, s3 })[family];
  const mismatch = (message: string): Wording =>
    pick(
      ["InvalidSignatureException", message, 400],
      ["SignatureDoesNotMatch", message, 403],
      ["SignatureDoesNotMatch", message, 403],
    );
  switch (failure.kind) {
    case "missing":
      return pick(
        ["MissingAuthenticationTokenException", "Request is missing Authentication Token", 400],
        ["MissingAuthenticationToken", "Request is missing Authentication Token", 403],
        ["AccessDenied", "Access Denied", 403],
      );
    case "incomplete":
      return pick(
        ["IncompleteSignatureException", failure.detail, 400],
        ["IncompleteSignature", failure.detail, 400],
        [form === "query" ? "AuthorizationQueryParametersError" : "AuthorizationHeaderMalformed", failure.detail, 400],
      );
    case "unsupported":
      return pick(
        ["IncompleteSignatureException", failure.detail, 400],
        ["IncompleteSignature", failure.detail, 400],
        ["InvalidRequest", failure.detail, 400],
      );
    case "wrong-region": {
      const message = "Credential should be scoped to a valid region.";
      return pick(
        ["InvalidSignatureException", message, 400],
        ["SignatureDoesNotMatch", message, 403],
        [
          "AuthorizationHeaderMalformed",
          `The authorization header is malformed; the region is wrong; expecting '${failure.expected}'`,
          400,
        ],
      );
    }
    case "skewed": {
      const message = `Signature not current: ${failure.amzDate} is not within 5 minutes of ${toAmzDate(failure.nowMs)}`;
      return pick(
        ["InvalidSignatureException", message, 400],
        ["SignatureDoesNotMatch", message, 403],
        ["RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", 403],
      );
    }
    case "expired-url":
      return family === "s3" ? ["AccessDenied", "Request has expired", 403] : mismatch("Signature expired");
    case "unknown-key":
      return pick(
        ["UnrecognizedClientException", BAD_TOKEN, 400],
        ["InvalidClientTokenId", BAD_TOKEN, 403],
        ["InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403],
      );
    case "bad-token":
      return pick(
        ["UnrecognizedClientException", BAD_TOKEN, 400],
        ["InvalidClientTokenId", BAD_TOKEN, 403],
        ["InvalidToken", "The provided token is malformed or otherwise invalid.", 400],
      );
    case "expired-token":
      return pick(
        ["ExpiredTokenException", EXPIRED_TOKEN, 400],
        ["ExpiredToken", EXPIRED_TOKEN, 403],
        ["ExpiredToken", "The provided token has expired.", 400],
      );
    case "unsigned-header":
      return family === "s3"
        ? ["AccessDenied", "There were headers present in the request which were not signed", 403]
        : mismatch("There were headers present in the request which were not signed");
    case "mismatch":
      return mismatch(MISMATCH);
    case "body-hash":
      return [
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        400,
      ];
    case "bad-chunk":
      return mismatch(MISMATCH);
    case "incomplete-body":
      return ["IncompleteBody", "The request body terminated unexpectedly", 400];
  }
}

const toAmzDate = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, "");
