import type { OperationOutcome } from "../outcome.ts";
import { RESOURCE_TYPES, type ResourceType } from "../supported-types.ts";
import type { FhirResource } from "../validate.ts";

/** What became of one entry. */
export interface EntryResponse {
  /** `201 Created`, `200 OK`, `204 No Content`... */
  readonly status: string;
  /** `Patient/1/_history/1`, relative to the base. */
  readonly location?: string;
  /** `W/"1"`. */
  readonly etag?: string;
  readonly lastModified?: string;
  readonly outcome?: OperationOutcome;
  /** What was read, or what was written where the caller preferred to see it. */
  readonly resource?: object;
}

export interface Bundle {
  readonly resourceType: "Bundle";
  readonly id?: string;
  readonly type: "transaction-response" | "batch-response" | "searchset" | "history";
  readonly total?: number;
  readonly link?: readonly BundleLink[];
  readonly entry?: readonly object[];
}

export interface BundleLink {
  readonly relation: "self" | "next" | "previous" | "first";
  readonly url: string;
}

/** An empty array is no FHIR value. */
const entries = (list: readonly object[]): { entry?: readonly object[] } => (list.length === 0 ? {} : { entry: list });

/** The answer to a transaction or batch; `responses` in the order of the entries as they came. */
export function responseBundle(type: "transaction" | "batch", responses: readonly EntryResponse[]): Bundle {
  const list = responses.map(({ resource, ...response }) => ({ ...(resource ? { resource } : {}), response }));
  return { resourceType: "Bundle", type: `${type}-response`, ...entries(list) };
}

export interface SearchsetInput {
  /** This server's FHIR base with a slash at its end. */
  readonly base: string;
  readonly matches: readonly FhirResource[];
  readonly included?: readonly FhirResource[];
  /** How many match in all; left out where it is not known. */
  readonly total?: number;
  readonly links: readonly BundleLink[];
  /** Warnings about the search itself (FHIR R4 search.html#errors). */
  readonly outcome?: OperationOutcome;
}

const urlOf = (base: string, { resourceType, id }: FhirResource): string => `${base}${resourceType}/${id ?? ""}`;

/** FHIR R4 bundle.html#searchset. */
export function searchsetBundle({ base, matches, included = [], total, links, outcome }: SearchsetInput): Bundle {
  const row = (mode: "match" | "include") => (resource: FhirResource) => ({
    fullUrl: urlOf(base, resource),
    resource,
    search: { mode },
  });
  const list = [
    ...matches.map(row("match")),
    ...included.map(row("include")),
    ...(outcome ? [{ resource: outcome, search: { mode: "outcome" } }] : []),
  ];
  return {
    resourceType: "Bundle",
    type: "searchset",
    ...(total === undefined ? {} : { total }),
    link: links,
    ...entries(list),
  };
}

/** One version; a deletion has no resource. */
export interface HistoryVersion {
  readonly type: ResourceType;
  readonly id: string;
  readonly version: number;
  readonly method: "POST" | "PUT" | "DELETE";
  /** FHIR instant. */
  readonly lastModified: string;
  readonly resource?: FhirResource;
}

/** FHIR R4 http.html#history: newest first, as `versions` must be. */
export function historyBundle(
  base: string,
  versions: readonly HistoryVersion[],
  links: readonly BundleLink[],
  total = versions.length,
): Bundle {
  const list = versions.map(({ type, id, version, method, lastModified, resource }) => ({
    fullUrl: `${base}${type}/${id}`,
    ...(resource ? { resource } : {}),
    request: { method, url: method === "POST" ? type : `${type}/${id}` },
    response: {
      status: { POST: "201 Created", PUT: "200 OK", DELETE: "204 No Content" }[method],
      etag: `W/"${version}"`,
      lastModified,
    },
  }));
  return { resourceType: "Bundle", type: "history", total, link: links, ...entries(list) };
}

const rank = new Map<string, number>(RESOURCE_TYPES.map((type, index) => [type, index]));

/**
 * The order of Patient/$everything: the patient, then the record by type and id, then what it refers to outside of the
 * compartment (practitioners, organizations). The same chart gives the same pages (FHIR R4 patient-operation-everything.html).
 */
export function everythingOrder(
  patientId: string,
  compartment: readonly FhirResource[],
  supporting: readonly FhirResource[] = [],
): readonly FhirResource[] {
  const isPatient = ({ resourceType, id }: FhirResource): boolean => resourceType === "Patient" && id === patientId;
  const byType = (a: FhirResource, b: FhirResource): number => {
    const order = (rank.get(a.resourceType) ?? 0) - (rank.get(b.resourceType) ?? 0);
    return order === 0 ? ((a.id ?? "") < (b.id ?? "") ? -1 : 1) : order;
  };
  const others = compartment.filter((resource) => !isPatient(resource)).toSorted(byType);
  return [...compartment.filter(isPatient), ...others, ...supporting.toSorted(byType)];
}
