import { describe, expect, it } from "vitest";
import { authorize, authorizeClinic } from "../../../core/policy/index.ts";
import { decisionOf } from "../../../core/policy/decision.ts";
import { answerOf } from "../../../core/policy/answer.ts";
import { policyVersion } from "../../../core/policy/version.ts";
import { member } from "./members.ts";

const make = (type: string, dataClass: "C" | "D", action: "create" | "read", isGated: boolean): boolean =>
  authorize(
    member("front-desk"),
    [{ action, type, classes: [dataClass], ...(type === "Patient" && action === "read" ? { patientId: "p2" } : {}) }],
    { purpose: "HOPERAT", isGated },
  ).ok;

describe("a clinic that is not open yet", () => {
  it.each([
    ["Patient", "create", false],
    ["Appointment", "create", false],
    ["Practitioner", "create", true],
    ["Schedule", "create", true],
    ["Patient", "read", true],
  ] as const)("UIX-1 %s, %s: %s", (type, action, isPermitted) => {
    expect(make(type, "D", action, true)).toBe(isPermitted);
    expect(make(type, "D", action, false)).toBe(true);
  });

  it.each(["export.start", "settings.go-live", "settings.change"])("UIX-1 an administrator and %s", (action) => {
    const ask = (isGated: boolean): boolean =>
      authorizeClinic(member("clinic-administrator"), action, { purpose: "HOPERAT", steppedUp: true, isGated }).ok;
    expect([ask(true), ask(false)]).toEqual([action !== "export.start", true]);
  });

  it("POL-10 the gate is in the decision's inputs, and answered alike when it is asked again", () => {
    const refused = authorize(member("front-desk"), [{ action: "create", type: "Patient", classes: ["D"] }], {
      purpose: "HOPERAT",
      isGated: true,
    });
    if (refused.ok || refused.error.kind !== "forbidden") throw new Error("a gated clinic takes in no patient");
    const { decision } = refused.error;
    expect(decision.inputs).toMatchObject({ gated: true });
    expect(decision.ruleIds).toContain("go-live-patients");
    expect(decisionOf(policyVersion, decision.inputs, answerOf(decision.inputs)).id).toBe(decision.id);
  });
});
