import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ServiceError } from "../../../scripts/local/service.ts";
import type { Gateway } from "./gateway.ts";
import { gateway } from "./gateway.ts";

let at: Gateway;
beforeAll(async () => {
  at = await gateway(
    {
      "GET /raw": () => ({ hello: 1 }),
      "GET /text": () => "plain",
      "GET /null": () => null,
      "GET /list": () => [1, 2],
      "GET /bin": () => ({
        statusCode: 200,
        body: Buffer.from([0, 255, 1, 2]).toString("base64"),
        isBase64Encoded: true,
        headers: { "content-type": "application/octet-stream" },
      }),
      "GET /cookies": () => ({ statusCode: 201, cookies: ["a=1; Path=/", "b=2,3"], body: "é ok" }),
      "GET /none": () => ({ statusCode: 204 }),
      "GET /status-text": () => ({ statusCode: "404", body: "gone" }),
      "GET /throw": () => new Error("planted"),
      "GET /bad-status": () => ({ statusCode: 99 }),
      "GET /bad-body": () => ({ statusCode: 200, body: 7 }),
      "GET /split": () => ({ statusCode: 200, headers: { "x-a": "1\r\nset-cookie: stolen=1" } }),
      "GET /split-cookie": () => ({ statusCode: 200, cookies: ["a=1\r\nx-b: 2"] }),
      "GET /bad-name": () => ({ statusCode: 200, headers: { "x a": "1" } }),
      "GET /hop": () => ({
        statusCode: 200,
        headers: { "transfer-encoding": "chunked", "content-length": "999", connection: "close", "x-kept": true },
        body: "ok",
      }),
      "HEAD /head": () => ({ statusCode: 200, headers: { etag: 'W/"1"' }, body: "not sent" }),
      "GET /slow": () => new Promise((resolve) => setTimeout(() => resolve("late"), 1_000).unref()),
    },
    {},
  );
});
afterAll(() => at.close());

describe("a function's answer becomes a response", () => {
  it.each([
    ["/raw", 200, "application/json", '{"hello":1}'],
    ["/text", 200, "application/json", "plain"],
    ["/null", 200, "application/json", "null"],
    ["/list", 200, "application/json", "[1,2]"],
    ["/status-text", 404, "text/plain;charset=UTF-8", "gone"],
    ["/cookies", 201, "text/plain;charset=UTF-8", "é ok"],
  ])("%s is %d", async (path, status, type, body) => {
    const response = await at.fetch(path);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe(type);
    expect(await response.text()).toBe(body);
    expect(response.headers.get("apigw-requestid")).toMatch(/^[\w-]{10,}$/);
  });

  it("base64 comes back as bytes", async () => {
    const response = await at.fetch("/bin");
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from([0, 255, 1, 2]));
  });

  it("each cookie is a header of its own", async () => {
    expect((await at.fetch("/cookies")).headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2,3"]);
  });

  it("a 204 has no body and no length", async () => {
    const response = await at.fetch("/none");
    expect(response.status).toBe(204);
    expect(response.headers.get("content-length")).toBeNull();
  });

  it("HEAD has headers and no body", async () => {
    const response = await at.fetch("/head", { method: "HEAD" });
    expect(response.headers.get("etag")).toBe('W/"1"');
    expect(await response.text()).toBe("");
  });

  it("hop-by-hop headers of a function are not sent on", async () => {
    const response = await at.fetch("/hop");
    expect(response.headers.get("content-length")).toBe("2");
    expect(response.headers.get("x-kept")).toBe("true");
    expect(await response.text()).toBe("ok");
  });

  it.each(["/throw", "/bad-status", "/bad-body", "/split", "/split-cookie", "/bad-name"])(
    "%s is the gateway's own 500, which tells nothing",
    async (path) => {
      const response = await at.fetch(path);
      expect(response.status).toBe(500);
      expect(await response.text()).toBe('{"message":"Internal Server Error"}');
      expect(response.headers.getSetCookie()).toEqual([]);
    },
  );
});

describe("what Lambda refuses", () => {
  it.each([
    ["TooManyRequestsException", 429, 503, "Service Unavailable"],
    ["RequestTooLargeException", 413, 413, "Request Entity Too Large"],
    ["ResourceNotFoundException", 404, 500, "Internal Server Error"],
  ])("%s is answered with its own status", async (code, lambdaStatus, status, message) => {
    const refusing = await gateway(
      { $default: () => "never" },
      { invoke: () => Promise.reject(new ServiceError(code, "planted detail", lambdaStatus)) },
    );
    const response = await refusing.fetch("/");
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ message });
    await refusing.close();
  });

  it("an integration that takes too long is a 503, and the gateway goes on", async () => {
    const slow = await gateway(
      {
        "GET /slow": () => new Promise((resolve) => setTimeout(() => resolve("late"), 1_000).unref()),
        "GET /fast": () => "fast",
      },
      {
        routes: [
          { routeKey: "GET /slow", functionName: "GET /slow", timeoutMs: 50 },
          { routeKey: "GET /fast", functionName: "GET /fast" },
        ],
      },
    );
    const response = await slow.fetch("/slow");
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ message: "Service Unavailable" });
    expect(await (await slow.fetch("/fast")).text()).toBe("fast");
    await slow.close();
  });
});
