import { describe, expect, it } from "vitest";
import { expectRefused } from "../input/scene.ts";
import { essence } from "./answers.ts";

/** The judges of the HTTP suites, each shown what it must find. */
const answer = (status: number, text: string, headers: Record<string, string> = {}) => ({
  status,
  text,
  headers: new Headers({ "content-type": "application/fhir+json; charset=utf-8", ...headers }),
});
const outcome = (more: Record<string, unknown> = {}): string =>
  JSON.stringify({ resourceType: "OperationOutcome", issue: [{ severity: "error", code: "invalid", ...more }] });
const planted = { canary: "CANARY" };

describe("essence", () => {
  it("takes out what differs by nature, and the ids that were named", () => {
    const one = answer(200, "a Patient/one", { "x-request-id": "1", etag: 'W/"1"' });
    const other = answer(200, "a Patient/two", { "x-request-id": "2", etag: 'W/"1"' });
    expect(essence(one, "one")).toEqual(essence(other, "two"));
  });
  it.each([
    ["a status", answer(403, "x")],
    ["a byte of the body", answer(404, "y")],
    ["a header more", answer(404, "x", { etag: 'W/"1"' })],
    ["a header's value", answer(404, "x", { "content-type": "application/json" })],
  ])("finds %s", (_title, other) => {
    expect(essence(other)).not.toEqual(essence(answer(404, "x")));
  });
});

describe("expectRefused", () => {
  it("takes an outcome with a code, a rule and a place", () => {
    expectRefused(planted, answer(422, outcome({ expression: ["Patient.name"], diagnostics: "x" })), 422);
  });
  it.each([
    ["an echo in the body", answer(422, outcome({ diagnostics: "CANARY" }))],
    ["an echo in a header", answer(422, outcome(), { location: "CANARY" })],
    ["a server's error", answer(500, outcome())],
    ["a success", answer(200, outcome())],
    ["another status", answer(404, outcome())],
    ["a member that says more", answer(422, outcome({ stack: "x" }))],
    ["an issue without a code", answer(422, outcome({ code: undefined }))],
    ["no issue", answer(422, '{"resourceType":"OperationOutcome","issue":[]}')],
    ["a page", answer(422, "<html></html>")],
  ])("finds %s", (_title, bad) => {
    expect(() => expectRefused(planted, bad, 422)).toThrow();
  });
});
