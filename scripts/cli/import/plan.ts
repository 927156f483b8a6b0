import { createHash } from "node:crypto";
import { encodeId, isId } from "../../../core/kernel/ids.ts";
import {
  copyLexemes,
  type FhirResource,
  hasPatientHome,
  isJsonObject,
  isResourceType,
  parseJson,
  patientOf,
  stringifyJson,
  validateResource,
} from "../../../core/fhir/index.ts";
import { asHistory, type HistoryRule } from "./history.ts";

type Json = { readonly [member: string]: unknown };

/** A resource with the id that it will have, ready to be sent. */
export interface Planned {
  readonly type: string;
  readonly id: string;
  /** The source's own name for it, for the report. */
  readonly source: string;
  readonly resource: Json;
  /** `Type/id` of what it refers to and the same piece holds. */
  readonly needs: readonly string[];
  readonly patientId: string | undefined;
}

export interface Refused {
  readonly source: string;
  readonly type: string;
  readonly rule: string;
  readonly path: string;
}

export interface Plan {
  readonly planned: readonly Planned[];
  readonly refused: readonly Refused[];
}

const hashId = (...parts: readonly string[]): string =>
  encodeId(createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 16));

/** A record's name in our grammar: its own id, behind its patient's where it has one. */
const isOurId = (id: string): boolean => isId(id) || (id[26] === "." && isId(id.slice(0, 26)) && isId(id.slice(27)));

/**
 * What a literal reference to something outside the piece will be called, as to another line of an NDJSON file. A record
 * of a patient is looked for with the patient of whoever refers to it. Undefined where that cannot be said.
 */
function outsideName(tenantId: string, reference: string, patientId: string | undefined): string | undefined {
  const [, type, own] = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/.exec(reference) ?? [];
  if (type === undefined || own === undefined || !isResourceType(type) || isOurId(own)) return undefined;
  const made = hashId(tenantId, type, own);
  if (type === "Patient" || !hasPatientHome(type)) return `${type}/${made}`;
  return patientId === undefined ? undefined : `${type}/${patientId}.${made}`;
}

interface Entry {
  readonly fullUrl: string | undefined;
  readonly resource: Json;
  readonly source: string;
}

const misshapen = (source: string): Refused => ({ source, type: "?", rule: "resource-shape", path: "" });

/** The resources of a piece: a Bundle's entries, or the one resource that it is. What holds none is refused, not left out. */
function entriesOf(
  value: unknown,
  name: string,
): { readonly entries: readonly Entry[]; readonly refused: readonly Refused[] } {
  if (!isJsonObject(value) || typeof value["resourceType"] !== "string")
    return { entries: [], refused: [misshapen(name)] };
  if (value["resourceType"] !== "Bundle")
    return { entries: [{ fullUrl: undefined, resource: value, source: name }], refused: [] };
  const listed = value["entry"] ?? [];
  if (!Array.isArray(listed)) return { entries: [], refused: [misshapen(name)] };
  const entries: Entry[] = [];
  const refused: Refused[] = [];
  for (const [index, entry] of (listed as unknown[]).entries()) {
    const source = `${name}#${index}`;
    if (!isJsonObject(entry) || !isJsonObject(entry["resource"])) refused.push(misshapen(source));
    else {
      const fullUrl = typeof entry["fullUrl"] === "string" ? entry["fullUrl"] : undefined;
      entries.push({ fullUrl, resource: entry["resource"], source });
    }
  }
  return { entries, refused };
}

const sourceId = ({ resource, fullUrl }: Entry): string =>
  typeof resource["id"] === "string"
    ? resource["id"]
    : (fullUrl ?? createHash("sha256").update(stringifyJson(resource)).digest("hex"));

type Rewrite = (reference: string) => string | undefined;

/** A copy with every literal reference replaced that `rewrite` knows; decimals keep their text. */
function rewriteAll(value: unknown, rewrite: Rewrite): unknown {
  if (Array.isArray(value)) return value.map((member) => rewriteAll(member, rewrite));
  if (!isJsonObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    copy[name] =
      name === "reference" && typeof member === "string" ? (rewrite(member) ?? member) : rewriteAll(member, rewrite);
  }
  return copyLexemes(value, copy);
}

/**
 * What to send for one piece of an import. Ids follow from the tenant and the source's own ids, so that the same import
 * gives the same ids whenever it runs; a record of a patient carries the patient's id in front. What breaks a rule is
 * refused with it, and so is what refers to something refused.
 */
export function planImport(text: string | Uint8Array, name: string, tenantId: string, history?: HistoryRule): Plan {
  const parsed = parseJson(text, { maxBytes: 256 * 1024 * 1024, maxDepth: 64, maxValues: 10_000_000 });
  if (!parsed.ok) return { planned: [], refused: [{ source: name, type: "?", rule: parsed.error.rule, path: "" }] };
  const { entries, refused: withoutResource } = entriesOf(parsed.value, name);
  const refused: Refused[] = [...withoutResource];

  const byName = new Map<string, Entry>();
  for (const entry of entries) {
    if (entry.fullUrl !== undefined) byName.set(entry.fullUrl, entry);
    byName.set(`${String(entry.resource["resourceType"])}/${sourceId(entry)}`, entry);
  }
  const find = (reference: string): Entry | undefined =>
    byName.get(reference) ?? byName.get(reference.replace(/\/_history\/.*$/, ""));
  const ids = new Map<Entry, string>();
  const compartments = new Map<Entry, string>();
  const nameOf = (entry: Entry): string => `${String(entry.resource["resourceType"])}/${ids.get(entry) ?? ""}`;
  const resolve = (reference: string): string | undefined => {
    const target = find(reference);
    if (target === undefined) return outsideName(tenantId, reference, undefined);
    return ids.has(target) ? nameOf(target) : undefined;
  };
  const isPatient = ({ resource }: Entry): boolean => resource["resourceType"] === "Patient";
  for (const entry of entries.filter(isPatient)) {
    const own = sourceId(entry);
    const id = isId(own) ? own : hashId(tenantId, "Patient", own);
    ids.set(entry, id);
    compartments.set(entry, id);
  }
  // Twice: a Provenance finds its patient through the record that it is about, which must have its id by then.
  for (const isLast of [false, true]) {
    for (const entry of entries) {
      if (ids.has(entry)) continue;
      const type = entry.resource["resourceType"];
      const home = isResourceType(type) ? patientOf(entry.resource as unknown as FhirResource, resolve) : undefined;
      const patientId = home?.ok === true ? home.value : undefined;
      if (patientId === undefined && !isLast) continue;
      const own = sourceId(entry);
      const made = hashId(tenantId, String(type), own);
      const isOurs = patientId === undefined ? isId(own) : own.startsWith(`${patientId}.`) && isId(own.slice(27));
      ids.set(entry, isOurs ? own : patientId === undefined ? made : `${patientId}.${made}`);
      if (patientId !== undefined) compartments.set(entry, patientId);
    }
  }

  const planned: Planned[] = [];
  for (const entry of entries) {
    const type = String(entry.resource["resourceType"]);
    const needs = new Set<string>();
    const rewritten = rewriteAll(entry.resource, (reference) => {
      const target = find(reference);
      if (target === undefined) return outsideName(tenantId, reference, compartments.get(entry));
      const rewrittenName = nameOf(target);
      if (target !== entry) needs.add(rewrittenName);
      return rewrittenName;
    }) as Json;
    const named = copyLexemes(rewritten, { ...rewritten, id: ids.get(entry) }) as Json;
    const resource = history === undefined ? named : asHistory(named, history);
    const checked = isResourceType(type) ? validateResource(resource) : undefined;
    if (checked?.ok !== true) {
      const issue = checked?.ok === false ? checked.error.issues[0] : undefined;
      const shown = isResourceType(type) ? type : "?";
      refused.push({
        source: entry.source,
        type: shown,
        rule: issue?.rule ?? "resource-type",
        path: issue?.path ?? "",
      });
      continue;
    }
    planned.push({
      type,
      id: ids.get(entry) ?? "",
      source: entry.source,
      resource,
      needs: [...needs],
      patientId: compartments.get(entry),
    });
  }
  return withoutOrphans(planned, refused, new Set(entries.map(nameOf)));
}

/** Takes out what refers to a refused resource of the same piece, until nothing does. */
function withoutOrphans(planned: readonly Planned[], refused: readonly Refused[], inPiece: ReadonlySet<string>): Plan {
  let kept = [...planned];
  const out = [...refused];
  for (;;) {
    const present = new Set(kept.map(({ type, id }) => `${type}/${id}`));
    const orphans = kept.filter(({ needs }) => needs.some((need) => inPiece.has(need) && !present.has(need)));
    if (orphans.length === 0) return { planned: kept, refused: out };
    out.push(...orphans.map(({ source, type }) => ({ source, type, rule: "refers-to-refused", path: type })));
    kept = kept.filter((resource) => !orphans.includes(resource));
  }
}

/**
 * Groups for atomic transactions of at most `limit`: what others need comes first, and resources that need each other
 * stay together.
 */
export function groupPlanned(planned: readonly Planned[], limit: number): Planned[][] {
  const byName = new Map(planned.map((resource) => [`${resource.type}/${resource.id}`, resource]));
  const order: Planned[][] = [];
  const index = new Map<Planned, number>();
  const low = new Map<Planned, number>();
  const stack: Planned[] = [];
  // Tarjan's strongly connected components come out dependencies first.
  function visit(resource: Planned): void {
    index.set(resource, index.size);
    low.set(resource, index.get(resource) ?? 0);
    stack.push(resource);
    for (const need of resource.needs) {
      const target = byName.get(need);
      if (target === undefined) continue;
      if (!index.has(target)) {
        visit(target);
        low.set(resource, Math.min(low.get(resource) ?? 0, low.get(target) ?? 0));
      } else if (stack.includes(target)) low.set(resource, Math.min(low.get(resource) ?? 0, index.get(target) ?? 0));
    }
    if (low.get(resource) !== index.get(resource)) return;
    order.push(stack.splice(stack.indexOf(resource)));
  }
  for (const resource of planned) if (!index.has(resource)) visit(resource);
  const groups: Planned[][] = [];
  let current: Planned[] = [];
  for (const component of order) {
    if (current.length > 0 && current.length + component.length > limit) {
      groups.push(current);
      current = [];
    }
    current.push(...component);
  }
  if (current.length > 0) groups.push(current);
  return groups;
}
