import { describe, expect, it } from "vitest";
import { differenceOf } from "../../../core/policy/review/difference.ts";
import { spaceOf } from "../../../core/policy/review/space.ts";
import { policySetOf } from "../../../core/policy/policy-set.ts";
import { currentPolicies } from "../../../core/policy/version.ts";
import { changedRule } from "./changed.ts";

const UPDATE = 'Keyward::Action::"update"]';

describe("POL-10 what changes for whom", () => {
  it("POL-10 one more action for one role: exactly its cells, and nobody else's", () => {
    const wider = changedRule("billing-financial", UPDATE, `${UPDATE.slice(0, -1)}, Keyward::Action::"delete"]`);
    const difference = differenceOf(currentPolicies, wider);
    expect(difference).toMatchObject({ rules: { added: [], removed: [], changed: ["billing-financial"] } });
    const types = spaceOf([currentPolicies]).types.B;
    expect(difference.cells).toEqual(
      types.map((type) => ({
        kind: "records",
        role: "billing",
        action: "delete",
        class: "B",
        type,
        purpose: "HPAYMT",
        gained: expect.arrayContaining(["many", "plain"]) as string[],
        lost: [],
      })),
    );
    expect(types).toContain("Claim");
    for (const { gained } of difference.cells) {
      expect(gained).not.toContain("plain-deny");
      expect(gained).not.toContain("plain-frozen");
    }
  });

  it("POL-10 a boundary taken away shows for every role that it bound", () => {
    const without = changedRule("consent-denied");
    const roles = ["billing", "front-desk", "auditor"];
    const { rules, cells } = differenceOf(currentPolicies, without, {
      ...spaceOf([currentPolicies, without]),
      roles,
    });
    expect(rules.removed).toEqual(["consent-denied"]);
    expect([...new Set(cells.map(({ role }) => role))].toSorted()).toEqual(["billing", "front-desk"]);
    expect(cells.every(({ gained, lost }) => gained.includes("plain-deny") && lost.length === 0)).toBe(true);
  });

  it("POL-10 words alone change no cell", () => {
    const reworded = changedRule("billing-financial", 'context.purpose == "HPAYMT"', '"HPAYMT" == context.purpose');
    const space = { ...spaceOf([currentPolicies]), roles: ["billing", "auditor"] };
    expect(differenceOf(currentPolicies, reworded, space)).toMatchObject({
      rules: { changed: ["billing-financial"] },
      cells: [],
    });
  });

  it("POL-10 revert: the old text is the old version, with the old decisions", () => {
    const narrower = changedRule("billing-demographics-read");
    const reverted = policySetOf(currentPolicies.schema, {
      "billing-demographics-read": currentPolicies.policies["billing-demographics-read"] ?? "",
      ...narrower.policies,
    });
    const space = { ...spaceOf([currentPolicies]), roles: ["billing"] };
    const lost = differenceOf(currentPolicies, narrower, space).cells;
    const lostAt = new Set(lost.map(({ action, class: recordClass }) => `${action} ${recordClass}`));
    expect([...lostAt].toSorted()).toEqual(["read D", "search D"]);
    expect(lost.map(({ type }) => type)).toEqual(expect.arrayContaining(["Patient", "Practitioner"]));
    expect(reverted.version).toBe(currentPolicies.version);
    expect(differenceOf(currentPolicies, reverted).cells).toEqual([]);
  });
});
