/**
 * One request as a text that can be hashed: what a bound step-up is for. The browser and the server make it in the same
 * way, each from what it sends or was sent. Headers are not part of it: an Idempotency-Key is new with each try.
 * @param bodyDigest SHA-256 of the body's bytes, hex; of no bytes where there is no body.
 */
export const actText = (method: string, pathAndQuery: string, bodyDigest: string): string =>
  `keyward-act/1\n${method.toUpperCase()}\n${pathAndQuery}\n${bodyDigest}`;

/** A SHA-256 of `actText`, hex. */
export const ACT_PATTERN = /^[0-9a-f]{64}$/;
