import type { InvocationResult } from "../index.ts";
import type { BatchOutcome } from "./delivery.ts";

/** What the function's answer says about a batch. Source: Lambda Developer Guide, "Configuring partial batch response with DynamoDB". */
export function outcomeOf(result: InvocationResult, reportsFailures: boolean): BatchOutcome {
  if (result.functionError !== undefined) return { kind: "failed" };
  if (!reportsFailures) return { kind: "processed" };
  const answer = JSON.parse(result.payload) as { batchItemFailures?: unknown } | null;
  const failures = answer?.batchItemFailures;
  if (failures === undefined || failures === null) return { kind: "processed" };
  if (!Array.isArray(failures)) return { kind: "failed" };
  const ids = failures.map((failure: unknown) =>
    typeof failure === "object" && failure !== null && "itemIdentifier" in failure ? failure.itemIdentifier : undefined,
  );
  // An empty or missing identifier: the whole batch failed.
  if (!ids.every((id) => typeof id === "string" && /^\d+$/.test(id))) return { kind: "failed" };
  if (ids.length === 0) return { kind: "processed" };
  const lowest = (ids as string[]).reduce((low, id) => (BigInt(id) < BigInt(low) ? id : low));
  return { kind: "partial", sequenceNumber: lowest };
}
