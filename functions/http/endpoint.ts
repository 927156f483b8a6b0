import middy, { type MiddlewareObj } from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { routes, type RouteName, type Zone } from "../../core/contract/index.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { takeEmergency } from "../runtime/emergency-marker.ts";
import { describeError, log } from "../runtime/log.ts";
import { takeReceipts } from "../runtime/receipts.ts";
import { chargeTo, currentTally, metered, nameRoute } from "../runtime/meter.ts";
import { opaque } from "../runtime/outbox.ts";
import { describeRequest, inRequest } from "../runtime/request-context.ts";
import { readConfig } from "../runtime/config.ts";
import { authenticate, type AuthenticationDeps, checkOwnZone, checkSessionTag } from "./authenticate.ts";
import { asViewed, isFromEdge } from "./edge.ts";
import type { Answer, Exchange, Handle, Identity } from "./exchange.ts";
import { fail, type Failure, failureOf, HttpFailure } from "./failure.ts";
import { problem } from "./problem.ts";
import { readRequest, routeOf } from "./request.ts";
import { securityHeaders } from "./security-headers.ts";

/** The routes of one zone, by name, at compile time. */
export type ZoneRoute<Z extends Zone> = {
  [N in RouteName]: (typeof routes)[N]["zone"] extends Z ? N : never;
}[RouteName];
export type ZoneHandlers<Z extends Zone> = Readonly<Record<ZoneRoute<Z>, Handle>>;

type Internal = { route?: RouteName; startedAtMs?: number; identity?: Identity | undefined; failure?: string };
type Stage = MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Error, Context, Internal>;

const toResult = (answer: Answer, requestId: string): APIGatewayProxyStructuredResultV2 => ({
  statusCode: answer.status,
  headers: {
    ...securityHeaders,
    "x-request-id": requestId,
    ...takeReceipts(requestId),
    ...takeEmergency(opaque(requestId)),
    ...answer.headers,
  },
  ...(answer.cookies === undefined ? {} : { cookies: [...answer.cookies] }),
  ...(answer.bytes === undefined
    ? { body: answer.body ?? "" }
    : { body: Buffer.from(answer.bytes).toString("base64"), isBase64Encoded: true }),
});

/** middy hands its handler the event alone: what the stages made of it waits here. */
const exchanges = new WeakMap<APIGatewayProxyEventV2, Exchange>();

let isCold = true;

/** One line a request: which route, how it ended, how long it took. Nothing that the caller sent. */
const logging: Stage = {
  before: (request) => {
    const route = routeOf(request.event);
    Object.assign(request.internal, { startedAtMs: performance.now(), route });
    if (route === undefined) throw new HttpFailure({ kind: "not-found" });
    nameRoute(`${routes[route].method} ${routes[route].path}`);
  },
  after: (request) => {
    const { route, startedAtMs = 0, identity, failure } = request.internal;
    const whose =
      identity === undefined ? {} : { tenantId: identity.principal.tenantId, userId: identity.principal.userId };
    describeRequest({ route: route ?? "unknown", ...whose });
    log("info", "request", {
      route: route ?? "unknown",
      status: request.response?.statusCode ?? 0,
      requestId: opaque(request.event.requestContext.requestId),
      durationMs: Math.round((performance.now() - startedAtMs) * 1000) / 1000,
      ...whose,
      ...(failure === undefined ? {} : { failure }),
      coldStart: isCold,
    });
    isCold = false;
  },
};

/** Requests that came past CloudFront. */
const strangers = new WeakSet<APIGatewayProxyEventV2>();

const admitting: Stage = {
  before: ({ event }) => {
    if (strangers.has(event)) fail({ kind: "forbidden" });
  },
};

/** Identity before content: nothing of a body is read for somebody who may not ask. */
const identifying = (deps: (() => Promise<AuthenticationDeps>) | undefined): Stage => ({
  before: async (request) => {
    const { route } = request.internal;
    if (route === undefined) return;
    const { event } = request;
    const headers = Object.fromEntries(
      Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value ?? ""]),
    );
    const shown = { method: event.requestContext.http.method, headers, cookies: event.cookies ?? [] };
    const definition = routes[route];
    const isOpen = definition.authentication === "none" || definition.authentication === "oauth";
    if (isOpen || deps === undefined) {
      if (!isOpen) fail({ kind: "unauthenticated" });
      return;
    }
    const known = await authenticate(definition, shown, await deps());
    request.internal.identity = known;
    // After it is known who asks: such a refusal is told, too.
    if (known === undefined) return;
    chargeTo(known.principal);
    checkSessionTag(known, headers);
    checkOwnZone(known, definition.zone);
  },
});

const reading: Stage = {
  before: (request) => {
    const { route, identity } = request.internal;
    if (route === undefined) return;
    exchanges.set(request.event, { ...readRequest(request.event, request.context, route), identity });
  },
};

/** A request of somebody known that is not answered with what it asked for. */
export interface Refused {
  readonly event: APIGatewayProxyEventV2;
  readonly route: RouteName;
  readonly identity: Identity;
  readonly failure: Failure;
}

export interface EndpointOptions {
  readonly identity?: () => Promise<AuthenticationDeps>;
  /** Hears of a refusal before it is answered. False or a throw makes the answer `unavailable`. */
  readonly onRefused?: (refused: Refused) => Promise<boolean>;
}

async function isTold(
  tell: EndpointOptions["onRefused"],
  event: APIGatewayProxyEventV2,
  internal: Internal,
  failure: Failure,
) {
  const { route, identity } = internal;
  if (tell === undefined || route === undefined || identity === undefined) return true;
  try {
    return await tell({ event, route, identity, failure });
  } catch (error) {
    log("error", "failure", { requestId: opaque(event.requestContext.requestId), route, ...describeError(error) });
    return false;
  }
}

const mapping = (zone: Zone, tell: EndpointOptions["onRefused"]): Stage => ({
  onError: async (request) => {
    const { error, event, internal } = request;
    const met = failureOf(error);
    const failure: Failure = (await isTold(tell, event, internal, met)) ? met : { kind: "unavailable" };
    const requestId = event.requestContext.requestId;
    if (!(error instanceof HttpFailure))
      log("error", "failure", {
        requestId: opaque(requestId),
        route: internal.route ?? "unknown",
        ...describeError(error),
      });
    internal.failure = failure.kind;
    request.response = toResult(problem(failure, zone, event.rawPath.startsWith("/fhir")), requestId);
    logging.after?.(request as never);
  },
});

/** HTTP APIs bill a request for each 512 KB that it carries. Source: API Gateway pricing. */
const REQUEST_BYTES = 512 * 1024;

const sizeOf = (body: string | undefined, isBase64Encoded: boolean | undefined): number =>
  Buffer.byteLength(body ?? "", isBase64Encoded === true ? "base64" : "utf8");

function countRequest(event: APIGatewayProxyEventV2, answer: APIGatewayProxyStructuredResultV2 | undefined): void {
  const tally = currentTally();
  const bytesOut = sizeOf(answer?.body, answer?.isBase64Encoded);
  const bytesMost = Math.max(bytesOut, sizeOf(event.body, event.isBase64Encoded));
  tally.bytesOut += bytesOut;
  tally.api += Math.max(1, Math.ceil(bytesMost / REQUEST_BYTES));
}

/**
 * The one stack of every zone: request id and log, identity, limits and contract, the zone's handler,
 * failures to answers, security headers. A handler that is missing for a route does not compile.
 */
export function endpoint<Z extends Zone>(
  zone: Z,
  handlers: ZoneHandlers<Z>,
  { identity, onRefused }: EndpointOptions = {},
) {
  const stack = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Error, Context, Internal>()
    .use(mapping(zone, onRefused))
    .use(logging)
    .use(admitting)
    .use(identifying(identity))
    .use(reading)
    .handler(async (event: APIGatewayProxyEventV2) => {
      const exchange = exchanges.get(event);
      invariant(exchange !== undefined, "a request is read before it is handled");
      const handle = (handlers as Readonly<Record<string, Handle | undefined>>)[exchange.route];
      if (handle === undefined) return fail({ kind: "not-found" });
      return toResult(await handle(exchange), exchange.requestId);
    });
  const { EDGE_DIGEST } = readConfig(["EDGE_DIGEST"]);
  return metered(
    zone,
    async (event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2> => {
      let answer: APIGatewayProxyStructuredResultV2 | undefined;
      try {
        answer = await inRequest(opaque(event.requestContext.requestId), async () => {
          if (isFromEdge(event, EDGE_DIGEST)) return stack(asViewed(event), context);
          strangers.add(event);
          return stack(event, context);
        });
        return answer;
      } finally {
        countRequest(event, answer);
      }
    },
  );
}
