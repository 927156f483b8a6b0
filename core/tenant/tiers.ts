import type { TierName } from "../contract/platform.ts";

/** What an isolation tier shares with others. Tiers are data: no code asks for a tier by name to behave differently. */
export interface Tier {
  readonly table: "shared" | "own";
  readonly cellKey: "shared" | "own";
  readonly cell: "shared" | "own";
  readonly stack: "shared" | "own";
  /** Whether this stage can place a tenant of the tier today. */
  readonly isPlaceable: boolean;
}

export const TIERS: Readonly<Record<TierName, Tier>> = {
  pooled: { table: "shared", cellKey: "shared", cell: "shared", stack: "shared", isPlaceable: true },
  "own-keys": { table: "own", cellKey: "own", cell: "shared", stack: "shared", isPlaceable: false },
  "own-cell": { table: "own", cellKey: "own", cell: "own", stack: "shared", isPlaceable: false },
  "own-stack": { table: "own", cellKey: "own", cell: "own", stack: "own", isPlaceable: false },
};
