/** Lambda's quotas that code can meet. Source: Lambda Developer Guide, "Lambda quotas", opened 2026-11. */

/** 6 MB: the body of a synchronous invocation. */
export const SYNCHRONOUS_REQUEST_BYTES = 6_291_456;
/** What the runtime API takes as an answer: 6 MB and a little for its own envelope. */
export const RESPONSE_BYTES = 6_291_556;
/** 1 MB since October 2025 (256 KB before). */
export const ASYNCHRONOUS_REQUEST_BYTES = 1_048_576;
/** How long an environment may take to load before the function's own time limit counts as well. */
export const INIT_MS = 10_000;
/** Asynchronous invocations: two retries, after one and two minutes, and never older than six hours. */
export const ASYNCHRONOUS_RETRY_DELAYS_MS = [60_000, 120_000] as const;
export const ASYNCHRONOUS_MAX_AGE_MS = 6 * 3_600_000;
