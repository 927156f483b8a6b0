import http from "node:http";
import net from "node:net";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../../core/kernel/clock.ts";
import { createHttpApi } from "../../../scripts/local/http-api/index.ts";
import type { HttpApiEvent, HttpApiOptions } from "../../../scripts/local/http-api/index.ts";

export type Handler = (event: HttpApiEvent) => unknown;

export interface Gateway {
  readonly origin: string;
  readonly events: readonly HttpApiEvent[];
  readonly accessLines: readonly string[];
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Sends bytes as they are and gives everything that comes back until the connection ends or `answers` have come. */
  raw(text: string, answers?: number): Promise<string>;
  close(): Promise<void>;
}

/** An HTTP API whose functions are plain handlers of the test, behind a server with Node's defaults. */
export async function gateway(
  handlers: Readonly<Record<string, Handler>>,
  options: Partial<HttpApiOptions> = {},
): Promise<Gateway> {
  const events: HttpApiEvent[] = [];
  const accessLines: string[] = [];
  const api = createHttpApi({
    routes: Object.keys(handlers).map((routeKey) => ({ routeKey, functionName: routeKey })),
    clock: systemClock,
    accountId: "111122223333",
    apiId: "local",
    hostNames: ["127.0.0.1", "localhost"],
    onAccess: (line) => accessLines.push(line),
    invoke: async (functionName, event) => {
      events.push(event as HttpApiEvent);
      const answer = await handlers[functionName]?.(structuredClone(event) as HttpApiEvent);
      const isFailure = answer instanceof Error;
      return {
        requestId: "r",
        statusCode: 200,
        payload: isFailure ? "{}" : ((JSON.stringify(answer) as string | undefined) ?? "null"),
        ...(isFailure ? { functionError: "Unhandled" as const } : {}),
      };
    },
    ...options,
  });
  const server = http.createServer({ maxHeaderSize: 16_384 }, api);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    events,
    accessLines,
    fetch: (path, init) => fetch(origin + path, { redirect: "manual", ...init }),
    raw: (text, answers = 1) =>
      new Promise((resolve) => {
        let received = "";
        const socket = net.connect(port, "127.0.0.1", () => socket.write(text));
        const finish = (): void => {
          socket.destroy();
          resolve(received);
        };
        socket.on("data", (chunk: Buffer) => {
          received += chunk.toString("latin1");
          if (received.split("HTTP/1.1 ").length - 1 >= answers) setTimeout(finish, 50);
        });
        socket.on("error", finish);
        socket.on("close", finish);
        setTimeout(finish, 30_000).unref();
      }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
