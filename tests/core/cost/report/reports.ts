import { customerCharges } from "../../../../core/cost/focus/customer-charges.ts";
import { providerCost } from "../../../../core/cost/focus/provider-cost.ts";
import type { ClinicCharge, SplitCharge } from "../../../../core/cost/ledger.ts";
import { periodOfMonth } from "../../../../core/cost/period.ts";
import type { ReportLanguage } from "../../../../core/cost/report/model.ts";
import { focusReport, statementReport, tenantCostReport } from "../../../../core/cost/report/reports.ts";
import { clinicLine } from "../focus/ledger-lines.ts";

export const about = (language: ReportLanguage = "en") => ({
  issuer: "Keyward",
  language,
  query: { ledger: "2026-11/v3", priceList: "us-east-1.2026-09-20" },
  madeAt: "2026-12-04T08:00:00Z",
});
const of = { ...about(), period: periodOfMonth("2026-11") } as const;

export const providerReport = (charges: readonly SplitCharge[]) =>
  focusReport(providerCost(charges), { ...of, kind: "provider-cost", title: "Provider cost" });
export const customerReport = (charges: readonly ClinicCharge[]) =>
  focusReport(customerCharges(charges, "Keyward"), { ...of, kind: "customer-charges", title: "Customer charges" });
export const costReport = (charges: readonly SplitCharge[], language: ReportLanguage = "en") =>
  tenantCostReport(charges, null, "2026-11", about(language));
export const statementOf = (charges: readonly ClinicCharge[], language: ReportLanguage = "en") =>
  statementReport(charges, charges[0]?.tenant ?? clinicLine().tenant, "2026-11", about(language));
