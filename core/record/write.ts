import type { FhirResource, ResourceType } from "../fhir/index.ts";
import { classOf, patientOf } from "../fhir/index.ts";
import type { RecordClass } from "../kernel/data-class.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Home, Key, RecordId, Row, TableWrite } from "../table/index.ts";
import { parseRecordId } from "../table/index.ts";
import type { RecordEvent } from "./audit-sink.ts";
import type { Change, ChangeMarks } from "./changes.ts";
import { assignId, creation, deletion, isReservedId, isServerForm, placeOf, replacement } from "./changes.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { tableFailure } from "./failure.ts";
import type { OneEffect, WrittenReference } from "./idempotency.ts";
import { effectKey, effectWrite, replayOf } from "./idempotency.ts";
import type { Current } from "./reader.ts";
import { findCurrent, readRows } from "./reader.ts";
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
  readonly change: (marks: ChangeMarks) => Promise<Result<Change, RecordFailure>>;
}

export async function createRecord(
  desk: Desk,
  resource: FhirResource,
  options: { readonly id?: string; readonly effect?: OneEffect },
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
  }
  const event = eventOf("create", type, id, 1, home, [spot.value.dataClass]);
  const change = (marks: ChangeMarks) => creation(desk, resource, id, options.id !== undefined, marks);
  return commit(desk, { event, onConflict: "exists", change }, effect, nowMs);
}

/** The rows of the keys, in the shape of `findCurrent` for a record that cannot be there. */
async function readOnly(desk: Desk, keys: readonly Key[]): ReturnType<typeof findCurrent> {
  const rows = await readRows(desk, keys);
  return rows.ok ? ok({ extra: rows.value }) : rows;
}

export async function updateRecord(
  desk: Desk,
  resource: FhirResource,
  options: { readonly ifMatch: number; readonly effect?: OneEffect },
): Promise<Result<Written, RecordFailure>> {
  const { resourceType: type } = resource;
  const id = parseRecordId(resource.id);
  if (id === undefined) return err({ kind: "not-found" });
  const found = await findForWrite(desk, type, id, options.effect, resource);
  if (!found.ok) return found;
  if (found.value.kind === "replay") return ok(found.value.replay);
  const { current } = found.value;
  if (current.stored.version !== options.ifMatch) return err({ kind: "conflict", reason: "version" });
  const classes = [...new Set([current.spot.dataClass, classOf(resource)])];
  const event = eventOf("update", type, id, current.stored.version + 1, current.spot.home, classes);
  const change = (marks: ChangeMarks) => replacement(desk, current, resource, marks);
  return commit(desk, { event, onConflict: "version", change }, options.effect, desk.clock.now());
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
  const { spot, stored } = current;
  const event = eventOf("delete", type, id, stored.version + 1, spot.home, [spot.dataClass]);
  const change = (marks: ChangeMarks) => deletion(desk, current, marks);
  return commit(desk, { event, onConflict: "version", change }, options.effect, desk.clock.now());
}

type FoundForWrite =
  | { readonly kind: "replay"; readonly replay: Written }
  | { readonly kind: "current"; readonly current: Current };

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
  const fresh = asked.value.filter((each) => !known(each.type, each.id));
  const rowsOf = new Map(keys.map((key, index) => [key, extra[index]]));
  const judged = await judgeReferences(
    desk,
    fresh,
    fresh.flatMap((each) => each.keys.map((key) => rowsOf.get(key))),
  );
  return judged.ok ? ok({ kind: "current", current }) : judged;
}

function replayed(row: Row | undefined, effect: OneEffect): Result<Written, RecordFailure> | undefined {
  const replay = replayOf(row, effect);
  if (replay.kind === "new") return undefined;
  const [written] = replay.kind === "replay" ? replay.written : [];
  return written ? ok({ written, isReplay: true }) : err({ kind: "conflict", reason: "idempotency" });
}

/** Writes change, idempotency row and event in one transaction, and says what a refusal means. */
async function commit(
  desk: Desk,
  plan: Plan,
  effect: OneEffect | undefined,
  nowMs: number,
): Promise<Result<Written, RecordFailure>> {
  const draft = await desk.audit.draft(desk.grant, plan.event);
  if (!draft.ok) return draft;
  const { eventId, write, settle } = draft.value;
  const change = await plan.change({ eventId, nowMs });
  if (!change.ok) {
    settle("refused");
    return change;
  }
  const { result, home, writes } = change.value;
  const written: WrittenReference = { type: result.type, id: result.id, version: result.version };
  const effects: TableWrite[] = effect ? [effectWrite(desk, effect, [written], nowMs)] : [];
  const done = await desk.table.transactWrite([...writes, ...effects, write]);
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
  return err({ kind: "conflict", reason: plan.onConflict });
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
