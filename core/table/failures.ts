import { InvariantError } from "../kernel/invariant.ts";
import type { WriteFailure } from "./table.ts";

/** A failure, and whether the same call may be sent again. */
export interface Mapped {
  readonly failure: WriteFailure;
  readonly isRetriable: boolean;
}

/** DynamoDB Developer Guide, "Error handling"; the names are those of the service's exceptions and of the SDK's transport. */
const KINDS: Readonly<Record<string, readonly [WriteFailure["kind"], isRetriable: boolean]>> = {
  AccessDeniedException: ["denied", false],
  // An expired or revoked session: the scope must be vended anew before anything can work.
  ExpiredTokenException: ["denied", false],
  UnrecognizedClientException: ["denied", false],
  InvalidSignatureException: ["denied", false],
  ProvisionedThroughputExceededException: ["throttled", true],
  RequestLimitExceeded: ["throttled", true],
  ThrottlingException: ["throttled", true],
  ConditionalCheckFailedException: ["conflict", false],
  TransactionInProgressException: ["contended", true],
  TransactionConflictException: ["contended", true],
};

interface CancellationReason {
  readonly Code?: string;
}

/** What an SDK error means. Throws InvariantError for what only a fault of ours can cause: a malformed call. */
export function mapError(error: unknown): Mapped {
  // A row that does not read as one of ours is no outage: it must be seen.
  if (error instanceof InvariantError) throw error;
  const name = error instanceof Error ? error.name : "";
  if (name === "TransactionCanceledException") return mapCancellation(error);
  if (name === "ValidationException") return mapValidation(error);
  if (name === "IdempotentParameterMismatchException" || name === "ResourceNotFoundException") {
    throw new InvariantError(`a table call is well formed, not ${name}`, { cause: error });
  }
  const [kind, isRetriable] = KINDS[name] ?? ["unavailable", true];
  return { failure: kind === "conflict" ? { kind, failed: [0] } : { kind }, isRetriable };
}

function mapCancellation(error: unknown): Mapped {
  const reasons = (error as { readonly CancellationReasons?: readonly CancellationReason[] }).CancellationReasons ?? [];
  const codes = reasons.map((reason) => reason.Code ?? "None");
  const failed = codes.flatMap((code, index) => (code === "ConditionalCheckFailed" ? [index] : []));
  if (failed.length > 0) return { failure: { kind: "conflict", failed }, isRetriable: false };
  if (codes.includes("AccessDenied")) return { failure: { kind: "denied" }, isRetriable: false };
  if (codes.includes("TransactionConflict")) return { failure: { kind: "contended" }, isRetriable: true };
  if (codes.includes("ProvisionedThroughputExceeded") || codes.includes("ThrottlingError")) {
    return { failure: { kind: "throttled" }, isRetriable: true };
  }
  if (codes.includes("ItemCollectionSizeLimitExceeded")) return { failure: { kind: "too-long" }, isRetriable: false };
  if (codes.includes("ValidationError")) return mapValidation(error);
  return { failure: { kind: "unavailable" }, isRetriable: true };
}

/** The one validation that a careful caller can meet is size; every other is a malformed call. */
function mapValidation(error: unknown): Mapped {
  const messages = [
    (error as Error).message,
    ...((error as { CancellationReasons?: { Message?: string }[] }).CancellationReasons ?? []).map(
      (reason) => reason.Message,
    ),
  ];
  if (messages.some((message) => /size|too large/i.test(message ?? ""))) {
    return { failure: { kind: "too-long" }, isRetriable: false };
  }
  throw new InvariantError("a table call is well formed, not a ValidationException", { cause: error });
}
