import { copyLexemes } from "../decimal.ts";
import { typeDefinition } from "../definitions.ts";
import { isJsonObject } from "../json.ts";
import { parseReference } from "../references.ts";
import type { FhirResource } from "../validate.ts";
import type { Include, SearchQuery } from "./query.ts";
import { selectorOf } from "./select.ts";

/** FHIR R4 resource.html#simple-tags: this is not all of the record. */
export const SUBSETTED = { system: "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", code: "SUBSETTED" };

/** The top-level elements that an answer keeps; undefined keeps all. FHIR R4 search.html#summary, #elements. */
function keptElements(type: string, { summary, elements }: SearchQuery): ReadonlySet<string> | undefined {
  const all = typeDefinition(type)?.elements ?? [];
  const mandatory = all.filter(({ min }) => min > 0);
  const names = (of: typeof all): string[] => of.map(({ name }) => name.replace("[x]", ""));
  if (elements !== undefined) return new Set([...elements, ...names(mandatory)]);
  if (summary === "true") return new Set(names(all.filter(({ isSummary, min }) => isSummary || min > 0)));
  if (summary === "text") return new Set(["text", ...names(mandatory)]);
  return summary === "data" ? new Set(names(all).filter((name) => name !== "text")) : undefined;
}

/**
 * What `_elements` or `_summary` leaves of a resource, tagged SUBSETTED so that nobody writes it back as a whole.
 * The resource itself where neither was asked for.
 */
export function shapeResource(resource: FhirResource, query: SearchQuery): FhirResource {
  const kept = keptElements(resource.resourceType, query);
  if (!kept) return resource;
  const properties = typeDefinition(resource.resourceType)?.properties;
  const isKept = (key: string): boolean => {
    const name = properties?.get(key.replace(/^_/, ""))?.element.name.replace("[x]", "");
    return key === "resourceType" || name === "id" || (name !== undefined && kept.has(name));
  };
  const tags: unknown = resource.meta?.["tag"];
  const meta = { ...resource.meta, tag: [...(Array.isArray(tags) ? (tags as unknown[]) : []), SUBSETTED] };
  const cut = { ...Object.fromEntries(Object.entries(resource).filter(([key]) => isKept(key))), meta };
  return copyLexemes(resource, cut as unknown as FhirResource);
}

/** The records that an `_include` draws in with a resource: relative references of its parameter, each once. */
export function includedReferences(
  resource: FhirResource,
  include: Include,
): { readonly type: string; readonly id: string }[] {
  if (resource.resourceType !== include.source) return [];
  const found = new Map<string, { type: string; id: string }>();
  for (const { value } of selectorOf(include.parameter.expression)({ type: include.source, value: resource })) {
    const reference = isJsonObject(value) ? value["reference"] : undefined;
    const target = typeof reference === "string" ? parseReference(reference) : undefined;
    if (target?.kind !== "relative") continue;
    if (include.target !== undefined && include.target !== target.type) continue;
    found.set(`${target.type}/${target.id}`, { type: target.type, id: target.id });
  }
  return [...found.values()];
}
