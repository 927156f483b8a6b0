import { historyBundle, parseSearch, searchsetBundle, shapeResource, stringifyJson } from "../../core/fhir/index.ts";
import { toInstant } from "../../core/kernel/clock.ts";
import { resourceOf } from "../../core/record/index.ts";
import type { Answer, Exchange } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { must, nextLink, versionAnswer } from "./answers.ts";
import { authorizeRecords, compartmentOf, fhirBase, idOf, readDemand, typeOf } from "./context.ts";

const fhirAnswer = (value: unknown): Answer => ({
  status: 200,
  headers: { "content-type": "application/fhir+json; charset=utf-8" },
  body: stringifyJson(value),
});

export async function readRecord(exchange: Exchange): Promise<Answer> {
  const type = typeOf(exchange);
  const id = idOf(exchange);
  const { grant, records } = await authorizeRecords(exchange, "read", [
    readDemand("read", type, compartmentOf(type, id)),
  ]);
  const stored = must(await records.read(grant, type, id));
  const isKnown = exchange.headers["if-none-match"] === `W/"${stored.version}"`;
  return isKnown ? { status: 304, headers: { etag: `W/"${stored.version}"` } } : versionAnswer(stored);
}

export async function readVersion(exchange: Exchange): Promise<Answer> {
  const type = typeOf(exchange);
  const id = idOf(exchange);
  const { grant, records } = await authorizeRecords(exchange, "vread", [
    readDemand("vread", type, compartmentOf(type, id)),
  ]);
  const text = exchange.path["vid"] ?? "";
  const version = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  return versionAnswer(must(await records.vread(grant, type, id, version)));
}

/** A page size from the query; anything but a number is refused. */
function countOf(exchange: Exchange): { count?: number; cursor?: string } {
  const text = exchange.query.get("_count");
  if (text !== null && !/^\d{1,6}$/.test(text)) fail({ kind: "structure", rule: "search-value" });
  const cursor = exchange.query.get("_cursor");
  return { ...(text === null ? {} : { count: Number(text) }), ...(cursor === null ? {} : { cursor }) };
}

export async function readHistory(exchange: Exchange): Promise<Answer> {
  const type = typeOf(exchange);
  const id = idOf(exchange);
  const { grant, records } = await authorizeRecords(exchange, "history", [
    readDemand("history", type, compartmentOf(type, id)),
  ]);
  const page = must(await records.history(grant, type, id, countOf(exchange)));
  const versions = page.versions.map((stored) => ({
    type,
    id,
    version: stored.version,
    method:
      stored.text === undefined ? ("DELETE" as const) : stored.version === 1 ? ("POST" as const) : ("PUT" as const),
    lastModified: toInstant(stored.lastUpdatedMs),
    ...(stored.text === undefined ? {} : { resource: resourceOf(stored) }),
  }));
  const path = `${type}/${id}/_history`;
  return fhirAnswer(
    historyBundle(
      fhirBase,
      versions,
      [{ relation: "self", url: fhirBase + path }, ...nextLink(exchange, path, page.next)],
      page.total,
    ),
  );
}

export async function readChart(exchange: Exchange): Promise<Answer> {
  const id = idOf(exchange);
  const demand = { action: "everything", type: "Patient", classes: ["C", "S", "B", "D"], patientId: id } as const;
  const { grant, records } = await authorizeRecords(exchange, "everything", [demand]);
  const page = must(await records.everything(grant, id, countOf(exchange)));
  const path = `Patient/${id}/$everything`;
  const links = [{ relation: "self" as const, url: fhirBase + path }, ...nextLink(exchange, path, page.next)];
  return fhirAnswer(searchsetBundle({ base: fhirBase, matches: page.resources, total: page.total, links }));
}

/** The one patient that a search names, for the decision; the repository holds the search to it. */
function searchedPatient(query: URLSearchParams, type: string): string | undefined {
  const named = type === "Patient" ? query.getAll("_id") : [...query.getAll("patient"), ...query.getAll("subject")];
  const ids = new Set(named.map((value) => value.replace(/^Patient\//, "")));
  const [only] = ids;
  return ids.size === 1 ? only : undefined;
}

/** Search by GET, or by POST with the parameters in the body: the same search. */
export async function searchRecords(exchange: Exchange): Promise<Answer> {
  const type = typeOf(exchange);
  const query = new URLSearchParams(exchange.query);
  if (exchange.route === "fhirSearchPost")
    for (const [name, value] of new URLSearchParams(exchange.rawBody)) query.append(name, value);
  const cursor = query.get("_cursor");
  query.delete("_cursor");
  const { grant, records } = await authorizeRecords(exchange, "search", [
    readDemand("search", type, searchedPatient(query, type)),
  ]);
  const isLenient = /handling=lenient/.test(exchange.headers["prefer"] ?? "");
  const parsed = parseSearch(type, query, { base: fhirBase, isLenient });
  if (!parsed.ok) return fail({ kind: "structure", issues: parsed.error.issues });
  const page = must(await records.search(grant, parsed.value, cursor === null ? {} : { cursor }));
  const shape = <T extends (typeof page.matches)[number]>(resource: T) => shapeResource(resource, parsed.value);
  const isCount = parsed.value.summary === "count" || parsed.value.count === 0;
  // A search that came in a body goes on as one in the address: the cursor is opaque, and its parameters may be PHI.
  const self = exchange.route === "fhirSearchPost" ? type : `${type}${query.size === 0 ? "" : `?${query.toString()}`}`;
  const links = [
    { relation: "self" as const, url: fhirBase + self },
    ...(exchange.route === "fhirSearchPost" ? [] : nextLink(exchange, type, page.next)),
  ];
  return fhirAnswer(
    searchsetBundle({
      base: fhirBase,
      matches: isCount ? [] : page.matches.map(shape),
      included: isCount ? [] : page.included,
      total: page.total,
      links,
    }),
  );
}
