import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseClaim, type AuthFailure } from "../../../scripts/local/front/sigv4-claim.ts";
import {
  checkScope,
  checkSignature,
  createSigningKeys,
  type SignedRequest,
} from "../../../scripts/local/front/sigv4.ts";
import { escape, KEY, NOW_MS, REGION, signHeader, signQuery, type Unsigned } from "./signing.ts";

const signingKeys = createSigningKeys();

/** What the front door says of a signature: `accepted`, or why not. */
function judge(request: SignedRequest, secret = KEY.secretAccessKey, nowMs = NOW_MS): AuthFailure["kind"] | "accepted" {
  const claim = parseClaim(request);
  if (!claim.ok) return claim.error.kind;
  const scope = checkScope(claim.value, REGION, nowMs);
  if (scope !== undefined) return scope.kind;
  const keys = secret === KEY.secretAccessKey ? signingKeys : createSigningKeys();
  const checked = checkSignature(request, claim.value, keys(claim.value, secret));
  return checked.ok ? "accepted" : checked.error.kind;
}

const jsonCall: Unsigned = {
  method: "POST",
  path: "/",
  query: {},
  headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.PutItem" },
  body: '{"TableName":"t","Item":{"pk":{"S":"é#1"}}}',
};
const objectCall: Unsigned = {
  method: "GET",
  path: "/bucket/a%20b/%C3%A9%27%28x%29%2A%2B%26%3D~%21%24.json",
  query: { versionId: "a+b/c=", "x-id": "GetObject" },
  headers: {},
  body: "",
};

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const segment = text.map(escape);
const requests: fc.Arbitrary<Unsigned> = fc.record({
  method: fc.constantFrom("GET", "PUT", "POST", "DELETE"),
  path: fc
    .array(segment, { maxLength: 4 })
    .map((segments) => `/bucket/${segments.filter((part) => part !== "." && part !== "..").join("/")}`),
  query: fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), text, { maxKeys: 4 }),
  headers: fc.dictionary(fc.stringMatching(/^x-amz-meta-[a-z0-9-]{1,8}$/), fc.stringMatching(/^[ -~]{0,16}$/), {
    maxKeys: 3,
  }),
  body: text,
});

describe("SigV4 against the SDK's own signer", () => {
  it.each(["s3", "dynamodb", "kms"])("accepts whatever it signs in the header, for %s", async (service) => {
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        expect(judge(await signHeader(service, request))).toBe("accepted");
      }),
      { numRuns: 150 },
    );
  });

  it.each(["s3", "sts"])("accepts whatever it presigns, for %s", async (service) => {
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        expect(judge(await signQuery(service, { ...request, body: "" }, 300))).toBe("accepted");
      }),
      { numRuns: 150 },
    );
  });

  it("accepts the odd key and query of an object", async () => {
    expect(judge(await signHeader("s3", objectCall))).toBe("accepted");
  });
});

describe("SigV4 refuses", () => {
  const altered: readonly (readonly [name: string, change: (request: SignedRequest) => SignedRequest])[] = [
    ["another body", (request) => ({ ...request, body: Buffer.from(request.body.toString().replace("1", "2")) })],
    ["another method", (request) => ({ ...request, method: "PUT" })],
    ["another path", (request) => ({ ...request, path: "/other" })],
    ["one more query parameter", (request) => ({ ...request, query: "acl=" })],
    [
      "another operation",
      (request) => ({ ...request, headers: { ...request.headers, "x-amz-target": "DynamoDB_20120810.DeleteItem" } }),
    ],
    ["another host", (request) => ({ ...request, headers: { ...request.headers, host: "evil.example" } })],
    [
      "a signed header left out",
      (request) => ({
        ...request,
        headers: Object.fromEntries(Object.entries(request.headers).filter(([name]) => name !== "content-type")),
      }),
    ],
    [
      "a flipped digit of the signature",
      (request) => ({
        ...request,
        headers: {
          ...request.headers,
          authorization: (request.headers["authorization"] ?? "").replace(/.$/, (digit) => (digit === "0" ? "1" : "0")),
        },
      }),
    ],
  ];
  it.each(altered)("%s", async (_, change) => {
    const request = await signHeader("dynamodb", jsonCall);
    expect(judge(request)).toBe("accepted");
    expect(judge(change(request))).toBe("mismatch");
  });

  it("another secret", async () => {
    expect(judge(await signHeader("dynamodb", jsonCall), "another secret")).toBe("mismatch");
  });

  it("an x-amz header that is not signed, in both forms", async () => {
    const unsigned = { "x-amz-security-token": "stolen" };
    const header = await signHeader("dynamodb", jsonCall);
    expect(judge({ ...header, headers: { ...header.headers, ...unsigned } })).toBe("unsigned-header");
    const url = await signQuery("s3", objectCall, 60);
    expect(judge({ ...url, headers: { ...url.headers, "x-amz-acl": "public-read" } })).toBe("unsigned-header");
  });

  it("a body that is not the one of x-amz-content-sha256", async () => {
    const request = await signHeader("s3", { ...objectCall, method: "PUT", body: "hello" });
    expect(judge({ ...request, body: Buffer.from("hallo") })).toBe("body-hash");
  });

  it("UNSIGNED-PAYLOAD outside of S3: the body is hashed whatever the request declares", async () => {
    const headers = { ...jsonCall.headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
    expect(judge(await signHeader("dynamodb", { ...jsonCall, headers }))).toBe("mismatch");
    expect(
      judge(await signHeader("s3", { ...objectCall, headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } })),
    ).toBe("accepted");
  });

  it.each([
    ["5 minutes early", -300_000, "accepted"],
    ["5 minutes late", 300_000, "accepted"],
    ["a second more than 5 minutes early", -301_000, "skewed"],
    ["a second more than 5 minutes late", 301_000, "skewed"],
  ])("a clock %s: %s ms is %s", async (_, offsetMs, expected) => {
    expect(judge(await signHeader("kms", jsonCall, NOW_MS + offsetMs))).toBe(expected);
  });

  it.each([
    ["in time", 59_000, "accepted"],
    ["after its end", 61_000, "expired-url"],
    ["long before its start", -301_000, "skewed"],
  ])("a presigned URL used %s (%s ms): %s", async (_, offsetMs, expected) => {
    expect(judge(await signQuery("s3", objectCall, 60), undefined, NOW_MS + offsetMs)).toBe(expected);
  });

  it("a presigned URL for another key, and one whose life was stretched", async () => {
    const url = await signQuery("s3", objectCall, 60);
    expect(judge({ ...url, path: "/bucket/other" })).toBe("mismatch");
    expect(judge({ ...url, query: url.query.replace("X-Amz-Expires=60", "X-Amz-Expires=6000") })).toBe("mismatch");
  });

  it("another region", async () => {
    const request = await signHeader("kms", jsonCall);
    const authorization = (request.headers["authorization"] ?? "").replace("us-east-1", "eu-west-1");
    expect(judge({ ...request, headers: { ...request.headers, authorization } })).toBe("wrong-region");
  });

  const malformed: readonly (readonly [name: string, header: string, expected: string])[] = [
    ["no header", "", "missing"],
    ["another algorithm", "AWS4-ECDSA-P256-SHA256 Credential=a", "unsupported"],
    [
      "no signature",
      "AWS4-HMAC-SHA256 Credential=AK/20261122/us-east-1/kms/aws4_request, SignedHeaders=host",
      "incomplete",
    ],
    ["a repeated part", "AWS4-HMAC-SHA256 Credential=a, Credential=b, SignedHeaders=host, Signature=00", "incomplete"],
    [
      "a short scope",
      `AWS4-HMAC-SHA256 Credential=AK/20261122/us-east-1/kms, SignedHeaders=host, Signature=${"0".repeat(64)}`,
      "incomplete",
    ],
    [
      "another day",
      `AWS4-HMAC-SHA256 Credential=AK/20261121/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}`,
      "incomplete",
    ],
    [
      "host not signed",
      `AWS4-HMAC-SHA256 Credential=AK/20261122/us-east-1/kms/aws4_request, SignedHeaders=x-amz-date, Signature=${"0".repeat(64)}`,
      "incomplete",
    ],
    [
      "headers out of order",
      `AWS4-HMAC-SHA256 Credential=AK/20261122/us-east-1/kms/aws4_request, SignedHeaders=x-amz-date;host, Signature=${"0".repeat(64)}`,
      "incomplete",
    ],
    [
      "a signature that is no hex",
      `AWS4-HMAC-SHA256 Credential=AK/20261122/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=${"Z".repeat(64)}`,
      "incomplete",
    ],
  ];
  it.each(malformed)("a claim with %s", async (_, authorization, expected) => {
    const request = await signHeader("kms", jsonCall);
    const { authorization: _signed, ...others } = request.headers;
    expect(judge({ ...request, headers: authorization === "" ? others : { ...others, authorization } })).toBe(expected);
  });

  it("a path or query that is not percent-encoding, without a throw", async () => {
    const request = await signHeader("s3", objectCall);
    expect(judge({ ...request, path: "/bucket/%zz" })).toBe("mismatch");
    expect(judge({ ...request, query: "a=%E0%A4%A" })).toBe("mismatch");
  });

  it("never throws, whatever the Authorization header and query hold", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.string({ maxLength: 200 }), (authorization, query) => {
        const headers = {
          host: "h",
          authorization: `AWS4-HMAC-SHA256 ${authorization}`,
          "x-amz-date": "20261122T080000Z",
        };
        expect(judge({ method: "GET", path: "/", query, headers, body: Buffer.alloc(0) })).not.toBe("accepted");
        expect(
          judge({
            method: "GET",
            path: "/",
            query: `X-Amz-Signature=${query}`,
            headers: { host: "h" },
            body: Buffer.alloc(0),
          }),
        ).not.toBe("accepted");
      }),
    );
  });
});
