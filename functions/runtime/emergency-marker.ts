import { toInstant } from "../../core/kernel/clock.ts";
import type { Grant } from "../../core/policy/grant.ts";

/**
 * The red marker: an answer that was made under a break-glass says so, whichever zone gave it and whatever it says. It
 * waits under the request's id, which API Gateway gives and no caller chooses.
 */
type Emergency = NonNullable<Grant["emergency"]>;

/** Requests whose answer never came to take theirs. */
const REQUESTS_MAX = 256;
const waiting = new Map<string, Emergency>();

/** Notes that a request works under an emergency. */
export function noteEmergency(requestId: string | undefined, emergency: Emergency): void {
  if (requestId === undefined) return;
  waiting.delete(requestId);
  waiting.set(requestId, emergency);
  const [oldest] = waiting.keys();
  if (waiting.size > REQUESTS_MAX && oldest !== undefined) waiting.delete(oldest);
}

/** The header of the request's answer: `x-break-glass: <id>; expires=<instant>`. Empty where it met no emergency. */
export function takeEmergency(requestId: string): Readonly<Record<string, string>> {
  const emergency = waiting.get(requestId);
  waiting.delete(requestId);
  return emergency === undefined
    ? {}
    : { "x-break-glass": `${emergency.id}; expires=${toInstant(emergency.expiresAtMs)}` };
}
