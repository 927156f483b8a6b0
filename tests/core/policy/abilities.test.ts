import { describe, expect, it } from "vitest";
import type { TenantId, UserId } from "../../../core/kernel/ids.ts";
import { abilitiesOf, purposesOf } from "../../../core/policy/abilities.ts";

const member = (roles: readonly string[], isPrivacyOfficer = false, patientId?: string) => ({
  principal: {
    kind: "user" as const,
    userId: "01hxyzabcd0123456789abcdeh" as UserId,
    tenantId: "01hxyzabcd0123456789abcdef" as TenantId,
    roles,
    assurance: "aal2" as const,
    sessionId: "s",
    clientId: "portal",
    ...(patientId === undefined ? {} : { patientId }),
  },
  isPrivacyOfficer,
});

// That it is what the matrix says is held in matrix.test.ts, where the matrix is made.
describe("POL-3 what a session can be for", () => {
  it.each([
    ["nurse", ["TREAT"]],
    ["physician", ["TREAT", "HRESCH", "MLTRAINING"]],
    ["front-desk", ["TREAT", "HOPERAT"]],
    ["billing", ["HPAYMT"]],
    ["clinic-administrator", ["HOPERAT"]],
    ["auditor", ["HOPERAT"]],
    ["finance", []],
  ])("a %s works for %j", (role, purposes) => {
    expect(purposesOf(member([role]))).toEqual(purposes);
  });
  it("a patient works for the own record, and a privacy officer for operations too", () => {
    expect(purposesOf(member(["patient"], false, "own"))).toEqual(["PATRQT"]);
    expect(purposesOf(member(["billing"], true))).toEqual(["HPAYMT", "HOPERAT"]);
  });
  it("a second role that closes everything leaves nothing of the first", () => {
    expect(purposesOf(member(["physician", "finance"]))).toEqual([]);
    expect(abilitiesOf(member(["physician", "auditor"]), "TREAT").filter((one) => /^[A-Z]/.test(one))).toEqual([]);
  });
  it("one factor is not enough for anything", () => {
    const { principal } = member(["physician"]);
    const weak = { principal: { ...principal, assurance: "aal1" as const }, isPrivacyOfficer: false };
    expect(abilitiesOf(weak, "TREAT")).toEqual([]);
  });
});
