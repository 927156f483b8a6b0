import { readFileSync } from "node:fs";
import path from "node:path";
import type { Stage } from "../../core/iam/names.ts";
import type { Plan, PlannedResource } from "../../scripts/plan/shape.ts";
import type { StackResource } from "../../stacks/guardrails/guardrail.ts";

export const root = path.resolve(import.meta.dirname, "..", "..");

export const committedText = (stage: Stage): string =>
  readFileSync(path.join(root, "stacks", "plan", `${stage}.json`), "utf8");

export const committedPlan = (stage: Stage): Plan => JSON.parse(committedText(stage)) as Plan;

export function ofType(plan: Plan, type: string): readonly PlannedResource[] {
  return plan.resources.filter((resource) => resource.type === type);
}

/** A resource of a plan as a guardrail sees it. */
export const asStackResource = (resource: PlannedResource): StackResource => ({
  urn: resource.urn,
  id: String(resource.state["id"]),
  type: resource.type,
  name: resource.name,
  properties: resource.inputs,
  isProtected: resource.options.protect,
  retainOnDelete: resource.options.retainOnDelete,
});
