import * as z from "zod";
import type { FunctionConfiguration } from "../lambda/index.ts";
import { MAPPING_DEFAULTS } from "../lambda/event-source/index.ts";
import type { EventSourceMapping, FilterPattern } from "../lambda/event-source/index.ts";
import { attribute } from "./resources.ts";
import type { Resources } from "./resources.ts";

const mapping = z.strictObject({
  eventSourceArn: z.string(),
  functionName: z.string(),
  enabled: z.literal(true).optional(),
  startingPosition: z.enum(["TRIM_HORIZON", "LATEST"]),
  batchSize: z.int().default(MAPPING_DEFAULTS.batchSize),
  maximumBatchingWindowInSeconds: z.int().default(MAPPING_DEFAULTS.maximumBatchingWindowSeconds),
  bisectBatchOnFunctionError: z.boolean().default(MAPPING_DEFAULTS.bisectBatchOnFunctionError),
  maximumRetryAttempts: z.int().default(MAPPING_DEFAULTS.maximumRetryAttempts),
  maximumRecordAgeInSeconds: z.int().default(MAPPING_DEFAULTS.maximumRecordAgeSeconds),
  functionResponseTypes: z.array(z.literal("ReportBatchItemFailures")).default([]),
  /** One batch of a shard at a time, whatever is asked: the order of a key's records is the same either way. */
  parallelizationFactor: z.int().optional(),
  destinationConfig: z.strictObject({ onFailure: z.strictObject({ destinationArn: z.string() }) }).optional(),
  filterCriteria: z.strictObject({ filters: z.array(z.strictObject({ pattern: z.string() })) }).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

/** `keyward-dev-c01-data` of a stream's ARN. */
export const tableOfStream = (streamArn: string): string => /:table\/([^/]+)\/stream\//.exec(streamArn)?.[1] ?? "";

/**
 * Reads the plan's event source mappings.
 * @param streamArns the streams that exist, by table: their labels are times and differ from the plan's.
 * @throws Error for a mapping of a function or a stream that the plan does not hold.
 */
export function readMappings(
  resources: Resources,
  functions: readonly FunctionConfiguration[],
  streamArns: ReadonlyMap<string, string>,
): readonly EventSourceMapping[] {
  return resources.take("aws:lambda/eventSourceMapping:EventSourceMapping", mapping).map((resource) => {
    const { inputs } = resource;
    const functionName = inputs.functionName.split(":").at(-1) ?? "";
    const found = functions.find((one) => one.functionName === functionName);
    const streamArn = streamArns.get(tableOfStream(inputs.eventSourceArn));
    if (found === undefined || streamArn === undefined) {
      throw new Error(`the plan's mapping ${resource.name} names a function or a stream that it does not hold`);
    }
    const onFailureArn = inputs.destinationConfig?.onFailure.destinationArn;
    return {
      uuid: attribute(resource, "uuid"),
      functionName,
      roleArn: found.roleArn,
      streamArn,
      startingPosition: inputs.startingPosition,
      batchSize: inputs.batchSize,
      maximumBatchingWindowSeconds: inputs.maximumBatchingWindowInSeconds,
      bisectBatchOnFunctionError: inputs.bisectBatchOnFunctionError,
      maximumRetryAttempts: inputs.maximumRetryAttempts,
      maximumRecordAgeSeconds: inputs.maximumRecordAgeInSeconds,
      reportsBatchItemFailures: inputs.functionResponseTypes.length > 0,
      filters: (inputs.filterCriteria?.filters ?? []).map(({ pattern }) => JSON.parse(pattern) as FilterPattern),
      ...(onFailureArn === undefined ? {} : { onFailureArn }),
    };
  });
}
