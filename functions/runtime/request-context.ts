import { AsyncLocalStorage } from "node:async_hooks";
import { observeKeyUse } from "../../core/crypto/index.ts";
import { createKeyLedger, type KeyLedger } from "./key-use.ts";

/** The one invocation that code runs in, wherever it was called from. */
export interface RequestContext {
  /** As events, log lines and the user agents of AWS calls name it. */
  readonly requestId: string;
  readonly ledger: KeyLedger;
}

const storage = new AsyncLocalStorage<RequestContext>();
const outside = createKeyLedger({ requestId: "none" });

observeKeyUse((use) => {
  const context = storage.getStore();
  if (context !== undefined) return context.ledger.add(use);
  // Code that left its request, or never had one, is written down by itself and at once.
  outside.add(use);
  outside.close();
});

export const currentRequestId = (): string | undefined => storage.getStore()?.requestId;

/** Who asked, once it is known: for the key-use line of the invocation. */
export const describeRequest = (facts: Parameters<KeyLedger["describe"]>[0]): void =>
  storage.getStore()?.ledger.describe(facts);

/**
 * Runs one invocation: every AWS call in it carries `kw/<requestId>` in its user agent, and every sealed record that it
 * opens is in the key-use line that ends it, also where it throws.
 */
export async function inRequest<T>(requestId: string, work: () => Promise<T>): Promise<T> {
  const ledger = createKeyLedger({ requestId });
  try {
    return await storage.run({ requestId, ledger }, work);
  } finally {
    ledger.close();
  }
}
