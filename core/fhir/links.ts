import { copyLexemes } from "./decimal.ts";
import { typeDefinition } from "./definitions.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { parseReference, type ReferenceTarget } from "./references.ts";
import type { FhirResource } from "./validate.ts";

/** One literal reference of a resource. */
export interface FoundReference {
  /** `Observation.subject`: the path of the Reference. */
  readonly path: string;
  readonly reference: string;
  readonly target: ReferenceTarget;
}

type Replace = (link: string, kind: "reference" | "uri" | "narrative", path: string) => string | undefined;

/** Elements whose value may be a link to an entry of a bundle. FHIR R4 http.html#trules; canonical is left alone. */
const LINKS: ReadonlySet<string> = new Set(["uri", "url", "oid", "uuid"]);
const NARRATIVE_LINK = /(\s(?:href|src)\s*=\s*)("[^"]*"|'[^']*')/g;

/** Copies what changes and shares what does not; `undefined` from `replace` leaves a link as it is. */
function mapValue(value: unknown, typeName: string, path: string, replace: Replace): unknown {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const mapped = items.map((item, index) => mapValue(item, typeName, `${path}[${index}]`, replace));
    return mapped.every((item, index) => item === items[index]) ? value : copyLexemes(value, mapped);
  }
  if (typeof value === "string") {
    if (LINKS.has(typeName)) return replace(value, "uri", path) ?? value;
    return typeName === "xhtml" ? mapNarrative(value, path, replace) : value;
  }
  return isJsonObject(value) ? mapObject(value, typeName, path, replace) : value;
}

const mapNarrative = (div: string, path: string, replace: Replace): string =>
  div.replace(NARRATIVE_LINK, (whole, start: string, quoted: string) => {
    const link = replace(quoted.slice(1, -1), "narrative", path);
    return link === undefined ? whole : `${start}${quoted.charAt(0)}${link}${quoted.charAt(0)}`;
  });

function mapObject(value: JsonObject, typeName: string, path: string, replace: Replace): JsonObject {
  const ofResource = typeName === "Resource" ? value["resourceType"] : typeName;
  const definition = typeof ofResource === "string" ? typeDefinition(ofResource) : undefined;
  let copy: Record<string, unknown> | undefined;
  for (const [key, inner] of Object.entries(value)) {
    const property = definition?.properties.get(key);
    const childType = property?.type.name ?? (key.startsWith("_") ? "Element" : undefined);
    if (childType === undefined) continue;
    const isReference = typeName === "Reference" && key === "reference" && typeof inner === "string";
    const mapped = isReference
      ? (replace(inner, "reference", path) ?? inner)
      : mapValue(inner, childType, `${path}.${key.replace(/^_/, "")}`, replace);
    if (mapped === inner) continue;
    copy ??= copyLexemes(value, { ...value });
    copy[key] = mapped;
  }
  return copy ?? value;
}

/** Every literal reference of a valid resource and of what it contains, in document order. */
export function references(resource: FhirResource): FoundReference[] {
  const found: FoundReference[] = [];
  mapObject(resource, resource.resourceType, resource.resourceType, (link, kind, path) => {
    if (kind === "reference") found.push({ path, reference: link, target: parseReference(link) });
    return undefined;
  });
  return found;
}

/**
 * A copy in which each link that `replace` knows is replaced: references, elements of type uri, url, oid and uuid, and
 * the links of the narrative (FHIR R4 http.html#trules). Shares with the original what does not change.
 */
export function rewriteReferences(resource: FhirResource, replace: (link: string) => string | undefined): FhirResource {
  return mapObject(resource, resource.resourceType, resource.resourceType, (link) => replace(link)) as FhirResource;
}
