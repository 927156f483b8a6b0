import { describe, expect, it } from "vitest";
import { RoleName } from "../../../core/contract/index.ts";
import { authorize, type Demand, isOfficeGrant, type Purpose, PURPOSES } from "../../../core/policy/index.ts";
import { delegation, EMERGENCY, given, member } from "./members.ts";

const appointment = (action: Demand["action"], patientId: string | undefined = "p2"): Demand => ({
  action,
  type: "Appointment",
  classes: ["D"],
  patientId,
});

/** Whether the record is shown whole or as the office sees it; undefined where it is not shown at all. */
function seen(roles: readonly string[], purpose: Purpose, action: Demand["action"] = "read", more = {}) {
  const [role = ""] = roles;
  const circumstances = given({ consent: "permit", emergency: EMERGENCY, ...more });
  const granted = authorize(member(role, { roles, patientId: "p2" }), [appointment(action)], {
    purpose,
    circumstances,
  });
  const other = authorize(member(role, { roles }), [appointment(action)], { purpose, circumstances });
  const grant = granted.ok ? granted : other;
  if (!grant.ok) return undefined;
  return isOfficeGrant(grant.value) ? "office" : "whole";
}

describe("AT-24 whose grant is the office's alone", () => {
  it("AT-24 every role that may read an appointment, for every purpose", () => {
    const table = Object.fromEntries(
      RoleName.options.map((role) => [
        role,
        Object.fromEntries(
          PURPOSES.flatMap((purpose) => {
            const how = seen([role], purpose);
            return how === undefined ? [] : [[purpose, how]];
          }),
        ),
      ]),
    );
    expect(table).toEqual({
      physician: { TREAT: "whole", ETREAT: "whole", HRESCH: "whole", MLTRAINING: "whole" },
      nurse: { TREAT: "whole", ETREAT: "whole" },
      "front-desk": { HOPERAT: "office", TREAT: "office" },
      billing: { HPAYMT: "office" },
      patient: { PATRQT: "whole" },
      integration: { HOPERAT: "whole", TREAT: "whole", HRESCH: "whole", MLTRAINING: "whole" },
      "clinic-administrator": {},
      auditor: {},
      finance: {},
      "platform-operator": {},
      support: {},
      assistant: {},
      "referral-partner": {},
    });
  });

  it("AT-24 a clinician who also keeps the desk sees the reason when she treats, and not at the desk", () => {
    const roles = ["nurse", "front-desk", "clinic-administrator"];
    expect([seen(roles, "TREAT"), seen(roles, "HOPERAT")]).toEqual(["whole", "office"]);
    // An administrator takes the clinic's records along whole, whatever else she does.
    expect(seen(["clinic-administrator", "front-desk"], "HOPERAT", "export")).toBe("whole");
    expect(seen(["clinic-administrator", "front-desk"], "HOPERAT")).toBe("office");
  });

  it("AT-24 an assistant sees no more than the member for whom it acts", () => {
    const acting = (roles: readonly string[]) =>
      seen(["assistant"], "TREAT", "read", { delegation: delegation(roles) });
    expect([acting(["physician"]), acting(["front-desk"]), acting(["front-desk", "nurse"])]).toEqual([
      "whole",
      "office",
      "whole",
    ]);
  });

  it("AT-24 a grant that no rule gave is the office's", () => {
    const decision = { id: "d", policyVersion: "p", ruleIds: [], inputs: { ask: "none" } } as const;
    expect(isOfficeGrant({ decision })).toBe(true);
  });
});
