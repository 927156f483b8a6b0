import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import type * as z from "zod";
import { type RouteName, routeNames, routes, type Route } from "../../core/contract/index.ts";
import { DEFAULT_JSON_LIMITS, parseJson } from "../../core/fhir/index.ts";
import type { Exchange } from "./exchange.ts";
import { fail } from "./failure.ts";

const byKey: ReadonlyMap<string, RouteName> = new Map(
  routeNames.map((name) => [`${routes[name].method} ${routes[name].path}`, name]),
);

/** The route that API Gateway matched; undefined for one that the contract does not have. */
export const routeOf = (event: APIGatewayProxyEventV2): RouteName | undefined => byKey.get(event.routeKey);

/** FHIR R4 http.html#version-parameter: the version may stand beside the character set. */
const JSON_TYPES =
  /^application\/(json|fhir\+json)\s*(;\s*(charset\s*=\s*"?utf-8"?|fhirVersion\s*=\s*"?4\.0"?)\s*){0,2}$/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;
const IDEMPOTENCY_KEY = /^[\w-]{8,128}$/;

/** The body's bytes as text. Invalid UTF-8 is refused, and a byte order mark kept for the parser to refuse: two readers would see two documents. */
function readBody(event: APIGatewayProxyEventV2, definition: Route): string {
  if (event.body === undefined || event.body === "") return "";
  const bytes = Buffer.from(event.body, event.isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > definition.bodyLimitBytes) fail({ kind: "too-long" });
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return fail({ kind: "structure" });
  }
}

/** What is wrong with a choice is what is wrong with the form that comes nearest: "no choice fits" would name no field. */
function nearest(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
  const [first = []] = issue.errors.toSorted((left, right) => left.length - right.length);
  return first.flatMap(nearest).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** A rule of our own says its name; any other is told by its kind. */
const ruleOf = (issue: z.core.$ZodIssue): string =>
  issue.code === "custom" && typeof issue.params?.["rule"] === "string" ? issue.params["rule"] : issue.code;

function parseBody(raw: string, definition: Route, contentType: string): unknown {
  const { body: contract } = definition;
  if (contract === null) return undefined;
  const isForm = contract === "form";
  if (!(isForm ? FORM_TYPE : JSON_TYPES).test(contentType)) fail({ kind: "unsupported-media-type" });
  if (isForm) return raw;
  const parsed = parseJson(raw, { ...DEFAULT_JSON_LIMITS, maxBytes: definition.bodyLimitBytes });
  if (!parsed.ok) return fail({ kind: "structure", rule: parsed.error.rule });
  if (contract === "fhir") return parsed.value;
  const checked = contract.safeParse(parsed.value);
  if (checked.success) return checked.data;
  // Unknown member names are input too: a path is given only as far as the contract knows it.
  const issues = checked.error.issues.flatMap(nearest).map((issue) => ({
    path: issue.path.filter((part) => typeof part !== "symbol").join("."),
    rule: ruleOf(issue),
    severity: "error" as const,
    code: "invalid" as const,
  }));
  return fail({ kind: "structure", issues });
}

function decodePath(event: APIGatewayProxyEventV2): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of Object.entries(event.pathParameters ?? {})) {
    if (value === undefined) continue;
    // What a handler uses is an opaque id or a type name: anything else is unknown, as it is for another tenant.
    if (!/^[A-Za-z0-9.-]{1,64}$|^[\w-]{1,64}$/.test(value)) fail({ kind: "not-found" });
    parameters[name] = value;
  }
  return parameters;
}

/** Checks what does not depend on who asks: route, sizes, content type, contract, idempotency key. Throws HttpFailure. */
export function readRequest(
  event: APIGatewayProxyEventV2,
  context: Context,
  route: RouteName,
): Omit<Exchange, "identity"> {
  const definition: Route = routes[route];
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(event.headers))
    if (value !== undefined) headers[name.toLowerCase()] = value;
  if (event.rawQueryString.length > 8192) fail({ kind: "too-long" });
  const accept = headers["accept"];
  const isPage = route === "interaction" || route === "interactionSignIn" || definition.authentication === "oauth";
  if (accept !== undefined && !isPage && !/\*\/\*|application\/\*|json/i.test(accept)) fail({ kind: "not-acceptable" });
  const rawBody = readBody(event, definition);
  if (definition.body === null && rawBody !== "") fail({ kind: "structure" });
  const idempotencyKey = headers["idempotency-key"];
  if (idempotencyKey !== undefined && !IDEMPOTENCY_KEY.test(idempotencyKey))
    fail({ kind: "structure", rule: "idempotency-key" });
  return {
    route,
    definition,
    event,
    context,
    requestId: event.requestContext.requestId,
    path: decodePath(event),
    query: new URLSearchParams(event.rawQueryString),
    headers,
    body: parseBody(rawBody, definition, headers["content-type"] ?? ""),
    rawBody,
    idempotencyKey: definition.idempotency === "key" ? idempotencyKey : undefined,
    sourceIp: event.requestContext.http.sourceIp,
    userAgent: (headers["user-agent"] ?? "").slice(0, 256),
  };
}
