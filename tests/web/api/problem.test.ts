import { describe, expect, it } from "vitest";
import { routeNames, routes } from "../../../core/contract/index.ts";
import { addressOf } from "../../../web/src/api/ask.ts";
import { isSameQuestion, keyOf } from "../../../web/src/api/keys.ts";
import { problemMessages } from "../../../web/src/api/messages.ts";
import { PROBLEM_KINDS, Problem, problemOf } from "../../../web/src/api/problem.ts";
import { issueText, problemText, type ProblemKey } from "../../../web/src/api/problem-text.ts";

const headers = new Headers({ "x-request-id": "req-1", "retry-after": "2" });
const say = (language: "en" | "es") => (key: ProblemKey) => problemMessages[language][key];

describe("UIX-3 a problem is told in plain words", () => {
  it.each([
    [400, { code: "structure", rule: "cursor" }, "invalid"],
    [401, { code: "login" }, "signed-out"],
    [403, { code: "forbidden", rule: "step-up" }, "step-up"],
    [403, { code: "forbidden" }, "forbidden"],
    [404, undefined, "not-found"],
    [409, { code: "conflict", rule: "session-changed" }, "session-changed"],
    [409, { code: "conflict" }, "conflict"],
    [410, {}, "deleted"],
    [412, { code: "conflict" }, "version-conflict"],
    [412, { code: "duplicate" }, "duplicate"],
    [413, {}, "too-long"],
    [422, { code: "invalid" }, "invalid"],
    [422, { code: "business-rule", rule: "slot-taken" }, "business-rule"],
    [423, { code: "business-rule", rule: "legal-hold" }, "locked"],
    [428, {}, "precondition"],
    [429, {}, "throttled"],
    [500, {}, "exception"],
    [502, "<html>", "unavailable"],
    [503, {}, "unavailable"],
    [507, {}, "exception"],
    [418, {}, "invalid"],
  ])("%i with %j is %s", (status, body, kind) => {
    const problem = problemOf(status, headers, body);
    expect(problem.kind).toBe(kind);
    expect(problem.requestId).toBe("req-1");
    expect(problem.retryAfterMs).toBe(2000);
    expect(problem.message).toBe(kind);
  });

  it("reads the fields of problem details and of an OperationOutcome as the same places", () => {
    const details = { code: "structure", fields: [{ path: "name.0.family", rule: "too_small" }] };
    expect(problemOf(400, headers, details).issues).toEqual([{ field: "name.0.family", code: "too_small", text: "" }]);
    const outcome = {
      resourceType: "OperationOutcome",
      issue: [
        {
          severity: "error",
          code: "invalid",
          details: { coding: [{ system: "urn:keyward:rule", code: "date" }] },
          diagnostics: "A date is YYYY-MM-DD.",
          expression: ["Patient.name[0].period.start"],
        },
      ],
    };
    const read = problemOf(422, headers, outcome);
    expect(read.issues).toEqual([{ field: "name.0.period.start", code: "date", text: "A date is YYYY-MM-DD." }]);
    expect(read.rule).toBe("date");
  });

  it("has words for every kind in both languages, and never the same for two of them", () => {
    for (const language of ["en", "es"] as const) {
      const texts = PROBLEM_KINDS.map((kind) => problemText(new Problem({ kind, status: 0 }), say(language)));
      expect(texts.every((text) => text.length > 10)).toBe(true);
      expect(new Set(texts).size).toBe(texts.length);
    }
  });

  it("says the area's own sentence of a rule first, then ours, then the server's, which names the way out", () => {
    const problem = new Problem({
      kind: "business-rule",
      status: 422,
      rule: "slot-taken",
      title: "That time is taken.",
    });
    expect(problemText(problem, say("en"), { "slot-taken": "Choose another time." })).toBe("Choose another time.");
    expect(problemText(problem, say("en"))).toBe("That time is taken.");
    const held = new Problem({ kind: "locked", status: 423, rule: "legal-hold", title: "A legal hold." });
    expect(problemText(held, say("es"))).toContain("retención legal");
    expect(issueText({ code: "too_small", text: "" }, say("en"))).toContain("too short");
    expect(issueText({ code: "unheard-of", text: "" }, say("en"))).toBe("This cannot be taken as it is.");
  });

  it("only says of what may be sent again that it may", () => {
    const again = PROBLEM_KINDS.filter((kind) => new Problem({ kind, status: 0 }).isTransient);
    expect(again).toEqual(["offline", "unavailable", "throttled"]);
    expect(PROBLEM_KINDS.filter((kind) => new Problem({ kind, status: 0 }).stepUp)).toEqual(["step-up"]);
  });
});

describe("UIX-5 what goes into an address and into a key", () => {
  it("fills every placeholder of every route, escaped, and refuses an empty one", () => {
    for (const name of routeNames) {
      const names = [...routes[name].path.matchAll(/\{(\w+)\}/g)].map(([, placeholder]) => placeholder ?? "");
      const address = addressOf(routes[name].path, { path: Object.fromEntries(names.map((one) => [one, "a/b?c"])) });
      expect(address).not.toMatch(/[{}?]/);
      expect(address.split("/")).toHaveLength(routes[name].path.split("/").length);
      if (names.length > 0) expect(() => addressOf(routes[name].path, { path: {} })).toThrow(TypeError);
    }
  });

  it("writes a query in the order that it is given, leaves out what is undefined, and repeats lists", () => {
    expect(addressOf("/clinic/x", { query: { day: "2026-11-22", room: undefined, kind: ["a", "b"] } })).toBe(
      "/clinic/x?day=2026-11-22&kind=a&kind=b",
    );
  });

  it("begins each key with the sign-in and the clinic", () => {
    const owner = { tag: "t1", tenant: { id: "clinic-1" } };
    const key = keyOf(owner, "readSession", { signal: undefined });
    expect(key.slice(0, 3)).toEqual(["t1", "clinic-1", "readSession"]);
    const again = keyOf({ ...owner, tag: "t2" }, "readSession");
    const elsewhere = keyOf({ ...owner, tenant: { id: "clinic-2" } }, "readSession");
    expect(isSameQuestion(key, again)).toBe(true);
    expect(isSameQuestion(key, elsewhere)).toBe(false);
  });
});
