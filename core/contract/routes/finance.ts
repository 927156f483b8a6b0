import { AddEntry, AskScenarios, AssignPlan, SetBudget, SetSummary, UploadBill } from "../finance.ts";
import type { Route } from "../route.ts";
import { adminRead, financeRead, financeWrite } from "../route-kinds.ts";
import { Nothing } from "../session.ts";

/** Costs and revenue of all clinics, for finance. Months are `?month=2026-11`; without it the current one. */
export const financeRoutes = {
  financeOverview: {
    ...financeRead,
    method: "GET",
    path: "/finance/overview",
    summary: "A month in all: by layer, with its trend, forecast and coverage",
  },
  financeTenants: {
    ...financeRead,
    method: "GET",
    path: "/finance/tenants",
    summary: "Cost, revenue and margin of every clinic, loss-makers first",
  },
  financeTenantCost: {
    ...financeRead,
    method: "GET",
    path: "/finance/tenants/{tenant}/cost",
    summary: "What a clinic costs, by layer; with `layer` by SKU; with `layer` and `sku` by day",
  },
  financeReconcile: {
    ...financeRead,
    method: "GET",
    path: "/finance/reconcile",
    summary: "How far the meter explains the bill, by SKU",
  },
  financeMonths: {
    ...financeRead,
    method: "GET",
    path: "/finance/months",
    summary: "Months, how far each is, and the manifests of closed ones",
  },
  financeBudgets: {
    ...financeRead,
    method: "GET",
    path: "/finance/budgets",
    summary: "Budgets, with what they have come to",
  },
  setBudget: {
    ...financeWrite,
    method: "PUT",
    path: "/finance/budgets/{id}",
    action: "finance.budget",
    body: SetBudget,
    summary: "Sets a clinic's budget, or that of the platform",
  },
  financeAnomalies: {
    ...financeRead,
    method: "GET",
    path: "/finance/anomalies",
    summary: "Days that were unlike the same weekdays, with the SKUs that explain them",
  },
  financeScenarios: {
    ...financeRead,
    method: "GET",
    path: "/finance/scenarios",
    summary: "Months of 10, 100 and 1,000 clinics by the assumptions that are kept",
  },
  askScenarios: {
    ...financeRead,
    method: "POST",
    path: "/finance/scenarios",
    body: AskScenarios,
    bodyLimitBytes: 64 * 1024,
    summary: "The same by other assumptions; nothing is stored",
  },
  financeControls: {
    ...financeRead,
    method: "GET",
    path: "/finance/controls",
    summary: "The price of each security control, and what another setting would change",
  },
  financeTiers: {
    ...financeRead,
    method: "GET",
    path: "/finance/tiers",
    summary: "The tenancy decision, with what each tier costs and is sold for",
  },
  financeEntries: {
    ...financeRead,
    method: "GET",
    path: "/finance/entries",
    summary: "Our own rows of a month: minutes of support, compliance, reserve",
  },
  addEntry: {
    ...financeWrite,
    method: "PUT",
    path: "/finance/entries/{id}",
    action: "finance.entry",
    body: AddEntry,
    summary: "Adds a row of ours under an id that the caller made",
  },
  takeBackEntry: {
    ...financeWrite,
    method: "POST",
    path: "/finance/entries/{id}/take-back",
    action: "finance.entry",
    body: Nothing,
    bodyLimitBytes: 64,
    summary: "Takes back a row of ours whose month is not closed",
  },
  financePlans: {
    ...financeRead,
    method: "GET",
    path: "/finance/plans",
    summary: "Price plans, and which clinic is on which",
  },
  assignPlan: {
    ...financeWrite,
    method: "PUT",
    path: "/finance/tenants/{tenant}/plan",
    action: "finance.plan",
    body: AssignPlan,
    summary: "Puts a clinic on a plan from a month on",
  },
  financeBills: {
    ...financeRead,
    method: "GET",
    path: "/finance/bills",
    summary: "AWS's bills that were uploaded",
  },
  uploadBill: {
    ...financeWrite,
    method: "POST",
    path: "/finance/bills",
    action: "finance.bill",
    body: UploadBill,
    // Base64 of the largest file, and the object around it.
    bodyLimitBytes: 4.25 * 1024 * 1024,
    summary: "Takes AWS's bill, FOCUS 1.2 or CUR 2.0 as CSV, plain or gzip",
  },
  financeExport: {
    ...financeRead,
    method: "GET",
    path: "/finance/exports/{dataset}",
    action: "finance.export",
    summary: "A dataset of a month as a file: `format`, `language`, `tenant`",
  },
  financeSummary: {
    ...financeRead,
    method: "GET",
    path: "/finance/summary",
    summary: "Whether a summary is made by itself",
  },
  financeSummaryFile: {
    ...financeRead,
    method: "GET",
    path: "/finance/summary/{day}",
    action: "finance.export",
    summary: "A summary that was made by itself, as PDF",
  },
  setSummary: {
    ...financeWrite,
    method: "PUT",
    path: "/finance/summary",
    action: "finance.summary",
    body: SetSummary,
    bodyLimitBytes: 256,
    summary: "Sets how often a summary is made by itself",
  },
} as const satisfies Record<string, Route>;

/** What a clinic is asked for, for its administrator. */
export const statementRoutes = {
  readStatement: {
    ...adminRead,
    method: "GET",
    path: "/admin/statement",
    action: "statement.read",
    summary: "A month's statement, line by line, down to what was counted by day",
  },
  readStatementFile: {
    ...adminRead,
    method: "GET",
    path: "/admin/statement/file",
    action: "statement.read",
    summary: "The same as a file: `format` csv, xlsx or pdf",
  },
} as const satisfies Record<string, Route>;
