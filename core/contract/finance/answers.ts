import type { TierName } from "../platform.ts";
import type { ControlsView, ScenariosView, TiersView } from "./models.ts";
import type { SetSummary } from "./requests.ts";
import type { BaseMeasure, CostLayer, INTERNAL_LAYERS, LineState } from "./vocabulary.ts";

/** What the platform costs and earns, for finance. No record of a patient is behind any of it. */

/** A sum of money: `amount` is a plain decimal of dollars, exact, with up to twelve places. */
export interface Money {
  readonly amount: string;
  readonly currency: "USD";
  /** The least final state among its lines. */
  readonly state: LineState;
}

export interface FinanceTenant {
  readonly id: string;
  readonly name: string;
  readonly tier: string;
  readonly cell: string;
}

export interface FinanceMonth {
  /** `2026-11` */
  readonly month: string;
  /** `open` while it runs, `grace` until late records are in, `due` until it is closed, `closed` for ever. */
  readonly status: "open" | "grace" | "due" | "closed";
  /** The instant from which it can be closed. */
  readonly closesAt: string;
  /** What is left of it at the answer, in milliseconds: a page whose clock is wrong counts from this. 0 after it. */
  readonly closesInMs: number;
}

export interface MonthView extends FinanceMonth {
  readonly cost: Money;
  readonly revenue: Money;
  /** Why a month that is due is not closed yet: `no-bill`, `unreconciled`, `earlier-open`, `sum`; absent where nothing stands in its way. */
  readonly blockedBy?: string;
  readonly manifest: {
    readonly closedAt: string;
    readonly sha256: string;
    readonly previous: string | null;
    readonly bill: string;
    readonly tenants: string;
    readonly unallocated: string;
    readonly charged: string;
    readonly providerRows: number;
    readonly clinicRows: number;
    readonly priceListIds: readonly string[];
    readonly allocationPolicyId: string;
    readonly methodIds: readonly string[];
    readonly planIds: readonly string[];
    readonly codeVersion: string;
    readonly files: readonly {
      readonly name: string;
      readonly sha256: string;
      readonly sizeBytes: number;
      readonly rows: number;
    }[];
  } | null;
}

export interface LayerCost {
  readonly layer: CostLayer;
  readonly cost: Money;
  /** Of the month before; null where there is none. */
  readonly before: Money | null;
}

export interface ForecastView {
  readonly expected: Money;
  readonly low: Money;
  readonly high: Money;
  readonly method: "weekdays" | "run-rate";
  /** Days still to come. */
  readonly days: number;
}

export interface FinanceOverview {
  readonly month: FinanceMonth;
  /** When the month was last computed; null where nothing was yet. */
  readonly madeAt: string | null;
  /** Everything: AWS and our own rows. */
  readonly cost: Money;
  /** AWS's part of it. */
  readonly provider: Money;
  readonly revenue: Money;
  readonly margin: Money;
  readonly tenants: number;
  readonly lossMakers: number;
  readonly anomalies: number;
  /** In the order of COST_LAYERS; layers without a cost are left out. They add up to `cost`. */
  readonly layers: readonly LayerCost[];
  /** At most 13 months, the oldest first, this one the last. */
  readonly trend: readonly {
    readonly month: string;
    readonly status: FinanceMonth["status"];
    readonly cost: Money;
    readonly revenue: Money;
    /** In USD; they add up to `cost`. */
    readonly layers: readonly { readonly layer: CostLayer; readonly cost: string }[];
  }[];
  /** Whole days of this month so far. */
  readonly days: readonly { readonly day: string; readonly cost: Money }[];
  /** Null for a closed month, and where no whole day is known. */
  readonly forecast: ForecastView | null;
  /** How far the meter explains AWS's bill: what nobody takes, and over the whole (six places, `0.004210`). */
  readonly coverage: { readonly unallocated: Money; readonly unallocatedRatio: string | null };
}

export interface TenantMargin {
  readonly tenant: FinanceTenant;
  readonly planId: string | null;
  readonly cost: Money;
  readonly revenue: Money;
  readonly margin: Money;
  /** Margin over revenue, four places; null without revenue. */
  readonly ratio: string | null;
  readonly isLoss: boolean;
}

export interface FinanceTenants {
  readonly month: FinanceMonth;
  /** All of them, the lowest margin first. */
  readonly tenants: readonly TenantMargin[];
  /** What nobody takes. */
  readonly unallocated: Money;
}

/** One level of what a tenant costs. Every amount has six places, and the rows and `rounding` add up to `total`. */
export interface TenantCost {
  readonly month: FinanceMonth;
  /** Null for what nobody takes. */
  readonly tenant: FinanceTenant | null;
  /** What was asked for: nothing, a layer, or a layer and a SKU. */
  readonly layer: CostLayer | null;
  readonly sku: string | null;
  /** What the rows are. */
  readonly level: "layer" | "sku" | "day";
  readonly total: Money;
  readonly rows: readonly {
    /** A layer, a SKU, or a day; `month` for what AWS bills by the month. */
    readonly key: string;
    /** The SKU's meter in the words of AWS; null for layers and days. */
    readonly name: string | null;
    readonly cost: Money;
    /** Of SKUs and days whose lines are all in one unit. */
    readonly quantity: string | null;
    readonly unit: string | null;
    /** How it came to the tenant, of SKUs and days: `Direct` metered, `Shared` spread, `Unallocated`. */
    readonly allocations: readonly ("Direct" | "Shared" | "Unallocated")[];
  }[];
  readonly rounding: Money;
}

export interface ReconcileView {
  readonly month: FinanceMonth;
  readonly bill: Money;
  readonly tenants: Money;
  readonly unallocated: Money;
  readonly unallocatedRatio: string | null;
  readonly rows: readonly {
    readonly sku: string;
    readonly meter: string | null;
    /** What is priced: `Requests`, `GB-Months`. */
    readonly unit: string | null;
    /** Null for a SKU that the price list does not have: nothing of it is metered. */
    readonly measure: BaseMeasure | null;
    /** So many base units are one pricing unit. */
    readonly unitsPerPricing: string | null;
    /** In the meter's base units: whole numbers. */
    readonly metered: string;
    readonly billedUnits: string;
    /** Metered over billed, six places; null where nothing is metered, or nothing billed. */
    readonly coverage: string | null;
    readonly target: string;
    readonly verdict: "met" | "below" | "over" | "not-metered";
    /** USD a pricing unit that AWS asked in the end; null with no quantity. */
    readonly effectiveRate: string | null;
    readonly billed: Money;
    readonly direct: Money;
    readonly shared: Money;
    readonly unallocated: Money;
  }[];
  /** What the meter met and could not use, by kind. */
  readonly exceptions: readonly {
    readonly kind: string;
    readonly count: number;
    readonly examples: readonly string[];
  }[];
  /** Uploaded bills of the month, the newest first. */
  readonly bills: readonly BillView[];
}

export interface BillView {
  readonly id: string;
  /** Of what the file unpacks to, hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** An export is of one billing month. */
  readonly month: string;
  /** Up to when AWS's export is known to tell everything: the day after its last whole one. */
  readonly completeUntil: string;
  readonly by: string;
  readonly at: string;
  /** Whether the ledger goes by it: the newest bill of a month does. */
  readonly isCurrent: boolean;
}

export interface BillAnswer {
  readonly bill: BillView;
  readonly format: "focus-1.2" | "cur-2.0";
  readonly lines: number;
  /** What the file says in all, in its own digits. */
  readonly billed: string;
  /** False where the same file stood there already: nothing was changed. */
  readonly isNew: boolean;
}

/** A bill that cannot be read, in problem details beside `rule: "bill"`. Names the place and never the cell's text. */
export interface BillProblem {
  /** Records counted from 1, the header being the first. */
  readonly line: number;
  readonly column: string | null;
  readonly what: string;
}

export interface BudgetView {
  /** A tenant's id, or `platform`. */
  readonly id: string;
  readonly tenant: FinanceTenant | null;
  readonly amount: string;
  readonly currency: "USD";
  readonly actual: Money;
  readonly forecast: Money | null;
  /** Alerts that were given this month. */
  readonly alerts: readonly ("50" | "80" | "100" | "forecast")[];
  readonly by: string;
  readonly at: string;
}

export interface AnomalyView {
  /** Null for all of them together. */
  readonly tenant: FinanceTenant | null;
  readonly day: string;
  readonly cost: Money;
  /** The median of the same weekdays. */
  readonly usual: Money;
  readonly difference: Money;
  /** Robust z, two places; null where the weekdays were all alike. */
  readonly z: string | null;
  /** At most three, the largest first. */
  readonly explainedBy: readonly { readonly sku: string; readonly meter: string | null; readonly difference: Money }[];
}

export interface EntryView {
  readonly id: string;
  readonly layer: (typeof INTERNAL_LAYERS)[number];
  readonly tenant: FinanceTenant | null;
  readonly day: string;
  readonly quantity: string;
  readonly unit: "Minutes" | "Count";
  readonly unitPrice: string;
  readonly description: string;
  readonly cost: Money;
  readonly by: string;
  readonly at: string;
  readonly takenBack: { readonly by: string; readonly at: string } | null;
  /** Whether it can still be taken back: not once its month is closed. */
  readonly isOpen: boolean;
}

export interface PlanView {
  readonly id: string;
  readonly name: string;
  readonly effectiveFrom: string;
  readonly meters: readonly {
    readonly meter: string;
    readonly name: string;
    readonly unit: string;
    readonly unitPrice: string;
    readonly included: string;
  }[];
  readonly tiers: readonly { readonly tier: TierName; readonly name: string; readonly unitPrice: string }[];
}

export interface PlansView {
  readonly plans: readonly PlanView[];
  readonly assignments: readonly {
    readonly tenant: FinanceTenant;
    /** Null: the newest plan in force. */
    readonly planId: string | null;
    readonly from: string | null;
    readonly by: string | null;
    readonly at: string | null;
  }[];
}

export interface SummaryView extends SetSummary {
  /** Null where nobody has set it: it is off. */
  readonly by: string | null;
  readonly at: string | null;
  /** The day on which the next one is made; null while it is off. */
  readonly nextAt: string | null;
  /** Days that one was made on, the newest first: `GET /finance/summary/{day}`. */
  readonly made: readonly string[];
}

export interface FinanceAnswers {
  readonly financeOverview: FinanceOverview;
  readonly financeTenants: FinanceTenants;
  readonly financeTenantCost: TenantCost;
  readonly financeReconcile: ReconcileView;
  readonly financeMonths: { readonly months: readonly MonthView[] };
  readonly financeBudgets: { readonly month: FinanceMonth; readonly budgets: readonly BudgetView[] };
  readonly setBudget: BudgetView | { readonly id: string; readonly amount: null };
  readonly financeAnomalies: { readonly month: FinanceMonth; readonly anomalies: readonly AnomalyView[] };
  readonly financeScenarios: ScenariosView;
  readonly askScenarios: ScenariosView;
  readonly financeControls: ControlsView;
  readonly financeTiers: TiersView;
  readonly financeEntries: { readonly month: FinanceMonth; readonly entries: readonly EntryView[] };
  readonly addEntry: EntryView;
  readonly takeBackEntry: EntryView;
  readonly financePlans: PlansView;
  readonly assignPlan: PlansView["assignments"][number];
  readonly financeBills: { readonly bills: readonly BillView[] };
  readonly uploadBill: BillAnswer;
  readonly financeSummary: SummaryView;
  readonly setSummary: SummaryView;
}
