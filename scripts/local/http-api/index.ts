import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../../core/kernel/clock.ts";
import type { InvocationResult } from "../lambda/index.ts";
import { ServiceError } from "../service.ts";
import { createAccessLog, DEFAULT_ACCESS_LOG_FORMAT } from "./access-log.ts";
import { createJwtAuthorizer } from "./authorizer.ts";
import type { JwtAuthorizer } from "./authorizer.ts";
import { preflight, withCors } from "./cors.ts";
import type { Cors } from "./cors.ts";
import { commonLogTime, toEvent } from "./event.ts";
import type { Authorizer } from "./event.ts";
import { readBody } from "./request-body.ts";
import { fromPayload, gatewayMessage, internalServerError } from "./response.ts";
import type { GatewayResponse } from "./response.ts";
import { createRouter } from "./routes.ts";
import type { Match, Route, Throttle } from "./routes.ts";
import { createThrottle } from "./throttle.ts";

export type { Cors } from "./cors.ts";
export type { HttpApiEvent } from "./event.ts";
export type { JwtAuthorizer } from "./authorizer.ts";
export type { Route, Throttle } from "./routes.ts";

export interface HttpApiOptions {
  readonly routes: readonly Route[];
  /** Throws ServiceError as Lambda does. */
  invoke(functionName: string, event: unknown): Promise<InvocationResult>;
  readonly clock: Clock;
  readonly accountId: string;
  readonly apiId: string;
  readonly stage?: string;
  /** Host names, without port, that this API answers to; the first is its own. Another Host gets API Gateway's 403. */
  readonly hostNames: readonly string[];
  readonly throttle?: Throttle;
  readonly authorizers?: readonly JwtAuthorizer[];
  readonly cors?: Cors;
  /** The stage's format with `$context` variables; a path is refused. */
  readonly accessLogFormat?: string;
  readonly onAccess?: (line: string) => void;
  /** Hears of every request that is answered and was not throttled, which is what API Gateway bills. */
  readonly onAnswered?: (answered: Answered) => void;
}

export interface Answered {
  /** Undefined where no route led to a function. */
  readonly functionName: string | undefined;
  /** Bytes of the bodies. */
  readonly requestBytes: number;
  readonly responseBytes: number;
}

export type HttpApi = (request: IncomingMessage, response: ServerResponse) => void;

/** Of request line and headers together. Source: API Gateway Developer Guide, "Quotas for configuring and running an HTTP API". */
const MAX_HEADER_BYTES = 10_240;
const DEFAULT_TIMEOUT_MS = 30_000;
/** The account's share of a region, as AWS sets it at first. */
const ACCOUNT_THROTTLE: Throttle = { ratePerSecond: 10_000, burst: 5_000 };

interface Answer {
  readonly response: GatewayResponse;
  readonly routeKey: string;
  readonly functionName?: string;
  readonly requestBytes?: number;
  readonly integrationStatus?: number;
  readonly integrationMs?: number;
  readonly error?: string;
  /** The API's own CORS answer, complete as it is. */
  readonly isPreflight?: boolean;
}

/** Names whose second value would mean two different requests to two readers. */
const SINGLE_HEADERS = new Set(["host", "content-length", "content-type", "authorization", "transfer-encoding"]);

/** What makes a request unfit for any route; undefined when it is fit. */
function refusal(request: IncomingMessage, hostNames: readonly string[]): GatewayResponse | undefined {
  const target = request.url ?? "";
  const seen = new Set<string>();
  let sizeBytes = (request.method?.length ?? 0) + target.length + 12;
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = (request.rawHeaders[index] ?? "").toLowerCase();
    sizeBytes += name.length + (request.rawHeaders[index + 1]?.length ?? 0) + 4;
    if (SINGLE_HEADERS.has(name) && seen.has(name)) return gatewayMessage(400, "Bad Request");
    seen.add(name);
  }
  if (sizeBytes > MAX_HEADER_BYTES) return gatewayMessage(431, "Request Header Fields Too Large");
  if (seen.has("content-length") && seen.has("transfer-encoding")) return gatewayMessage(400, "Bad Request");
  // Absolute and authority forms are for proxies; a fragment, a space or a raw byte never travels.
  if (!target.startsWith("/") || !/^[\x21-\x7e]*$/.test(target) || target.includes("#")) {
    return gatewayMessage(400, "Bad Request");
  }
  const host = (request.headers.host ?? "").toLowerCase().replace(/:\d+$/, "");
  if (!hostNames.includes(host)) return gatewayMessage(403, "Forbidden");
  return undefined;
}

/** False for malformed percent-encoding, for bytes that are no UTF-8, for control characters and for a raw backslash. */
function isReadablePath(encodedPath: string): boolean {
  if (encodedPath.includes("\\")) return false;
  try {
    return !/\p{Cc}/u.test(decodeURIComponent(encodedPath));
  } catch {
    return false;
  }
}

/**
 * An HTTP API (API Gateway v2) with Lambda proxy integrations, as a request listener.
 * @throws Error at once for routes, authorizers or a log format that API Gateway would refuse.
 */
export function createHttpApi(options: HttpApiOptions): HttpApi {
  const { clock, cors } = options;
  const stage = options.stage ?? "$default";
  const domainName = options.hostNames[0] ?? "localhost";
  const route = createRouter(options.routes);
  const stageThrottle = createThrottle(options.throttle ?? ACCOUNT_THROTTLE, clock);
  const routeThrottles = new Map(
    options.routes.flatMap((one) =>
      one.throttle === undefined ? [] : [[one, createThrottle(one.throttle, clock)] as const],
    ),
  );
  const authorizers = new Map(
    (options.authorizers ?? []).map((one) => [one.name, createJwtAuthorizer(one, clock)] as const),
  );
  for (const { routeKey, authorizer } of options.routes) {
    if (authorizer !== undefined && !authorizers.has(authorizer.name)) {
      throw new Error(`route ${routeKey}: no authorizer ${authorizer.name}`);
    }
  }
  const access = createAccessLog(
    options.accessLogFormat ?? DEFAULT_ACCESS_LOG_FORMAT,
    options.onAccess ?? (() => undefined),
  );

  async function authorize(
    request: IncomingMessage,
    match: Match<Route>,
  ): Promise<Authorizer | GatewayResponse | undefined> {
    const wanted = match.route.authorizer;
    if (wanted === undefined) return undefined;
    const verdict = await authorizers.get(wanted.name)?.(request.headers.authorization, wanted.scopes);
    if (verdict?.kind === "allowed") return verdict.authorizer;
    if (verdict?.kind === "forbidden") return gatewayMessage(403, "Forbidden");
    const challenge = verdict?.reason ? `Bearer scope="" error="${verdict.reason}"` : "Bearer";
    const refused = gatewayMessage(401, "Unauthorized");
    return { ...refused, headers: { ...refused.headers, "www-authenticate": challenge } };
  }

  async function integrate(match: Match<Route>, event: unknown): Promise<Omit<Answer, "routeKey">> {
    const startedAt = performance.now();
    const elapsed = (): number => Math.round(performance.now() - startedAt);
    const timeoutMs = match.route.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), timeoutMs);
    });
    try {
      const result = await Promise.race([options.invoke(match.route.functionName, event), late]);
      if (result === "late") {
        return { response: gatewayMessage(503, "Service Unavailable"), integrationMs: elapsed(), error: "timeout" };
      }
      if (result.functionError !== undefined) {
        return {
          response: internalServerError(),
          integrationStatus: 200,
          integrationMs: elapsed(),
          error: "function error",
        };
      }
      const response = fromPayload(result.payload);
      return { response, integrationStatus: 200, integrationMs: elapsed() };
    } catch (error) {
      const code = error instanceof ServiceError ? error.code : "";
      if (code === "RequestTooLargeException") {
        return { response: gatewayMessage(413, "Request Entity Too Large"), integrationMs: elapsed(), error: code };
      }
      if (code === "TooManyRequestsException") {
        return { response: gatewayMessage(503, "Service Unavailable"), integrationMs: elapsed(), error: code };
      }
      return { response: internalServerError(), integrationMs: elapsed(), error: code || "integration failure" };
    } finally {
      clearTimeout(timer);
    }
  }

  async function answer(request: IncomingMessage, requestId: string): Promise<Answer> {
    const refused = refusal(request, options.hostNames);
    if (refused !== undefined) return { response: refused, routeKey: "-" };
    const target = request.url ?? "/";
    const mark = target.indexOf("?");
    const encodedPath = mark === -1 ? target : target.slice(0, mark);
    const query = mark === -1 ? "" : target.slice(mark + 1);
    if (!isReadablePath(encodedPath)) return { response: gatewayMessage(400, "Bad Request"), routeKey: "-" };
    const method = request.method ?? "GET";
    const { origin } = request.headers;
    if (
      cors !== undefined &&
      method === "OPTIONS" &&
      origin !== undefined &&
      "access-control-request-method" in request.headers
    ) {
      return { response: preflight(cors, origin), routeKey: "-", isPreflight: true };
    }
    const match = route(method, encodedPath);
    if (match === undefined) return { response: gatewayMessage(404, "Not Found"), routeKey: "-" };
    const { routeKey } = match.route;
    if (!stageThrottle() || routeThrottles.get(match.route)?.() === false) {
      return { response: gatewayMessage(429, "Too Many Requests"), routeKey };
    }
    const authorized = await authorize(request, match);
    if (authorized !== undefined && "status" in authorized) return { response: authorized, routeKey };
    const body = await readBody(request);
    if (body === "too-large") return { response: gatewayMessage(413, "Request Entity Too Large"), routeKey };
    if (body === "aborted") return { response: gatewayMessage(400, "Bad Request"), routeKey };
    const event = toEvent({
      request,
      body,
      encodedPath,
      query,
      routeKey,
      pathParameters: match.pathParameters,
      authorizer: authorized,
      requestId,
      nowMs: clock.now(),
      api: { accountId: options.accountId, apiId: options.apiId, stage, domainName },
    });
    const { functionName } = match.route;
    return { ...(await integrate(match, event)), routeKey, functionName, requestBytes: body.length };
  }

  function write(request: IncomingMessage, response: ServerResponse, answered: Answer, requestId: string): void {
    const { status, headers, body } =
      cors === undefined || answered.isPreflight === true
        ? answered.response
        : withCors(answered.response, cors, request.headers.origin);
    const isBodyless = status === 204 || status === 304;
    const isUnread = !request.complete;
    response.writeHead(status, {
      ...headers,
      "apigw-requestid": requestId,
      ...(isBodyless ? {} : { "content-length": body.length }),
      // What the client still sends must not be read as its next request.
      ...(isUnread ? { connection: "close" } : {}),
    });
    response.end(isBodyless || request.method === "HEAD" ? undefined : body, () => {
      if (isUnread) request.destroy();
    });
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomBytes(11).toString("base64url");
    const startedAtMs = clock.now();
    const answered = await answer(request, requestId).catch((): Answer => ({
      response: internalServerError(),
      routeKey: "-",
      error: "gateway",
    }));
    if (!response.destroyed) write(request, response, answered, requestId);
    if (answered.response.status !== 429 || answered.functionName !== undefined)
      options.onAnswered?.({
        functionName: answered.functionName,
        requestBytes: answered.requestBytes ?? 0,
        responseBytes: request.method === "HEAD" ? 0 : answered.response.body.length,
      });
    access({
      requestId,
      ip: (request.socket.remoteAddress ?? "-").replace(/^::ffff:/, ""),
      requestTime: commonLogTime(startedAtMs),
      requestTimeEpoch: startedAtMs,
      httpMethod: request.method ?? "-",
      routeKey: answered.routeKey,
      protocol: `HTTP/${request.httpVersion}`,
      status: answered.response.status,
      responseLength: answered.response.body.length,
      integrationStatus: String(answered.integrationStatus ?? "-"),
      integrationLatency: String(answered.integrationMs ?? "-"),
      integrationErrorMessage: answered.error ?? "-",
      stage,
      userAgent: request.headers["user-agent"] ?? "-",
    });
  }

  return (request, response) => void handle(request, response);
}
