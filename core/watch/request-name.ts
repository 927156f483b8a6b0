/**
 * How a request's id stands in the user agent of an AWS call: the SDK replaces what RFC 9110 does not let a token hold.
 * Event, log line and CloudTrail record are compared by this name.
 */
export const userAgentToken = (requestId: string): string => requestId.replaceAll(/[^\w.-]/g, "_");

/** The request that a CloudTrail record's user agent names, the last one where there are several. */
export function requestOfUserAgent(userAgent: string): string | undefined {
  const found = [...userAgent.matchAll(/(?:^|\s)kw\/([\w.-]{1,128})(?=\s|$)/g)];
  return found.at(-1)?.[1];
}
