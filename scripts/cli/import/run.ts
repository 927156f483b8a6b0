import { createHash } from "node:crypto";
import { isJsonObject, parseJson, stringifyJson } from "../../../core/fhir/index.ts";
import type { Api, ApiAnswer } from "../api.ts";
import { type HistoryRule, isTaggedHistory } from "./history.ts";
import { groupPlanned, type Planned, planImport, type Refused } from "./plan.ts";
import type { ImportJournal } from "./journal.ts";
import type { SourceFile } from "./source.ts";

/** Records that fit into one atomic transaction of the server. */
export const GROUP_MAX = 33;

export interface ImportTotals {
  pieces: number;
  patients: number;
  /** Written by this run. */
  stored: number;
  /** There already, with the same content. */
  present: number;
  refused: number;
  /** Results among them that were final in their source, and so wait for nobody here. */
  history: number;
}

export interface ImportReport extends ImportTotals {
  readonly refusals: readonly {
    readonly rule: string;
    readonly type: string;
    readonly path: string;
    readonly count: number;
    /** Where the first of them stands in the source. */
    readonly first: string;
  }[];
  readonly seconds: number;
  readonly perSecond: number;
}

export interface ImportOptions {
  readonly api: Api;
  readonly tenantId: string;
  readonly journal: ImportJournal;
  readonly concurrency: number;
  /** Which results are history; without it none is but what says so itself. */
  readonly history?: HistoryRule;
  readonly onProgress?: (totals: Readonly<ImportTotals>) => void;
}

/** What the journal calls a group of resources that were sent together. */
export const digestOf = (tenantId: string, group: readonly Planned[]): string =>
  createHash("sha256")
    .update(tenantId)
    .update(group.map(({ resource }) => stringifyJson(resource)).join("\n"))
    .digest("hex");

/** Where a resource stands after it was sent: `waiting` for something that it refers to. */
type Settled =
  | { readonly kind: "there" }
  | { readonly kind: "waiting" }
  | { readonly kind: "refused"; readonly rule: string; readonly path: string };

/** What the source says: the server's own version and time are not part of it. */
function contentOf(resource: unknown): string {
  if (!isJsonObject(resource)) return "";
  const { meta, ...rest } = resource;
  const kept = isJsonObject(meta)
    ? Object.entries(meta).filter(([name]) => name !== "versionId" && name !== "lastUpdated")
    : [];
  return stringifyJson(sorted({ ...rest, ...(kept.length === 0 ? {} : { meta: Object.fromEntries(kept) }) }));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}

const isReplay = ({ headers }: ApiAnswer): boolean => headers.get("idempotency-replayed") !== null;

function ruleOf({ text, status }: ApiAnswer): { rule: string; path: string } {
  try {
    const outcome = JSON.parse(text) as {
      issue?: { code?: string; details?: { coding?: { code?: string }[] }; expression?: string[] }[];
    };
    const [issue] = outcome.issue ?? [];
    return {
      rule: issue?.details?.coding?.[0]?.code ?? issue?.code ?? `status-${status}`,
      path: issue?.expression?.[0] ?? "",
    };
  } catch {
    return { rule: `status-${status}`, path: "" };
  }
}

/** Runs an import: every resource of the source ends as stored, present or refused with its rule. */
export async function runImport(pieces: AsyncIterable<SourceFile>, options: ImportOptions): Promise<ImportReport> {
  const { api, tenantId, journal } = options;
  const started = performance.now();
  const totals: ImportTotals = { pieces: 0, patients: 0, stored: 0, present: 0, refused: 0, history: 0 };
  const refusals = new Map<string, { rule: string; type: string; path: string; count: number; first: string }>();
  // Organizations and practitioners stand in many pieces: each is settled once a run, unless it says something else.
  const shared = new Map<string, Promise<Settled>>();
  /** Groups that refer to what was not there when they were sent. */
  const waiting: (readonly Planned[])[] = [];

  function refuse({ rule, type, path: exactPath, source }: Refused): void {
    totals.refused += 1;
    const path = exactPath.replaceAll(/\[\d+\]/g, "[]");
    const key = `${rule} ${type} ${path}`;
    const known = refusals.get(key) ?? { rule, type, path, count: 0, first: source };
    known.count += 1;
    refusals.set(key, known);
  }

  async function putOne(planned: Planned, isLast: boolean): Promise<Settled> {
    const digest = digestOf(tenantId, [planned]);
    if (journal.has(digest)) {
      totals.present += 1;
      return { kind: "there" };
    }
    const path = `/fhir/${planned.type}/${planned.id}`;
    const headers = { "if-none-match": "*", "idempotency-key": digest };
    const answer = await api.call({ method: "PUT", path, body: stringifyJson(planned.resource), headers });
    if (answer.status === 201) totals[isReplay(answer) ? "present" : "stored"] += 1;
    else if (answer.status === 412 && (await isSame(path, planned))) totals.present += 1;
    else {
      const refused = answer.status === 412 ? { rule: "exists-with-other-content", path: "" } : ruleOf(answer);
      // What it refers to may stand in a piece that is still to come.
      if (refused.rule === "reference-unresolved" && !isLast) {
        waiting.push([planned]);
        return { kind: "waiting" };
      }
      refuse({ ...refused, type: planned.type, source: planned.source });
      return { kind: "refused", ...refused };
    }
    journal.add(digest);
    return { kind: "there" };
  }

  async function putShared(planned: Planned): Promise<void> {
    const digest = digestOf(tenantId, [planned]);
    const known = shared.get(digest);
    if (known === undefined) {
      const settling = putOne(planned, false);
      shared.set(digest, settling);
      await settling;
      return;
    }
    const settled = await known;
    if (settled.kind === "there") totals.present += 1;
    else if (settled.kind === "waiting") waiting.push([planned]);
    else refuse({ rule: settled.rule, path: settled.path, type: planned.type, source: planned.source });
  }

  /** Tries again what waited for something, as long as that gets anywhere: whole groups first, then each by itself. */
  async function putWaiting(): Promise<void> {
    await retryWaiting();
    for (const group of waiting.splice(0)) for (const planned of group) waiting.push([planned]);
    await retryWaiting();
    for (const group of waiting.splice(0)) for (const planned of group) await putOne(planned, true);
  }

  async function retryWaiting(): Promise<void> {
    for (let before = Infinity; waiting.length > 0 && waiting.length < before;) {
      before = waiting.length;
      for (const group of waiting.splice(0)) await put(group);
    }
  }

  async function isSame(path: string, planned: Planned): Promise<boolean> {
    const found = await api.call({ method: "GET", path });
    const parsed = found.status === 200 ? parseJson(found.text) : undefined;
    return parsed?.ok === true && contentOf(parsed.value) === contentOf(planned.resource);
  }

  async function put(group: readonly Planned[]): Promise<void> {
    const [only] = group;
    if (group.length === 1 && only !== undefined) await putOne(only, false);
    else await putGroup(group);
  }

  async function putGroup(group: readonly Planned[]): Promise<void> {
    const digest = digestOf(tenantId, group);
    if (journal.has(digest)) {
      totals.present += group.length;
      return;
    }
    const bundle = {
      resourceType: "Bundle",
      type: "transaction",
      entry: group.map(({ type, id, resource }) => ({
        resource,
        request: { method: "PUT", url: `${type}/${id}`, ifNoneMatch: "*" },
      })),
    };
    const answer = await api.call({
      method: "POST",
      path: "/fhir",
      body: stringifyJson(bundle),
      headers: { "idempotency-key": digest },
    });
    if (answer.status === 200) {
      totals[isReplay(answer) ? "present" : "stored"] += group.length;
      journal.add(digest);
      return;
    }
    if (ruleOf(answer).rule === "reference-unresolved") {
      waiting.push(group);
      return;
    }
    // One resource stops its whole transaction: alone, each shows whether it is the one.
    for (const planned of group) await putOne(planned, false);
  }

  async function importPiece(piece: SourceFile): Promise<void> {
    const plan = planImport(piece.text, piece.name, tenantId, options.history);
    totals.history += plan.planned.filter(({ resource }) => isTaggedHistory(resource)).length;
    for (const refused of plan.refused) refuse(refused);
    for (const planned of plan.planned.filter(({ patientId }) => patientId === undefined)) await putShared(planned);
    const own = plan.planned.filter(({ patientId }) => patientId !== undefined);
    for (const group of groupPlanned(own, GROUP_MAX)) {
      await put(group);
      options.onProgress?.(totals);
    }
    totals.pieces += 1;
    totals.patients += plan.planned.filter(({ type }) => type === "Patient").length;
    options.onProgress?.(totals);
  }

  const iterator = pieces[Symbol.asyncIterator]();
  let isBroken = false;
  async function work(): Promise<void> {
    for (let next = await iterator.next(); next.done !== true && !isBroken; next = await iterator.next()) {
      try {
        await importPiece(next.value);
      } catch (error) {
        isBroken = true;
        throw error;
      }
    }
  }
  // All of them end before the first failure is told: the caller closes the journal then.
  const ended = await Promise.allSettled(Array.from({ length: options.concurrency }, work));
  for (const end of ended) if (end.status === "rejected") throw end.reason;
  await putWaiting();
  const seconds = (performance.now() - started) / 1000;
  return {
    ...totals,
    refusals: [...refusals.values()].toSorted((left, right) => right.count - left.count),
    seconds: Math.round(seconds * 10) / 10,
    perSecond: Math.round((totals.stored + totals.present) / Math.max(seconds, 0.001)),
  };
}
