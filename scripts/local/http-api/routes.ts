/** One route of an HTTP API: `GET /fhir/{type}/{id}`, `ANY /{proxy+}` or `$default`. */
export interface Route {
  readonly routeKey: string;
  readonly functionName: string;
  /** How long the integration may take; API Gateway allows 50 to 30,000 ms. */
  readonly timeoutMs?: number;
  /** Undefined: open. */
  readonly authorizer?: RouteAuthorizer;
  /** Overrides the stage's limits for this route. */
  readonly throttle?: Throttle;
}

export interface RouteAuthorizer {
  readonly name: string;
  /** One of these must be in the token's `scope` or `scp`; none: any valid token. */
  readonly scopes: readonly string[];
}

/** A token bucket: it holds `burst` requests and fills at `ratePerSecond`. */
export interface Throttle {
  readonly ratePerSecond: number;
  readonly burst: number;
}

export interface Match<R> {
  readonly route: R;
  /** Decoded values by name. Undefined for `$default`. */
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
}

type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "greedy"; readonly name: string };

interface Compiled<R> {
  readonly route: R;
  readonly method: string;
  readonly segments: readonly Segment[];
  readonly isDefault: boolean;
}

const METHODS = new Set(["ANY", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);
const SPECIFICITY = { literal: 0, parameter: 1, greedy: 2 } as const;

/** `/a/b/` has the segments `a`, `b` and an empty one: API Gateway does not treat a trailing slash as none. */
const split = (path: string): string[] => path.slice(1).split("/");

function compileSegment(text: string): Segment {
  const [, name, plus] = /^\{([A-Za-z0-9._:-]+)(\+?)\}$/.exec(text) ?? [];
  if (name !== undefined) return { kind: plus === "+" ? "greedy" : "parameter", name };
  if (/[{}]/.test(text)) throw new Error(`path part ${text} is neither a literal nor a variable`);
  return { kind: "literal", text };
}

function compile<R extends Pick<Route, "routeKey">>(route: R): Compiled<R> {
  if (route.routeKey === "$default") return { route, method: "ANY", segments: [], isDefault: true };
  const [method = "", path = "", ...rest] = route.routeKey.split(" ");
  if (!METHODS.has(method) || !path.startsWith("/") || rest.length > 0) {
    throw new Error(`route key ${route.routeKey} is not METHOD /path`);
  }
  const segments = split(path).map(compileSegment);
  if (segments.slice(0, -1).some((segment) => segment.kind === "greedy")) {
    throw new Error(`route key ${route.routeKey}: a greedy variable stands last`);
  }
  const names = segments.flatMap((segment) => (segment.kind === "literal" ? [] : [segment.name]));
  if (new Set(names).size !== names.length) throw new Error(`route key ${route.routeKey} names a variable twice`);
  return { route, method, segments, isDefault: false };
}

/** Full matches before greedy ones before $default; among equals the more literal path, from the left; then a method before ANY. */
function compare<R>(a: Compiled<R>, b: Compiled<R>): number {
  if (a.isDefault !== b.isDefault) return a.isDefault ? 1 : -1;
  const isGreedy = (one: Compiled<R>): number => (one.segments.at(-1)?.kind === "greedy" ? 1 : 0);
  if (isGreedy(a) !== isGreedy(b)) return isGreedy(a) - isGreedy(b);
  const length = Math.max(a.segments.length, b.segments.length);
  for (let index = 0; index < length; index += 1) {
    const [left, right] = [a.segments[index], b.segments[index]];
    // Where one has ended the other says more.
    if (left === undefined || right === undefined) return left === undefined ? 1 : -1;
    if (left.kind !== right.kind) return SPECIFICITY[left.kind] - SPECIFICITY[right.kind];
  }
  return (a.method === "ANY" ? 1 : 0) - (b.method === "ANY" ? 1 : 0);
}

function matchPath(segments: readonly Segment[], parts: readonly string[]): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index];
    if (part === undefined) return undefined;
    if (segment.kind === "greedy") {
      const rest = parts.slice(index).join("/");
      if (rest === "") return undefined;
      return { ...values, [segment.name]: rest };
    }
    if (segment.kind === "literal" ? part !== segment.text : part === "") return undefined;
    if (segment.kind === "parameter") values[segment.name] = part;
  }
  return parts.length === segments.length ? values : undefined;
}

/**
 * Builds the function that finds the route of a request.
 * Source: API Gateway Developer Guide, "Create routes for HTTP APIs": a full match, then a greedy variable, then $default.
 * The path is split before it is decoded, so that `%2F` stays inside its segment.
 * @throws Error for a route key that API Gateway refuses, or that stands twice.
 */
export function createRouter<R extends Pick<Route, "routeKey">>(
  routes: readonly R[],
): (method: string, encodedPath: string) => Match<R> | undefined {
  const keys = new Set<string>();
  for (const { routeKey } of routes) {
    // Names of variables do not tell routes apart.
    const shape = routeKey.replaceAll(/\{[^}+]*(\+?)\}/g, "{$1}");
    if (keys.has(shape)) throw new Error(`route key ${routeKey} stands twice`);
    keys.add(shape);
  }
  const table = routes.map(compile).toSorted(compare);
  return (method, encodedPath) => {
    const parts = split(encodedPath).map(decodeURIComponent);
    for (const entry of table) {
      if (entry.isDefault) return { route: entry.route, pathParameters: undefined };
      if (entry.method !== "ANY" && entry.method !== method) continue;
      const pathParameters = matchPath(entry.segments, parts);
      if (pathParameters !== undefined) return { route: entry.route, pathParameters };
    }
    return undefined;
  };
}
