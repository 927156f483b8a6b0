import { SealBroken } from "../crypto/index.ts";
import type { BundleEnvelope, FhirResource, ResourceType, SearchQuery } from "../fhir/index.ts";
import { classesOfType, patientOfId } from "../fhir/index.ts";
import { isId } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Grant } from "../policy/grant.ts";
import type { Home } from "../table/index.ts";
import type { Protection } from "../privacy/index.ts";
import { protectionCheck } from "../privacy/index.ts";
import { parseRecordId } from "../table/index.ts";
import type { RecordEvent, RecordInteraction } from "./audit-sink.ts";
import type { Desk, RecordsDeps } from "./desk.ts";
import { openDesk } from "./desk.ts";
import type { RankedPatients } from "./directory.ts";
import { rankDirectory } from "./directory.ts";
import type { ChartPage } from "./everything.ts";
import { readChart } from "./everything.ts";
import type { Busy, Claim } from "./calendar.ts";
import { readBusy } from "./calendar.ts";
import type { RecordFailure } from "./failure.ts";
import { readHistory, readVersion } from "./history.ts";
import type { OneEffect, WrittenReference } from "./idempotency.ts";
import { effectKey, replayOf } from "./idempotency.ts";
import type { MergeAsked } from "./merge.ts";
import { mergePatients, unmergePatients } from "./merge.ts";
import type { DocumentWrite } from "./document-guard.ts";
import type { NoteWrite } from "./note-guard.ts";
import type { TransactionResult } from "./outcomes.ts";
import { cutPage, openPosition, sealPosition } from "./page.ts";
import { shown } from "./privacy.ts";
import { findCurrent, readRows } from "./reader.ts";
import { readReleased } from "./read-release.ts";
import type { SearchPage } from "./search.ts";
import { searchRecords } from "./search.ts";
import type { StoredVersion } from "./stored.ts";
import { readByToken } from "./token-search.ts";
import { writeTransaction } from "./transaction.ts";
import type { Written } from "./write.ts";
import type { CreateOptions } from "./write.ts";
import { createRecord, deleteRecord, updateRecord } from "./write.ts";

type Answer<T> = Promise<Result<T, RecordFailure>>;

export interface HistoryPage {
  /** Newest first; a deletion has no text. */
  readonly versions: readonly StoredVersion[];
  readonly total: number;
  readonly next?: string;
}

/** Said by core/encounter alone: what it does to notes. Without it no note and no signature is written. */
interface Noting {
  readonly noteWrites?: readonly NoteWrite[];
  /** Said by core/document alone: without it no document is written. */
  readonly documentWrites?: readonly DocumentWrite[];
  /** Said by core/message alone: without it no message, no task of the inbox and no review is written. */
  readonly isInboxWrite?: boolean;
}

const noting = (desk: Desk, { noteWrites, documentWrites, isInboxWrite }: Noting): Desk => ({
  ...desk,
  ...(noteWrites !== undefined && { noteWrites }),
  ...(documentWrites !== undefined && { documentWrites }),
  ...(isInboxWrite !== undefined && { isInboxWrite }),
});

/** What a write gives back. In a replay it is the version that the first sending wrote. */
export interface WriteAnswer {
  readonly version: StoredVersion;
  readonly isReplay: boolean;
}

/**
 * The tenant's FHIR records. Every operation takes the Grant that permits it, builds each key from `grant.tenantId`
 * alone, and leaves exactly one event: a write in its own transaction, all else before the answer is given.
 * An id that is unknown, foreign, hidden or not yet committed is `not-found`, by the same path and in the same calls.
 */
export interface Records {
  /** `id` is the client's own; the server assigns one where there is none. `conflict` where it is taken. */
  create(grant: Grant, resource: FhirResource, options?: CreateOptions & Noting): Answer<WriteAnswer>;
  read(grant: Grant, type: ResourceType, id: string): Answer<StoredVersion>;
  vread(grant: Grant, type: ResourceType, id: string, version: number): Answer<StoredVersion>;
  history(
    grant: Grant,
    type: ResourceType,
    id: string,
    options?: { readonly count?: number; readonly cursor?: string },
  ): Answer<HistoryPage>;
  /** `resource.id` says which; `ifMatch` is the version that it replaces. A deleted record comes back this way. */
  update(
    grant: Grant,
    resource: FhirResource,
    options: { readonly ifMatch: number; readonly effect?: OneEffect; readonly claim?: Claim } & Noting,
  ): Answer<WriteAnswer>;
  delete(
    grant: Grant,
    type: ResourceType,
    id: string,
    options?: { readonly ifMatch?: number; readonly effect?: OneEffect },
  ): Answer<WriteAnswer>;
  search(grant: Grant, query: SearchQuery, options?: { readonly cursor?: string }): Answer<SearchPage>;
  /**
   * The live records of a type that carry one of the values under a parameter of `TOKEN_FIELDS`, across patients, each
   * judged like any other that is seen. Up to 2,000; their order is that of their ids.
   */
  searchByToken(
    grant: Grant,
    type: ResourceType,
    parameter: string,
    values: readonly string[],
  ): Answer<readonly StoredVersion[]>;
  /** When these practitioners, rooms and patients are taken in a span of time, by whatever appointment. */
  busy(
    grant: Grant,
    actors: readonly string[],
    span: { readonly startMs: number; readonly endMs: number },
  ): Answer<readonly Busy[]>;
  /**
   * What an earlier sending of this very request wrote, by the places of its entries; undefined where there was none. For
   * an operation whose own rules would refuse what it has already done. A replay leaves its event here.
   */
  replayed(grant: Grant, effect: OneEffect): Answer<readonly (WrittenReference | undefined)[] | undefined>;
  /**
   * The patients of the directory whom `rank` gives more than nothing, best first: entries of `DIRECTORY_ELEMENTS`, each
   * judged like any other that is listed. `total` counts all of them.
   */
  rankPatients(grant: Grant, rank: (entry: FhirResource) => number, limit: number): Answer<RankedPatients>;
  /** Two charts of one person become one; see merge.ts. The answer is the survivor. */
  mergePatients(grant: Grant, asked: MergeAsked): Answer<WriteAnswer>;
  unmergePatients(
    grant: Grant,
    asked: { readonly duplicate: string; readonly reason: string; readonly effect?: OneEffect },
  ): Answer<WriteAnswer>;
  everything(
    grant: Grant,
    patientId: string,
    options?: { readonly count?: number; readonly cursor?: string },
  ): Answer<ChartPage>;
  /** A transaction bundle that `readBundle` has read. Batches are answered entry by entry, by the operations above. */
  transaction(
    grant: Grant,
    envelope: BundleEnvelope,
    options?: { readonly effect?: OneEffect } & Noting,
  ): Answer<TransactionResult>;
}

const DEFAULT_HISTORY_COUNT = 100;

export function createRecords(deps: RecordsDeps): Records {
  return {
    create(grant, resource, options = {}) {
      const facts = { interaction: "create", type: resource.resourceType } as const;
      return write(deps, grant, facts, (desk) => createRecord(noting(desk, options), resource, options));
    },

    read(grant, type, id) {
      const facts = { interaction: "read", type, id } as const;
      return answer(deps, grant, facts, async (desk) => {
        const recordId = parseRecordId(id);
        if (recordId === undefined) return err({ kind: "not-found" });
        const found = await findCurrent(desk, type, recordId);
        if (!found.ok) return found;
        const { current } = found.value;
        if (!current) return err({ kind: "not-found" });
        if (current.stored.text === undefined) return err({ kind: "deleted" });
        return ok({ value: current.stored, event: seen("read", current.stored, current.spot.home) });
      });
    },

    vread(grant, type, id, version) {
      const facts = { interaction: "vread", type, id } as const;
      return answer(deps, grant, facts, async (desk) => {
        const recordId = parseRecordId(id);
        const found = recordId ? await readVersion(desk, type, recordId, version) : err({ kind: "not-found" } as const);
        if (!found.ok) return found;
        if (found.value.version.text === undefined) return err({ kind: "deleted" });
        return ok({ value: found.value.version, event: seen("vread", found.value.version, found.value.home) });
      });
    },

    history(grant, type, id, options = {}) {
      const facts = { interaction: "history", type, id } as const;
      return answer(deps, grant, facts, async (desk) => {
        const recordId = parseRecordId(id);
        if (recordId === undefined) return err({ kind: "not-found" });
        const page = { route: `history ${type}`, filter: id };
        const position = options.cursor === undefined ? ok(undefined) : await openPosition(desk, page, options.cursor);
        if (!position.ok) return position;
        const found = await readHistory(desk, type, recordId);
        if (!found.ok) return found;
        const { versions, home } = found.value;
        const count = Math.max(1, Math.min(options.count ?? DEFAULT_HISTORY_COUNT, DEFAULT_HISTORY_COUNT));
        const cut = cutPage(versions, ({ version }) => String(version), count, position.value);
        if (!cut.ok) return cut;
        const next = cut.value.next === undefined ? ok(undefined) : await sealPosition(desk, page, cut.value.next);
        if (!next.ok) return next;
        const value = {
          versions: cut.value.items,
          total: versions.length,
          ...(next.value !== undefined && { next: next.value }),
        };
        const classes = [...new Set(cut.value.items.map(({ dataClass }) => dataClass))];
        const event = { ...eventAt("history", home), entities: [{ type, id }], count: cut.value.items.length, classes };
        return ok({ value, event });
      });
    },

    update(grant, resource, options) {
      const facts = {
        interaction: "update",
        type: resource.resourceType,
        ...(resource.id !== undefined && { id: resource.id }),
      } as const;
      return write(deps, grant, facts, (desk) => updateRecord(noting(desk, options), resource, options));
    },

    delete(grant, type, id, options = {}) {
      const facts = { interaction: "delete", type, id } as const;
      return write(deps, grant, facts, async (desk) => {
        const recordId = parseRecordId(id);
        return recordId ? deleteRecord(desk, type, recordId, options) : err({ kind: "not-found" });
      });
    },

    search(grant, query, options = {}) {
      const facts = { interaction: "search", type: query.type } as const;
      return answer(deps, grant, facts, async (desk) => {
        const found = await searchRecords(desk, query, options);
        if (!found.ok) return found;
        return ok({ value: found.value, event: searched(desk, query.type, found.value) });
      });
    },

    searchByToken(grant, type, parameter, values) {
      const facts = { interaction: "search", type } as const;
      return answer(deps, grant, facts, async (desk) => {
        const found = await readByToken(desk, type, parameter, values);
        if (!found.ok) return found;
        const [event, ...others] = foundEvents(desk, type, found.value);
        return ok({ value: found.value, others, ...(event && { event }) });
      });
    },

    busy(grant, actors, span) {
      const facts = { interaction: "search", type: "Schedule" } as const;
      return answer(deps, grant, facts, async (desk) => {
        if (!desk.classes.includes("D")) return err({ kind: "forbidden" });
        const found = await readBusy(desk, actors, span);
        if (!found.ok) return found;
        const event: RecordEvent = {
          interaction: "search",
          outcome: "success",
          entities: [{ type: "Schedule" }],
          count: found.value.length,
          classes: ["D"],
        };
        return ok({ value: found.value, event });
      });
    },

    replayed(grant, effect) {
      const facts = { interaction: "transaction", type: "Bundle" } as const;
      return answer(deps, grant, facts, async (desk) => {
        const rows = await readRows(desk, [effectKey(desk, effect)]);
        if (!rows.ok) return rows;
        const replay = replayOf(rows.value[0], effect);
        if (replay.kind === "new") return ok({ value: undefined });
        if (replay.kind === "other") return err({ kind: "conflict", reason: "idempotency" });
        const entities = replay.written.flatMap((written) => (written ? [{ ...written }] : [])).slice(0, MAX_NAMED);
        const [patientId] = new Set(entities.flatMap(({ id }) => patientOfId(id) ?? []));
        const event: RecordEvent = {
          interaction: "transaction",
          outcome: "success",
          entities,
          classes: desk.classes,
          replay: true,
          ...(patientId !== undefined && { patientId }),
        };
        return ok({ value: replay.written, event });
      });
    },

    rankPatients(grant, rank, limit) {
      const facts = { interaction: "search", type: "Patient" } as const;
      return answer(deps, grant, facts, async (desk) => {
        const found = await rankDirectory(desk, rank, Math.min(limit, MAX_NAMED));
        if (!found.ok) return found;
        return ok({ value: found.value, event: listed(found.value) });
      });
    },

    mergePatients(grant, asked) {
      const facts = { interaction: "patient.merge", type: "Patient", id: asked.survivor.id } as const;
      return write(deps, grant, facts, (desk) => mergePatients(desk, asked));
    },

    unmergePatients(grant, asked) {
      const facts = { interaction: "patient.unmerge", type: "Patient", id: asked.duplicate } as const;
      return write(deps, grant, facts, (desk) => unmergePatients(desk, asked));
    },

    everything(grant, patientId, options = {}) {
      const facts = { interaction: "everything", type: "Patient", id: patientId } as const;
      return answer(deps, grant, facts, async (desk) => {
        const id = parseRecordId(patientId);
        const found = id ? await readChart(desk, id, options) : err({ kind: "not-found" } as const);
        if (!found.ok) return found;
        const { length: count } = found.value.resources;
        const followed = found.value.followed ?? [];
        const entities = [patientId, ...followed].map((each) => ({ type: "Patient", id: each }));
        const event: RecordEvent = {
          interaction: "everything",
          outcome: "success",
          patientId,
          entities,
          count,
          classes: desk.classes,
        };
        return ok({ value: found.value, event });
      });
    },

    transaction(grant, envelope, options = {}) {
      const facts = { interaction: "transaction", type: "Bundle" } as const;
      return answer(deps, grant, facts, async (desk) => {
        const done = await writeTransaction(noting(desk, options), envelope, options.effect);
        if (!done.ok) return done;
        const { isReplay, outcomes } = done.value;
        const hasWritten = outcomes.some(({ kind }) => kind === "created" || kind === "updated" || kind === "deleted");
        // What was written has its event already. A replay, and a bundle that changed nothing, are told here.
        const event: RecordEvent = {
          interaction: "transaction",
          outcome: "success",
          entities: [{ type: "Bundle" }],
          count: outcomes.length,
          classes: desk.classes,
          ...(isReplay && { replay: true }),
        };
        return ok({ value: done.value, ...(!hasWritten && { event }) });
      });
    },
  };
}

/** What is known of a request before it is answered, for the event of one that fails. */
interface Facts {
  readonly interaction: RecordInteraction;
  readonly type: string;
  readonly id?: string;
}

/** An answer, and the event that must be written before it leaves; none where a transaction has written it. */
interface Told<T> {
  readonly value: T;
  readonly event?: RecordEvent;
  /** What one event has no room for. */
  readonly others?: readonly RecordEvent[];
}

/*
 * Invariant: no content is given before its event is written, and every request leaves one. Where class S was seen, that
 * event commits only while the consent stands under which it was seen; else the request is to be begun again, and what
 * becomes of it in the end is told by whoever begins it.
 */
async function answer<T>(
  deps: RecordsDeps,
  grant: Grant,
  facts: Facts,
  work: (desk: Desk) => Promise<Result<Told<T>, RecordFailure>>,
): Answer<T> {
  const desk = openDesk(deps, grant);
  const told = await opened(desk, async () => {
    const own = await readReleased(desk);
    if (!own.ok) return own;
    return work(own.value === undefined ? desk : { ...desk, ownRelease: own.value });
  });
  const event = told.ok ? told.value.event : failureEvent(desk, facts, told.error);
  const guards = told.ok
    ? releasedProtections(desk).map((protection) => protectionCheck(deps.privacy.rows, protection))
    : [];
  if (!told.ok && isBegunAgain(told.error)) return told;
  for (const other of told.ok ? (told.value.others ?? []) : []) {
    const more = await desk.audit.record(grant, other);
    if (!more.ok) return err({ kind: "unavailable" });
  }
  const recorded = event ? await desk.audit.record(grant, event, guards) : ok(undefined);
  if (!recorded.ok) return err(recorded.error.kind === "conflict" ? CHANGED : { kind: "unavailable" });
  return told.ok ? ok(told.value.value) : told;
}

/** Each once: merged charts stand on each other's. */
const releasedProtections = ({ released }: Desk): readonly Protection[] => {
  const all = [...released.values()].flatMap(({ protection, linked = [] }) => [protection, ...linked]);
  return [...new Map(all.map((protection) => [protection.patientId, protection])).values()];
};

const CHANGED = { kind: "conflict", reason: "decision" } as const;
const isBegunAgain = (failure: RecordFailure): boolean => failure.kind === "conflict" && failure.reason === "decision";

/** A broken seal is an alarm and one failure, whatever was broken: its caller learns nothing of where. */
async function opened<T>(desk: Desk, work: (desk: Desk) => Answer<T>): Answer<T> {
  try {
    return await work(desk);
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    desk.onAlarm({ kind: "integrity", fault: error.fault });
    return err({ kind: "integrity" });
  }
}

function write(
  deps: RecordsDeps,
  grant: Grant,
  facts: Facts,
  work: (desk: Desk) => Promise<Result<Written, RecordFailure>>,
): Answer<WriteAnswer> {
  return answer(deps, grant, facts, async (desk) => {
    const done = await work(desk);
    if (!done.ok) return done;
    const { version, written, isReplay } = done.value;
    // Who may not see all of a record does not see it by writing it either.
    if (version) return ok({ value: { version: shown(desk, version), isReplay } });
    // AT-31: the stored reference is the caller's own, but she may have lost the class since.
    const found = await readVersion(desk, written.type, written.id, written.version);
    if (!found.ok) return found;
    const event = { ...seen(facts.interaction, found.value.version, found.value.home), replay: true };
    return ok({ value: { version: found.value.version, isReplay }, event });
  });
}

const eventAt = (interaction: RecordInteraction, home: Home) => ({
  interaction,
  outcome: "success" as const,
  ...("patientId" in home && { patientId: home.patientId }),
});

const seen = (
  interaction: RecordInteraction,
  { type, id, version, dataClass }: StoredVersion,
  home: Home,
): RecordEvent => ({
  ...eventAt(interaction, home),
  entities: [{ type, id, version }],
  classes: [dataClass],
});

/** A search inside one compartment names the patient; any other names what it found, so that each patient's log shows it. */
function searched(desk: Desk, type: ResourceType, page: SearchPage): RecordEvent {
  const { matches, included, patientId, searchedPatients = [] } = page;
  const named = patientId === undefined ? matches.slice(0, MAX_NAMED) : [];
  const entities = [
    { type },
    ...searchedPatients.map((id) => ({ type: "Patient", id })),
    ...named.map(({ resourceType, id = "" }) => ({ type: resourceType, id })),
  ];
  const classes = desk.classes.filter((letter) => classesOfType(type).includes(letter) || included.length > 0);
  return {
    interaction: "search",
    outcome: "success",
    entities,
    count: matches.length + included.length,
    classes,
    ...(patientId !== undefined && { patientId }),
  };
}

const MAX_NAMED = 100;

const listed = ({ entries }: RankedPatients): RecordEvent => ({
  interaction: "search",
  outcome: "success",
  entities: [{ type: "Patient" }, ...entries.map(({ entry: { id = "" } }) => ({ type: "Patient", id }))],
  count: entries.length,
  classes: ["D"],
});

/** Every record that was found is named, so that each patient's log shows it: one event for each hundred. */
function foundEvents(desk: Desk, type: ResourceType, found: readonly StoredVersion[]): readonly RecordEvent[] {
  const classes = desk.classes.filter((letter) => classesOfType(type).includes(letter));
  const parts = Array.from({ length: Math.max(1, Math.ceil(found.length / MAX_NAMED)) }, (_part, index) =>
    found.slice(index * MAX_NAMED, (index + 1) * MAX_NAMED),
  );
  return parts.map((part) => ({
    interaction: "search",
    outcome: "success",
    entities: [{ type }, ...part.map(({ type: own, id }) => ({ type: own, id }))],
    count: part.length,
    classes,
  }));
}

function failureEvent(desk: Desk, { interaction, type, id }: Facts, failure: RecordFailure): RecordEvent {
  const isDenied = failure.kind === "not-found" || failure.kind === "forbidden" || failure.kind === "locked";
  // An id that is not ours can be anything, a name or a number, and the archive keeps it: the sealed detail has the path.
  const isOurs = id !== undefined && (isId(id) || patientOfId(id) !== undefined);
  const patientId = type === "Patient" && isOurs ? id : patientOfId(id ?? "");
  return {
    interaction,
    outcome: isDenied ? "denied" : "failure",
    entities: [{ type, ...(isOurs && { id }) }],
    ...(patientId !== undefined && { patientId }),
    classes: desk.classes,
  };
}
