import { describe, expect, it } from "vitest";
import { failureOf, HttpFailure } from "../../../functions/http/failure.ts";
import { faultError } from "../../../scripts/local/front/faults.ts";

const named = (name: string): Error => Object.assign(new Error("a service's own words"), { name });
const coded = (code: string): Error => Object.assign(new Error("aborted"), { code });

describe("AT-57 an error that nobody expected", () => {
  const services = ["dynamodb", "kms", "s3", "sts"];
  it.each(
    services.flatMap((service) => [faultError("throttle", service).code, faultError("server-error", service).code]),
  )("is a service that is away, for now: %s", (code) => {
    expect(failureOf(named(code))).toEqual({ kind: "unavailable" });
  });

  it.each([named("TimeoutError"), named("AbortError"), coded("ECONNRESET"), coded("ECONNREFUSED"), coded("EPIPE")])(
    "is a connection that broke: %s",
    (error) => {
      expect(failureOf(error)).toEqual({ kind: "unavailable" });
    },
  );

  it("is our own fault otherwise, and says nothing of itself", () => {
    for (const error of [
      new Error("boom"),
      new TypeError("x of undefined"),
      named("AccessDeniedException"),
      "text",
      null,
    ])
      expect(failureOf(error)).toEqual({ kind: "exception" });
    expect(failureOf(new HttpFailure({ kind: "not-found" }))).toEqual({ kind: "not-found" });
  });
});
