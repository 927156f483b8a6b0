import { createHash } from "node:crypto";
import type { BundleEnvelope, BundleOperation, FhirResource } from "../fhir/index.ts";
import { planBundle } from "../fhir/index.ts";
import { isId, newId } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Home, RecordId } from "../table/index.ts";
import { parseRecordId } from "../table/index.ts";
import { assignId, isReservedId, placeOf } from "./changes.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { keepingLabels, withHeirs } from "./inheritance.ts";
import type { PlannedCreate, PlannedWrite } from "./planned-write.ts";
import { unprojected } from "./privacy.ts";
import type { Current, RecordName } from "./reader.ts";
import { findMany, nameOf, readRows } from "./reader.ts";
import type { Asked, LabelsByName } from "./reference-check.ts";
import { judgeReferences, knownFrom, referencesToCheck } from "./reference-check.ts";
import { matchingIds } from "./search.ts";
import { resourceOf } from "./stored.ts";

export interface TransactionPlan {
  readonly entryCount: number;
  readonly writes: readonly PlannedWrite[];
  /** Entries that change nothing: a conditional create that found its record, a conditional delete that found none. */
  readonly unchanged: readonly { readonly index: number; readonly current?: Current }[];
  /** GET entries, to be answered once the writes are done. */
  readonly reads: readonly BundleOperation[];
}

/**
 * How new ids come about: at random, or from the id of a staged transaction, so that one that broke off and is sent
 * again makes the same ids.
 */
export interface IdSource {
  readonly nowMs: number;
  readonly transactionId?: string;
}

export async function planTransaction(
  desk: Desk,
  envelope: BundleEnvelope,
  source: IdSource,
): Promise<Result<TransactionPlan, RecordFailure>> {
  const matches = new Map<string, readonly string[]>();
  for (const { key, query } of envelope.conditions) {
    const ids = await matchingIds(desk, query);
    if (!ids.ok) return ids;
    matches.set(key, ids.value);
  }
  const planned = planBundle(envelope, { matches, assignId: idsFrom(desk, source) });
  if (!planned.ok) return err({ kind: "invalid", issues: planned.error });
  const { operations } = planned.value;
  const found = await findMany(desk, operations.flatMap(existingName));
  if (!found.ok) return found;
  const judged = await judge(desk, operations, found.value.current);
  return judged.ok ? ok({ ...judged.value, entryCount: envelope.entries.length }) : judged;
}

function idsFrom(
  desk: Desk,
  { nowMs, transactionId }: IdSource,
): (resource: FhirResource, patientId?: string) => string {
  if (transactionId === undefined) return (_resource, patientId) => assignId(desk, patientId, nowMs);
  let made = 0;
  return (_resource, patientId) => {
    const hash = createHash("sha256")
      .update(`${transactionId}\n${(made += 1)}`)
      .digest();
    const own = newId(nowMs, (bytes) => bytes.set(hash.subarray(0, bytes.length)));
    return patientId !== undefined && isId(patientId) ? `${patientId}.${own}` : own;
  };
}

/** Records that an operation expects to be there, or that may be: what a POST makes is new by its id. */
function existingName(operation: BundleOperation): RecordName[] {
  if (operation.kind !== "update" && operation.kind !== "delete" && operation.kind !== "existing") return [];
  const id = parseRecordId(operation.id);
  return id === undefined ? [] : [{ type: operation.type, id }];
}

async function judge(
  desk: Desk,
  operations: readonly BundleOperation[],
  current: ReadonlyMap<string, Current>,
): Promise<Result<Omit<TransactionPlan, "entryCount">, RecordFailure>> {
  const writes: PlannedWrite[] = [];
  const unchanged: TransactionPlan["unchanged"][number][] = [];
  const reads: BundleOperation[] = [];
  for (const operation of operations) {
    const { index } = operation;
    const there = "id" in operation ? current.get(`${operation.type}/${operation.id}`) : undefined;
    switch (operation.kind) {
      case "create": {
        writes.push({
          kind: "create",
          index,
          id: operation.id as RecordId,
          isClientId: false,
          resource: operation.resource,
        });
        break;
      }
      case "update": {
        const write = judgeUpdate(desk, operation, there);
        if (!write.ok) return write;
        writes.push(write.value);
        break;
      }
      case "delete": {
        if (!there) return err({ kind: "not-found" });
        if (isOtherVersion(operation.ifMatch, there)) return err({ kind: "conflict", reason: "version" });
        if (there.stored.text === undefined) unchanged.push({ index, current: there });
        else writes.push({ kind: "delete", index, current: there });
        break;
      }
      case "existing":
      case "nothing":
        unchanged.push({ index, ...(there && { current: there }) });
        break;
      case "read":
      case "vread":
      case "history":
      case "search":
        reads.push(operation);
    }
  }
  const references = await judgeAllReferences(desk, writes);
  if (!references.ok) return references;
  const labelled = await withHeirs(desk, writes, references.value);
  return labelled.ok ? ok({ writes: labelled.value, unchanged, reads }) : labelled;
}

/** A PUT changes what is there, on the condition of its version, or makes a record with an id of the client's own. */
function judgeUpdate(
  desk: Desk,
  operation: Extract<BundleOperation, { kind: "update" }>,
  current: Current | undefined,
): Result<PlannedWrite, RecordFailure> {
  const { index, resource, ifMatch } = operation;
  const path = `Bundle.entry[${index}].request`;
  if (current) {
    if (ifMatch === undefined) return err({ kind: "business-rule", rule: "if-match-required", path });
    if (isOtherVersion(ifMatch, current)) return err({ kind: "conflict", reason: "version" });
    if (current.stored.isRedacted === true) return err({ kind: "business-rule", rule: "redacted", path });
    const whole = unprojected(desk, resource, current.whole, path);
    return whole.ok
      ? ok({ kind: "update", index, current, resource: keepingLabels(whole.value, current.whole) })
      : whole;
  }
  const id = parseRecordId(operation.id);
  if (ifMatch !== undefined) return err({ kind: "conflict", reason: "version" });
  if (id === undefined || isReservedId(resource, id)) return err({ kind: "business-rule", rule: "id-reserved", path });
  return ok({ kind: "create", index, id, isClientId: true, resource });
}

const isOtherVersion = (ifMatch: string | undefined, current: Current): boolean =>
  ifMatch !== undefined && ifMatch !== String(current.stored.version);

/** References of all resources at once: those to what the bundle itself writes need no look, each other is looked at once. */
async function judgeAllReferences(
  desk: Desk,
  writes: readonly PlannedWrite[],
): Promise<Result<LabelsByName, RecordFailure>> {
  const own = new Set(writes.flatMap((write) => (write.kind === "create" ? [nameOfCreate(write)] : [])));
  const asked = new Map<string, Asked>();
  for (const write of writes) {
    if (write.kind === "delete") continue;
    const home = homeOf(desk, write.resource);
    if (!home.ok) return err(atEntry(home.error, write.index));
    const before = write.kind === "update" && write.current.stored.text !== undefined;
    const known = knownFrom(before ? resourceOf(write.current.stored) : undefined);
    const isOwn = (type: string, id: string): boolean => own.has(`${type}/${id}`);
    const found = referencesToCheck(desk, write.resource, home.value, isOwn, known);
    if (!found.ok) return err(atEntry(found.error, write.index));
    for (const each of found.value) {
      const path = `Bundle.entry[${write.index}].resource${each.path.replace(/^[A-Za-z]+/, "")}`;
      const name = `${nameOf(each)}/${each.version ?? ""}`;
      // One that is new to any of the resources has to be there.
      const isAsked = asked.get(name)?.isKnown === false || (asked.has(name) && each.isKnown);
      if (!isAsked) asked.set(name, { ...each, path });
    }
  }
  const all = [...asked.values()];
  const rows = await readRows(
    desk,
    all.flatMap((each) => each.keys),
  );
  if (!rows.ok) return rows;
  return judgeReferences(desk, all, rows.value);
}

const nameOfCreate = ({ resource, id }: PlannedCreate): string => `${resource.resourceType}/${id}`;

function homeOf(desk: Desk, resource: FhirResource): Result<Home, RecordFailure> {
  const spot = placeOf(desk, resource);
  return spot.ok ? ok(spot.value.home) : spot;
}

/** The path of a refused reference, from the bundle's root. */
function atEntry(error: RecordFailure, index: number): RecordFailure {
  if (error.kind !== "business-rule" || error.path === undefined) return error;
  return { ...error, path: `Bundle.entry[${index}].resource${error.path.replace(/^[A-Za-z]+/, "")}` };
}
