import * as z from "zod";
import type { FunctionConfiguration } from "../lambda/index.ts";
import type { Schedule } from "../lambda/schedule/index.ts";
import { attribute } from "./resources.ts";
import type { Resources } from "./resources.ts";

const schedule = z.strictObject({
  name: z.string(),
  groupName: z.string().optional(),
  description: z.string().optional(),
  scheduleExpression: z.string(),
  scheduleExpressionTimezone: z.literal("UTC").optional(),
  state: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
  flexibleTimeWindow: z.strictObject({ mode: z.literal("OFF") }),
  target: z.strictObject({
    arn: z.string(),
    roleArn: z.string(),
    input: z.string().optional(),
    /** Of handing an event to Lambda, which does not fail here; Lambda's own retries follow. */
    retryPolicy: z.looseObject({}).optional(),
  }),
});

/** Reads the plan's schedules that are enabled. Throws for one whose target is no function of the plan. */
export function readSchedules(resources: Resources, functions: readonly FunctionConfiguration[]): readonly Schedule[] {
  return resources
    .take("aws:scheduler/schedule:Schedule", schedule)
    .filter(({ inputs }) => inputs.state === "ENABLED")
    .map((resource) => {
      const { name, scheduleExpression, target } = resource.inputs;
      const functionName = target.arn.split(":").at(-1) ?? "";
      if (!functions.some((one) => one.functionName === functionName)) {
        throw new Error(`the plan's schedule ${name} invokes what is no function of the plan`);
      }
      return {
        name,
        arn: attribute(resource, "arn"),
        expression: scheduleExpression,
        functionName,
        source: "aws.scheduler" as const,
        roleArn: target.roleArn,
        ...(target.input === undefined ? {} : { input: target.input }),
      };
    });
}
