import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { portalHeaders, viewerHeaders } from "../../core/contract/portal-headers.ts";
import { EDGE_HEADERS, VIEWER_REQUEST } from "../../core/contract/portal-paths.ts";
import { ZONES } from "../../core/contract/route.ts";
import { STAGES } from "../../core/iam/names.ts";
import { viewRequest } from "../../scripts/local/edge/viewer-request.ts";
import { at, listAt, textAt } from "../../stacks/guardrails/guardrail.ts";
import { documentsOrigin } from "../../stacks/settings.ts";
import { committedPlan, ofType } from "./plans.ts";

describe.each(STAGES)("UIX-5 the portal's front of %s", (stage) => {
  const plan = committedPlan(stage);
  const distribution = ofType(plan, "aws:cloudfront/distribution:Distribution")[0]?.inputs ?? {};
  const origins = listAt(distribution, "origins");
  const documents = documentsOrigin(String(plan.outputs["publicUrl"]));

  /** As a browser sees them: the places that CloudFront has for some headers, and the rest. */
  function headersOf(name: string): Record<string, string> {
    const policy = ofType(plan, "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy").find(
      (one) => one.name === name,
    )?.inputs;
    const security = at(policy, "securityHeadersConfig");
    const hsts = at(security, "strictTransportSecurity");
    const own = listAt(policy, "customHeadersConfig", "items").map(
      (item) => [textAt(item, "header"), textAt(item, "value")] as const,
    );
    expect(at(hsts, "includeSubdomains")).toBe(true);
    expect(at(hsts, "preload")).toBe(true);
    return {
      ...Object.fromEntries(own),
      "content-security-policy": textAt(security, "contentSecurityPolicy", "contentSecurityPolicy"),
      "strict-transport-security": `max-age=${String(at(hsts, "accessControlMaxAgeSec"))}; includeSubDomains; preload`,
      "x-content-type-options": at(security, "contentTypeOptions") === undefined ? "" : "nosniff",
      "x-frame-options": textAt(security, "frameOptions", "frameOption"),
      "referrer-policy": textAt(security, "referrerPolicy", "referrerPolicy"),
    };
  }

  it("says the headers that the local server says", () => {
    expect(headersOf("PortalPageHeaders")).toEqual(portalHeaders(documents, "other"));
    expect(headersOf("PortalAssetHeaders")).toEqual(portalHeaders(documents, "hashed"));
    expect(headersOf("ViewerHeaders")).toEqual(viewerHeaders(String(plan.outputs["publicUrl"]), documents));
  });

  it("runs the function that the local server runs, on every path", () => {
    const [code] = ofType(plan, "aws:cloudfront/function:Function");
    expect(code?.inputs["code"]).toBe(VIEWER_REQUEST);
    const behaviors = [at(distribution, "defaultCacheBehavior"), ...listAt(distribution, "orderedCacheBehaviors")];
    for (const behavior of behaviors)
      expect(listAt(behavior, "functionAssociations")).toEqual([
        { eventType: "viewer-request", functionArn: code?.state["arn"] },
      ]);
  });

  it("sends the portal's paths to the bucket and everything else to the API", () => {
    const targets = listAt(distribution, "orderedCacheBehaviors").map((one) => [
      textAt(one, "pathPattern"),
      textAt(one, "targetOriginId"),
    ]);
    expect(targets).toEqual([
      ["/app/assets/*", "portal"],
      ["/app/documents/*", "portal"],
      ["/app/*", "portal"],
    ]);
    expect(textAt(distribution, "defaultCacheBehavior", "targetOriginId")).toBe("api");
    const api = origins.find((one) => textAt(one, "originId") === "api");
    expect(`https://${textAt(api, "domainName")}`).toBe(plan.outputs["apiEndpoint"]);
  });

  it("the functions know the secret's digest, and the API is shown the secret", () => {
    const [header] = origins.flatMap((one) => listAt(one, "customHeaders"));
    expect(textAt(header, "name")).toBe(EDGE_HEADERS.secret);
    const digest = createHash("sha256").update(textAt(header, "value")).digest("hex");
    const told = ofType(plan, "aws:lambda/function:Function").flatMap(
      ({ inputs }) => at(inputs, "environment", "variables", "EDGE_DIGEST") ?? [],
    );
    expect(told).toEqual(ZONES.map(() => digest));
  });
});

describe("UIX-5 which path leads where", () => {
  const ip = "203.0.113.9";
  const see = (uri: string) => viewRequest({ method: "GET", uri, ip });

  it.each(["/", "/app"])("%s leads to the portal", (uri) => {
    expect(see(uri)).toMatchObject({ kind: "answer", status: 302, headers: { location: "/app/" } });
  });

  it.each(["/app/", "/app/board", "/app/notes/01m81a0da64kbfa0r1krjwtsnf.01m81a0qtn8jw7c51rvs8t0ztr", "/app/a.b/c"])(
    "%s is a screen of the one page",
    (uri) => {
      expect(see(uri)).toMatchObject({ kind: "forward", uri: "/app/index.html" });
    },
  );

  it.each(["/app/assets/index-1a2b.js", "/app/icon.svg", "/app/nothing.css", "/app/assets/../../keys.pem"])(
    "%s names a file, found or not",
    (uri) => {
      expect(see(uri)).toMatchObject({ kind: "forward", uri });
    },
  );

  it.each(["/fhir/Patient/1", "/clinic/board", "/session", "/health", "/application", "//app/", "/.well-known/x"])(
    "%s is the API's, told who asks",
    (uri) => {
      expect(see(uri)).toEqual({ kind: "forward", uri, headers: { [EDGE_HEADERS.viewer]: ip } });
    },
  );
});

describe("AT-44 which origin has what", () => {
  const ip = "203.0.113.9";
  const see = (host: string, uri: string) => viewRequest({ method: "GET", uri, ip, host });
  const portalHosts = ["staging.keyward.example", "localhost:4000", "127.0.0.1:4000", "evil.documents.example", ""];

  it.each(["documents.staging.keyward.example", "DOCUMENTS.keyward.example", "documents.localhost:4000"])(
    "%s has the viewer and the route for tickets, and nothing that a session could begin at",
    (host) => {
      const viewer = "/app/documents/pdf.html";
      expect(see(host, viewer)).toMatchObject({ kind: "forward", uri: viewer });
      expect(see(host, "/document-content")).toMatchObject({ headers: { [EDGE_HEADERS.viewer]: ip } });
      for (const uri of [
        "/",
        "/app",
        "/app/",
        "/app/board",
        "/app/assets/a.js",
        "/session",
        "/session/sign-in",
        "/clinic/x",
        "/fhir/Patient",
        "/app/document",
        "/document-content/",
        "//document-content",
      ])
        expect([uri, see(host, uri)]).toMatchObject([uri, { kind: "answer", status: 404 }]);
    },
  );

  it.each(portalHosts)("%j has neither", (host) => {
    for (const uri of ["/app/documents/pdf.html", "/app/documents/", "/document-content"])
      expect(see(host, uri)).toMatchObject({ kind: "answer", status: 404 });
    expect(see(host, "/app/board")).toMatchObject({ kind: "forward", uri: "/app/index.html" });
  });
});
