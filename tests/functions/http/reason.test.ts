import { describe, expect, it } from "vitest";
import { ADMINISTRATIVE_REASONS } from "../../../core/contract/index.ts";
import { HttpFailure } from "../../../functions/http/failure.ts";
import { reasonOf } from "../../../functions/http/reason.ts";
import { reasonHeaders } from "../../../scripts/cli/reason.ts";

const stated = (header: string) => reasonOf({ headers: { "x-reason": header } });
const refusal = (headers: Record<string, string>): unknown => {
  try {
    return reasonOf({ headers });
  } catch (error) {
    return error instanceof HttpFailure ? error.failure : error;
  }
};

describe("AUD-8 the reason of an administrative act", () => {
  it("is required", () => {
    expect(refusal({})).toEqual({ kind: "structure", rule: "reason-required" });
  });

  it.each([
    [""],
    ["because"],
    ["onboarding,correction"],
    ["onboarding; text=plain"],
    ["onboarding; text*=UTF-8''"],
    ["onboarding; text*=UTF-8''%"],
    ["onboarding; text*=UTF-8''%ff"],
    ["onboarding; text*=UTF-8''%20%20"],
    [`onboarding; text*=UTF-8''${"a".repeat(501)}`],
    ["onboarding; text*=iso-8859-1''a"],
    ["onboarding\nx-other: 1"],
  ])("is not %j", (header) => {
    expect(refusal({ "x-reason": header })).toEqual({ kind: "structure", rule: "reason" });
  });

  it.each(ADMINISTRATIVE_REASONS)("is %s", (code) => {
    expect(stated(code)).toEqual({ code });
  });

  it("comes with words of one's own, as the CLI writes them", () => {
    const why = "Dr. O'Neil (locum) joins: 100% – ab sofort";
    expect(reasonOf({ headers: reasonHeaders({ reason: "staff-change", why }) })).toEqual({
      code: "staff-change",
      text: why,
    });
  });
});
