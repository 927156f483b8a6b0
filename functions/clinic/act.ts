import { createHash, createHmac } from "node:crypto";
import { systemClock } from "../../core/kernel/clock.ts";
import type { Change, Marks, PrivacyFailure } from "../../core/privacy/index.ts";
import { requestFingerprint } from "../../core/record/index.ts";
import type { RecordEvent } from "../../core/record/audit-sink.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import type { Result } from "../../core/kernel/result.ts";
import { idempotencyKey, type Key, type Row, type TableWrite } from "../../core/table/index.ts";
import { type Answer, interactionOf } from "../http/exchange.ts";
import { fail, type Failure } from "../http/failure.ts";
import { type Affair } from "./context.ts";
import { failureOf } from "./failures.ts";
import { isOurs } from "./ids.ts";

/** What an event of the zone says beyond who asks for what. */
export type Told = Partial<Omit<RecordEvent, "classes">>;

const eventOf = ({ exchange }: Affair, told: Told): RecordEvent => ({
  interaction: interactionOf(exchange),
  outcome: "success",
  entities: [],
  classes: [],
  ...told,
});

/** Writes the event of what is about to be answered; without it there is no answer. */
export async function tell(affair: Affair, told: Told): Promise<void> {
  const recorded = await affair.audit.record(affair.grant, eventOf(affair, told));
  if (!recorded.ok) fail({ kind: "unavailable" });
}

/** What was refused may be about nobody: an id that is not ours goes into the sealed detail, which the archive cannot show. */
function withoutForeignIds({ patientId, entities = [], detail, ...rest }: Told): Told {
  const isForeign = patientId !== undefined && !isOurs(patientId);
  return {
    ...rest,
    entities: entities.map(({ id, ...entity }) => (id === undefined || !isOurs(id) ? entity : { ...entity, id })),
    ...(patientId === undefined || isForeign ? {} : { patientId }),
    ...(isForeign ? { detail: { ...detail, patient: patientId } } : detail === undefined ? {} : { detail }),
  };
}

/** Answers a refusal that was met inside an act, once the trail has it. */
export async function failTold(affair: Affair, told: Told, failure: Failure): Promise<never> {
  const isDenied = failure.kind === "forbidden" || failure.kind === "not-found";
  await tell(affair, { ...withoutForeignIds(told), outcome: isDenied ? "denied" : "failure" });
  return fail(failure);
}

export type MakeChange<T> = (marks: Marks) => Promise<Result<Change<T>, PrivacyFailure>>;

/** `conflict`: a row that the change stands on was written meanwhile, or the request had its effect before. */
type Committed<T> = Result<T, { readonly kind: "conflict" }>;

/** A change and its event in one transaction: both are written or neither. */
export async function commit<T>(
  affair: Affair,
  told: Told,
  change: MakeChange<T>,
  more: readonly TableWrite[] = [],
): Promise<Committed<T>> {
  const draft = await affair.audit.draft(affair.grant, eventOf(affair, told));
  if (!draft.ok) return fail({ kind: "unavailable" });
  const { eventId, write, settle } = draft.value;
  const changed = await change({ eventId });
  if (!changed.ok) {
    settle("refused");
    return failTold(affair, told, failureOf(changed.error));
  }
  const written = await affair.table.transactWrite([...changed.value.writes, ...more, write]);
  settle(written.ok ? "stored" : written.error.kind === "unavailable" ? "unknown" : "refused");
  if (written.ok) return { ok: true, value: changed.value.value };
  const { kind } = written.error;
  if (kind === "conflict" || kind === "contended") return { ok: false, error: { kind: "conflict" } };
  return fail(kind === "throttled" ? { kind, retryAfterMs: 1000 } : { kind: "unavailable" });
}

interface Once {
  readonly key: Key;
  readonly print: string;
}

/** The row under which the request had its one effect: of this member, and told apart from other requests under the key. */
function onceOf({ exchange, grant }: Affair): Once {
  const { idempotencyKey: key, event, rawBody } = exchange;
  if (key === undefined) return fail({ kind: "precondition-required", rule: "idempotency-key" });
  const digest = createHash("sha256").update(`${grant.userId}\n${key}`).digest("hex");
  // Keyed with the caller's own key, which no row holds: a plain hash would let a reader of the table confirm a guess.
  const print = requestFingerprint(event.requestContext.http.method, event.rawPath, rawBody);
  return {
    key: idempotencyKey(grant.tenantId, digest),
    print: createHmac("sha256", key).update(print).digest("hex"),
  };
}

async function readEffect({ table }: Affair, { key, print }: Once): Promise<string | undefined> {
  const found = await table.get("data", key, { isConsistent: true });
  if (!found.ok)
    return fail(found.error.kind === "throttled" ? { kind: "throttled", retryAfterMs: 1000 } : { kind: "unavailable" });
  if (found.value === undefined) return undefined;
  const { fp, out } = found.value;
  if (fp !== print) return fail({ kind: "idempotency-mismatch" });
  invariant(typeof out === "string", "an idempotency row of the zone names what was made");
  return out;
}

export interface OneAct<T> {
  readonly told: Told;
  readonly change: MakeChange<T>;
  /** What is made or changed, by an id of ours: the answer finds it again by it. */
  readonly reference: string;
  /** What the change and its event stand on, where that is more than the request began with. */
  readonly under?: Affair;
  /** The answer to what a reference names, as it is now. */
  readonly answer: (reference: string) => Promise<Answer>;
}

/**
 * One effect for one Idempotency-Key of one member. A repeat is answered with what the first one made, and leaves an
 * event that says so.
 */
export async function actOnce<T>(affair: Affair, act: OneAct<T>): Promise<Answer> {
  const once = onceOf(affair);
  const replay = async (known: string): Promise<Answer> => {
    await tell(affair, { ...act.told, replay: true });
    const answer = await act.answer(known);
    return { ...answer, headers: { ...answer.headers, "idempotency-replayed": "true" } };
  };
  const before = await readEffect(affair, once);
  if (before !== undefined) return replay(before);
  const row: Row = { ...once.key, fp: once.print, at: systemClock.now(), out: act.reference };
  const effect: TableWrite = { kind: "put", table: "data", row, condition: { kind: "absent" } };
  const done = await commit(act.under ?? affair, act.told, act.change, [effect]);
  if (done.ok) return act.answer(act.reference);
  const after = await readEffect(affair, once);
  return after === undefined ? failTold(affair, act.told, { kind: "conflict" }) : replay(after);
}
