import { describe, expect, it } from "vitest";
import { STAGES } from "../../core/iam/names.ts";
import { publicUrl, settingsOf, witnessAccountId } from "../../stacks/settings.ts";

describe("INF-5 a stage is one that is known", () => {
  it.each(STAGES)("%s names itself", (stage) => {
    expect(settingsOf(stage).name).toBe(stage);
  });

  it.each(["prod", "Production", "dev2", "", undefined, "toString"])(
    "%s is refused: it would be unprotected",
    (stage) => {
      expect(() => settingsOf(stage)).toThrow("a stage is one of dev, staging, production");
    },
  );

  it.each(["staging", "production"] as const)("%s keeps what HIPAA asks to be kept", (stage) => {
    expect(settingsOf(stage)).toMatchObject({ holdsPhi: true, deletionProtection: true, archiveLock: { years: 7 } });
    expect(settingsOf(stage).itemTrail).toBe(true);
    expect(settingsOf(stage).logRetentionDays).toBeGreaterThanOrEqual(365);
  });
});

describe("AUD-7 the witness's account", () => {
  const cell = "111122223333";
  it.each(STAGES)("of %s is the one that the deployer names", (stage) => {
    expect(witnessAccountId(settingsOf(stage), cell, "444455556666")).toBe("444455556666");
  });
  it.each(["staging", "production"] as const)("of %s is never the cell's own, nor left open", (stage) => {
    expect(() => witnessAccountId(settingsOf(stage), cell, cell)).toThrow("in another account than the cell");
    expect(() => witnessAccountId(settingsOf(stage), cell, undefined)).toThrow("KEYWARD_WITNESS_ACCOUNT_ID");
    expect(() => witnessAccountId(settingsOf(stage), cell, "4444")).toThrow("KEYWARD_WITNESS_ACCOUNT_ID");
  });
  it("of a trial stage may be the cell's own", () => {
    expect(witnessAccountId(settingsOf("dev"), cell, undefined)).toBe(cell);
  });
});

describe("INF-1 the public origin is https", () => {
  it.each([
    ["production", undefined, "https://keyward.example"],
    ["dev", undefined, "https://dev.keyward.example"],
    ["production", "ehr.clinic.org", "https://ehr.clinic.org"],
    ["staging", "ehr.clinic.org", "https://staging.ehr.clinic.org"],
  ])("%s of %s is %s", (stage, domain, url) => {
    expect(publicUrl(stage, domain)).toBe(url);
  });

  it.each([
    "https://clinic.org",
    "clinic",
    "Clinic.org",
    "clinic.org/path",
    "clinic.org:8443",
    "-x.org",
    "a b.org",
    "",
  ])("%s is no domain", (domain) => {
    expect(() => publicUrl("dev", domain)).toThrow("KEYWARD_DOMAIN is a lower-case domain name");
  });
});
