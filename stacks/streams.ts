import type { Archive } from "./archive.ts";
import type { Functions } from "./functions.ts";
import type { Tables } from "./tables.ts";

/** Six hours: long enough for an outage, short enough that a poison record does not hold its shard until it is lost. */
const MAXIMUM_RECORD_AGE_SECONDS = 6 * 3600;

/**
 * Outbox to archive and to the index, data to cross-check; DynamoDB lets two readers share a stream. A record is retried until it is six hours old, alone if need be, and then
 * goes to the dead letters; it is never passed over. Sources: Lambda Developer Guide, "Using AWS Lambda with DynamoDB".
 */
export function streams(tables: Tables, functions: Functions, archive: Archive): void {
  const common = {
    // LATEST can skip records while a mapping is being made.
    startingPosition: "TRIM_HORIZON",
    functionResponseTypes: ["ReportBatchItemFailures"],
    bisectBatchOnFunctionError: true,
    maximumRetryAttempts: -1,
    maximumRecordAgeInSeconds: MAXIMUM_RECORD_AGE_SECONDS,
    parallelizationFactor: 1,
    maximumBatchingWindowInSeconds: 5,
    destinationConfig: { onFailure: { destinationArn: archive.deadLetters.arn } },
  };
  new aws.lambda.EventSourceMapping(
    "OutboxToArchive",
    {
      ...common,
      functionName: functions.archive.arn,
      eventSourceArn: tables.outbox.streamArn,
      // An object holds one batch of one tenant: the larger the batch, the fewer the objects to pay for.
      batchSize: 500,
    },
    { dependsOn: [archive.lock] },
  );
  new aws.lambda.EventSourceMapping("OutboxToIndex", {
    ...common,
    functionName: functions.index.arn,
    eventSourceArn: tables.outbox.streamArn,
    batchSize: 100,
    // New events, and events that went, early or in time. One that was changed is the archive writer's to keep as evidence.
    filterCriteria: { filters: [{ pattern: JSON.stringify({ eventName: ["INSERT", "REMOVE"] }) }] },
  });
  new aws.lambda.EventSourceMapping("DataToCrossCheck", {
    ...common,
    functionName: functions["cross-check"].arn,
    eventSourceArn: tables.data.streamArn,
    batchSize: 100,
  });
}
