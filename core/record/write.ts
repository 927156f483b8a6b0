import type { FhirResource, ResourceType } from "../fhir/index.ts";
import { classOf, patientOf } from "../fhir/index.ts";
import { invariant } from "../kernel/invariant.ts";
import type { RecordClass } from "../kernel/data-class.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Home, Key, RecordId, Row, TableWrite } from "../table/index.ts";
import { parseRecordId, TRANSACTION_LIMIT } from "../table/index.ts";
import type { RecordEvent } from "./audit-sink.ts";
import type { CalendarChange, Claim } from "./calendar.ts";
import { calendarChanges, calendarWrites, whileContended } from "./calendar.ts";
import type { Change, ChangeMarks } from "./changes.ts";
import { assignId, isReservedId, isServerForm, placeOf } from "./changes.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { tableFailure } from "./failure.ts";
import type { Guarding } from "./guards.ts";
import { guardingOf, guardWrites, touchOf } from "./guards.ts";
import type { OneEffect, WrittenReference } from "./idempotency.ts";
import { effectKey, effectWrite, replayOf } from "./idempotency.ts";
import { inheriting, keepingLabels, withHeirs } from "./inheritance.ts";
import type { PlannedWrite } from "./planned-write.ts";
import { changeOf, eventOf as transactionEventOf, rowsOf } from "./planned-write.ts";
import { unprojected } from "./privacy.ts";
import type { Current } from "./reader.ts";
import { findCurrent, readRows } from "./reader.ts";
import type { LabelsByName } from "./reference-check.ts";
import { judgeReferences, knownFrom, referencesToCheck } from "./reference-check.ts";
import type { StoredVersion } from "./stored.ts";
import { resourceOf } from "./stored.ts";

/** What a write gives: the version that is there now. `isReplay` where an earlier sending of the request wrote it. */
export interface Written {
  readonly written: WrittenReference;
  /** Undefined in a replay: the version has to be read. */
  readonly version?: StoredVersion;
  readonly patientId?: string;
  readonly isReplay: boolean;
}

/** One change and the event that tells about it, which is drafted first because the rows name it. */
interface Plan {
  readonly event: RecordEvent;
  /** What a failed condition of the change means. */
  readonly onConflict: "exists" | "version";
  readonly guarding: Guarding;
  /** The appointments among them, and whether they may take the time that they ask for. */
  readonly calendar: readonly CalendarChange[];
  readonly claim?: Claim | undefined;
  /** Rows of the domain that stand or fall with the change, each with a condition of its own. */
  readonly beside?: Beside | undefined;
  /** The first is the change that was asked for. */
  readonly changes: (marks: ChangeMarks) => Promise<Result<readonly [Change, ...Change[]], RecordFailure>>;
}

/** `conflict`/`contended` where one of the rows was written by somebody else meanwhile. */
export type Beside = (eventId: string) => Promise<Result<readonly TableWrite[], RecordFailure>>;

export interface CreateOptions {
  readonly id?: string;
  readonly effect?: OneEffect;
  readonly claim?: Claim;
  readonly beside?: Beside;
  /** For the sealed part of the event. */
  readonly detail?: RecordEvent["detail"];
}

export interface UpdateOptions {
  readonly ifMatch: number;
  readonly effect?: OneEffect;
  readonly claim?: Claim;
  readonly beside?: Beside;
}

export async function createRecord(
  desk: Desk,
  resource: FhirResource,
  options: CreateOptions,
): Promise<Result<Written, RecordFailure>> {
  const nowMs = desk.clock.now();
  const { resourceType: type } = resource;
  const patient = type === "Patient" ? ok(undefined) : patientOf(resource);
  if (!patient.ok) return err({ kind: "business-rule", rule: patient.error.rule, path: patient.error.path });
  const id = parseRecordId(options.id ?? assignId(desk, patient.value, nowMs));
  if (id === undefined || (options.id !== undefined && isReservedId(resource, id))) {
    return err({ kind: "business-rule", rule: "id-reserved", path: `${type}.id` });
  }
  const spot = placeOf(desk, resource, id);
  if (!spot.ok) return spot;
  const { home } = spot.value;
  const own = (otherType: string, otherId: string): boolean => otherType === type && otherId === id;
  const asked = referencesToCheck(desk, resource, home, own);
  if (!asked.ok) return asked;
  let labelled = resource;
  const keys = asked.value.flatMap((each) => each.keys);
  const { effect } = options;
  // An id in the server's form may be taken in another class, where no condition of this write looks.
  const mayBeTaken = options.id !== undefined && isServerForm(type, id);
  // Else, without references, there is nothing to read: the conditions find a replay and a taken id.
  if (keys.length > 0 || mayBeTaken) {
    const allKeys = [...keys, ...(effect ? [effectKey(desk, effect)] : [])];
    const found = mayBeTaken ? await findCurrent(desk, type, id, allKeys) : await readOnly(desk, allKeys);
    if (!found.ok) return found;
    const { current, extra } = found.value;
    const replay = effect && replayed(extra[keys.length], effect);
    if (replay) return replay;
    if (current) return err({ kind: "conflict", reason: "exists" });
    const judged = await judgeReferences(desk, asked.value, extra.slice(0, keys.length));
    if (!judged.ok) return judged;
    labelled = inheriting(resource, judged.value);
  }
  const write = { kind: "create", index: 0, id, isClientId: options.id !== undefined, resource: labelled } as const;
  const guarding = await guardingOf(desk, [touchOf(write, home)], nowMs);
  if (!guarding.ok) return guarding;
  const event = eventOf("create", type, id, 1, home, [classOf(labelled)]);
  const changes = (marks: ChangeMarks) => changesOf(desk, [write], marks);
  const calendar = calendarChanges([write]);
  const { beside, detail } = options;
  const plan: Plan = {
    event: detail ? { ...event, detail } : event,
    beside,
    onConflict: "exists",
    guarding: guarding.value,
    calendar,
    claim: options.claim,
    changes,
  };
  return commit(desk, plan, effect, nowMs);
}

/** The changes of several writes, in their order; the first that cannot be made refuses them all. */
export async function changesOf(
  desk: Desk,
  [first, ...others]: readonly [PlannedWrite, ...PlannedWrite[]],
  marks: ChangeMarks,
): Promise<Result<readonly [Change, ...Change[]], RecordFailure>> {
  const change = await changeOf(desk, first, marks);
  if (!change.ok) return change;
  const changes: [Change, ...Change[]] = [change.value];
  for (const write of others) {
    const more = await changeOf(desk, write, marks);
    if (!more.ok) return more;
    changes.push(more.value);
  }
  return ok(changes);
}

/** The rows of the keys, in the shape of `findCurrent` for a record that cannot be there. */
async function readOnly(desk: Desk, keys: readonly Key[]): ReturnType<typeof findCurrent> {
  const rows = await readRows(desk, keys);
  return rows.ok ? ok({ extra: rows.value }) : rows;
}

export async function updateRecord(
  desk: Desk,
  resource: FhirResource,
  options: UpdateOptions,
): Promise<Result<Written, RecordFailure>> {
  const { resourceType: type } = resource;
  const id = parseRecordId(resource.id);
  if (id === undefined) return err({ kind: "not-found" });
  const found = await findForWrite(desk, type, id, options.effect, resource);
  if (!found.ok) return found;
  if (found.value.kind === "replay") return ok(found.value.replay);
  const { current, labels } = found.value;
  if (current.stored.version !== options.ifMatch) return err({ kind: "conflict", reason: "version" });
  if (current.stored.isRedacted === true) return err({ kind: "business-rule", rule: "redacted" });
  const whole = unprojected(desk, resource, current.whole);
  if (!whole.ok) return whole;
  const labelled = keepingLabels(whole.value, current.whole);
  const own: PlannedWrite = { kind: "update", index: 0, current, resource: labelled };
  const writes = await withHeirs(desk, [own], labels);
  if (!writes.ok) return writes;
  return commitAll(desk, "update", writes.value, options);
}

/** One record's change, and those of the records that it takes along. */
async function commitAll(
  desk: Desk,
  interaction: "update" | "delete",
  writes: readonly PlannedWrite[],
  { effect, claim, beside }: Omit<UpdateOptions, "ifMatch">,
): Promise<Result<Written, RecordFailure>> {
  const [first, ...others] = writes;
  invariant(first !== undefined && first.kind !== "create", "a record that is there is changed");
  const nowMs = desk.clock.now();
  const { home } = first.current.spot;
  const guarding = await guardingOf(
    desk,
    writes.map((write) => touchOf(write, home)),
    nowMs,
  );
  if (!guarding.ok) return guarding;
  const rows = writes.reduce((sum, write) => sum + rowsOf(write), guarding.value.patients.length + (effect ? 2 : 1));
  if (rows > TRANSACTION_LIMIT) return err({ kind: "too-costly", rule: "relabel-size" });
  const event: RecordEvent = { ...transactionEventOf(desk, writes), interaction };
  const changes = (marks: ChangeMarks) => changesOf(desk, [first, ...others], marks);
  const calendar = calendarChanges(writes);
  const plan: Plan = { event, onConflict: "version", guarding: guarding.value, calendar, claim, beside, changes };
  return commit(desk, plan, effect, nowMs);
}

export async function deleteRecord(
  desk: Desk,
  type: ResourceType,
  id: RecordId,
  options: { readonly ifMatch?: number; readonly effect?: OneEffect },
): Promise<Result<Written, RecordFailure>> {
  const found = await findForWrite(desk, type, id, options.effect);
  if (!found.ok) return found;
  if (found.value.kind === "replay") return ok(found.value.replay);
  const { current } = found.value;
  if (current.stored.text === undefined) return err({ kind: "deleted" });
  if (options.ifMatch !== undefined && current.stored.version !== options.ifMatch) {
    return err({ kind: "conflict", reason: "version" });
  }
  return commitAll(desk, "delete", [{ kind: "delete", index: 0, current }], options);
}

type FoundForWrite =
  | { readonly kind: "replay"; readonly replay: Written }
  /** `labels`: of the segmented records that the new version refers to. */
  | { readonly kind: "current"; readonly current: Current; readonly labels: LabelsByName };

/** The version that is there, with the references of what would replace it judged, and replays met: all from one read. */
async function findForWrite(
  desk: Desk,
  type: ResourceType,
  id: RecordId,
  effect: OneEffect | undefined,
  resource?: FhirResource,
): Promise<Result<FoundForWrite, RecordFailure>> {
  const spot = resource ? placeOf(desk, resource) : undefined;
  if (spot && !spot.ok) return spot;
  const isOwn = (otherType: string, otherId: string): boolean => otherType === type && otherId === id;
  const asked = resource && spot ? referencesToCheck(desk, resource, spot.value.home, isOwn) : ok([]);
  if (!asked.ok) return asked;
  const keys = asked.value.flatMap((each) => each.keys);
  const found = await findCurrent(desk, type, id, [...keys, ...(effect ? [effectKey(desk, effect)] : [])]);
  if (!found.ok) return found;
  const { current, extra } = found.value;
  const replay = effect && replayed(extra[keys.length], effect);
  if (replay) return replay.ok ? ok({ kind: "replay", replay: replay.value }) : replay;
  if (!current) return err({ kind: "not-found" });
  const before = current.stored.text === undefined ? undefined : resourceOf(current.stored);
  const known = knownFrom(before);
  const judged = await judgeReferences(
    desk,
    asked.value.map((each) => ({ ...each, isKnown: known(each.type, each.id) })),
    extra.slice(0, keys.length),
  );
  return judged.ok ? ok({ kind: "current", current, labels: judged.value }) : judged;
}

export function replayed(row: Row | undefined, effect: OneEffect): Result<Written, RecordFailure> | undefined {
  const replay = replayOf(row, effect);
  if (replay.kind === "new") return undefined;
  const [written] = replay.kind === "replay" ? replay.written : [];
  return written ? ok({ written, isReplay: true }) : err({ kind: "conflict", reason: "idempotency" });
}

export const commit = (
  desk: Desk,
  plan: Plan,
  effect: OneEffect | undefined,
  nowMs: number,
): Promise<Result<Written, RecordFailure>> =>
  whileContended(plan.calendar, () => commitOnce(desk, plan, effect, nowMs));

/** Writes change, idempotency row and event in one transaction, and says what a refusal means. */
async function commitOnce(
  desk: Desk,
  plan: Plan,
  effect: OneEffect | undefined,
  nowMs: number,
): Promise<Result<Written, RecordFailure>> {
  const draft = await desk.audit.draft(desk.grant, plan.event);
  if (!draft.ok) return draft;
  const { eventId, write, settle } = draft.value;
  const changes = await plan.changes({ eventId, nowMs });
  const guards = changes.ok ? await guardWrites(desk, plan.guarding, eventId) : changes;
  const calendar = guards.ok ? await calendarWrites(desk, plan.calendar, eventId, plan.claim) : guards;
  const besides = calendar.ok ? ((await plan.beside?.(eventId)) ?? ok([])) : calendar;
  if (!changes.ok || !guards.ok || !calendar.ok || !besides.ok) {
    settle("refused");
    return besides as Extract<typeof besides, { ok: false }>;
  }
  const [{ result, home }] = changes.value;
  const writes = changes.value.flatMap((change) => change.writes);
  const written: WrittenReference = { type: result.type, id: result.id, version: result.version };
  const effects: TableWrite[] = effect ? [effectWrite(desk, effect, [written], nowMs)] : [];
  const all = [...writes, ...effects, ...guards.value, ...calendar.value, ...besides.value, write];
  if (all.length > TRANSACTION_LIMIT) {
    settle("refused");
    return err({ kind: "too-costly", rule: "bundle-size" });
  }
  const done = await desk.table.transactWrite(all);
  if (done.ok) {
    settle("stored");
    return ok({ written, version: result, isReplay: false, ...patientOfHome(home) });
  }
  settle(done.error.kind === "unavailable" ? "unknown" : "refused");
  if (done.error.kind !== "conflict") return err(tableFailure(done.error, desk.onAlarm));
  if (effect && done.error.failed.includes(writes.length)) {
    const rows = await readRows(desk, [effectKey(desk, effect)]);
    if (!rows.ok) return rows;
    return replayed(rows.value[0], effect) ?? err({ kind: "conflict", reason: "contended" });
  }
  const guardsAt = writes.length + effects.length;
  const isGuard = (index: number): boolean => index >= guardsAt && index < guardsAt + guards.value.length;
  if (done.error.failed.some(isGuard)) return err({ kind: "conflict", reason: "decision" });
  const isOfOthers = done.error.failed.every((index) => index >= guardsAt + guards.value.length);
  return err({ kind: "conflict", reason: isOfOthers ? "contended" : plan.onConflict });
}

const patientOfHome = (home: Home): { readonly patientId?: string } =>
  "patientId" in home ? { patientId: home.patientId } : {};

const eventOf = (
  interaction: RecordEvent["interaction"],
  type: ResourceType,
  id: RecordId,
  version: number,
  home: Home,
  classes: readonly RecordClass[],
): RecordEvent => ({
  interaction,
  outcome: "success",
  entities: [{ type, id, version }],
  classes,
  ...patientOfHome(home),
});
