import type { ChargeCategory, CostLayer, MethodId, OriginCharge } from "../ledger.ts";

/** The methods that spread what no tenant's meter claims. */
export type SpreadMethod = Exclude<MethodId, "metered-usage/v1">;

export interface AllocationRule {
  /** All that is named must hold. */
  readonly when: {
    readonly sku?: string;
    readonly layer?: CostLayer;
    readonly category?: ChargeCategory;
  };
  readonly method: SpreadMethod;
}

/**
 * What is done with a cost that is no tenant's by meter or tag, as data with a version: a month's manifest names it. The first
 * rule that fits decides.
 */
export interface AllocationPolicy {
  readonly id: string;
  readonly rules: readonly AllocationRule[];
  /** Resources that a meter's SKU is billed for and no meter speaks of: they go by a rule, as a SKU does that nobody counts. */
  readonly unmetered: readonly { readonly sku: string; readonly part: string }[];
  /** For what is metered as the platform's own: starts of environments, sign-in, schedules, the meter itself. */
  readonly platformWork: SpreadMethod;
  /** For what no rule names. */
  readonly otherwise: SpreadMethod;
}

/**
 * Edge, trail and identity go with requests; what keeps data goes with data; people's time and cell keys are for each clinic
 * alike. Tax, credits, adjustments and whatever AWS bills that nobody foresaw stay visible and are nobody's.
 */
export const ALLOCATION_POLICY: AllocationPolicy = {
  id: "keyward-allocation/v2",
  unmetered: [
    { sku: "logs-ingest", part: "access-log" },
    { sku: "dynamodb-storage", part: "registry" },
    { sku: "dynamodb-pitr", part: "registry" },
    { sku: "dynamodb-storage", part: "keys" },
    { sku: "s3-standard", part: "cost" },
    { sku: "s3-standard", part: "trail" },
  ],
  rules: [
    { when: { category: "Tax" }, method: "unallocated/v1" },
    { when: { category: "Credit" }, method: "unallocated/v1" },
    { when: { category: "Adjustment" }, method: "unallocated/v1" },
    { when: { layer: "edge" }, method: "shared-by-requests/v1" },
    { when: { layer: "identity" }, method: "shared-by-requests/v1" },
    { when: { layer: "logs" }, method: "shared-by-requests/v1" },
    { when: { layer: "egress" }, method: "shared-by-requests/v1" },
    { when: { layer: "audit" }, method: "shared-by-requests/v1" },
    { when: { layer: "backup" }, method: "shared-by-storage/v1" },
    { when: { layer: "data" }, method: "shared-by-storage/v1" },
    { when: { layer: "keys" }, method: "shared-even/v1" },
    { when: { layer: "support" }, method: "shared-even/v1" },
    { when: { layer: "compliance" }, method: "shared-even/v1" },
  ],
  platformWork: "shared-by-requests/v1",
  otherwise: "unallocated/v1",
};

/** How an origin is spread as a whole. AWS's lines of a kind that no price list knows are nobody's until somebody names them. */
export function methodFor(policy: AllocationPolicy, origin: OriginCharge): SpreadMethod {
  const isForeign = origin.kind === "provider" && origin.sku.startsWith("aws-");
  const rule = policy.rules.find(
    ({ when }) =>
      (when.sku === undefined ? !isForeign || when.category !== undefined : when.sku === origin.sku) &&
      (when.layer === undefined || when.layer === origin.layer) &&
      (when.category === undefined || when.category === origin.category),
  );
  return rule?.method ?? policy.otherwise;
}
