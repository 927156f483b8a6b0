import { it } from "vitest";

/** What the suite can be pointed at besides the embedded AWS, with CONFORMANCE_ENDPOINT and CONFORMANCE_PEER. */
export type Peer = "moto" | "dynamodb-local" | "aws";

/**
 * Probes in which a peer is known to differ from AWS's documentation, by probe id, each with the reason.
 * A listed probe must fail there: when it passes, the peer was mended and the row goes.
 * Observed on moto 5.2.1 and DynamoDB Local 3.3.1.
 */
export const deviations: Readonly<Record<Peer, Readonly<Record<string, string>>>> = {
  // Expectations come from AWS's documentation; nobody has run them on an account yet.
  aws: {},
  moto: {
    "sigv4-wrong-secret": "signatures are not checked",
    "sigv4-unknown-key": "access keys are not checked",
    "sigv4-skew": "the time of a request is not checked",
    "sigv4-tampered-body": "signatures are not checked",
    "sigv4-tampered-header": "signatures are not checked",
    "sigv4-unsigned-header": "signatures are not checked",
    "sigv4-s3-presigned": "altered URLs are accepted",
    "ddb-index-name": "an index name of two characters is accepted",
    "ddb-deletion-protection": "another message",
    "ddb-ttl-api": "time to live is set twice",
    "ddb-update-returned": "whole attributes come back where a part was updated",
    "ddb-update-creates": "an update without an expression is answered with 500",
    "ddb-batches": "duplicate keys are accepted",
    "ddb-number-normal": "numbers come back as they were written",
    "ddb-number-limits": "more than 38 digits are accepted",
    "ddb-item-size": "an item of exactly 400 KB is refused",
    "ddb-key-limits": "another message for an empty key",
    "ddb-index-key": "an empty index key is accepted",
    "ddb-expression-names": "an undefined name is answered with 500",
    "ddb-query-filter": "a filter over a key attribute is accepted",
    "ddb-query-exact-limit": "no LastEvaluatedKey when the limit is met on the last item",
    "ddb-query-refused": "an unusable key condition is answered with 500",
    "ddb-scan-segments": "a parallel scan of an index is answered with 500",
    "ddb-transact-token": "a repeated token is applied twice",
    "ddb-transact-validation-reason": "a plain ValidationException instead of a cancelled transaction",
    "ddb-transact-size": "more than 4 MB are accepted",
    "ddb-transact-get": "projections are ignored",
    "ddb-capacity-put": "one unit whatever the size, and no index part",
    "ddb-capacity-smaller": "one unit whatever the size",
    "ddb-capacity-move": "no index part",
    "ddb-capacity-transact-write": "no capacity is given",
    "ddb-capacity-transact-repeat": "no capacity is given",
    "ddb-capacity-read": "half a unit whatever the size",
    "ddb-capacity-query": "one unit whatever the size",
    "ddb-stream-images": "unchanged writes are told",
    "ddb-stream-keys-only": "the size counts images that are not shown",
    "ddb-ttl-deletes": "expired items are never deleted",
    "s3-lock-shorten": "COMPLIANCE is made shorter",
    "s3-lock-downgrade": "COMPLIANCE becomes GOVERNANCE",
    "s3-lock-suspend": "versioning of a locked bucket is suspended",
    "s3-wrong-secret": "signatures are not checked",
    "kms-wrong-key": "AccessDeniedException instead of IncorrectKeyException",
    "kms-disabled-decrypt": "a disabled key decrypts",
    "kms-disabled-data-key": "a disabled key makes data keys",
    "kms-pending-deletion": "a key that waits for its deletion decrypts",
    "kms-deletion-window": "a window of three days is accepted",
    "kms-policy-lockout": "a policy that locks everybody out is accepted",
  },
  "dynamodb-local": {
    "ddb-number-normal": "nested numbers come back as they were written",
    "ddb-query-exact-limit": "no LastEvaluatedKey when the limit is met on the last item",
    "ddb-transact-validation-reason": "a plain ValidationException instead of a cancelled transaction",
    "ddb-ttl-deletes": "the stream record has no known eventName and no userIdentity",
    "ddb-recovery-api": "unknown operation",
    "ddb-restore": "unknown operation",
    "ddb-export": "unknown operation",
  },
};

const isPeer = (name: string | undefined): name is Peer => name !== undefined && Object.hasOwn(deviations, name);

/** Why this probe fails on the peer that is tested; undefined on the embedded AWS and for probes that must pass. */
export function deviation(probeId: string): string | undefined {
  const peer = process.env["CONFORMANCE_PEER"];
  return isPeer(peer) ? deviations[peer][probeId] : undefined;
}

/** One probe of the suite; expected to fail where the peer is known to deviate. */
export function probe(probeId: string, title: string, run: () => Promise<void>): void {
  const reason = deviation(probeId);
  if (reason === undefined) it(`${probeId} ${title}`, run);
  else it.fails(`${probeId} ${title} (known deviation: ${reason})`, run);
}
