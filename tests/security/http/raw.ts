import http from "node:http";

/** A request as its bytes should be: nothing is encoded, merged or left out. */
export interface RawRequest {
  readonly method?: string;
  /** The request target, sent as it stands: Node itself sends no space and no byte beyond Latin-1. */
  readonly path: string;
  /** Name, value, name, value: names keep their case, and may repeat. */
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends a request over a connection of its own. A server that answers before it has read the body is heard out. */
export function sendRaw(
  endpoint: string,
  { method = "GET", path, headers = [], body }: RawRequest,
): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(endpoint);
  const isHostGiven = headers.some((name, index) => index % 2 === 0 && name.toLowerCase() === "host");
  const bytes = body === undefined ? undefined : Buffer.from(body as string);
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    const request = http.request(
      {
        hostname,
        port,
        method,
        path,
        agent: false,
        headers: [
          ...(isHostGiven ? [] : ["host", host]),
          ...headers,
          ...(bytes === undefined ? [] : ["content-length", String(bytes.length)]),
          "connection",
          "close",
        ],
      } as http.RequestOptions,
      (response) => {
        isAnswered = true;
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        const done = (): void => {
          const received = new Headers();
          for (let index = 0; index < response.rawHeaders.length; index += 2)
            received.append(response.rawHeaders[index] ?? "", response.rawHeaders[index + 1] ?? "");
          resolve({
            status: response.statusCode ?? 0,
            headers: received,
            text: Buffer.concat(chunks).toString("utf8"),
          });
        };
        response.once("end", done);
        response.once("error", done);
      },
    );
    request.on("error", (error) => {
      if (!isAnswered) reject(error);
    });
    request.end(bytes);
  });
}
