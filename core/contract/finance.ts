import * as z from "zod";
import { ID_PATTERN } from "../kernel/ids.ts";
import { startsFormula } from "../kernel/spreadsheet.ts";
import type { TierName } from "./platform.ts";

/** What the platform costs and earns, for finance. No record of a patient is behind any of it. */

const id = z.string().regex(ID_PATTERN);
const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
const month = z.string().regex(MONTH);
const day = z.iso.date();
/** A plain decimal of at most six places, not below zero. */
const amount = z.string().regex(/^\d{1,12}(\.\d{1,6})?$/);
/** One line, and nothing that a spreadsheet would take for a formula. */
const words = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .regex(/^[\p{L}\p{N}][^\p{Cc}]*$/u)
  .refine((text) => !startsFormula(text));

/** What a cost is for (COST-1). The same for an origin line and all its shares. */
export const COST_LAYERS = [
  "runtime",
  "data",
  "logs",
  "keys",
  "backup",
  "egress",
  "audit",
  "edge",
  "identity",
  "support",
  "compliance",
  "reserve",
] as const;
export type CostLayer = (typeof COST_LAYERS)[number];

/**
 * `estimated`: metered units at list price, minutes old. `reconciled`: AWS's own bill has been seen for it. `closed`: in the
 * manifest of a closed month; never changes again.
 */
export const LINE_STATES = ["estimated", "reconciled", "closed"] as const;
export type LineState = (typeof LINE_STATES)[number];

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
  /** Why a month that is due is not closed yet: `no-bill`, `unreconciled`, `sum`; absent where nothing stands in its way. */
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

/** In the place of a tenant's id: what nobody takes. */
export const UNALLOCATED = "unallocated";

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
    readonly unit: string | null;
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

/** AWS's export, as the file is: CSV, plain or gzip. */
export const UploadBill = z.strictObject({
  /** Base64 of the file. */
  file: z.base64().min(4),
  /** The first day that the export does not tell in full yet: that of the next month for a finished one. */
  completeUntil: day,
});
export type UploadBill = z.infer<typeof UploadBill>;
/** Of the file as it is sent, and of what it unpacks to. */
export const BILL_FILE_LIMIT_BYTES = 3 * 1024 * 1024;
export const BILL_TEXT_LIMIT_BYTES = 48 * 1024 * 1024;

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

/** Whose budget: a tenant's id, or all of them together. */
export const PLATFORM_BUDGET = "platform";

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

export const SetBudget = z.strictObject({
  /** Of a month, in USD; null takes the budget away. */
  amount: amount.nullable(),
});
export type SetBudget = z.infer<typeof SetBudget>;

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

/** Assumptions as `core/cost/scenarios/assumptions.json` has them: every amount a decimal as text. */
export type ScenarioAssumptions = Readonly<Record<string, unknown>>;

export const AskScenarios = z.strictObject({
  tenants: z.array(z.int().min(1).max(100_000)).min(1).max(6),
  assumptions: z.record(z.string(), z.unknown()).optional(),
});
export type AskScenarios = z.infer<typeof AskScenarios>;

export interface ScenariosView {
  readonly assumptions: ScenarioAssumptions;
  /** False where they are the caller's own. */
  readonly isDefault: boolean;
  readonly priceListId: string;
  readonly planId: string;
  readonly scenarios: readonly {
    readonly tenants: number;
    readonly cells: number;
    readonly byProfile: readonly { readonly profile: string; readonly tenants: number }[];
    readonly byTier: readonly { readonly tier: string; readonly tenants: number }[];
    /** All of a month, in USD: estimates by nature, so that they carry no state. */
    readonly lines: readonly {
      readonly id: string;
      readonly layer: CostLayer;
      readonly source: "aws" | "labour" | "overhead";
      readonly cost: string;
    }[];
    readonly layers: readonly { readonly layer: CostLayer; readonly cost: string }[];
    readonly total: string;
    readonly perTenant: string;
    readonly awsPerTenant: string;
    readonly revenue: string;
    readonly margin: string;
  }[];
}

export interface ControlSettingView {
  readonly setting: string;
  readonly name: string;
  readonly keeps: string;
  readonly isCurrent: boolean;
  readonly meetsFloor: boolean;
  /** USD a month of one clinic, or of the stage. */
  readonly cost: string;
  readonly delta: string;
}

export interface ControlsView {
  readonly priceListId: string;
  readonly controls: readonly {
    readonly control: string;
    readonly name: string;
    readonly layer: CostLayer;
    readonly scope: "clinic" | "stage";
    readonly settings: readonly ControlSettingView[];
    /** A `setting` of them; null where nothing allowed saves anything worth a change. */
    readonly rightSize: string | null;
  }[];
}

export const INTERNAL_LAYERS = ["support", "compliance", "reserve"] as const;

export const AddEntry = z.strictObject({
  layer: z.enum(INTERNAL_LAYERS),
  /** Null: for all clinics. */
  tenant: id.nullable(),
  day,
  /** Minutes of support; else a count. */
  quantity: amount,
  unitPrice: amount,
  /** Why. No patient's name belongs here. */
  description: words,
});
export type AddEntry = z.infer<typeof AddEntry>;

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

export const AssignPlan = z.strictObject({
  planId: z.string().regex(/^[a-z][a-z0-9-]*\/v\d{1,4}$/),
  /** The first month that it holds for: no month that is closed. */
  from: month,
});
export type AssignPlan = z.infer<typeof AssignPlan>;

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

/** The tenancy decision with what each tier costs and is sold for. */
export interface TiersView {
  readonly decisionId: string;
  readonly decidedOn: string;
  readonly decision: string;
  readonly priceListId: string;
  readonly planId: string;
  readonly tiers: readonly {
    readonly tier: TierName;
    readonly isolation: string;
    readonly operations: string;
    readonly migration: string;
    readonly risk: string;
    readonly costAws: string;
    readonly costLabour: string;
    readonly price: string;
    readonly margin: string;
    readonly isPlaceable: boolean;
  }[];
  readonly profiles: readonly {
    readonly profile: string;
    readonly name: string;
    readonly recommend: TierName;
    readonly because: string;
  }[];
}

export const EXPORT_DATASETS = [
  "provider-cost",
  "provider-cost-1.2",
  "customer-charges",
  "customer-charges-1.2",
  "billing-period",
  "invoice-detail",
  /** Cost by layer and meter: of one tenant, or of all. */
  "month-report",
] as const;
export type ExportDataset = (typeof EXPORT_DATASETS)[number];

/** `csv-focus` raw for machines, `csv` for a spreadsheet; `pdf` of the month report alone. */
export const EXPORT_FORMATS = ["csv-focus", "csv", "xlsx", "parquet", "pdf"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** On a file's answer: equal for the same question in every format. */
export const QUERY_HASH_HEADER = "x-query-hash";

export const SetSummary = z.strictObject({
  cadence: z.enum(["off", "weekly", "monthly"]),
  language: z.enum(["en", "es"]),
});
export type SetSummary = z.infer<typeof SetSummary>;

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

/** What a clinic is asked for in a month, for its administrator, explained down to what was counted. */
export interface ClinicStatement {
  readonly month: FinanceMonth;
  /** Months that there is a statement of, the newest first. */
  readonly months: readonly string[];
  readonly planId: string | null;
  readonly tier: TierName;
  readonly invoiceId: string | null;
  /** To the cent. */
  readonly total: Money;
  /** The rounding to whole cents is the last of them, where there is one. */
  readonly lines: readonly {
    readonly id: string;
    readonly meter: string;
    readonly description: string;
    readonly location: { readonly id: string; readonly name: string } | null;
    readonly unit: string | null;
    readonly quantity: string | null;
    readonly unitPrice: string | null;
    readonly amount: Money;
    /** What was counted, by day: whole base units. Empty for what goes by time: the line's period says it. */
    readonly days: readonly { readonly day: string; readonly units: string }[];
    readonly baseUnit: "count" | "byte-hours" | null;
    readonly period: { readonly start: string; readonly end: string };
  }[];
  /** What each way to be kept apart is sold for in a month (USD). */
  readonly tiers: readonly {
    readonly tier: TierName;
    readonly name: string;
    readonly unitPrice: string;
    readonly isolation: string;
    readonly isPlaceable: boolean;
  }[];
}

export interface StatementAnswers {
  readonly readStatement: ClinicStatement;
}
