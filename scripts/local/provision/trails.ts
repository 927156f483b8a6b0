import * as z from "zod";
import type { Resources } from "./resources.ts";

const trail = z.strictObject({
  name: z.string(),
  s3BucketName: z.string(),
  s3KeyPrefix: z.literal("").optional(),
  /** There is one region, and everything in it is recorded, data events too. */
  isMultiRegionTrail: z.boolean().optional(),
  includeGlobalServiceEvents: z.boolean().optional(),
  enableLogging: z.literal(true).optional(),
  enableLogFileValidation: z.literal(true),
  /** Files are encrypted as the bucket's default says. */
  kmsKeyId: z.string().optional(),
  advancedEventSelectors: z.array(z.looseObject({})).optional(),
  eventSelectors: z.array(z.looseObject({})).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

export interface PlannedTrail {
  readonly name: string;
  readonly bucket: string;
}

/** Reads the plan's CloudTrail trails. Throws for one whose bucket the plan does not hold. */
export function readTrails(resources: Resources, buckets: readonly string[]): readonly PlannedTrail[] {
  return resources.take("aws:cloudtrail/trail:Trail", trail).map(({ inputs }) => {
    if (!buckets.includes(inputs.s3BucketName)) {
      throw new Error(`the plan's trail ${inputs.name} delivers to a bucket that the plan does not hold`);
    }
    return { name: inputs.name, bucket: inputs.s3BucketName };
  });
}
