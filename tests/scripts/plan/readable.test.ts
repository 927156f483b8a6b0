import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inOrder, readable } from "../../../scripts/plan/readable.ts";
import type { PlannedResource } from "../../../scripts/plan/shape.ts";

const resource = (inputs: Record<string, unknown>, state: Record<string, unknown> = {}): PlannedResource => ({
  urn: "urn:pulumi:dev::keyward::aws:iam/role:Role::Fhir",
  type: "aws:iam/role:Role",
  name: "Fhir",
  inputs,
  state: { id: "x", ...state },
  options: { protect: false, retainOnDelete: false, ignoreChanges: [], dependsOn: [] },
});

describe("INF-5 a plan is made to be read", () => {
  it("shows a policy document as what it says", () => {
    const document = { Version: "2012-10-17", Statement: [] };
    const shown = readable(resource({ assumeRolePolicy: JSON.stringify(document), description: "{}" }));
    expect(shown.inputs).toEqual({ assumeRolePolicy: document, description: "{}" });
  });

  it("holds neither the code of a stand-in nor its hash", () => {
    const key = `assets/FunctionFhir-code-${"0".repeat(64)}.zip`;
    const shown = readable(resource({ key, source: { __pulumiArchive: true, path: {} } }, { id: key }));
    expect(shown.inputs).toEqual({ key: "assets/FunctionFhir-code-<hash>.zip" });
    expect(shown.state["id"]).toBe("assets/FunctionFhir-code-<hash>.zip");
  });

  it("is the same text whatever order its keys came in", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(JSON.stringify(inOrder(reversed))).toBe(JSON.stringify(inOrder(value)));
      }),
    );
  });

  it("keeps the order of lists, which in a policy document is its author's", () => {
    expect(inOrder({ Statement: [{ Sid: "B" }, { Sid: "A" }] })).toEqual({ Statement: [{ Sid: "B" }, { Sid: "A" }] });
  });
});
