import { ok, type Result } from "../../kernel/result.ts";
import type { ValidationIssue } from "../issue.ts";
import { parseSearch } from "../search/parse.ts";
import type { SearchQuery } from "../search/query.ts";
import { isResourceType, type ResourceType } from "../supported-types.ts";

/** What the relative URL of an entry's request addresses. FHIR R4 http.html#summary. */
export type RequestTarget =
  | { readonly kind: "type"; readonly type: ResourceType }
  | { readonly kind: "search"; readonly type: ResourceType; readonly condition: Condition }
  | { readonly kind: "instance"; readonly type: ResourceType; readonly id: string }
  | { readonly kind: "version"; readonly type: ResourceType; readonly id: string; readonly version: string }
  | { readonly kind: "history"; readonly type: ResourceType; readonly id: string };

/** A search whose answer a plan depends on. The same text is the same condition. */
export interface Condition {
  readonly key: string;
  readonly query: SearchQuery;
}

const ID = "[A-Za-z0-9\\-.]{1,64}";
const URL_FORM = new RegExp(`^([A-Za-z]+)(?:/(${ID})(?:/_history(?:/(${ID}))?)?)?(?:\\?(.*))?$`, "s");

/** `undefined` where the condition is no search that can be made: unknown type, unknown parameter, no criterion. */
export function parseCondition(type: string, search: string, base?: string): Condition | undefined {
  if (!isResourceType(type)) return undefined;
  const query = parseSearch(type, search, base === undefined ? {} : { base });
  return query.ok && query.value.criteria.length > 0 ? { key: `${type}?${search}`, query: query.value } : undefined;
}

/**
 * Reads a request's URL, relative to the base or absolute under it. Undefined where it is none that a bundle may hold:
 * operations, other servers, unknown types. A search that is not valid gives its issues.
 */
export function parseRequestUrl(
  text: string,
  base?: string,
): Result<RequestTarget | undefined, readonly ValidationIssue[]> {
  const relative = base !== undefined && text.startsWith(base) ? text.slice(base.length) : text.replace(/^\//, "");
  const [, type, id, version, search] = URL_FORM.exec(relative) ?? [];
  if (!isResourceType(type)) return ok(undefined);
  if (id === undefined) return search === undefined ? ok({ kind: "type", type }) : searchTarget(type, search, base);
  if (search !== undefined) return ok(undefined);
  if (version !== undefined) return ok({ kind: "version", type, id, version });
  return ok({ kind: relative.endsWith("/_history") ? "history" : "instance", type, id });
}

function searchTarget(
  type: ResourceType,
  search: string,
  base: string | undefined,
): Result<RequestTarget, readonly ValidationIssue[]> {
  const query = parseSearch(type, search, base === undefined ? {} : { base });
  if (!query.ok) return { ok: false, error: query.error.issues };
  return ok({ kind: "search", type, condition: { key: `${type}?${search}`, query: query.value } });
}
