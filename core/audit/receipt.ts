import { chainHash } from "./event.ts";

/**
 * What an answer says of the event that it left: `<event id>.<first 32 hex of SHA-256 of the event's text>`. Who keeps it
 * can ask years later for the proof that this very event is in the log.
 */
export interface Receipt {
  readonly eventId: string;
  readonly hash: string;
}

export const receiptOf = (eventId: string, line: string): string => `${eventId}.${chainHash(line).slice(0, 32)}`;

/** Undefined for a text that is no receipt. */
export function parseReceipt(text: string): Receipt | undefined {
  const match = /^([0-7][0-9a-hjkmnp-tv-z]{25})\.([0-9a-f]{32})$/.exec(text.trim());
  return match === null ? undefined : { eventId: match[1] ?? "", hash: match[2] ?? "" };
}
