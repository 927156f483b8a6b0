import { describe, expect, it } from "vitest";
import { STAGES } from "../../core/iam/names.ts";
import { violations } from "../../stacks/guardrails/guardrail.ts";
import { guardrails } from "../../stacks/guardrails/guardrails.ts";
import { planted } from "./planted.ts";
import { asStackResource, committedPlan } from "./plans.ts";

const resourcesOf = (stage: (typeof STAGES)[number]) => committedPlan(stage).resources.map(asStackResource);

describe("INF-6 the guardrails pass over what every stage deploys", () => {
  it.each(STAGES)("%s has no violation", (stage) => {
    expect(violations(guardrails, resourcesOf(stage))).toEqual([]);
  });

  it("a guardrail is named once", () => {
    expect(new Set(guardrails.map(({ name }) => name)).size).toBe(guardrails.length);
  });
});

describe("INF-6 each guardrail finds what is planted for it", () => {
  it.each(planted)("$guardrail finds $fault", ({ guardrail, message, plant, stage = "production" }) => {
    const found = violations(guardrails, plant(resourcesOf(stage)));
    expect(found).toContainEqual({
      guardrail,
      message,
      urn: expect.stringContaining(`urn:pulumi:${stage}::`) as string,
    });
  });

  it("no guardrail is without a planted violation", () => {
    const covered = new Set(planted.map(({ guardrail }) => guardrail));
    expect(guardrails.map(({ name }) => name).filter((name) => !covered.has(name))).toEqual([]);
  });

  it("every planted violation is of a guardrail that exists", () => {
    const known = new Set(guardrails.map(({ name }) => name));
    expect(planted.filter(({ guardrail }) => !known.has(guardrail))).toEqual([]);
  });
});
