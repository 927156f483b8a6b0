import type { ServiceError } from "../service.ts";

/**
 * The class that S3 bills an operation in; undefined for what is free. Source: Amazon S3 pricing, requests: PUT, COPY, POST
 * and LIST are one class, GET, SELECT and all other requests the next, DELETE and CANCEL are free.
 */
export function s3Class(operation: string): "s3-put-requests" | "s3-get-requests" | undefined {
  if (/^(?:Delete|Abort)/.test(operation)) return undefined;
  if (/^(?:Get|Head)/.test(operation)) return "s3-get-requests";
  return "s3-put-requests";
}

/**
 * Whether an answer is billed: 3xx and 4xx to the owner's own callers are, 5xx are not.
 * Source: Amazon S3 User Guide, "Billing for Amazon S3 error responses".
 */
export const isBilledError = (error: Pick<ServiceError, "status"> | undefined): boolean =>
  error === undefined || error.status < 500;
