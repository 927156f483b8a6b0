import type { Clock } from "../../../core/kernel/clock.ts";
import type { Throttle } from "./routes.ts";

/**
 * A token bucket: `burst` requests at once, then `ratePerSecond`.
 * @returns a function that says whether one more request may pass now.
 */
export function createThrottle({ ratePerSecond, burst }: Throttle, clock: Clock): () => boolean {
  let tokens = burst;
  let filledAtMs = clock.now();
  return () => {
    const nowMs = clock.now();
    tokens = Math.min(burst, tokens + (Math.max(0, nowMs - filledAtMs) / 1000) * ratePerSecond);
    filledAtMs = nowMs;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
