import type { CostLayer } from "./ledger.ts";

/**
 * What is counted for a tenant, each in integers of its own base unit, and the SKU that its price is under. `part` says which
 * table, index, function or kind of storage it was: with the SKU it decides the layer, for what was metered and for AWS's
 * own line alike.
 */
export const METERS = {
  invocations: { base: "count", sku: "lambda-requests", by: "part" },
  /** Billed milliseconds x MB, init excluded. */
  "lambda-mb-ms": { base: "mb-ms", sku: "lambda-arm-gb-seconds", by: "part" },
  /** A new environment's start. Shared: whoever comes first would pay for all who follow. */
  "init-mb-ms": { base: "mb-ms", sku: "lambda-arm-gb-seconds", by: "part" },
  "api-requests": { base: "count", sku: "http-api-requests", by: "whole" },
  "read-half-units": { base: "half-count", sku: "dynamodb-rru", by: "part" },
  "write-half-units": { base: "half-count", sku: "dynamodb-wru", by: "part" },
  "kms-requests": { base: "count", sku: "kms-requests", by: "whole" },
  "kms-asymmetric-requests": { base: "count", sku: "kms-asymmetric-requests", by: "whole" },
  /** Pairs of an elliptic curve, the only ones that a policy of ours lets anybody make. */
  "kms-key-pairs": { base: "count", sku: "kms-ecc-key-pairs", by: "whole" },
  "s3-puts": { base: "count", sku: "s3-put-requests", by: "part" },
  "s3-gets": { base: "count", sku: "s3-get-requests", by: "part" },
  /** AssumeRole costs nothing; it is counted because it is the first thing that a quota refuses. */
  "sts-calls": { base: "count", sku: null, by: "whole" },
  "bytes-out": { base: "bytes", sku: "cloudfront-transfer-out", by: "whole" },
  "log-bytes": { base: "bytes", sku: "logs-ingest", by: "part" },
  "data-byte-hours": { base: "byte-hours", sku: "dynamodb-storage", by: "part" },
  "history-byte-hours": { base: "byte-hours", sku: "dynamodb-storage", by: "part" },
  "search-byte-hours": { base: "byte-hours", sku: "dynamodb-storage", by: "part" },
  "document-byte-hours": { base: "byte-hours", sku: "s3-standard", by: "part" },
  "audit-byte-hours": { base: "byte-hours", sku: "s3-standard", by: "part" },
  "audit-index-byte-hours": { base: "byte-hours", sku: "dynamodb-storage", by: "part" },
  /** Events on their way to the archive, thirty days of them. */
  "outbox-byte-hours": { base: "byte-hours", sku: "dynamodb-storage", by: "part" },
  "backup-byte-hours": { base: "byte-hours", sku: "dynamodb-pitr", by: "part" },
  /** A key of one's own. The cell's keys are the platform's. */
  "key-hours": { base: "hours", sku: "kms-keys", by: "tag" },
} as const satisfies Record<string, { base: Measure; sku: string | null; by: MatchedBy }>;

/**
 * How a metered unit finds AWS's line: `part`, by the table, function or bucket that both name; `whole`, by the SKU alone,
 * as the bill names no resource that the meter knows; `tag`, not at all: the resource is one tenant's and says so.
 */
export type MatchedBy = "part" | "whole" | "tag";

export type MeterName = keyof typeof METERS;
const METER_NAMES = Object.keys(METERS) as MeterName[];

/** What one base unit is. Prices say how many make a pricing unit (`unitsPer` in prices.ts). */
export const MEASURES = ["count", "half-count", "mb-ms", "bytes", "byte-hours", "hours"] as const;
export type Measure = (typeof MEASURES)[number];

/** CloudWatch Logs bills so many bytes for each event beside its text: CloudWatch pricing, "Logs". */
export const LOG_EVENT_BYTES = 26;

/**
 * Who pays for what no single clinic caused: sign-in before a clinic is chosen, operators, schedules, the meter itself. Not
 * a tenant id by its grammar, and never on a clinic's statement: a documented method spreads it.
 */
export const PLATFORM = "_platform";

const MATCHED_BY: ReadonlyMap<string, MatchedBy> = new Map(
  METER_NAMES.flatMap((meter) => {
    const { sku, by } = METERS[meter];
    return sku === null ? [] : [[sku, by] as const];
  }),
);

/** Undefined for a SKU that no meter counts. */
export const matchedBy = (sku: string): MatchedBy | undefined => MATCHED_BY.get(sku);

/** Parts whose cost is another layer than their SKU's: what keeps the trail. */
const LAYER_OF_PART: Readonly<Record<string, CostLayer>> = {
  outbox: "audit",
  trail: "audit",
  archive: "audit",
  audit: "audit",
  "cross-check": "audit",
  witness: "audit",
  reconcile: "audit",
};

/** Logs of requests that AWS writes for the API and the edge. */
const ACCESS_LOG = /\/aws\/(?:apigateway|cloudfront)\/keyward-[a-z0-9]+$/;
const OWN_NAME = /^keyward-[a-z0-9]+-(?:c\d{2}-)?([a-z][a-z0-9-]*?)(?:-\d{12})?$/;

/**
 * The part that a resource of AWS's bill is: `data` of `arn:aws:dynamodb:...:table/keyward-dev-c01-data`, `clinic` of a function
 * or of its log group. `other` for a resource that is none of ours by its name: it matches nothing that was metered.
 */
export function partOfResource(resourceId: string): string {
  const resource = resourceId.replace(/:\*$/, "").replace(/\/index\/.*$/, "");
  if (ACCESS_LOG.test(resource)) return "access-log";
  const own = OWN_NAME.exec(resource.split(/[:/]/).at(-1) ?? "");
  return own?.[1] ?? "other";
}

/** The table of `data/gsi1`: AWS bills an index under its table. */
export const resourceOfPart = (part: string): string => part.split("/")[0] ?? part;

/** The layer of a SKU's cost in a part: a Lambda second is runtime, but that of the archive's writer is audit. A backup is one. */
export const layerOf = (layer: CostLayer, part: string | null): CostLayer =>
  part === null || layer === "backup" ? layer : (LAYER_OF_PART[resourceOfPart(part)] ?? layer);
