import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Gateway } from "./gateway.ts";
import { gateway } from "./gateway.ts";

let at: Gateway;
beforeAll(async () => {
  at = await gateway({
    "POST /sink": (event) => ({ size: event.body?.length ?? 0 }),
    "GET /fhir/{type}/{id}": () => "read",
    "GET /admin": () => "admin",
  });
});
afterAll(() => at.close());

const head = "Host: 127.0.0.1\r\n";
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);

/** The gateway's own answer, or none at all where Node's parser has closed the connection. Never a function's. */
async function refuses(text: string, statuses: readonly number[]): Promise<void> {
  const before = at.events.length;
  const answer = await at.raw(text);
  expect(statuses).toContain(statusOf(answer));
  expect(at.events.length).toBe(before);
}

describe("AT-49 requests that are not well-formed never reach a function", () => {
  it.each([
    ["malformed percent-encoding", "/fhir/%zz/1"],
    ["percent at the end", "/fhir/Patient/%"],
    ["bytes that are no UTF-8", "/fhir/Patient/%ff%fe"],
    ["an overlong slash", "/fhir/Patient/%c0%af"],
    ["an encoded NUL", "/fhir/Patient/p%00"],
    ["an encoded line end", "/fhir/Patient/p%0d%0aX-A:1"],
    ["a backslash", "/fhir\\Patient\\1"],
  ])("%s in the path is 400", async (_title, path) => {
    await refuses(`GET ${path} HTTP/1.1\r\n${head}\r\n`, [400]);
  });

  it.each([
    ["absolute form", "GET http://127.0.0.1/admin HTTP/1.1"],
    ["asterisk form", "OPTIONS * HTTP/1.1"],
    ["no slash", "GET admin HTTP/1.1"],
    ["a fragment", "GET /admin#x HTTP/1.1"],
  ])("a target in %s is 400", async (_title, line) => {
    await refuses(`${line}\r\n${head}\r\n`, [400]);
  });

  it("AT-13 another Host is 403, so that a page on another name cannot reach this API by its address", async () => {
    await refuses("GET /admin HTTP/1.1\r\nHost: evil.example\r\n\r\n", [403]);
    await refuses("GET /admin HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n", [403]);
    await refuses("GET /admin HTTP/1.1\r\n\r\n", [400]);
  });

  it("dot segments are not resolved, so that no route is reached by another's name", async () => {
    const answer = await at.raw(`GET /fhir/../admin HTTP/1.1\r\n${head}\r\n`);
    expect(answer).toContain("read");
    expect(at.events.at(-1)?.pathParameters).toEqual({ type: "..", id: "admin" });
    expect((await at.raw(`GET /fhir/%2e%2e%2fadmin HTTP/1.1\r\n${head}\r\n`)).startsWith("HTTP/1.1 404")).toBe(true);
  });
});

describe("AT-52 sizes", () => {
  it("line and headers over 10,240 bytes are 431", async () => {
    await refuses(`GET /admin HTTP/1.1\r\n${head}X-A: ${"a".repeat(10_200)}\r\n\r\n`, [431]);
    await refuses(`GET /admin?${"a".repeat(10_300)} HTTP/1.1\r\n${head}\r\n`, [431]);
    await refuses(
      `GET /admin HTTP/1.1\r\n${head}${Array.from({ length: 400 }, (_, index) => `X-${index}: ${"a".repeat(30)}\r\n`).join("")}\r\n`,
      [431],
    );
  });

  it("giant headers are refused by the parser before they are all read", async () => {
    await refuses(`GET /admin HTTP/1.1\r\n${head}X-A: ${"a".repeat(200_000)}\r\n\r\n`, [431]);
  });

  it("a body that says it is over 10 MB is 413 before it is sent", async () => {
    const before = at.events.length;
    const answer = await at.raw(`POST /sink HTTP/1.1\r\n${head}Content-Length: 10485761\r\n\r\n`);
    expect(statusOf(answer)).toBe(413);
    expect(answer).toContain('{"message":"Request Entity Too Large"}');
    expect(answer.toLowerCase()).toContain("connection: close");
    expect(at.events.length).toBe(before);
  });

  it("a chunked body that grows over 10 MB is 413 as soon as it does", async () => {
    const before = at.events.length;
    const body = new ReadableStream({
      start(controller) {
        for (let index = 0; index < 12; index += 1) controller.enqueue(new Uint8Array(1_048_576));
        controller.close();
      },
    });
    const status = await at
      .fetch("/sink", { method: "POST", body, duplex: "half" })
      .then((response) => response.status)
      .catch(() => 413); // the connection may be closed while the client still sends
    expect(status).toBe(413);
    expect(at.events.length).toBe(before);
  });

  it("exactly 10 MB passes the gateway", async () => {
    const response = await at.fetch("/sink", {
      method: "POST",
      body: "x".repeat(10_485_760),
      headers: { "content-type": "text/plain" },
    });
    expect(await response.json()).toEqual({ size: 10_485_760 });
  });
});

describe("request smuggling", () => {
  const smuggled = `GET /admin HTTP/1.1\r\n${head}\r\n`;
  it.each([
    [
      "both Content-Length and Transfer-Encoding",
      `Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    ["two Content-Lengths that differ", `Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`],
    ["two Content-Lengths that agree", `Content-Length: 0\r\nContent-Length: 0\r\n\r\n${smuggled}`],
    ["a list of lengths", `Content-Length: 0, ${smuggled.length}\r\n\r\n${smuggled}`],
    ["a length with a sign", `Content-Length: +5\r\n\r\n12345${smuggled}`],
    ["an encoding that hides chunked", `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ["an encoding after chunked", `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`],
    ["a space before the colon", `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ["a folded header", `X-A: 1\r\n Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${smuggled}`],
    [
      "a bare line feed in a header",
      `X-A: 1\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    ["a chunk size that is no number", `Transfer-Encoding: chunked\r\n\r\nzz\r\n${smuggled}`],
    ["a chunk size that overflows", `Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${smuggled}`],
    ["a second Host", `Host: evil.example\r\nContent-Length: 0\r\n\r\n`],
  ])("%s never makes a second request", async (_title, rest) => {
    const before = at.events.length;
    const answer = await at.raw(`POST /sink HTTP/1.1\r\n${head}${rest}`, 2);
    expect(answer).not.toContain("admin");
    expect(at.events.slice(before).some((event) => event.rawPath === "/admin")).toBe(false);
    expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
  });

  it("two honest requests on one connection are two requests", async () => {
    const answer = await at.raw(`POST /sink HTTP/1.1\r\n${head}Content-Length: 2\r\n\r\nab${smuggled}`, 2);
    expect(answer.split("HTTP/1.1 200").length - 1).toBe(2);
    expect(answer).toContain("admin");
  });

  it("the rest of a refused body is not read as a request", async () => {
    const before = at.events.length;
    const answer = await at.raw(`POST /sink HTTP/1.1\r\n${head}Content-Length: 10485761\r\n\r\n${smuggled}`, 2);
    expect(answer.split("HTTP/1.1 ").length - 1).toBe(1);
    expect(at.events.length).toBe(before);
  });
});
