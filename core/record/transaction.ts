import type { BundleEnvelope } from "../fhir/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { TableWrite } from "../table/index.ts";
import { TRANSACTION_LIMIT } from "../table/index.ts";
import { calendarChanges, calendarRows, calendarWrites, whileContended } from "./calendar.ts";
import type { TransactionPlan } from "./bundle-plan.ts";
import { planTransaction } from "./bundle-plan.ts";
import type { Change } from "./changes.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { tableFailure } from "./failure.ts";
import { guardingOf, guardWrites, patientsTouched, touchesOf } from "./guards.ts";
import type { OneEffect } from "./idempotency.ts";
import { effectKey, effectWrite, replayOf } from "./idempotency.ts";
import type { EntryOutcome, TransactionResult } from "./outcomes.ts";
import { resultOf, writtenOf } from "./outcomes.ts";
import type { PlannedWrite } from "./planned-write.ts";
import { changeOf, eventOf, HEIR, reportingIn, rowsOf } from "./planned-write.ts";
import { readRows } from "./reader.ts";
import { commitStaged, stagedSource } from "./staged.ts";

/** Entries from which on a bundle may need staging: then its ids are made so that a second sending makes the same. */
const MAYBE_STAGED_ENTRIES = 24;

/**
 * Writes a transaction bundle. Up to 100 rows go as one DynamoDB transaction; more than that as a staged one if every
 * write is a creation, because unseen rows hurt nobody. A larger mix of changes is refused: it could not be atomic.
 */
export async function writeTransaction(
  desk: Desk,
  envelope: BundleEnvelope,
  effect: OneEffect | undefined,
): Promise<Result<TransactionResult, RecordFailure>> {
  const isLarge = envelope.entries.length > MAYBE_STAGED_ENTRIES;
  const staging = isLarge ? await stagedSource(desk, effect) : ok(undefined);
  if (!staging.ok) return staging;
  const before = effect ? await replayBefore(desk, effect, envelope.entries.length) : undefined;
  if (before) return before;
  const source = staging.value ?? { nowMs: desk.clock.now() };
  const plan = await planTransaction(desk, envelope, source);
  if (!plan.ok) return plan;
  const { writes } = plan.value;
  if (writes.length === 0) return ok(resultOf(plan.value, [], false));
  const touches = touchesOf(desk, writes);
  const calendar = calendarChanges(writes);
  const guards = patientsTouched(touches).length + calendarRows(desk, calendar);
  const reporting = reportingIn(writes);
  const rows = writes.reduce((sum, write) => sum + rowsOf(write, reporting), guards) + (effect ? 2 : 1);
  if (rows <= TRANSACTION_LIMIT) {
    const done = await whileContended(calendar, () =>
      commitAtOnce({ ...desk, reporting }, plan.value, effect, source.nowMs),
    );
    // A bundle of few but large records is over 4 MB: staged, it fits.
    if (done.ok || done.error.kind !== "too-long" || !isLarge) return done;
  }
  const creations = writes.filter((write) => write.kind === "create");
  if (writes.some(({ index }) => index === HEIR)) return err({ kind: "too-costly", rule: "relabel-size" });
  if (creations.length < writes.length) return err({ kind: "not-supported", rule: "transaction-mixed-too-large" });
  return commitStaged({ ...desk, reporting, isStaging: true }, plan.value, creations, effect, source);
}

async function replayBefore(
  desk: Desk,
  effect: OneEffect,
  entryCount: number,
): Promise<Result<TransactionResult, RecordFailure> | undefined> {
  const rows = await readRows(desk, [effectKey(desk, effect)]);
  if (!rows.ok) return rows;
  const replay = replayOf(rows.value[0], effect);
  if (replay.kind === "new") return undefined;
  if (replay.kind === "other") return err({ kind: "conflict", reason: "idempotency" });
  const outcomes = Array.from({ length: entryCount }, (_entry, index): EntryOutcome => {
    const written = replay.written[index];
    return written ? { kind: "unchanged", index, written, lastUpdatedMs: 0 } : { kind: "nothing", index };
  });
  return ok({ outcomes, isReplay: true, isStaged: false });
}

async function commitAtOnce(
  desk: Desk,
  plan: TransactionPlan,
  effect: OneEffect | undefined,
  nowMs: number,
): Promise<Result<TransactionResult, RecordFailure>> {
  const guarding = await guardingOf(desk, touchesOf(desk, plan.writes), nowMs);
  if (!guarding.ok) return guarding;
  const draft = await desk.audit.draft(desk.grant, eventOf(desk, plan.writes));
  if (!draft.ok) return draft;
  const { eventId, write, settle } = draft.value;
  const changes: { planned: PlannedWrite; change: Change }[] = [];
  for (const planned of plan.writes) {
    const change = await changeOf(desk, planned, { eventId, nowMs });
    if (!change.ok) {
      settle("refused");
      return change;
    }
    changes.push({ planned, change: change.value });
  }
  const guards = await guardWrites(desk, guarding.value, eventId);
  if (!guards.ok) {
    settle("refused");
    return guards;
  }
  const calendar = await calendarWrites(desk, calendarChanges(plan.writes), eventId);
  if (!calendar.ok) {
    settle("refused");
    return calendar;
  }
  const written = changes.map(({ planned, change }) => ({ planned, result: change.result }));
  const result = resultOf(plan, written, false);
  const rows = changes.flatMap(({ change }) => change.writes);
  const effects: TableWrite[] = effect ? [effectWrite(desk, effect, writtenOf(result), nowMs)] : [];
  const all = [...rows, ...effects, ...guards.value, ...calendar.value, write];
  if (all.length > TRANSACTION_LIMIT) {
    settle("refused");
    return err({ kind: "too-costly", rule: "bundle-size" });
  }
  const done = await desk.table.transactWrite(all);
  settle(done.ok ? "stored" : done.error.kind === "unavailable" ? "unknown" : "refused");
  if (done.ok) return ok(result);
  if (done.error.kind !== "conflict") return err(tableFailure(done.error, desk.onAlarm));
  // Another sending of the same request was faster: what it wrote is the answer to this one too.
  const replay =
    effect && done.error.failed.includes(rows.length) ? await replayBefore(desk, effect, plan.entryCount) : undefined;
  if (replay) return replay;
  const guardsAt = rows.length + effects.length;
  const isGuard = (index: number): boolean => index >= guardsAt && index < guardsAt + guards.value.length;
  if (done.error.failed.some(isGuard)) return err({ kind: "conflict", reason: "decision" });
  if (done.error.failed.every((index) => index >= guardsAt + guards.value.length)) {
    return err({ kind: "conflict", reason: "contended" });
  }
  const [failed = 0] = done.error.failed;
  return err({ kind: "conflict", reason: isOfCreation(changes, failed) ? "exists" : "version" });
}

function isOfCreation(changes: readonly { planned: PlannedWrite; change: Change }[], failed: number): boolean {
  let at = 0;
  for (const { planned, change } of changes) {
    at += change.writes.length;
    if (failed < at) return planned.kind === "create";
  }
  return false;
}
