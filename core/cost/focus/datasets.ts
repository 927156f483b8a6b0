import { BILLING_PERIOD, INVOICE_DETAIL } from "./billing-columns.ts";
import type { FocusColumn, FocusVersion } from "./column.ts";
import { COST_AND_USAGE } from "./cost-and-usage.ts";

/** The datasets that we write and check, as a command and a file name spell them. Contract Commitment is none of ours. */
export const DATASETS = {
  "cost-and-usage": { name: "CostAndUsage", columns: COST_AND_USAGE, versions: ["1.2", "1.4"] },
  "billing-period": { name: "BillingPeriod", columns: BILLING_PERIOD, versions: ["1.4"] },
  "invoice-detail": { name: "InvoiceDetail", columns: INVOICE_DETAIL, versions: ["1.4"] },
} as const satisfies Record<
  string,
  { readonly name: string; readonly columns: readonly FocusColumn[]; readonly versions: readonly FocusVersion[] }
>;

export type DatasetId = keyof typeof DATASETS;
export const DATASET_IDS = Object.keys(DATASETS) as readonly DatasetId[];

/** False for Billing Period and Invoice Detail before 1.4. */
export const hasVersion = (dataset: DatasetId, version: FocusVersion): boolean =>
  (DATASETS[dataset].versions as readonly FocusVersion[]).includes(version);

const isIn = ({ since, until }: FocusColumn, version: FocusVersion): boolean =>
  version === "1.2" ? since === undefined : until === undefined;

/** The columns of a dataset in a version, in the specification's order. */
export const columnsOf = (dataset: DatasetId, version: FocusVersion): readonly FocusColumn[] =>
  DATASETS[dataset].columns.filter((column) => isIn(column, version));
