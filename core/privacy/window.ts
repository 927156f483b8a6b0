/** Clocks of two processes may differ by this much. */
export const CLOCK_SLACK_MS = 5_000;

/**
 * Whether a permission that was given at `from` and ends at `until` stands now. One that begins in the future was given by
 * a clock that was wrong, or read by one that was set back: it does not stand, or a moved clock would prolong it.
 */
export const isWithin = (nowMs: number, from: number, until: number): boolean =>
  nowMs >= from - CLOCK_SLACK_MS && nowMs < until;
