import type { Anomaly } from "../anomaly.ts";
import type { BudgetAlert } from "../budget.ts";
import type { Month } from "../period.ts";
import { fromJson, toJson } from "./exact.ts";
import type { CostFiles } from "./files.ts";
import { alertsPrefix } from "./keys.ts";

/** What finance is told. Each is a file of its own, created once: what was said stays said. */
export type Alert =
  | { readonly kind: "budget"; readonly at: string; readonly tenantId: string | null; readonly alert: BudgetAlert }
  /** A day unlike its weekdays, of a tenant or of the whole bill. */
  | { readonly kind: "anomaly"; readonly at: string; readonly tenantId: string | null; readonly anomaly: Anomaly };

const keyOf = (month: Month, alert: Alert): string =>
  alertsPrefix(month) +
  (alert.kind === "budget"
    ? `budget/${alert.alert.budgetId}/${alert.alert.kind}.json`
    : `anomaly/${alert.anomaly.day}/${alert.tenantId ?? "platform"}.json`);

/** `told` where it is new; `known` where it was told before. */
export async function tell(files: CostFiles, month: Month, alert: Alert): Promise<"told" | "known"> {
  const done = await files.create(keyOf(month, alert), Buffer.from(`${toJson(alert)}\n`));
  return done === "created" ? "told" : "known";
}

/** The alerts of a month. */
export async function readAlerts(files: CostFiles, month: Month): Promise<Alert[]> {
  const found = await Promise.all((await files.list(alertsPrefix(month))).map((key) => files.read(key)));
  return found.flatMap((file) =>
    file === undefined ? [] : [fromJson<Alert>(Buffer.from(file.bytes).toString("utf8"))],
  );
}
