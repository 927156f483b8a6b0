/** Words that finance is asked and answered in. Nothing of it is a schema, so that a page may take it. */

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

/** What a meter's base unit is; how many make a pricing unit stands beside it, as a month has its own hours. */
export type BaseMeasure = "count" | "half-count" | "mb-ms" | "bytes" | "byte-hours" | "hours";

/** In the place of a tenant's id: what nobody takes. */
export const UNALLOCATED = "unallocated";

/** Whose budget: a tenant's id, or all of them together. */
export const PLATFORM_BUDGET = "platform";

export const INTERNAL_LAYERS = ["support", "compliance", "reserve"] as const;

/** Of the file as it is sent, and of what it unpacks to. */
export const BILL_FILE_LIMIT_BYTES = 3 * 1024 * 1024;
export const BILL_TEXT_LIMIT_BYTES = 48 * 1024 * 1024;

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
