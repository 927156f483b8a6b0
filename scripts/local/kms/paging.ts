import { kmsError } from "./errors.ts";
import { optionalInteger, optionalString, type Input } from "./input.ts";

export const PAGE_MEMBERS = ["Limit", "Marker"] as const;

/** The members of an answer that tell whether more follow. */
export interface PageEnd {
  readonly Truncated: boolean;
  readonly NextMarker?: string;
}

/** The page that `Limit` and `Marker` ask for. `items` must come sorted by `name`, which must be unique. */
export function page<T>(
  items: readonly T[],
  name: (item: T) => string,
  input: Input,
  limits: { readonly usual: number; readonly max: number },
): { readonly items: readonly T[]; readonly end: PageEnd } {
  const limit = optionalInteger(input, "Limit", { min: 1, max: limits.max }) ?? limits.usual;
  const marker = optionalString(input, "Marker", { min: 1, max: 1024 });
  const after = marker === undefined ? undefined : Buffer.from(marker, "base64url").toString("utf8");
  if (after !== undefined && Buffer.from(after).toString("base64url") !== marker) {
    throw kmsError("InvalidMarkerException", "The marker is not valid");
  }
  const rest = after === undefined ? items : items.filter((item) => name(item) > after);
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  if (rest.length <= limit || last === undefined) return { items: shown, end: { Truncated: false } };
  return { items: shown, end: { Truncated: true, NextMarker: Buffer.from(name(last)).toString("base64url") } };
}
