import * as z from "zod";
import { SELECTOR_FIELDS, type EventSelector } from "../trail/index.ts";
import type { Resources } from "./resources.ts";

const values = z.array(z.string()).optional();
const fieldSelector = z.strictObject({
  field: z.enum(SELECTOR_FIELDS),
  equals: values,
  notEquals: values,
  startsWiths: values,
  notStartsWiths: values,
  endsWiths: values,
  notEndsWiths: values,
});

const trail = z.strictObject({
  name: z.string(),
  s3BucketName: z.string(),
  s3KeyPrefix: z.literal("").optional(),
  /** There is one region. */
  isMultiRegionTrail: z.boolean().optional(),
  includeGlobalServiceEvents: z.boolean().optional(),
  enableLogging: z.literal(true).optional(),
  enableLogFileValidation: z.literal(true),
  /** Files are encrypted as the bucket's default says. */
  kmsKeyId: z.string().optional(),
  advancedEventSelectors: z.array(
    z.strictObject({ name: z.string().optional(), fieldSelectors: z.array(fieldSelector) }),
  ),
  tags: z.record(z.string(), z.string()).optional(),
});

export interface PlannedTrail {
  readonly name: string;
  readonly bucket: string;
  /** A record is delivered that one of them selects. */
  readonly selectors: readonly EventSelector[];
}

/** Reads the plan's CloudTrail trails. Throws for one whose bucket the plan does not hold. */
export function readTrails(resources: Resources, buckets: readonly string[]): readonly PlannedTrail[] {
  return resources.take("aws:cloudtrail/trail:Trail", trail).map(({ inputs }) => {
    if (!buckets.includes(inputs.s3BucketName)) {
      throw new Error(`the plan's trail ${inputs.name} delivers to a bucket that the plan does not hold`);
    }
    const selectors = inputs.advancedEventSelectors.map(({ fieldSelectors }) => fieldSelectors as EventSelector);
    return { name: inputs.name, bucket: inputs.s3BucketName, selectors };
  });
}
