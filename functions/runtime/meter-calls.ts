import type { ConsumedCapacity, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { partOfResource } from "../../core/cost/meters.ts";
import { addConsumed, addRefused, type RefusedInput } from "../../core/table/index.ts";
import { currentTally } from "./meter.ts";
import type { Tally } from "./meter-tally.ts";
import { isThrottled } from "./service-errors.ts";

type Stack = DynamoDBClient["middlewareStack"];

/** The requests of a key that signs. KMS pricing: also GetPublicKey. Ours decrypt symmetrically. */
const ASYMMETRIC = /^(Sign|Verify|GetPublicKey)Command$/;
/** A pair under a symmetric key, four for each new clinic: the curve's price, and no free tier. */
const PAIR = /^GenerateDataKeyPair(WithoutPlaintext)?Command$/;
/** S3 pricing: PUT, COPY, POST and LIST are one class, deletions are free, everything else is the other. */
const S3_WRITES = /^(Put|Copy|Post|List|Create|Upload|Complete)/;
const S3_FREE = /^(Delete|Abort)/;

interface Request {
  readonly client: string;
  readonly command: string;
  readonly input: { readonly TableName?: string; readonly Bucket?: string } & RefusedInput;
}

function add(counts: Record<string, number>, part: string): void {
  counts[part] = (counts[part] ?? 0) + 1;
}

const partOf = (name: string | undefined): string => partOfResource(name ?? "");

/** A request that the service took on, whatever its answer was. */
function countTaken(tally: Tally, { client, command, input }: Request): void {
  if (client === "KMSClient") {
    if (ASYMMETRIC.test(command)) tally.kmsAsymmetric += 1;
    else if (PAIR.test(command)) tally.kmsPairs += 1;
    else tally.kms += 1;
  }
  if (client === "STSClient") tally.sts += 1;
  if (client === "S3Client" && !S3_FREE.test(command))
    add(S3_WRITES.test(command) ? tally.s3Put : tally.s3Get, partOf(input.Bucket));
}

function countAnswer(tally: Tally, request: Request, output: object): void {
  countTaken(tally, request);
  const { ConsumedCapacity: consumed } = output as { ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[] };
  if (consumed === undefined) return;
  addConsumed(tally, request.command.replace(/Command$/, ""), [consumed].flat(), partOf);
}

/**
 * S3 User Guide, "Billing for Amazon S3 error responses": 4xx are billed and 5xx are not. Nothing is published for KMS; it is
 * counted alike. What was throttled was not taken on, and of what had no answer nothing is known.
 */
function countFailure(tally: Tally, request: Request, error: unknown): void {
  if (!(error instanceof Error)) return;
  const { $metadata: { httpStatusCode: status = 0 } = {} } = error as { $metadata?: { httpStatusCode?: number } };
  if (status >= 400 && status < 500 && !isThrottled(error)) countTaken(tally, request);
  if (request.client === "DynamoDBClient") addRefused(tally, request.input, error, partOf);
}

/**
 * A client whose every request is counted where it is made, each attempt for itself. A step of the SDK and no call of its
 * own: DynamoDB says what it consumed in the answer that it gives anyway.
 */
export function countsRequests<C extends { readonly middlewareStack: object }>(client: C): C {
  // A client's stack is typed by its own commands; these steps look at none.
  const stack = client.middlewareStack as Stack;
  stack.add(
    (next, { clientName }) =>
      (args) =>
        next(clientName === "DynamoDBClient" ? askConsumed(args) : args),
    { step: "initialize", name: "keywardConsumed", override: true },
  );
  stack.add(
    (next, context) => async (args) => {
      const request = {
        client: context.clientName ?? "",
        command: context.commandName ?? "",
        input: args.input as Request["input"],
      };
      try {
        const result = await next(args);
        countAnswer(currentTally(), request, result.output);
        return result;
      } catch (error) {
        countFailure(currentTally(), request, error);
        throw error;
      }
    },
    // Inside of the retries, outside of what reads the answer.
    { step: "finalizeRequest", priority: "low", name: "keywardMeter", override: true },
  );
  return client;
}

const askConsumed = <A extends { input: object }>(args: A): A => ({
  ...args,
  input: { ReturnConsumedCapacity: "INDEXES", ...args.input },
});
