import { createHash } from "node:crypto";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { EDGE_HEADERS } from "../../../core/contract/portal-paths.ts";
import { asViewed, isFromEdge } from "../../../functions/http/edge.ts";

const SECRET = "5e".repeat(32);
const digest = createHash("sha256").update(SECRET).digest("hex");
const eventOf = (headers: Readonly<Record<string, string>>): APIGatewayProxyEventV2 =>
  ({ headers, requestContext: { requestId: "r", http: { sourceIp: "64.252.0.1" } } }) as never;

describe("AT-46 a request that came past CloudFront", () => {
  it("is told from one that came through it", () => {
    expect(isFromEdge(eventOf({ [EDGE_HEADERS.secret]: SECRET }), digest)).toBe(true);
    expect(isFromEdge(eventOf({ "X-Edge-Secret": SECRET }), digest)).toBe(true);
  });

  it.each([
    ["nothing", {}],
    ["nothing in it", { [EDGE_HEADERS.secret]: "" }],
    ["the digest, which functions are told", { [EDGE_HEADERS.secret]: digest }],
    ["another secret", { [EDGE_HEADERS.secret]: "00".repeat(32) }],
    ["two of them", { [EDGE_HEADERS.secret]: `${SECRET},${SECRET}` }],
  ])("is one that shows %s", (_title, headers) => {
    expect(isFromEdge(eventOf(headers), digest)).toBe(false);
  });

  it("AUD-1 who asks is the address that CloudFront saw, and the secret goes no further", () => {
    const seen = asViewed(eventOf({ [EDGE_HEADERS.secret]: SECRET, [EDGE_HEADERS.viewer]: "203.0.113.9", a: "b" }));
    expect(seen.requestContext.http.sourceIp).toBe("203.0.113.9");
    expect(JSON.stringify(seen)).not.toContain(SECRET);
    expect(seen.headers["a"]).toBe("b");
  });

  it.each(["", "somewhere", "203.0.113.9, 10.0.0.1", "<b>"])(
    "an address that is none is not believed: %s",
    (viewer) => {
      const seen = asViewed(eventOf({ [EDGE_HEADERS.viewer]: viewer }));
      expect(seen.requestContext.http.sourceIp).toBe("64.252.0.1");
    },
  );
});
