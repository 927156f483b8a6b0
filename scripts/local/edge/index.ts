import type { IncomingMessage, ServerResponse } from "node:http";
import { commonHeaders, PORTAL_CACHING, portalHeaders, viewerHeaders } from "../../../core/contract/portal-headers.ts";
import { DOCUMENTS_FOLDER, DOCUMENTS_HOST, EDGE_HEADERS } from "../../../core/contract/portal-paths.ts";
import type { HttpApiHandler } from "../front/server.ts";
import { readPortal } from "./files.ts";
import { viewRequest } from "./viewer-request.ts";

export interface PortalOptions {
  /** What `buildPortal` has made. */
  readonly folder: string;
  /** What the sign-in page of a local stage may ask for; left out, there is no such address. No deployed stage has it. */
  readonly demo?: () => unknown;
}

export interface EdgeOptions {
  /** Left out, there is no portal, and the API answers every path. */
  readonly portal?: PortalOptions;
  /** Where browsers open the portal, and where patients' files are shown from. */
  readonly portalOrigin: string;
  readonly documentsOrigin: string;
  /** What the API is shown; left out, a plan has no distribution. */
  readonly secret?: string;
  readonly api: HttpApiHandler;
}

interface Answer {
  readonly body?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const OWN_HOSTS = /^((documents\.)?localhost|127\.0\.0\.1)(:\d+)?$/;
const DEMO_PATH = "/app/demo.json";
/** The stack's `ApiHeaders`. */
const GATEWAY_HEADERS = { ...commonHeaders, "cache-control": PORTAL_CACHING.other };
const OWN_HEADERS: ReadonlySet<string> = new Set(Object.values(EDGE_HEADERS));

/** Where patients' files are shown: a name of its own, which browsers know to be this machine (RFC 6761 6.3). */
export const documentsOriginOf = (endpoint: string): string =>
  endpoint.replace("//127.0.0.1:", `//${DOCUMENTS_HOST}localhost:`);

/** `http://127.0.0.1:PORT` by the name that a passkey can be bound to: the address that browsers open. */
export const portalOriginOf = (endpoint: string): string => endpoint.replace("//127.0.0.1:", "//localhost:");

/**
 * CloudFront as the stack configures it: the portal's files under `/app/`, and the API for the rest.
 * @throws Error where the portal that is to be served is not built.
 */
export function createEdge({ portal, portalOrigin, documentsOrigin, secret, api }: EdgeOptions): HttpApiHandler {
  const servePortal = portal && portalServer(portal, portalOrigin, documentsOrigin);
  return (request, response) => {
    const uri = (request.url ?? "/").split("?", 1)[0] ?? "/";
    const ip = (request.socket.remoteAddress ?? "127.0.0.1").replace(/^::ffff:/, "");
    const host = (request.headers.host ?? "").toLowerCase();
    const viewed = viewRequest({ method: request.method ?? "GET", uri, ip, host });
    // What belongs to the other origin is nowhere at this one, portal or not.
    if (viewed.kind === "answer" && viewed.status === 404)
      return answer(request, response, 404, { headers: viewed.headers });
    const isPortal = viewed.kind === "answer" || viewed.uri.startsWith("/app/");
    if (!isPortal || servePortal === undefined) {
      const headers = viewed.kind === "forward" ? viewed.headers : {};
      if (secret !== undefined) {
        stamp(request, { ...headers, [EDGE_HEADERS.secret]: secret });
        // Under what the API says itself: for answers that the gateway gives without asking a function.
        for (const [name, value] of Object.entries(GATEWAY_HEADERS)) response.setHeader(name, value);
      }
      return api(request, response);
    }
    // A page of another name must not reach the loopback address: DNS rebinding.
    if (!OWN_HOSTS.test(host)) return answer(request, response, 403);
    if (viewed.kind === "answer") return answer(request, response, viewed.status, { headers: viewed.headers });
    return servePortal(request, response, viewed.uri);
  };
}

/** Whatever the request says of these itself does not get through. */
function stamp(request: IncomingMessage, headers: Readonly<Record<string, string>>): void {
  const raw = request.rawHeaders;
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? "";
    if (!OWN_HEADERS.has(name.toLowerCase())) kept.push(name, raw[index + 1] ?? "");
  }
  request.rawHeaders = [...kept, ...Object.entries(headers).flat()];
}

function answer(request: IncomingMessage, response: ServerResponse, status: number, more: Answer = {}): void {
  const body = more.body ?? Buffer.alloc(0);
  request.resume();
  const headers = { ...commonHeaders, "cache-control": "no-store", ...more.headers };
  response.writeHead(status, { ...headers, "content-length": body.length });
  response.end(request.method === "HEAD" ? undefined : body);
}

function portalServer({ folder, demo }: PortalOptions, portalOrigin: string, documentsOrigin: string) {
  const files = readPortal(folder);
  const headers = {
    hashed: portalHeaders(documentsOrigin, "hashed"),
    other: portalHeaders(documentsOrigin, "other"),
    viewer: viewerHeaders(portalOrigin, documentsOrigin),
  };
  return (request: IncomingMessage, response: ServerResponse, uri: string): void => {
    if (request.method !== "GET" && request.method !== "HEAD") return answer(request, response, 403);
    if (uri === DEMO_PATH && demo !== undefined) {
      const body = Buffer.from(JSON.stringify(demo()));
      return answer(request, response, 200, { body, headers: { "content-type": "application/json" } });
    }
    const file = files.get(uri);
    if (file === undefined) return answer(request, response, 404, { headers: headers.other });
    const isViewer = uri.startsWith(DOCUMENTS_FOLDER);
    const own = isViewer ? headers.viewer : file.isHashed ? headers.hashed : headers.other;
    return answer(request, response, 200, {
      body: file.bytes,
      headers: { ...own, "content-type": file.contentType },
    });
  };
}
