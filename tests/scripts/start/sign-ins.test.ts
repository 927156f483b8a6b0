import { describe, expect, it } from "vitest";
import { newTotpSecret, totpStep } from "../../../core/identity/totp.ts";
import { demoSignIns } from "../../../scripts/start/sign-ins.ts";

const nowMs = 1_800_000_015_000;
const current = Math.floor(nowMs / 30_000);
const member = { login: "a.doc", password: "p", totpSecret: newTotpSecret(), tenantId: "t", role: "physician" };
const at = (lastStep: number) => {
  const [only] = demoSignIns(
    [member],
    (id) => `Clinic ${id}`,
    () => lastStep,
    nowMs,
  );
  if (only === undefined) throw new Error("one member has one sign-in");
  return only;
};

describe("INF-5 the sign-ins that a local stage offers", () => {
  it("says who, where and for what", () => {
    expect(at(0)).toMatchObject({
      login: "a.doc",
      name: "a.doc",
      role: "physician",
      clinic: "Clinic t",
      tenant: "t",
      purpose: "TREAT",
    });
  });

  it.each([
    ["never", 0, current],
    ["a step ago", current - 1, current],
    ["in this step", current, current + 1],
  ])("a code that is taken now, where the last was used %s", (_title, lastStep, step) => {
    const { totp, waitMs } = at(lastStep);
    expect(totpStep(member.totpSecret, totp, nowMs)).toBe(step);
    expect(waitMs).toBe(0);
  });

  it("says how long to wait where every code of now is used", () => {
    const { totp, waitMs } = at(current + 1);
    expect(totpStep(member.totpSecret, totp, nowMs)).toBeUndefined();
    expect(totpStep(member.totpSecret, totp, nowMs + waitMs)).toBe(current + 2);
  });
});
