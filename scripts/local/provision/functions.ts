import * as z from "zod";
import type { Plan } from "../../plan/shape.ts";
import type { FunctionConfiguration } from "../lambda/index.ts";
import { inAccount } from "./resources.ts";
import type { Resources } from "./resources.ts";

const lambdaFunction = z.strictObject({
  name: z.string(),
  description: z.string().optional(),
  role: z.string(),
  environment: z.strictObject({ variables: z.record(z.string(), z.string()) }).optional(),
  timeout: z.int(),
  memorySize: z.int(),
  reservedConcurrentExecutions: z.int().optional(),
  runtime: z.literal("nodejs24.x"),
  packageType: z.literal("Zip").optional(),
  /** SST's bundle; the plan's `functions` name the source. */
  handler: z.literal("bundle.handler"),
  s3Bucket: z.string().optional(),
  s3Key: z.string().optional(),
  /** Threads of this machine have its processor, its disk and its logs. */
  architectures: z.array(z.string()).optional(),
  ephemeralStorage: z.strictObject({ size: z.int() }).optional(),
  loggingConfig: z.looseObject({ logGroup: z.string(), logFormat: z.enum(["JSON", "Text"]).optional() }).optional(),
  publish: z.literal(false).optional(),
  kmsKeyArn: z.string().optional(),
  tracingConfig: z.looseObject({}).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

const logGroup = z.strictObject({
  name: z.string(),
  retentionInDays: z.int().optional(),
  kmsKeyId: z.string().optional(),
  skipDestroy: z.boolean().optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

/**
 * Reads the plan's functions. The stage's public URL in their variables becomes the cloud's own origin.
 * @throws Error for a function whose source the plan does not name.
 */
export function readFunctions(resources: Resources, plan: Plan, origins: Origins): readonly FunctionConfiguration[] {
  return resources.take("aws:lambda/function:Function", lambdaFunction).map(({ inputs, ...resource }) => {
    const source = plan.functions.find((one) => one.name === inputs.name);
    if (source === undefined) throw new Error(`the plan does not say what runs in function ${inputs.name}`);
    const variables = Object.entries(inputs.environment?.variables ?? {});
    return {
      functionName: inputs.name,
      ...inAccount(resource),
      handler: source.handler,
      roleArn: inputs.role,
      environment: Object.fromEntries(
        variables.map(([name, value]) => [
          name,
          name === "PORTAL_ORIGIN" ? origins.portal : localOrigin(value, origins),
        ]),
      ),
      timeoutSeconds: inputs.timeout,
      memorySizeMb: inputs.memorySize,
      ...(inputs.loggingConfig?.logFormat === undefined ? {} : { logFormat: inputs.loggingConfig.logFormat }),
      externals: Object.keys(source.install),
      // -1 is the provider's way to say none.
      ...(inputs.reservedConcurrentExecutions === undefined || inputs.reservedConcurrentExecutions === -1
        ? {}
        : { reservedConcurrency: inputs.reservedConcurrentExecutions }),
    };
  });
}

export interface Origins {
  /** The stage's https origin, as the plan has it. */
  readonly planned: string | undefined;
  /** `http://127.0.0.1:PORT` */
  readonly local: string;
  /** `http://localhost:PORT`: the same server by the name that passkeys need. */
  readonly portal: string;
}

/** Puts the local origin in the place of the planned one; any other text stays. */
export function localOrigin(value: string, { planned, local }: Origins): string {
  if (planned === undefined) return value;
  return value === planned || value.startsWith(`${planned}/`) ? local + value.slice(planned.length) : value;
}

/** A log group and the account that it stands in. Its events are kept by the Lambda service and by the HTTP API. */
export interface PlannedLogGroup {
  readonly name: string;
  readonly accountId?: string;
}

export const readLogGroups = (resources: Resources): readonly PlannedLogGroup[] =>
  resources
    .take("aws:cloudwatch/logGroup:LogGroup", logGroup)
    .map(({ inputs, ...resource }) => ({ name: inputs.name, ...inAccount(resource) }));
