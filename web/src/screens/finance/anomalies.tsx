import type { AnomalyView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { scaledOf } from "../../i18n/money.ts";
import { type Column, Link, List } from "../../ui/index.ts";
import { TableSection } from "../govern/table-section.tsx";
import { budgetsMessages } from "./budgets-messages.ts";
import { Amount, useMonth } from "./parts.tsx";
import { useQuantities } from "./quantity.tsx";
import { useWords } from "./words.ts";

/** Days that were unlike the same weekdays, each with the three SKUs that explain it. */
export function Anomalies() {
  const [say, { t, format, delta }] = [useText(budgetsMessages), useWords()];
  const { skuName } = useQuantities();
  const month = useMonth();
  const query = useAsk("financeAnomalies", { query: month }, { keepsPrevious: true });
  const columns: readonly Column<AnomalyView>[] = [
    { id: "day", label: say("day"), sortBy: ({ day }) => day, render: ({ day }) => format.weekday(day) },
    {
      id: "clinic",
      label: t("clinic"),
      isRowHeader: true,
      sortBy: ({ tenant }) => tenant?.name ?? "",
      render: ({ tenant }) =>
        tenant === null ? (
          t("allClinics")
        ) : (
          <Link to="/app/finance/tenants/$tenant" params={{ tenant: tenant.id }} search={month}>
            {tenant.name}
          </Link>
        ),
    },
    { id: "cost", label: t("cost"), align: "end", render: ({ cost }) => <Amount money={cost} /> },
    { id: "usual", label: say("usual"), align: "end", render: ({ usual }) => <Amount money={usual} /> },
    {
      id: "difference",
      label: say("difference"),
      align: "end",
      sortBy: ({ difference }) => scaledOf(difference.amount) ?? 0n,
      render: ({ difference }) => delta(difference),
    },
    {
      id: "why",
      label: say("explainedBy"),
      render: ({ explainedBy }) => (
        <List label={say("explainedBy")} items={explainedBy} itemKey={({ sku }) => sku} look="spaced">
          {({ sku, meter, difference }) => `${skuName(sku, meter)}: ${delta(difference)}`}
        </List>
      ),
    },
  ];
  return (
    <TableSection
      title={say("anomalies")}
      intro={say("anomaliesIntro")}
      query={query}
      rowsOf={({ anomalies }) => anomalies}
      columns={columns}
      rowKey={({ tenant, day }) => `${tenant?.id ?? "all"} ${day}`}
      emptyTitle={say("noAnomalies")}
      emptyHint={say("noAnomaliesHint")}
    />
  );
}
