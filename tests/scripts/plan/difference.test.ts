import { describe, expect, it } from "vitest";
import { firstDifference } from "../../../scripts/plan/difference.ts";

const plan = (resources: readonly object[]): string => JSON.stringify({ app: { stage: "dev" }, resources });
const role = {
  type: "aws:iam/role:Role",
  name: "Fhir",
  inputs: { path: "/", trust: { Statement: [{ Effect: "Deny" }] } },
};
const key = { type: "aws:kms/key:Key", name: "Cell", inputs: { rotation: true } };

describe("INF-5 a stale plan is told by its first difference", () => {
  it("says nothing of the same text", () => {
    expect(firstDifference(plan([role]), plan([role]))).toBeUndefined();
  });

  it.each<[string, string | undefined, string, string]>([
    ["a plan that was never made", undefined, plan([role]), "it is missing"],
    [
      "another layout of the same",
      JSON.stringify(JSON.parse(plan([role])), null, 2),
      plan([role]),
      "only its layout differs",
    ],
    [
      "a changed input",
      plan([role, key]),
      plan([role, { ...key, inputs: { rotation: false } }]),
      "resources.aws:kms/key:Key::Cell.inputs.rotation is true and would be false",
    ],
    [
      "a changed statement",
      plan([role]),
      plan([{ ...role, inputs: { ...role.inputs, trust: { Statement: [{ Effect: "Allow" }] } } }]),
      'resources.aws:iam/role:Role::Fhir.inputs.trust.Statement.0.Effect is "Deny" and would be "Allow"',
    ],
    [
      "a resource more, in front of others",
      plan([role]),
      plan([key, role]),
      "resources.aws:kms/key:Key::Cell is absent and would be {",
    ],
    ["a resource less", plan([key, role]), plan([role]), "resources.aws:kms/key:Key::Cell is {"],
  ])("%s", (_what, committed, fresh, sentence) => {
    expect(firstDifference(committed, fresh)).toContain(sentence);
  });
});
