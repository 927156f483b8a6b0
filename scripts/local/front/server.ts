import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Clock } from "../../../core/kernel/clock.ts";
import type { WireResponse } from "../service.ts";
import type { ReceivedRequest, Reply } from "./dispatch.ts";
import { isAwsCall } from "./sigv4-claim.ts";

/** Takes every request that is not an AWS call, and answers it. */
export type HttpApiHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface FrontServer {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  readonly port: number;
  setHttpApi(handler: HttpApiHandler | undefined): void;
  /** Takes no new request, lets those under way end for two seconds, then ends the connections. */
  close(): Promise<void>;
}

/** More than any operation takes: DynamoDB's batches reach 16 MiB, S3's parts are held in memory here. */
const MOST_BODY_BYTES = { s3: 128 * 1024 * 1024, other: 17 * 1024 * 1024 } as const;
const GRACE_MS = 2_000;

export interface FrontServerOptions {
  readonly port: number;
  readonly clock: Clock;
  readonly dispatch: (request: ReceivedRequest) => Promise<Reply>;
  readonly onDefect: (error: unknown) => void;
}

/** Listens on the loopback address only. Rejects with the error of `listen`, such as EADDRINUSE. */
export async function startServer(options: FrontServerOptions): Promise<FrontServer> {
  let httpApi: HttpApiHandler | undefined;
  let isClosing = false;
  const sockets = new Set<Socket>();

  const answer = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    // SDK clients set their own clock by this header, which is how they follow a virtual one.
    response.setHeader("date", new Date(options.clock.now()).toUTCString());
    const [path = "/", ...queryParts] = (message.url ?? "/").split("?");
    const query = queryParts.join("?");
    const headers = plainHeaders(message);
    if (!isAwsCall({ query, headers })) {
      if (httpApi !== undefined) return httpApi(message, response);
      message.resume();
      return send(response, message, {
        status: 404,
        headers: { "content-type": "application/json" },
        body: '{"message":"Not Found"}',
      });
    }
    const body = await readBody(message, isForS3(headers, query) ? MOST_BODY_BYTES.s3 : MOST_BODY_BYTES.other);
    if (body === undefined) {
      response.setHeader("connection", "close");
      return send(response, message, {
        status: 413,
        headers: { "content-type": "application/json" },
        body: '{"message":"Request entity too large"}',
      });
    }
    const sourceIp = message.socket.remoteAddress ?? "127.0.0.1";
    const reply = await options.dispatch({ method: message.method ?? "GET", path, query, headers, body, sourceIp });
    if (reply === "hang-up") message.socket.destroy();
    else send(response, message, reply);
  };

  const server = http.createServer({ keepAliveTimeout: 30_000 }, (message, response) => {
    response.once("close", () => {
      if (isClosing) setImmediate(() => server.closeIdleConnections());
    });
    answer(message, response).catch((error: unknown) => {
      // A client that went away in the middle of its body is no defect.
      if (!message.destroyed || message.complete) options.onDefect(error);
      if (response.headersSent) message.socket.destroy();
      else
        send(response, message, {
          status: 500,
          headers: { "content-type": "application/json" },
          body: '{"message":"Internal Server Error"}',
        });
    });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;

  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    setHttpApi(handler) {
      httpApi = handler;
    },
    close: () =>
      new Promise((resolve) => {
        isClosing = true;
        const force = setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, GRACE_MS);
        server.close(() => {
          clearTimeout(force);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function plainHeaders(message: IncomingMessage): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = typeof value === "string" ? value : value.join(", ");
  }
  return headers;
}

const isForS3 = (headers: Readonly<Record<string, string>>, query: string): boolean =>
  /\/s3\/aws4_request/.test(headers["authorization"] ?? "") || /%2Fs3%2Faws4_request/i.test(query);

/** Undefined when the body is longer than `mostBytes`; the rest is not read. */
async function readBody(message: IncomingMessage, mostBytes: number): Promise<Buffer | undefined> {
  if (Number(message.headers["content-length"] ?? 0) > mostBytes) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

function send(response: ServerResponse, message: IncomingMessage, reply: WireResponse): void {
  const body = typeof reply.body === "string" ? Buffer.from(reply.body) : reply.body;
  const hasBody = message.method !== "HEAD" && reply.status !== 204 && reply.status !== 304;
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value);
  if (hasBody && !response.hasHeader("content-length")) response.setHeader("content-length", body.length);
  response.writeHead(reply.status);
  response.end(hasBody ? body : undefined);
}
