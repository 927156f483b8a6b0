import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Gateway } from "./gateway.ts";
import { gateway } from "./gateway.ts";

/** A function that answers with what reached it, as an application sees it after decoding the event. */
interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly cookies: readonly string[];
  readonly type: string | undefined;
  readonly extra: string | undefined;
  readonly bodyHex: string;
}

let at: Gateway;
beforeAll(async () => {
  at = await gateway({
    $default: (event) => ({
      statusCode: 200,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        method: event.requestContext.http.method,
        path: event.rawPath,
        query: event.rawQueryString,
        cookies: event.cookies ?? [],
        type: event.headers["content-type"],
        extra: event.headers["x-a"],
        bodyHex: Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8").toString("hex"),
      } satisfies Seen),
    }),
    "GET /fhir/{type}/{id}": (event) => event.pathParameters ?? {},
  });
});
afterAll(() => at.close());

const hex = (value: string | Buffer): string => Buffer.from(value).toString("hex");

describe("a request reaches the function whole", () => {
  it.each<[string, string, RequestInit, Partial<Seen>]>([
    ["GET", "/echo/a", {}, { path: "/echo/a", query: "", bodyHex: "" }],
    ["GET", "/echo/a?x=1&x=2&y=%20z&e=", {}, { query: "x=1&x=2&y=%20z&e=" }],
    ["GET", "/echo/p%C3%A9/q%20r", {}, { path: "/echo/pé/q r" }],
    [
      "POST",
      "/echo/j",
      { headers: { "content-type": "application/json" }, body: '{"a":"é"}' },
      { bodyHex: hex('{"a":"é"}') },
    ],
    [
      "POST",
      "/echo/b",
      { headers: { "content-type": "image/png" }, body: Buffer.from([137, 80, 0, 255]) },
      { bodyHex: "895000ff" },
    ],
    [
      "PUT",
      "/echo/f",
      { headers: { "content-type": "application/x-www-form-urlencoded" }, body: "a=1&b=2" },
      { bodyHex: hex("a=1&b=2") },
    ],
    ["PUT", "/echo/r", { headers: { "content-type": "application/fhir+json" }, body: "{}" }, { bodyHex: hex("{}") }],
    ["GET", "/echo/c", { headers: { cookie: "a=1; b=2", "x-a": "1" } }, { cookies: ["a=1", "b=2"], extra: "1" }],
    ["DELETE", "/echo/d", {}, { method: "DELETE" }],
    ["PATCH", "/echo/p", { body: "x" }, { method: "PATCH", bodyHex: hex("x") }],
    [
      "POST",
      "/echo/empty",
      { headers: { "content-type": "application/json" } },
      { bodyHex: "", type: "application/json" },
    ],
  ])("%s %s", async (method, path, init, expected) => {
    const response = await at.fetch(path, { method, ...init });
    expect(response.status).toBe(200);
    expect((await response.json()) as Seen).toMatchObject({ method, ...expected });
  });

  it("binary that is no UTF-8 in every byte survives", async () => {
    const body = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const response = await at.fetch("/x", {
      method: "POST",
      body,
      headers: { "content-type": "application/octet-stream" },
    });
    expect(((await response.json()) as Seen).bodyHex).toBe(body.toString("hex"));
  });
});

describe("the event of payload format 2.0", () => {
  it("names route, path, caller and time", async () => {
    await at.fetch("/fhir/Patient/p%2F1?_elements=id&_elements=name", {
      headers: { "user-agent": "probe", "x-b": "1" },
    });
    const event = at.events.at(-1);
    expect(event).toMatchObject({
      version: "2.0",
      routeKey: "GET /fhir/{type}/{id}",
      rawPath: "/fhir/Patient/p/1",
      rawQueryString: "_elements=id&_elements=name",
      queryStringParameters: { _elements: "id,name" },
      pathParameters: { type: "Patient", id: "p/1" },
      isBase64Encoded: false,
      requestContext: {
        accountId: "111122223333",
        apiId: "local",
        domainName: "127.0.0.1",
        http: {
          method: "GET",
          path: "/fhir/Patient/p/1",
          protocol: "HTTP/1.1",
          sourceIp: "127.0.0.1",
          userAgent: "probe",
        },
        routeKey: "GET /fhir/{type}/{id}",
        stage: "$default",
      },
    });
    expect(event?.requestContext.time).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    expect(event?.body).toBeUndefined();
    expect(event?.cookies).toBeUndefined();
    expect(event?.requestContext.authorizer).toBeUndefined();
  });

  it.each([
    ["application/json", false],
    ["application/json; charset=utf-8", false],
    ["text/plain", false],
    ["application/xml", false],
    ["application/fhir+json", true],
    ["application/x-www-form-urlencoded", true],
    ["multipart/form-data; boundary=x", true],
    ["application/jsonx", true],
  ])("a body of %s is base64: %s", async (type, isBase64) => {
    await at.fetch("/b", { method: "POST", body: "abc", headers: { "content-type": type } });
    expect(at.events.at(-1)?.isBase64Encoded).toBe(isBase64);
    expect(at.events.at(-1)?.body).toBe(isBase64 ? "YWJj" : "abc");
  });

  it("an encoded body is base64 whatever its type", async () => {
    await at.fetch("/b", {
      method: "POST",
      body: "abc",
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
    });
    expect(at.events.at(-1)?.isBase64Encoded).toBe(true);
  });

  it("joins repeated headers, parts cookies, and adds its own address after what a client claims", async () => {
    await at.raw(
      "GET /h HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: 1\r\nx-a: 2\r\nCookie: a=1;  b=2\r\nCookie: c=3\r\nX-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n",
    );
    const event = at.events.at(-1);
    expect(event?.headers["x-a"]).toBe("1,2");
    expect(event?.cookies).toEqual(["a=1", "b=2", "c=3"]);
    expect(event?.headers["cookie"]).toBeUndefined();
    expect(event?.headers["connection"]).toBeUndefined();
    expect(event?.headers["x-forwarded-for"]).toBe("203.0.113.9, 127.0.0.1");
    expect(event?.requestContext.http.sourceIp).toBe("127.0.0.1");
  });

  it("AT-26 holds parameters and headers called __proto__ as data", async () => {
    await at.fetch("/p?__proto__=x&constructor=y", { headers: { __proto__: "z" } });
    const event = JSON.parse(JSON.stringify(at.events.at(-1))) as { queryStringParameters: object };
    expect(Object.entries(event.queryStringParameters)).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
  });
});
