import type { Clock } from "../kernel/clock.ts";

export interface RetryLimits {
  readonly maxAttempts: number;
  /** From the first attempt to the last answer. */
  readonly deadlineMs: number;
  readonly basePauseMs: number;
  readonly maxPauseMs: number;
}

/** A page of a clinic's portal waits seconds, not minutes: API Gateway itself gives up after 30. */
export const RETRY_LIMITS: RetryLimits = { maxAttempts: 5, deadlineMs: 8_000, basePauseMs: 25, maxPauseMs: 1_000 };

export interface RetryDeps {
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly limits: RetryLimits;
}

export type Attempt<T> =
  | { readonly kind: "done"; readonly value: T }
  /** `value` is the answer where no attempt is left. */
  | { readonly kind: "again"; readonly value: T };

/**
 * Runs `attempt` until it is done, attempts are used up, or the next pause would pass the deadline.
 * Pauses are full jitter: uniform between zero and a doubling bound (AWS Architecture Blog, "Exponential Backoff And Jitter").
 */
export async function withRetries<T>(
  deps: RetryDeps,
  attempt: (remainingMs: number, index: number) => Promise<Attempt<T>>,
): Promise<T> {
  const { clock, limits } = deps;
  const deadlineAtMs = clock.now() + limits.deadlineMs;
  for (let index = 0; ; index += 1) {
    const outcome = await attempt(Math.max(1, deadlineAtMs - clock.now()), index);
    if (outcome.kind === "done" || index + 1 >= limits.maxAttempts) return outcome.value;
    const pauseMs = deps.random() * Math.min(limits.maxPauseMs, limits.basePauseMs * 2 ** index);
    if (clock.now() + pauseMs >= deadlineAtMs) return outcome.value;
    await deps.sleep(pauseMs);
  }
}
