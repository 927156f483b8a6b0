import type { ResourceType } from "../supported-types.ts";
import type { SearchParameter } from "./parameters.ts";
import type { Prefix, Range } from "./range.ts";

/** One value that was searched for, read by the type of its parameter. */
export type SearchValue =
  /** `system` undefined is any; empty is none. Without a code, any code of the system. */
  | { readonly kind: "token"; readonly system?: string; readonly code?: string }
  | { readonly kind: "text"; readonly text: string }
  /** `:of-type`: the type of an Identifier, and its value. */
  | { readonly kind: "of-type"; readonly system: string; readonly code: string; readonly value: string }
  | { readonly kind: "date"; readonly prefix: Prefix; readonly range: Range }
  | { readonly kind: "number"; readonly prefix: Prefix; readonly range: Range }
  | {
      readonly kind: "quantity";
      readonly prefix: Prefix;
      readonly range: Range;
      readonly system?: string;
      readonly code?: string;
    }
  /** A bare id has no type; a URL that is not of this server has neither. */
  | { readonly kind: "reference"; readonly types: readonly string[]; readonly id: string }
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "composite"; readonly parts: readonly SearchValue[] };

export type Modifier =
  | "missing"
  | "not"
  | "text"
  | "of-type"
  | "exact"
  | "contains"
  | "identifier"
  | "above"
  | "below"
  | "type";

/** Any of the values has to match; all criteria of a query have to. */
export interface Criterion {
  readonly parameter: SearchParameter;
  readonly modifier?: Modifier;
  /** For `:missing`: whether the element is to be absent. */
  readonly isMissing?: boolean;
  readonly values: readonly SearchValue[];
}

export interface SortKey {
  readonly parameter: SearchParameter;
  readonly isDescending: boolean;
}

/** `_include` (source is the searched type) or `_revinclude` (source refers to what was found). */
export interface Include {
  readonly source: ResourceType;
  readonly parameter: SearchParameter;
  readonly target?: ResourceType;
  readonly isIterated: boolean;
}

export type Summary = "true" | "text" | "data" | "count" | "false";

export interface SearchQuery {
  readonly type: ResourceType;
  readonly criteria: readonly Criterion[];
  readonly sort: readonly SortKey[];
  /** Results a page; undefined where the caller did not say. */
  readonly count?: number;
  readonly total?: "none" | "estimate" | "accurate";
  readonly summary?: Summary;
  /** Names of top-level elements. */
  readonly elements?: readonly string[];
  readonly includes: readonly Include[];
  readonly revIncludes: readonly Include[];
}
