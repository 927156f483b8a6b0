import type { z } from "zod";
import type { RouteName, routes } from "../../../core/contract/index.ts";

type BodySchema<N extends RouteName> = (typeof routes)[N]["body"];

/** What a route takes as its body; `undefined` for one that takes none. */
export type BodyOf<N extends RouteName> =
  BodySchema<N> extends z.ZodType<unknown, infer I>
    ? I
    : BodySchema<N> extends "fhir"
      ? { readonly resourceType: string }
      : BodySchema<N> extends "form"
        ? URLSearchParams
        : undefined;

type QueryValue = string | number | boolean | readonly string[] | undefined;

/** One request: what its route does not already say. */
export interface Ask<N extends RouteName> {
  /** Values of `{placeholders}` in the path: ids of ours, never a name or a date of birth. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly body?: BodyOf<N>;
  /** The version that is changed: a number is written as a weak ETag. */
  readonly ifMatch?: number | string | undefined;
  /** Why it is asked, where that is not what the session is for. */
  readonly purpose?: string | undefined;
  /** The Idempotency-Key. One is made where a route wants one and none is given. */
  readonly effect?: string | undefined;
  /** Further headers, such as `x-reason`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Polling: keeps no session alive. */
  readonly isBackground?: boolean;
}

const PLACEHOLDER = /\{([a-zA-Z]+)\+?\}/g;

/** The address of a request on the portal's own origin. A placeholder without a value is a fault of the screen. */
export function addressOf(template: string, ask: Pick<Ask<RouteName>, "path" | "query">): string {
  const path = template.replace(PLACEHOLDER, (_whole, name: string) => {
    const value = ask.path?.[name];
    if (value === undefined || value === "") throw new TypeError(`${template} wants a value for ${name}`);
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(ask.query ?? {})) {
    if (value === undefined) continue;
    for (const one of typeof value === "object" ? value : [value]) query.append(name, String(one));
  }
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}
