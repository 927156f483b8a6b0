import path from "node:path";
import type { Stage } from "../../core/iam/names.ts";
import { planStages } from "./run.ts";
import type { Plan } from "./shape.ts";

const root = path.resolve(import.meta.dirname, "../..");

/**
 * The plan of a stage as the working tree says it now, which the committed one is brought to by `npm run plan`: so that
 * a route can be tried in the browser while it is being written. Takes about three seconds.
 */
export async function currentPlan(stage: Stage): Promise<Plan> {
  const plans = await planStages(root, { stages: [stage] });
  return JSON.parse(plans.get(stage) ?? "{}") as Plan;
}
