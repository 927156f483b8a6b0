import { createHash } from "node:crypto";
import { systemClock } from "../../core/kernel/clock.ts";
import type { RegistryStore } from "../../core/tenant/registry-store.ts";
import type { Answer, Exchange } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";

/** Longer than a working day: a retry after a lost answer is still the same request. */
const REMEMBERED_SECONDS = 48 * 3600;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * One effect for one Idempotency-Key of one caller: the answer of the first is given again, and another request under
 * the key is refused. `keep` takes out what must not be stored, such as a secret that is shown once. The row is written before the effect, so that a repeat that comes too soon is told to wait.
 */
export async function onceOnly(
  exchange: Exchange,
  store: RegistryStore,
  effect: () => Promise<Answer>,
  keep: (answer: Answer) => Answer = (answer) => answer,
): Promise<Answer> {
  const { idempotencyKey, identity } = exchange;
  if (idempotencyKey === undefined) return fail({ kind: "precondition-required", rule: "idempotency-key" });
  const caller = identity?.principal.userId ?? "";
  const key = { pk: `IDEMP#${sha256(`${caller}\n${idempotencyKey}`)}`, sk: "IDEMP" };
  const fingerprint = sha256(
    `${exchange.event.requestContext.http.method}\n${exchange.event.rawPath}\n${exchange.rawBody}`,
  );
  const ttl = Math.ceil(systemClock.now() / 1000) + REMEMBERED_SECONDS;
  const begun = await store.write([{ kind: "create", row: { ...key, rev: 1, fingerprint, ttl } }]);
  if (!begun.ok) {
    const known = await store.get(key);
    if (known?.["fingerprint"] !== fingerprint) return fail({ kind: "idempotency-mismatch" });
    if (typeof known["answer"] !== "string") return fail({ kind: "unavailable", retryAfterMs: 2000 });
    const answer = JSON.parse(known["answer"]) as Answer;
    return { ...answer, headers: { ...answer.headers, "idempotency-replayed": "true" } };
  }
  const answer = await effect();
  await store.write([{ kind: "put", row: { ...key, rev: 2, fingerprint, ttl, answer: JSON.stringify(keep(answer)) } }]);
  return answer;
}
