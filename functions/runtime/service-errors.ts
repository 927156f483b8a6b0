/** By the names that AWS's services and the SDK give their errors. */
const THROTTLED = /^(Throttling|ThrottlingException|ThrottledException|RequestLimitExceeded|TooManyRequestsException)$/;
const BROKEN_SERVICE =
  /^(ProvisionedThroughputExceededException|InternalServerError|ServiceUnavailable|KMSInternalException|DependencyTimeoutException|TimeoutError|AbortError|InternalFailure|InternalError|SlowDown)$/;
/** Of Node: a connection that broke, also in the middle of an answer. */
const BROKEN_CONNECTION = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/;

/** Whether a service refused for too many requests, and took nothing for it. */
export const isThrottled = ({ name }: { readonly name: string }): boolean => THROTTLED.test(name);

/** Whether a service was overloaded, broken or out of reach: asked again later, it may answer. */
export function isAway(error: Error): boolean {
  const code = "code" in error ? String(error.code) : "";
  return isThrottled(error) || BROKEN_SERVICE.test(error.name) || BROKEN_CONNECTION.test(code);
}
