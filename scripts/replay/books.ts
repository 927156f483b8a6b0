import { ALLOCATION_POLICY } from "../../core/cost/allocation/policy.ts";
import { split, type Split } from "../../core/cost/allocation/split.ts";
import type { Roster } from "../../core/cost/allocation/weights.ts";
import { readFocusBill } from "../../core/cost/bill/focus.ts";
import { billTotal, providerLine } from "../../core/cost/bill/provider-line.ts";
import type { Decimal } from "../../core/cost/decimal.ts";
import { PLATFORM } from "../../core/cost/meters.ts";
import { monthOfMs, toSecond } from "../../core/cost/period.ts";
import { pickPrices, type PriceList } from "../../core/cost/prices.ts";
import { dailyUsage, type DailyUsage, estimate } from "../../core/cost/rating.ts";
import { reconcile, type Reconciliation, supersede } from "../../core/cost/reconcile.ts";
import { rollUp, type RollUp, type UsageRow } from "../../core/cost/roll-up.ts";
import { copiesOf, storageUse } from "../../core/cost/storage.ts";
import type { MeteredFact } from "../../core/cost/usage.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { OUTSIDE } from "../local/billing/index.ts";
import { focusExport } from "../local/billing/focus-export.ts";
import type { Replayed } from "./run.ts";

export interface ReplayBooks {
  readonly month: string;
  readonly prices: PriceList;
  readonly rolled: RollUp;
  /** What lies there for each tenant, by the hour, and the backups of it. */
  readonly stored: readonly UsageRow[];
  readonly usage: readonly DailyUsage[];
  /** The export that AWS would give, and what its lines add up to by their own digits. */
  readonly bill: string;
  readonly billed: Decimal;
  readonly result: Split;
  readonly reconciliation: Reconciliation;
  /** Estimates of what was metered and is on no bill. */
  readonly unbilled: number;
}

/** From facts and a bill to books, as the product makes them: what no function did is left out of the bill. */
export function makeBooks(
  { startMs, endMs, accountId, operations, clinics, billed }: Replayed,
  facts: readonly MeteredFact[],
): ReplayBooks {
  const month = monthOfMs(startMs);
  const prices = pickPrices("us-east-1", `${month}-01`);
  invariant(prices !== undefined, "there is a price list for the replay's month");
  const rolled = rollUp(facts);
  const period = { start: toSecond(startMs), end: toSecond(endMs) };
  const levels = storageUse(facts, period).rows;
  const stored = [...levels, ...copiesOf(levels)];
  const owned = [...rolled.rows, ...stored].map((row) =>
    row.tenant === operations ? { ...row, tenant: PLATFORM } : row,
  );
  const usage = dailyUsage(owned).filter(({ day }) => day.startsWith(month));
  const account = {
    payerAccountId: accountId,
    payerAccountName: null,
    usageAccountId: accountId,
    usageAccountName: null,
    tags: {},
  };
  const bill = focusExport(
    billed.filter(({ by }) => by !== OUTSIDE),
    { month, prices, payerAccountId: accountId, tags: { "sst:app": "keyward", "sst:stage": "dev" } },
  );
  const lines = readFocusBill(bill);
  invariant(lines.ok, "the export is one that our reader reads");
  const merged = supersede(
    estimate(usage, prices, account),
    lines.value.map((line) => providerLine(line, prices)),
    period.end,
  );
  const roster: Roster = clinics.map(({ tenantId }, index) => ({
    tenant: { id: tenantId, name: `Clinic ${index + 1}`, tier: "standard", cell: "c01" },
    active: [{ ...period, accountId }],
  }));
  const result = split({
    origins: merged.origins,
    usage,
    roster,
    policy: ALLOCATION_POLICY,
    prices,
    stagesOf: new Map([[accountId, ["dev"]]]),
  });
  return {
    month,
    prices,
    rolled,
    stored,
    usage,
    bill,
    billed: billTotal(lines.value),
    result,
    reconciliation: reconcile(result),
    unbilled: merged.unbilled.length,
  };
}
