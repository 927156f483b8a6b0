import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRouter } from "../../../scripts/local/http-api/routes.ts";

const routerOf = (...routeKeys: string[]) => createRouter(routeKeys.map((routeKey) => ({ routeKey })));

/** The first four rows and their routes are the example of the API Gateway Developer Guide, "Routing API requests". */
const route = routerOf(
  "GET /pets/dog/1",
  "GET /pets/dog/{id}",
  "GET /pets/{proxy+}",
  "ANY /{proxy+}",
  "$default",
  "GET /fhir/{type}/{id}",
  "GET /fhir/Patient/{id}",
  "GET /fhir/{type}/_search",
  "POST /fhir/{type}",
  "ANY /fhir/{type}",
  "GET /",
);

describe("the route table", () => {
  it.each([
    ["GET", "/pets/dog/1", "GET /pets/dog/1", {}],
    ["GET", "/pets/dog/2", "GET /pets/dog/{id}", { id: "2" }],
    ["GET", "/pets/cat/1", "GET /pets/{proxy+}", { proxy: "cat/1" }],
    ["POST", "/test/5", "ANY /{proxy+}", { proxy: "test/5" }],
    ["GET", "/fhir/Observation/o1", "GET /fhir/{type}/{id}", { type: "Observation", id: "o1" }],
    ["GET", "/fhir/Patient/p1", "GET /fhir/Patient/{id}", { id: "p1" }],
    ["GET", "/fhir/Observation/_search", "GET /fhir/{type}/_search", { type: "Observation" }],
    ["GET", "/fhir/Patient/_search", "GET /fhir/Patient/{id}", { id: "_search" }],
    ["POST", "/fhir/Patient", "POST /fhir/{type}", { type: "Patient" }],
    ["DELETE", "/fhir/Patient", "ANY /fhir/{type}", { type: "Patient" }],
    ["GET", "/", "GET /", {}],
    ["POST", "/", "$default", undefined],
    ["GET", "/fhir/Patient/", "ANY /{proxy+}", { proxy: "fhir/Patient/" }],
    ["GET", "/fhir//p1", "ANY /{proxy+}", { proxy: "fhir//p1" }],
    ["GET", "/fhir/Patient/a%2Fb", "GET /fhir/Patient/{id}", { id: "a/b" }],
    ["GET", "/fhir/Patient/%C3%A9", "GET /fhir/Patient/{id}", { id: "é" }],
    ["GET", "/FHIR/Patient/p1", "ANY /{proxy+}", { proxy: "FHIR/Patient/p1" }],
  ])("%s %s goes to %s", (method, path, routeKey, pathParameters) => {
    const match = route(method, path);
    expect(match?.route.routeKey).toBe(routeKey);
    expect(match?.pathParameters).toEqual(pathParameters);
  });

  it("finds nothing where no route and no $default is", () => {
    const small = routerOf("GET /a/{id}");
    expect(small("GET", "/a")).toBeUndefined();
    expect(small("POST", "/a/1")).toBeUndefined();
    expect(small("HEAD", "/a/1")).toBeUndefined();
  });

  it("does not depend on the order in which routes are declared", () => {
    const keys = ["GET /a/{x}/c", "GET /a/b/{y}", "ANY /a/{proxy+}", "GET /a/b/c", "ANY /a/b/c", "$default"];
    const expected = ["/a/b/c", "/a/b/d", "/a/z/c", "/a/q", "/x"].map(
      (path) => routerOf(...keys)("GET", path)?.route.routeKey,
    );
    expect(expected).toEqual(["GET /a/b/c", "GET /a/b/{y}", "GET /a/{x}/c", "ANY /a/{proxy+}", "$default"]);
    fc.assert(
      fc.property(fc.shuffledSubarray(keys, { minLength: keys.length }), (shuffled) => {
        const found = ["/a/b/c", "/a/b/d", "/a/z/c", "/a/q", "/x"].map(
          (path) => routerOf(...shuffled)("GET", path)?.route.routeKey,
        );
        expect(found).toEqual(expected);
      }),
    );
  });

  it.each(["FETCH /a", "GET a", "GET", "GET /a /b", "GET /{a+}/b", "GET /a{b}", "GET /{a}/{a}", "GET /{}"])(
    "refuses the route key %s",
    (routeKey) => {
      expect(() => routerOf(routeKey)).toThrow(/route key|path part/);
    },
  );

  it("refuses two routes that differ in the names of variables only", () => {
    expect(() => routerOf("GET /a/{id}", "GET /a/{name}")).toThrow(/stands twice/);
    expect(() => routerOf("GET /a/{id}", "GET /a/{rest+}")).not.toThrow();
  });
});
