import rows from "../definitions/search-parameters.json" with { type: "json" };
import { RESOURCE_TYPES, type ResourceType } from "../supported-types.ts";

export type SearchParameterType =
  | "token"
  | "string"
  | "date"
  | "number"
  | "quantity"
  | "reference"
  | "uri"
  | "composite";

export interface SearchParameter {
  readonly code: string;
  readonly type: SearchParameterType;
  /** FHIRPath, narrowed to the resource type. */
  readonly expression: string;
  /** For a reference: the supported types it may point at. */
  readonly targets: readonly ResourceType[];
  /** For a composite: its parts, relative to `expression`. */
  readonly components: readonly { readonly type: SearchParameterType; readonly expression: string }[];
}

type Row = readonly [type: string, expression: string, rest?: readonly (string | readonly string[])[]];

const byType = rows as unknown as Readonly<Record<string, Readonly<Record<string, Row>>>>;
const parameters = new Map<string, SearchParameter>();

function read(code: string, [type, expression, rest = []]: Row): SearchParameter {
  const isComposite = type === "composite";
  return {
    code,
    type: type as SearchParameterType,
    expression,
    targets: isComposite ? [] : rest[0] === "*" ? RESOURCE_TYPES : (rest as readonly ResourceType[]),
    components: isComposite
      ? (rest as readonly [SearchParameterType, string][]).map(([partType, part]) => ({
          type: partType,
          expression: part,
        }))
      : [],
  };
}

/** A search parameter of R4 or US Core 8 by its code; `_id` and the like belong to every type. */
export function searchParameter(type: ResourceType, code: string): SearchParameter | undefined {
  const owner = [type, "Resource"].find((name) => Object.hasOwn(byType[name] ?? {}, code));
  const row = owner && byType[owner]?.[code];
  if (!row) return undefined;
  const key = `${owner} ${code}`;
  let parameter = parameters.get(key);
  if (!parameter) {
    parameter = read(code, row);
    parameters.set(key, parameter);
  }
  return parameter;
}

/** The codes that a type can be searched by, its own and then those of every resource. */
export const searchParameterCodes = (type: ResourceType): readonly string[] => [
  ...Object.keys(byType[type] ?? {}),
  ...Object.keys(byType["Resource"] ?? {}),
];
