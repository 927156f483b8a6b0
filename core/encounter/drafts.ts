import * as z from "zod";
import { ATTESTATIONS, NoteSection } from "../contract/index.ts";
import type { Keyring, KeyScope, Legend, SealedRow } from "../crypto/index.ts";
import { openItem, SealBroken, sealedUnder, sealItem } from "../crypto/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { TenantId, UserId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { Grant } from "../policy/grant.ts";
import type { AuditSink, OnAlarm, RecordEvent, RecordFailure } from "../record/index.ts";
import { keyFailure } from "../privacy/index.ts";
import type { Condition, RecordId, Row, Table } from "../table/index.ts";
import { currentSort, homePartition, noteDraftKey } from "../table/index.ts";

/** With the credentials of the note's own grant, which hold class C. */
export interface DraftDeps {
  readonly grant: Grant;
  readonly audit: AuditSink;
  readonly table: Table;
  readonly keyring: Keyring;
  readonly keyScope: KeyScope;
  readonly tenantId: TenantId;
  readonly clock: Clock;
  readonly onAlarm: OnAlarm;
}

/** Whose unsigned text of which note. One row for both, whatever window or device it was written on. */
export interface DraftPlace {
  readonly patientId: RecordId;
  readonly noteId: RecordId;
  readonly userId: UserId;
}

const Draft = z.strictObject({
  /** The version of the note that it goes on from. */
  version: z.int().min(1),
  sections: z.array(NoteSection),
  attested: z.array(z.enum(ATTESTATIONS)),
  savedAtMs: z.int(),
});
type Draft = z.infer<typeof Draft>;

/** What was kept last; `draft` counts the savings. */
export interface KeptDraft extends Draft {
  readonly draft: number;
}

const LEGEND: Legend = { phi: "encrypt", _t: "sign", _upd: "sign", _aud: "sign" };
const TABLE = "data";
const KIND = "note-draft";

const keyOf = (deps: DraftDeps, { patientId, noteId, userId }: DraftPlace) =>
  noteDraftKey(deps.tenantId, patientId, noteId, userId);
const placeOf = (deps: DraftDeps, place: DraftPlace) => ({
  tenantId: deps.tenantId,
  table: TABLE,
  dataClass: "C" as const,
  ...keyOf(deps, place),
});

/** The author's own draft, strongly consistent; undefined where she has none. */
export async function readDraft(
  deps: DraftDeps,
  place: DraftPlace,
): Promise<Result<KeptDraft | undefined, RecordFailure>> {
  const found = await deps.table.get(TABLE, keyOf(deps, place), { isConsistent: true });
  if (!found.ok) return err({ kind: found.error.kind === "throttled" ? "throttled" : "unavailable" });
  return found.value === undefined ? ok(undefined) : open(deps, place, found.value);
}

async function open(deps: DraftDeps, place: DraftPlace, row: Row): Promise<Result<KeptDraft, RecordFailure>> {
  try {
    const sealed = row as SealedRow;
    const key = await deps.keyring.openingKey(deps.keyScope, sealedUnder(sealed, "C"));
    if (!key.ok) {
      // A row that names a key version which does not exist was forged, or its key is lost.
      if (key.error.kind === "not-found") throw new SealBroken("key");
      return err(keyFailure(key.error, deps.onAlarm));
    }
    const { version, item } = openItem(sealed, placeOf(deps, place), key.value);
    if (item["_t"] !== KIND || typeof item["phi"] !== "string") throw new SealBroken("legend");
    const parsed = Draft.safeParse(JSON.parse(item["phi"]));
    if (!parsed.success) throw new SealBroken("frame");
    return ok({ ...parsed.data, draft: version });
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    deps.onAlarm({ kind: "integrity", fault: error.fault });
    return err({ kind: "integrity" });
  }
}

/** Whether the note is still at this version: its number alone is looked at, and nothing of it is opened. */
export async function isNoteAt(
  deps: DraftDeps,
  { patientId, noteId }: DraftPlace,
  version: number,
): Promise<Result<boolean, RecordFailure>> {
  const key = { pk: homePartition(deps.tenantId, "C", { patientId }), sk: currentSort("DocumentReference", noteId) };
  const found = await deps.table.get(TABLE, key, { isConsistent: true });
  if (!found.ok) return err({ kind: found.error.kind === "throttled" ? "throttled" : "unavailable" });
  return ok(found.value?.["_ver"] === version);
}

const eventOf = ({ patientId, noteId }: DraftPlace, outcome: RecordEvent["outcome"]): RecordEvent => ({
  interaction: "note.write",
  outcome,
  patientId,
  entities: [{ type: "DocumentReference", id: noteId }],
  classes: ["C"],
});

/** A saving that met another one leaves an event, as everything does that shows a text. */
export async function tellConflict(deps: DraftDeps, place: DraftPlace): Promise<Result<void, RecordFailure>> {
  const told = await deps.audit.record(deps.grant, eventOf(place, "failure"));
  return told.ok ? ok(undefined) : err({ kind: "unavailable" });
}

/**
 * Keeps a draft over `before` (0: none) and no other, with its event in one transaction: two windows never overwrite each
 * other. `conflict`/`version` where another saving came first.
 */
export async function keepDraft(
  deps: DraftDeps,
  place: DraftPlace,
  draft: Draft,
  before: number,
): Promise<Result<KeptDraft, RecordFailure>> {
  const drafted = await deps.audit.draft(deps.grant, eventOf(place, "success"));
  if (!drafted.ok) return drafted;
  const { eventId, write, settle } = drafted.value;
  const row = await draftRow(deps, place, draft, before + 1, eventId);
  if (!row.ok) {
    settle("refused");
    return row;
  }
  const condition: Condition = before === 0 ? { kind: "absent" } : { kind: "equals", attributes: { _ver: before } };
  const done = await deps.table.transactWrite([{ kind: "put", table: TABLE, row: row.value, condition }, write]);
  settle(done.ok ? "stored" : done.error.kind === "unavailable" ? "unknown" : "refused");
  if (done.ok) return ok({ ...draft, draft: before + 1 });
  const { kind } = done.error;
  if (kind === "conflict" || kind === "contended") return err({ kind: "conflict", reason: "version" });
  return err({ kind: kind === "throttled" || kind === "too-long" ? kind : "unavailable" });
}

async function draftRow(
  deps: DraftDeps,
  place: DraftPlace,
  draft: Draft,
  version: number,
  eventId: string,
): Promise<Result<Row, RecordFailure>> {
  const key = await deps.keyring.sealingKey(deps.keyScope, "C");
  if (!key.ok) return err(keyFailure(key.error, deps.onAlarm));
  const item = { phi: JSON.stringify(draft), _t: KIND, _upd: draft.savedAtMs, _aud: eventId };
  const sealed = sealItem(item, { ...placeOf(deps, place), version }, LEGEND, key.value);
  return sealed.ok ? ok(sealed.value as Row & SealedRow) : sealed;
}
