import type { GatewayResponse } from "./response.ts";

/** The CORS settings of an API, as in CreateApi. */
export interface Cors {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds?: number;
  readonly allowsCredentials: boolean;
}

const CORS_HEADER = /^access-control-/;

/** `https://*` and `https://*.example.com` style patterns hold one star. */
function originMatches(pattern: string, origin: string): boolean {
  if (pattern === "*" || pattern === origin) return true;
  const star = pattern.indexOf("*");
  if (star === -1) return false;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return origin.length > before.length + after.length && origin.startsWith(before) && origin.endsWith(after);
}

function originHeaders(cors: Cors, origin: string): Record<string, string> | undefined {
  if (!cors.allowOrigins.some((pattern) => originMatches(pattern, origin))) return undefined;
  return {
    "access-control-allow-origin": cors.allowOrigins.includes("*") ? "*" : origin,
    vary: "origin",
    ...(cors.allowsCredentials ? { "access-control-allow-credentials": "true" } : {}),
  };
}

/** The answer to a preflight, which an API with CORS gives itself, whatever its routes. */
export function preflight(cors: Cors, origin: string): GatewayResponse {
  const allowed = originHeaders(cors, origin);
  const headers =
    allowed === undefined
      ? {}
      : {
          ...allowed,
          ...(cors.allowMethods.length === 0 ? {} : { "access-control-allow-methods": cors.allowMethods.join(",") }),
          ...(cors.allowHeaders.length === 0 ? {} : { "access-control-allow-headers": cors.allowHeaders.join(",") }),
          ...(cors.maxAgeSeconds === undefined ? {} : { "access-control-max-age": String(cors.maxAgeSeconds) }),
        };
  return { status: 204, headers, body: Buffer.alloc(0) };
}

/**
 * Puts the API's CORS headers on an answer, in place of any that the function gave.
 * Source: API Gateway Developer Guide, "Configure CORS for HTTP APIs".
 */
export function withCors(response: GatewayResponse, cors: Cors, origin: string | undefined): GatewayResponse {
  const kept = Object.entries(response.headers).filter(([name]) => !CORS_HEADER.test(name));
  const allowed = origin === undefined ? undefined : originHeaders(cors, origin);
  const exposed =
    allowed === undefined || cors.exposeHeaders.length === 0
      ? {}
      : { "access-control-expose-headers": cors.exposeHeaders.join(",") };
  return { ...response, headers: { ...Object.fromEntries(kept), ...allowed, ...exposed } };
}
