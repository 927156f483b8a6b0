import { describe, expect, it } from "vitest";
import { type Reach, REACH_AREAS } from "../../../core/contract/admin-people.ts";
import { StaffRole } from "../../../core/contract/platform.ts";
import type { TenantId, UserId } from "../../../core/kernel/ids.ts";
import { abilitiesOf } from "../../../core/policy/abilities.ts";
import { abilitySummary, beyond } from "../../../core/policy/reach.ts";

const ablerOf = (...roles: readonly string[]) => ({
  isPrivacyOfficer: false,
  principal: {
    kind: "user" as const,
    userId: "01hxyzvser0123456789abcdef" as UserId,
    tenantId: "01hxyzabcd0123456789abcdef" as TenantId,
    roles,
    assurance: "aal2" as const,
    sessionId: "none",
    clientId: "portal",
  },
});
const said = ({ area, act, purpose, condition }: Reach): string => `${area} ${act} ${purpose} ${condition}`;
const reachOf = (isRequired: boolean, ...roles: readonly string[]): string[] =>
  abilitySummary(ablerOf(...roles), isRequired).reach.map(said);

describe("POL-1 what somebody could see", () => {
  it("is told with its condition: treatment, consent, emergency", () => {
    const nurse = reachOf(false, "nurse");
    expect(nurse).toContain("clinical see TREAT always");
    expect(nurse).toContain("clinical see ETREAT emergency");
    expect(nurse).toContain("segmented see TREAT consent");
    expect(reachOf(true, "nurse")).toContain("clinical see TREAT relationship");
    expect(reachOf(true, "nurse")).not.toContain("clinical see TREAT always");
  });

  it("an administrator reaches no patient's record, and nobody reaches what is protected by the role alone", () => {
    const administrator = reachOf(false, "clinic-administrator");
    expect(administrator.filter((line) => /^(clinical|segmented|billing|demographics) (see|write)/.test(line))).toEqual(
      [],
    );
    expect(administrator).toContain("directory write HOPERAT always");
    for (const role of StaffRole.options)
      expect(
        reachOf(false, role).filter((line) => line.startsWith("segmented see") && line.endsWith(" always")),
      ).toEqual([]);
  });

  it("agrees with what a session is told: the same powers, from the same policies", () => {
    for (const role of StaffRole.options) {
      const { powers } = abilitySummary(ablerOf(role), false);
      const told = abilitiesOf(ablerOf(role), "HOPERAT").filter((action) => /^[a-z]/.test(action));
      expect([role, powers.filter(({ purposes }) => purposes.includes("HOPERAT")).map(({ action }) => action)]).toEqual(
        [role, told],
      );
    }
  });

  it("a difference is what the one has and the other has not, and nothing between equals", () => {
    const [nurse, billing] = [abilitySummary(ablerOf("nurse"), false), abilitySummary(ablerOf("billing"), false)];
    expect(beyond(nurse, nurse)).toEqual({ reach: [], powers: [] });
    expect(beyond(billing, nurse).reach.map(said)).toContain("billing write HPAYMT always");
    expect(beyond(nurse, billing).powers.map(({ action }) => action)).toContain("note.sign");
    expect(beyond(nurse).reach).toHaveLength(nurse.reach.length);
    expect(nurse.reach.every(({ area }) => REACH_AREAS.includes(area))).toBe(true);
  });

  it("step-up is told of the powers that want it", () => {
    const { powers } = abilitySummary(ablerOf("clinic-administrator"), false);
    const asks = (action: string) => powers.find((power) => power.action === action)?.needsStepUp;
    expect([asks("person.end"), asks("person.list"), asks("settings.change")]).toEqual([true, false, true]);
  });
});
