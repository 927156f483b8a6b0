import {
  type BundleEntry,
  type BundleOperation,
  type BundleOptions,
  type EntryResponse,
  type FhirResource,
  isResourceType,
  operationOutcome,
  planBundle,
  readBundle,
  type RefusedEntry,
  responseBundle,
  searchsetBundle,
  stringifyJson,
} from "../../core/fhir/index.ts";
import { toInstant } from "../../core/kernel/clock.ts";
import { newId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { ok, type Result } from "../../core/kernel/result.ts";
import type { Demand } from "../../core/policy/index.ts";
import {
  type EntryOutcome,
  type RecordFailure,
  type Records,
  resourceOf,
  type StoredVersion,
  type WriteAnswer,
} from "../../core/record/index.ts";
import type { Answer, Exchange } from "../http/exchange.ts";
import { fail, type Failure, HttpFailure } from "../http/failure.ts";
import { problem } from "../http/problem.ts";
import { etagOf } from "./answers.ts";
import { compartmentOf, effectOf, fhirBase, readDemand, recordEmptyBundle, recordRefusal } from "./context.ts";
import { must, toFailure } from "../records/failures.ts";
import { noticeHeaders, noticeOutcome } from "./redisclosure.ts";
import { authorizeRecords } from "./context.ts";
import { reading, type Session } from "../records/session.ts";
import { writeDemands } from "./write.ts";

/** One after another, they must end within a function's time. */
const BATCH_ENTRIES_MAX = 200;

const OPTIONS: BundleOptions = { base: fhirBase };

/** What one entry wants, for the decision. A conditional request also searches. */
function demandsOf(entry: BundleEntry): Demand[] {
  const { method, target, resource } = entry;
  const { type } = target;
  if (!isResourceType(type)) return fail({ kind: "not-found" });
  const id = "id" in target ? target.id : undefined;
  const patientId = id === undefined ? undefined : compartmentOf(type, id);
  const search = (of: typeof type): Demand => readDemand("search", of);
  const conditional = entry.ifNoneExist === undefined && target.kind !== "search" ? [] : [search(type)];
  for (const condition of entry.conditionalReferences.values()) conditional.push(search(condition.query.type));
  if (method === "DELETE") return [readDemand("delete", type, patientId), ...conditional];
  if (method === "GET")
    return [readDemand(target.kind === "search" || target.kind === "type" ? "search" : "read", type, patientId)];
  if (resource === undefined) return conditional;
  const action = method === "POST" ? "create" : "update";
  // A PUT may turn out to create: both must be permitted.
  return [
    ...writeDemands(action, resource),
    ...(action === "update" ? writeDemands("create", resource) : []),
    ...conditional,
  ];
}

function outcomeResponse(outcome: EntryOutcome): EntryResponse {
  if (outcome.kind === "get" || outcome.kind === "nothing") return { status: "204 No Content" };
  const { written, lastUpdatedMs, kind } = outcome;
  return {
    status: kind === "created" ? "201 Created" : kind === "deleted" ? "204 No Content" : "200 OK",
    location: `${written.type}/${written.id}/_history/${written.version}`,
    etag: etagOf(written.version),
    lastModified: toInstant(lastUpdatedMs),
  };
}

type Done<T> = Promise<Result<T, RecordFailure>>;

/** Answers a reading entry through the operation for it, which leaves its own event. */
async function answerRead({ grant, records }: Session, operation: BundleOperation): Done<EntryResponse> {
  switch (operation.kind) {
    case "read":
      return versionResponse(await records.read(grant, operation.type, operation.id));
    case "vread": {
      const version = "version" in operation ? Number(operation.version) || 0 : 0;
      return versionResponse(await records.vread(grant, operation.type, operation.id, version));
    }
    case "search": {
      const page = await records.search(grant, operation.query);
      if (!page.ok) return page;
      const { matches, total } = page.value;
      const links = [{ relation: "self" as const, url: `${fhirBase}${operation.query.type}` }];
      const resource = searchsetBundle({ base: fhirBase, matches, total, links, ...noticeOutcome(matches) });
      return ok({ status: "200 OK", resource });
    }
    default:
      return fail({ kind: "structure", rule: "bundle-request" });
  }
}

function versionResponse(stored: Result<StoredVersion, RecordFailure>): Result<EntryResponse, RecordFailure> {
  if (!stored.ok) return stored;
  const { version, lastUpdatedMs } = stored.value;
  const resource = resourceOf(stored.value);
  return ok({ status: "200 OK", etag: etagOf(version), lastModified: toInstant(lastUpdatedMs), resource });
}

async function transaction(exchange: Exchange): Promise<Answer> {
  const envelope = readBundle(exchange.body, OPTIONS);
  if (!envelope.ok)
    return fail({ kind: envelope.error.kind === "structure" ? "structure" : "invalid", issues: envelope.error.issues });
  const entries = envelope.value.entries.flatMap((entry) => (entry.ok ? [entry.value] : []));
  if (entries.length === 0) return emptyBundle(exchange, "transaction");
  const session = await authorizeRecords(exchange, "transaction", entries.flatMap(demandsOf));
  const reads = await readFirst(session, entries);
  const result = must(await session.records.transaction(session.grant, envelope.value, effectOf(exchange)));
  const responses = result.outcomes.map((outcome) => reads.get(outcome.index) ?? outcomeResponse(outcome));
  return bundleAnswer("transaction", responses, result.isReplay);
}

/**
 * Answers the GET entries of a transaction before anything is written, so that one that fails still refuses the whole
 * (FHIR R4 http.html#transaction: all entries succeed or none does). FHIR would have them see what the bundle wrote:
 * one that reads what the bundle writes, or searches while it writes, is refused.
 */
async function readFirst(
  session: Session,
  entries: readonly BundleEntry[],
): Promise<ReadonlyMap<number, EntryResponse>> {
  const gets = entries.filter(({ method }) => method === "GET");
  const writes = entries.filter(({ method }) => method !== "GET");
  const written = new Set(writes.flatMap(({ target }) => ("id" in target ? `${target.type}/${target.id}` : [])));
  const planned = planBundle(
    { type: "transaction", entries: gets.map(ok), conditions: [] },
    { assignId: () => "", matches: new Map() },
  );
  invariant(planned.ok, "reading assigns no id and meets no condition");
  const answers = new Map<number, EntryResponse>();
  for (const operation of planned.value.operations) {
    const isOfWritten = "id" in operation && written.has(`${operation.type}/${operation.id}`);
    if (isOfWritten || (operation.kind === "search" && writes.length > 0))
      fail({ kind: "structure", rule: "bundle-read" });
    answers.set(operation.index, must(await answerRead(session, operation)));
  }
  return answers;
}

/** A bundle that asks for nothing is answered with nothing, and leaves its event like any other. */
async function emptyBundle(exchange: Exchange, type: "transaction" | "batch"): Promise<Answer> {
  await recordEmptyBundle(exchange);
  return bundleAnswer(type, [], false);
}

function bundleAnswer(type: "transaction" | "batch", responses: readonly EntryResponse[], isReplay: boolean): Answer {
  const shown = responses.flatMap(({ resource }) => resourcesIn(resource));
  const headers = {
    "content-type": "application/fhir+json; charset=utf-8",
    ...noticeHeaders(shown),
    ...(isReplay ? { "idempotency-replayed": "true" } : {}),
  };
  return { status: 200, headers, body: stringifyJson(responseBundle(type, responses)) };
}

/** What one entry of a response shows: a resource, or the resources of a searchset. */
function resourcesIn(resource: object | undefined): FhirResource[] {
  if (resource === undefined) return [];
  const { resourceType, entry = [] } = resource as {
    readonly resourceType?: string;
    readonly entry?: readonly { readonly resource?: FhirResource }[];
  };
  return resourceType === "Bundle" ? entry.flatMap((each) => each.resource ?? []) : [resource as FhirResource];
}

const written = ({ version }: WriteAnswer, status: string): EntryResponse => ({
  status,
  location: `${version.type}/${version.id}/_history/${version.version}`,
  etag: etagOf(version.version),
  lastModified: toInstant(version.lastUpdatedMs),
});

/** One entry of a batch, as if it had come alone. Its idempotency is its place under the bundle's own key. */
async function answerEntry(exchange: Exchange, entry: BundleEntry, operation: BundleOperation): Promise<EntryResponse> {
  const about =
    "id" in operation && operation.kind !== "create" ? { type: operation.type, id: operation.id } : undefined;
  const open = () => authorizeRecords(exchange, interactionOf(operation), demandsOf(entry), about);
  if (operation.kind === "read" || operation.kind === "vread" || operation.kind === "search")
    return reading(open, (session) => answerRead(session, operation));
  const session = await open();
  const { grant, records } = session;
  const whole = effectOf(exchange);
  const effect = "effect" in whole ? { effect: { ...whole.effect, key: `${whole.effect.key}#${entry.index}` } } : {};
  switch (operation.kind) {
    case "create":
      return written(must(await records.create(grant, operation.resource, effect)), "201 Created");
    case "update":
      return updateEntry(session, operation, effect);
    case "delete": {
      const options = {
        ...effect,
        ...(operation.ifMatch === undefined ? {} : { ifMatch: versionOf(operation.ifMatch) }),
      };
      return written(must(await records.delete(grant, operation.type, operation.id, options)), "204 No Content");
    }
    case "existing": {
      const stored = must(await records.read(grant, operation.type, operation.id));
      return {
        status: "200 OK",
        location: `${stored.type}/${stored.id}/_history/${stored.version}`,
        etag: etagOf(stored.version),
      };
    }
    case "nothing":
      return { status: "204 No Content" };
    default:
      return fail({ kind: "structure", rule: "bundle-request" });
  }
}

/** The version of an entry's If-Match; 0, which is never there, for one that is no number of ours. */
const versionOf = (ifMatch: string): number => (/^[1-9]\d{0,9}$/.test(ifMatch) ? Number(ifMatch) : 0);

async function updateEntry(
  { grant, records }: Session,
  operation: Extract<BundleOperation, { kind: "update" }>,
  effect: Parameters<Records["create"]>[2],
): Promise<EntryResponse> {
  const { resource, id, ifMatch } = operation;
  if (ifMatch === undefined) {
    const created = await records.create(grant, resource, { id, ...effect });
    if (created.ok) return written(created.value, "201 Created");
    const isTaken = created.error.kind === "conflict" && created.error.reason === "exists";
    return fail(isTaken ? { kind: "precondition-required", rule: "if-match" } : toFailure(created.error));
  }
  return written(must(await records.update(grant, resource, { ifMatch: versionOf(ifMatch), ...effect })), "200 OK");
}

const interactionOf = ({ kind }: BundleOperation) =>
  kind === "create" || kind === "update" || kind === "delete" || kind === "search" || kind === "vread" ? kind : "read";

function failedResponse(failure: Failure): EntryResponse {
  const { status, body = "{}" } = problem(failure, "fhir", true);
  return { status: String(status), outcome: JSON.parse(body) as NonNullable<EntryResponse["outcome"]> };
}

/** An entry that could not be read. It leaves its event as if it had come alone. */
async function refuseEntry(exchange: Exchange, { issues }: RefusedEntry): Promise<EntryResponse> {
  await tellEntry(exchange, { kind: "invalid" });
  return { status: "422", outcome: operationOutcome(issues) };
}

async function tellEntry({ event, route, identity }: Exchange, failure: Failure): Promise<void> {
  invariant(identity !== undefined, "a FHIR route has an identity");
  if (!(await recordRefusal({ event, route, identity, failure }))) fail({ kind: "unavailable" });
}

/** The exchange of one entry: a request of its own, of which it is known by itself whether it left an event. */
const alone = (exchange: Exchange): Exchange => ({ ...exchange, event: { ...exchange.event } });

/** Entries one after another, each on its own: a refused one changes nothing for the others. */
async function batch(exchange: Exchange): Promise<Answer> {
  const envelope = readBundle(exchange.body, { ...OPTIONS, maxEntries: BATCH_ENTRIES_MAX });
  if (!envelope.ok)
    return fail({ kind: envelope.error.kind === "structure" ? "structure" : "invalid", issues: envelope.error.issues });
  // Conditions of a batch would have to be searched for with a grant of their own: say so instead of guessing.
  if (envelope.value.conditions.length > 0) return fail({ kind: "structure", rule: "bundle-request" });
  const assignId = (_resource: unknown, patientId: string | undefined) =>
    patientId === undefined ? newId(Date.now()) : `${patientId}.${newId(Date.now())}`;
  const planned = planBundle(envelope.value, { assignId, matches: new Map() });
  if (!planned.ok) return fail({ kind: "invalid", issues: planned.error });
  const entries = new Map(
    envelope.value.entries.flatMap((entry) => (entry.ok ? [[entry.value.index, entry.value] as const] : [])),
  );
  if (envelope.value.entries.length === 0) return emptyBundle(exchange, "batch");
  const responses = new Map<number, EntryResponse>();
  for (const refused of planned.value.refused)
    responses.set(refused.index, await refuseEntry(alone(exchange), refused));
  for (const operation of planned.value.operations) {
    const entry = entries.get(operation.index);
    if (entry === undefined) continue;
    const one = alone(exchange);
    try {
      responses.set(operation.index, await answerEntry(one, entry, operation));
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      await tellEntry(one, error.failure);
      responses.set(operation.index, failedResponse(error.failure));
    }
  }
  const ordered = [...responses].toSorted(([left], [right]) => left - right).map(([, response]) => response);
  return bundleAnswer("batch", ordered, false);
}

/** POST to the base: a transaction is all or nothing, a batch is each for itself. */
export function handleBundle(exchange: Exchange): Promise<Answer> {
  const body = exchange.body as { readonly type?: unknown } | null;
  return body?.type === "batch" ? batch(exchange) : transaction(exchange);
}
