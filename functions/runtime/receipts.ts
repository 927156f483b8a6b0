import { receiptOf } from "../../core/audit/receipt.ts";
import type { Draft } from "../../core/audit/writer.ts";

/**
 * The receipts of the events that a request left, until its answer takes them with it. They wait under the request's id,
 * which API Gateway gives and no caller chooses.
 */

/** A batch leaves an event for each entry; a header has to end somewhere, and every receipt is in the trail by itself. */
const RECEIPTS_MAX = 32;
/** Requests whose answer never came to take theirs. */
const REQUESTS_MAX = 256;

const waiting = new Map<string, string[]>();

/** Hears of an event that is certainly in the outbox. */
export function noteReceipt(requestId: string, { event, line }: Draft): void {
  const receipts = waiting.get(requestId) ?? [];
  if (receipts.length < RECEIPTS_MAX) receipts.push(receiptOf(event.id, line));
  waiting.delete(requestId);
  waiting.set(requestId, receipts);
  const [oldest] = waiting.keys();
  if (waiting.size > REQUESTS_MAX && oldest !== undefined) waiting.delete(oldest);
}

/** The header of an answer: `<event id>.<32 hex>`, several with commas. Empty for a request that left no event. */
export function takeReceipts(requestId: string): Readonly<Record<string, string>> {
  const receipts = waiting.get(requestId);
  waiting.delete(requestId);
  return receipts === undefined ? {} : { "x-audit-receipt": receipts.join(", ") };
}
