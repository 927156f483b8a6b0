import { createHash } from "node:crypto";
import { systemClock } from "../../core/kernel/clock.ts";
import type { RegistryKey, RegistryRow, RegistryStore } from "../../core/tenant/registry-store.ts";
import type { Answer, Exchange } from "./exchange.ts";
import { fail, type Failure, HttpFailure } from "./failure.ts";

/** Longer than a working day: a retry after a lost answer is still the same request. */
const REMEMBERED_SECONDS = 48 * 3600;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** After this long without an answer the first run broke off: a function lives half a minute. */
const BROKEN_OFF_MS = 60_000;

/** Failures that say nothing of the request itself: the next try may well succeed. */
const isPassing = ({ kind }: Failure): boolean =>
  kind === "unavailable" || kind === "exception" || kind === "throttled";

/** Gives the first answer, or the first refusal, again. */
function again(known: RegistryRow): Answer {
  if (typeof known["failure"] === "string") return fail(JSON.parse(known["failure"]) as Failure);
  if (typeof known["answer"] !== "string") return fail({ kind: "unavailable", retryAfterMs: 2000 });
  const answer = JSON.parse(known["answer"]) as Answer;
  return { ...answer, headers: { ...answer.headers, "idempotency-replayed": "true" } };
}

/**
 * One effect for one Idempotency-Key of one caller: what the first was answered is answered again, and another request
 * under the key is refused. `keep` takes out what must not be stored, such as a secret that is shown once. The row is
 * written before the effect, so that a repeat that comes too soon is told to wait; one that comes when the first has
 * broken off takes its place.
 * @param keyOf Where the row lies: of a clinic's own administration in a partition of the clinic.
 */
export async function onceOnly(
  exchange: Exchange,
  store: RegistryStore,
  effect: () => Promise<Answer>,
  keep: (answer: Answer) => Answer = (answer) => answer,
  keyOf: (digest: string) => RegistryKey = (digest) => ({ pk: `IDEMP#${digest}`, sk: "IDEMP" }),
): Promise<Answer> {
  const { idempotencyKey, identity } = exchange;
  if (idempotencyKey === undefined) return fail({ kind: "precondition-required", rule: "idempotency-key" });
  const caller = identity?.principal.userId ?? "";
  const nowMs = systemClock.now();
  const key = keyOf(sha256(`${caller}\n${idempotencyKey}`));
  const { http } = exchange.event.requestContext;
  const said = `${exchange.headers["x-approval"] ?? ""}\n${exchange.headers["x-reason"] ?? ""}`;
  const row = {
    ...key,
    fingerprint: sha256(`${http.method}\n${exchange.event.rawPath}\n${said}\n${exchange.rawBody}`),
    begunAtMs: nowMs,
    ttl: Math.ceil(nowMs / 1000) + REMEMBERED_SECONDS,
  };
  let rev = 1;
  const begun = await store.write([{ kind: "create", row: { ...row, rev } }]);
  if (!begun.ok) {
    const known = await store.get(key);
    if (known?.["fingerprint"] !== row.fingerprint) return fail({ kind: "idempotency-mismatch" });
    const isOpen = known["answer"] === undefined && known["failure"] === undefined;
    if (!isOpen || nowMs - Number(known["begunAtMs"]) < BROKEN_OFF_MS) return again(known);
    rev = known.rev + 1;
    const taken = await store.write([{ kind: "replace", row: { ...row, rev }, rev: known.rev }]);
    if (!taken.ok) return fail({ kind: "unavailable", retryAfterMs: 2000 });
  }
  const remember = (what: Readonly<Record<string, string | number>>) =>
    store.write([{ kind: "put", row: { ...row, rev: rev + 1, ...what } }]);
  try {
    const answer = await effect();
    await remember({ answer: JSON.stringify(keep(answer)) });
    return answer;
  } catch (error) {
    // A refusal is an answer too: without it a repeat would wait for one that never comes. After an outage it may go on.
    if (error instanceof HttpFailure)
      await remember(isPassing(error.failure) ? { begunAtMs: 0 } : { failure: JSON.stringify(error.failure) });
    throw error;
  }
}
