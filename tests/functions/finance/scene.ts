import { createMemoryFiles } from "../../../core/cost/store/memory-files.ts";
import type { CostTenant } from "../../../core/cost/ledger.ts";
import { createLedgers, type Ledgers } from "../../../functions/finance/ledgers.ts";
import { SYNTHETIC_CLINICS, writeCostHistory } from "../../../scripts/start/cost-history.ts";

/** Books of two whole months and most of a third, made by the product from days that nobody lived. */
export const NOW = Date.UTC(2026, 10, 22, 12);
export const MONTH = "2026-11";

export const TENANTS: readonly CostTenant[] = SYNTHETIC_CLINICS.map(({ id, name, tier }) => ({
  id,
  name,
  tier,
  cell: "c01",
}));

let made: Promise<ReadonlyMap<string, Uint8Array>> | undefined;

async function make(): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = createMemoryFiles();
  await writeCostHistory(files, {
    of: { stage: "dev", accountId: "111122223333", region: "us-east-1", codeVersion: "test" },
    nowMs: NOW,
    months: 2,
  });
  return files.held;
}

/** The same books for each test, and none sees what another puts in. */
export async function books(): Promise<{ readonly ledgers: Ledgers; readonly files: Ledgers["files"] }> {
  const files = createMemoryFiles(new Map(await (made ??= make())));
  const open = createLedgers({ now: () => NOW });
  return { files, ledgers: open(files, () => Promise.resolve(TENANTS)) };
}
