import { PutObjectCommand } from "@aws-sdk/client-s3";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { randomUUID } from "node:crypto";
import type { RoleClients } from "./clients.ts";
import type { EventSourceMapping } from "./mapping.ts";
import type { StreamEventRecord } from "./record.ts";

export type DiscardCondition = "RetryAttemptsExhausted" | "RecordAgeExceeded";

export interface Discard {
  readonly condition: DiscardCondition;
  readonly records: readonly StreamEventRecord[];
  readonly shardId: string;
  readonly functionArn: string;
  readonly invokeCount: number;
  readonly nowMs: number;
}

const instant = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** Source: Lambda Developer Guide, "Retaining discarded records for a DynamoDB stream". */
function describe(mapping: EventSourceMapping, discard: Discard) {
  const first = discard.records[0]?.dynamodb;
  const last = discard.records.at(-1)?.dynamodb;
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn: discard.functionArn,
      condition: discard.condition,
      approximateInvokeCount: discard.invokeCount,
    },
    ...(discard.invokeCount === 0
      ? {}
      : { responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" } }),
    version: "1.0",
    timestamp: new Date(discard.nowMs).toISOString(),
    DDBStreamBatchInfo: {
      shardId: discard.shardId,
      startSequenceNumber: first?.SequenceNumber,
      endSequenceNumber: last?.SequenceNumber,
      approximateArrivalOfFirstRecord: instant(first?.ApproximateCreationDateTime ?? 0),
      approximateArrivalOfLastRecord: instant(last?.ApproximateCreationDateTime ?? 0),
      batchSize: discard.records.length,
      streamArn: mapping.streamArn,
    },
  };
}

/**
 * Sends records that are given up to the mapping's on-failure destination, with the function's role:
 * SQS gets where they stand in the stream, S3 also the records themselves.
 * @throws what the SDK throws; the caller then keeps the records.
 */
export async function sendDiscarded(
  clients: RoleClients,
  mapping: EventSourceMapping,
  discard: Discard,
): Promise<void> {
  const arn = mapping.onFailureArn;
  if (arn === undefined) return;
  const description = describe(mapping, discard);
  if (arn.startsWith("arn:aws:sqs:")) {
    const [account, queue] = arn.split(":").slice(-2);
    // The SDK calls the host of the queue's URL, so it has to be the cloud's own.
    const QueueUrl = `${clients.endpoint}/${account}/${queue}`;
    await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(description) }));
    return;
  }
  const time = new Date(discard.nowMs).toISOString();
  const day = time.slice(0, 10);
  const second = time.slice(0, 19).replaceAll(":", ".");
  await clients.s3.send(
    new PutObjectCommand({
      Bucket: arn.slice("arn:aws:s3:::".length).split("/")[0],
      Key: `aws/lambda/${mapping.uuid}/${discard.shardId}/${day.replaceAll("-", "/")}/${second}-${randomUUID()}`,
      Body: JSON.stringify({ ...description, payload: JSON.stringify({ Records: discard.records }) }),
      ContentType: "application/json",
      ChecksumAlgorithm: "SHA256",
    }),
  );
}
