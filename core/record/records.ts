import type { BundleEnvelope, FhirResource, ResourceType, SearchQuery } from "../fhir/index.ts";
import { patientOfId } from "../fhir/index.ts";
import { err, ok } from "../kernel/result.ts";
import type { Grant } from "../policy/grant.ts";
import { parseRecordId } from "../table/index.ts";
import { type Answer, answer, write, type WriteAnswer } from "./answer.ts";
import type { RecordEvent } from "./audit-sink.ts";
import type { Desk, RecordsDeps } from "./desk.ts";
import type { RankedPatients } from "./directory.ts";
import { rankDirectory } from "./directory.ts";
import type { ChartPage } from "./everything.ts";
import { readChart } from "./everything.ts";
import type { Busy } from "./calendar.ts";
import { readBusy } from "./calendar.ts";
import { readHistory, readVersion } from "./history.ts";
import type { OneEffect, WrittenReference } from "./idempotency.ts";
import { effectKey, replayOf } from "./idempotency.ts";
import type { MergeAsked } from "./merge.ts";
import { mergePatients, unmergePatients } from "./merge.ts";
import type { DocumentWrite } from "./document-guard.ts";
import type { NoteWrite } from "./note-guard.ts";
import type { TransactionResult } from "./outcomes.ts";
import { cutPage, openPosition, sealPosition } from "./page.ts";
import { findCurrent, readRows } from "./reader.ts";
import type { SearchPage } from "./search.ts";
import { searchRecords } from "./search.ts";
import type { StoredVersion } from "./stored.ts";
import { readByToken } from "./token-search.ts";
import { eventAt, foundEvents, listed, MAX_NAMED, searched, seen } from "./told.ts";
import { writeTransaction } from "./transaction.ts";
import type { CreateOptions, UpdateOptions } from "./write.ts";
import { createRecord, deleteRecord, updateRecord } from "./write.ts";

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
  /** With a new content: what opens it beside the key of its class, in hex. */
  readonly contentSecret?: string;
  /** Said by core/message alone: without it no message, no task of the inbox and no review is written. */
  readonly isInboxWrite?: boolean;
}

const noting = (desk: Desk, { noteWrites, documentWrites, contentSecret, isInboxWrite }: Noting): Desk => ({
  ...desk,
  ...(noteWrites !== undefined && { noteWrites }),
  ...(documentWrites !== undefined && { documentWrites }),
  ...(contentSecret !== undefined && { contentSecret }),
  ...(isInboxWrite !== undefined && { isInboxWrite }),
});

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
  update(grant: Grant, resource: FhirResource, options: UpdateOptions & Noting): Answer<WriteAnswer>;
  delete(
    grant: Grant,
    type: ResourceType,
    id: string,
    options?: { readonly ifMatch?: number; readonly effect?: OneEffect },
  ): Answer<WriteAnswer>;
  search(grant: Grant, query: SearchQuery, options?: { readonly cursor?: string }): Answer<SearchPage>;
  /**
   * The live records of a type that carry one of the values under a parameter of `TOKEN_FIELDS`, across patients, each
   * judged like any other that is seen. Up to 2,000; their order is that of their ids. With `patientId`, hers alone.
   */
  searchByToken(
    grant: Grant,
    type: ResourceType,
    parameter: string,
    values: readonly string[],
    patientId?: string,
  ): Answer<readonly StoredVersion[]>;
  /** When these practitioners, rooms and patients are taken in a span of time, by whatever appointment but `except`. */
  busy(
    grant: Grant,
    actors: readonly string[],
    span: { readonly startMs: number; readonly endMs: number },
    except?: string,
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

    searchByToken(grant, type, parameter, values, patientId) {
      const facts = { interaction: "search", type } as const;
      return answer(deps, grant, facts, async (desk) => {
        const found = await readByToken(desk, type, parameter, values, patientId);
        if (!found.ok) return found;
        const [event, ...others] = foundEvents(desk, type, found.value);
        return ok({ value: found.value, others, ...(event && { event }) });
      });
    },

    busy(grant, actors, span, except) {
      const facts = { interaction: "search", type: "Schedule" } as const;
      return answer(deps, grant, facts, async (desk) => {
        if (!desk.classes.includes("D")) return err({ kind: "forbidden" });
        const found = await readBusy(desk, actors, span, except);
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
