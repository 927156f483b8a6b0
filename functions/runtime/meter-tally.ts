import type { TenantUse } from "../../core/cost/usage.ts";

/** What was counted for somebody, while it is being counted. `us` is a fraction until it is written. */
export type Tally = Omit<TenantUse, "tenant">;

export const createTally = (): Tally => ({
  us: 0,
  api: 0,
  reads: {},
  writes: {},
  kms: 0,
  kmsAsymmetric: 0,
  kmsPairs: 0,
  s3Put: {},
  s3Get: {},
  sts: 0,
  bytesOut: 0,
  logBytes: 0,
});

const SUMS = ["us", "api", "kms", "kmsAsymmetric", "kmsPairs", "sts", "bytesOut", "logBytes"] as const;
const PARTS = ["reads", "writes", "s3Put", "s3Get"] as const;

export function addTally(to: Tally, from: Tally): void {
  for (const name of SUMS) to[name] += from[name];
  for (const name of PARTS)
    for (const [part, count] of Object.entries(from[name])) to[name][part] = (to[name][part] ?? 0) + count;
}
