import { type Decimal, formatDecimal, normalize } from "../decimal.ts";

/** JSON whose numbers are Decimals: a double would forget the twelfth place of a ratio. */
export type ExactJson =
  | string
  | boolean
  | null
  | Decimal
  | readonly ExactJson[]
  | { readonly [key: string]: ExactJson | undefined };

const isDecimal = (value: object): value is Decimal => "unscaled" in value && typeof value.unscaled === "bigint";

/** Compact JSON text; a property that is undefined is left out, the others stay in their order. */
export function exactJson(value: ExactJson): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isDecimal(value)) return formatDecimal(normalize(value));
  if (Array.isArray(value)) return `[${value.map((item: ExactJson) => exactJson(item)).join(",")}]`;
  const properties = Object.entries(value as Readonly<Record<string, ExactJson | undefined>>)
    .filter((entry): entry is [string, ExactJson] => entry[1] !== undefined)
    .map(([key, inner]) => `${JSON.stringify(key)}:${exactJson(inner)}`);
  return `{${properties.join(",")}}`;
}

/** A flat object with its keys in order, so that equal tags are equal text; null for no tags. */
export const tagsJson = (tags: Readonly<Record<string, string>>): string | null => {
  const keys = Object.keys(tags).toSorted();
  return keys.length === 0 ? null : exactJson(Object.fromEntries(keys.map((key) => [key, tags[key] ?? ""])));
};
