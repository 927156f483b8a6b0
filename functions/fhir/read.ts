import {
  type FhirResource,
  historyBundle,
  parseSearch,
  type ResourceType,
  searchsetBundle,
  shapeResource,
  stringifyJson,
} from "../../core/fhir/index.ts";
import { toInstant } from "../../core/kernel/clock.ts";
import { resourceOf } from "../../core/record/index.ts";
import type { Answer, Exchange } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { parseRecordId } from "../../core/table/index.ts";
import { nextLink, versionAnswer } from "./answers.ts";
import { compartmentOf, fhirBase, idOf, readDemand, typeOf } from "./context.ts";
import { noticeHeaders, noticeOutcome } from "./redisclosure.ts";
import { authorizeRecords } from "./context.ts";
import { reading, type Session } from "../records/session.ts";

/** @param shown Everything in the answer: what of it is of 42 CFR Part 2 takes the notice along. */
const fhirAnswer = (value: unknown, shown: readonly FhirResource[]): Answer => ({
  status: 200,
  headers: { "content-type": "application/fhir+json; charset=utf-8", ...noticeHeaders(shown) },
  body: stringifyJson(value),
});

/** A request about one record: its id tells whose it is, or its locator does. */
const sessionFor =
  (exchange: Exchange, interaction: "read" | "vread" | "history", type: ResourceType, id: string) =>
  (): Promise<Session> =>
    authorizeRecords(exchange, interaction, [readDemand(interaction, type, compartmentOf(type, id))], { type, id });

export async function readRecord(exchange: Exchange): Promise<Answer> {
  const type = typeOf(exchange);
  const id = idOf(exchange);
  const open = sessionFor(exchange, "read", type, id);
  const stored = await reading(open, ({ grant, records }) => records.read(grant, type, id));
  const isKnown = exchange.headers["if-none-match"] === `W/"${stored.version}"`;
  return isKnown ? { status: 304, headers: { etag: `W/"${stored.version}"` } } : versionAnswer(stored);
}

export async function readVersion(exchange: Exchange): Promise<Answer> {
  const type = typeOf(exchange);
  const id = idOf(exchange);
  const text = exchange.path["vid"] ?? "";
  const version = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  const open = sessionFor(exchange, "vread", type, id);
  return versionAnswer(await reading(open, ({ grant, records }) => records.vread(grant, type, id, version)));
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
  const options = countOf(exchange);
  const open = sessionFor(exchange, "history", type, id);
  const page = await reading(open, ({ grant, records }) => records.history(grant, type, id, options));
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
    versions.flatMap(({ resource }) => resource ?? []),
  );
}

export async function readChart(exchange: Exchange): Promise<Answer> {
  const id = idOf(exchange);
  const demand = { action: "everything", type: "Patient", classes: ["C", "S", "B", "D"], patientId: id } as const;
  const options = countOf(exchange);
  const open = () => authorizeRecords(exchange, "everything", [demand]);
  const page = await reading(open, ({ grant, records }) => records.everything(grant, id, options));
  const path = `Patient/${id}/$everything`;
  const links = [{ relation: "self" as const, url: fhirBase + path }, ...nextLink(exchange, path, page.next)];
  const { resources: matches, total } = page;
  return fhirAnswer(searchsetBundle({ base: fhirBase, matches, total, links, ...noticeOutcome(matches) }), matches);
}

const PATIENT_PARAMETERS = ["patient", "patient:Patient", "subject", "subject:Patient", "beneficiary"] as const;

/**
 * The one patient that a search names, for the decision; the repository holds the search to it. One that names several,
 * or somebody who is no id, is about nobody in particular, and nothing that a single patient permits counts for it.
 */
function searchedPatient(query: URLSearchParams, type: ResourceType): string | undefined {
  const named = type === "Patient" ? query.getAll("_id") : PATIENT_PARAMETERS.flatMap((name) => query.getAll(name));
  const [only, ...others] = new Set(named.map((value) => value.replace(/^Patient\//, "")));
  return others.length === 0 ? parseRecordId(only) : undefined;
}

/** Search by GET, or by POST with the parameters in the body: the same search. */
export async function searchRecords(exchange: Exchange): Promise<Answer> {
  const type = typeOf(exchange);
  const query = new URLSearchParams(exchange.query);
  if (exchange.route === "fhirSearchPost")
    for (const [name, value] of new URLSearchParams(exchange.rawBody)) query.append(name, value);
  const cursor = query.get("_cursor");
  query.delete("_cursor");
  const demand = readDemand("search", type, searchedPatient(query, type));
  const open = () => authorizeRecords(exchange, "search", [demand]);
  const isLenient = /handling=lenient/.test(exchange.headers["prefer"] ?? "");
  const parsed = parseSearch(type, query, { base: fhirBase, isLenient });
  const options = cursor === null ? {} : { cursor };
  // A search that cannot be read is refused like one that can: who may not search learns no more from its form.
  if (!parsed.ok) {
    await open();
    return fail({ kind: "structure", issues: parsed.error.issues });
  }
  const page = await reading(open, ({ grant, records }) => records.search(grant, parsed.value, options));
  const shape = <T extends (typeof page.matches)[number]>(resource: T) => shapeResource(resource, parsed.value);
  const isCount = parsed.value.summary === "count" || parsed.value.count === 0;
  // A search that came in a body goes on as one in the address: the cursor is opaque, and its parameters may be PHI.
  const self = exchange.route === "fhirSearchPost" ? type : `${type}${query.size === 0 ? "" : `?${query.toString()}`}`;
  const links = [
    { relation: "self" as const, url: fhirBase + self },
    ...(exchange.route === "fhirSearchPost" ? [] : nextLink(exchange, type, page.next)),
  ];
  const matches = isCount ? [] : page.matches;
  const included = isCount ? [] : page.included;
  const shown = [...matches, ...included];
  return fhirAnswer(
    searchsetBundle({
      base: fhirBase,
      matches: matches.map(shape),
      included,
      total: page.total,
      links,
      ...noticeOutcome(shown),
    }),
    shown,
  );
}
