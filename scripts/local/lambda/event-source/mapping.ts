/** An event-source mapping of a DynamoDB stream, with Lambda's names and defaults. */
export interface EventSourceMapping {
  readonly uuid: string;
  readonly functionName: string;
  /** The function's execution role: the stream is read, and failures are sent, with its rights. */
  readonly roleArn: string;
  /** `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL` */
  readonly streamArn: string;
  readonly startingPosition: "TRIM_HORIZON" | "LATEST";
  /** 1 to 10,000. */
  readonly batchSize: number;
  /** 0 to 300: how long to wait for a batch to fill. */
  readonly maximumBatchingWindowSeconds: number;
  readonly bisectBatchOnFunctionError: boolean;
  /** -1: for ever. */
  readonly maximumRetryAttempts: number;
  /** -1: until the stream drops the record, after 24 hours. */
  readonly maximumRecordAgeSeconds: number;
  readonly reportsBatchItemFailures: boolean;
  /** ARN of an SQS queue or an S3 bucket. */
  readonly onFailureArn?: string;
  /** Patterns of which one must match; none: every record is delivered. */
  readonly filters: readonly FilterPattern[];
}

/** An EventBridge pattern: each leaf is the list of values that match. */
export interface FilterPattern {
  readonly [key: string]: FilterPattern | readonly unknown[];
}

/** What a caller may leave out, as in CreateEventSourceMapping. Source: Lambda Developer Guide, "Lambda parameters for DynamoDB event source mappings". */
export const MAPPING_DEFAULTS = {
  batchSize: 100,
  maximumBatchingWindowSeconds: 0,
  bisectBatchOnFunctionError: false,
  maximumRetryAttempts: -1,
  maximumRecordAgeSeconds: -1,
  reportsBatchItemFailures: false,
  filters: [],
} as const satisfies Partial<EventSourceMapping>;

const between = (value: number, low: number, high: number): boolean =>
  Number.isInteger(value) && value >= low && value <= high;

/** Throws an Error that names the first member that CreateEventSourceMapping would refuse. */
export function checkMapping(mapping: EventSourceMapping): void {
  const refuse = (member: string): never => {
    throw new Error(`event source mapping of ${mapping.functionName}: ${member} is out of range`);
  };
  if (!between(mapping.batchSize, 1, 10_000)) refuse("batchSize");
  if (!between(mapping.maximumBatchingWindowSeconds, 0, 300)) refuse("maximumBatchingWindowInSeconds");
  if (!between(mapping.maximumRetryAttempts, -1, 10_000)) refuse("maximumRetryAttempts");
  const age = mapping.maximumRecordAgeSeconds;
  if (age !== -1 && !between(age, 60, 604_800)) refuse("maximumRecordAgeInSeconds");
}
