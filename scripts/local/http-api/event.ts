import type { IncomingMessage } from "node:http";

/** An event of payload format 2.0. Source: API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs". */
export interface HttpApiEvent {
  readonly version: "2.0";
  readonly routeKey: string;
  /** Decoded, whatever its name says: HTTP APIs decode the path, REST APIs and function URLs do not. */
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly requestContext: {
    readonly accountId: string;
    readonly apiId: string;
    readonly authorizer?: {
      readonly jwt: { readonly claims: Readonly<Record<string, string>>; readonly scopes: readonly string[] | null };
    };
    readonly domainName: string;
    readonly domainPrefix: string;
    readonly http: {
      readonly method: string;
      readonly path: string;
      readonly protocol: string;
      readonly sourceIp: string;
      readonly userAgent: string;
    };
    readonly requestId: string;
    readonly routeKey: string;
    readonly stage: string;
    readonly time: string;
    readonly timeEpoch: number;
  };
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

export type Authorizer = NonNullable<HttpApiEvent["requestContext"]["authorizer"]>;

export interface EventInput {
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly encodedPath: string;
  readonly query: string;
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
  readonly authorizer: Authorizer | undefined;
  readonly requestId: string;
  readonly nowMs: number;
  readonly api: {
    readonly accountId: string;
    readonly apiId: string;
    readonly stage: string;
    readonly domainName: string;
  };
}

/**
 * What API Gateway hands over as text; every other body is base64, also a form and a body without a type.
 * Source: measured on HTTP APIs by others (ministackorg/ministack#766); the documentation says only "binary".
 */
const isTextType = (contentType: string | undefined): boolean =>
  /^(text\/|application\/(json|xml|javascript)\s*(;|$))/i.test(contentType ?? "");

/** Of one hop only, or set by the gateway itself. */
const HOP_HEADERS = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `12/Mar/2020:19:03:58 +0000` */
export function commonLogTime(ms: number): string {
  const [date = "", time = ""] = new Date(ms).toISOString().split("T");
  const [year, month, day] = date.split("-");
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}

function collectHeaders(raw: readonly string[]): { headers: Record<string, string>; cookies: string[] } {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  const cookies: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? "").toLowerCase();
    const value = raw[index + 1] ?? "";
    if (name === "cookie") cookies.push(...value.split(/;\s*/).filter((cookie) => cookie !== ""));
    else if (!HOP_HEADERS.has(name)) headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  return { headers, cookies };
}

function collectQuery(query: string): Record<string, string> | undefined {
  if (query === "") return undefined;
  const parameters: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(query)) {
    parameters[name] = parameters[name] === undefined ? value : `${parameters[name]},${value}`;
  }
  return parameters;
}

/** The caller's address as the gateway sees it: that of the connection, never what a header claims. */
function addressOf(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? "127.0.0.1").replace(/^::ffff:/, "");
}

/** Builds the event of a request. `encodedPath` has been checked to decode. */
export function toEvent(input: EventInput): HttpApiEvent {
  const { request, body, api } = input;
  const { headers, cookies } = collectHeaders(request.rawHeaders);
  const sourceIp = addressOf(request);
  const rawPath = decodeURIComponent(input.encodedPath);
  // The gateway adds itself to what came: an application trusts the last entry only.
  headers["x-forwarded-for"] =
    headers["x-forwarded-for"] === undefined ? sourceIp : `${headers["x-forwarded-for"]}, ${sourceIp}`;
  headers["x-forwarded-port"] = String(request.socket.localPort ?? 80);
  headers["x-forwarded-proto"] = "http";
  headers["content-length"] = String(body.length);
  const isText = isTextType(headers["content-type"]) && headers["content-encoding"] === undefined;
  const queryStringParameters = collectQuery(input.query);
  const { pathParameters, authorizer } = input;
  return {
    version: "2.0",
    routeKey: input.routeKey,
    rawPath,
    rawQueryString: input.query,
    ...(cookies.length === 0 ? {} : { cookies }),
    headers,
    ...(queryStringParameters === undefined ? {} : { queryStringParameters }),
    requestContext: {
      accountId: api.accountId,
      apiId: api.apiId,
      ...(authorizer === undefined ? {} : { authorizer }),
      domainName: api.domainName,
      domainPrefix: api.domainName.split(".")[0] ?? "",
      http: {
        method: request.method ?? "GET",
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: input.requestId,
      routeKey: input.routeKey,
      stage: api.stage,
      time: commonLogTime(input.nowMs),
      timeEpoch: input.nowMs,
    },
    ...(pathParameters === undefined || Object.keys(pathParameters).length === 0 ? {} : { pathParameters }),
    ...(body.length === 0 ? {} : { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}
