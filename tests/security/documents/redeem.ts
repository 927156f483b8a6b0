import http from "node:http";

/** What a ticket was answered with, as bytes. */
export interface Redeemed {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly bytes: Buffer;
}

/**
 * Shows a ticket as the frame of a preview does: at the documents' origin, from a page without an origin, without a
 * cookie. `headers` stand over these.
 */
export function redeemAt(
  documentsOrigin: string,
  ticket: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Redeemed> {
  const { host, port } = new URL(documentsOrigin);
  const type = "application/x-www-form-urlencoded";
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: "127.0.0.1",
        port,
        path: "/document-content",
        method: "POST",
        // A name below localhost is known to browsers, and not to every resolver.
        headers: { host, origin: "null", "content-type": type, ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) }),
        );
      },
    );
    request.on("error", reject);
    request.end(new URLSearchParams({ ticket }).toString());
  });
}
