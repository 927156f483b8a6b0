import { useState } from "react";
import {
  EXPORT_DATASETS,
  EXPORT_FORMATS,
  type ExportDataset,
  type ExportFormat,
} from "../../../../core/contract/finance.ts";
import type { FinanceOverview, FinanceTenants } from "../../../../core/contract/index.ts";
import { addressOf } from "../../api/ask.ts";
import { useAsk } from "../../api/hooks.ts";
import { locale, useText } from "../../i18n/index.ts";
import { useStore } from "../../app/store.ts";
import {
  Alert,
  AskState,
  type Column,
  ExternalLink,
  Page,
  Row,
  Section,
  SelectField,
  Stack,
  Table,
  Text,
} from "../../ui/index.ts";
import { exportsMessages } from "./exports-messages.ts";
import { Amount, MonthBar, useMonth } from "./parts.tsx";
import { Summary } from "./summary.tsx";
import { useWords } from "./words.ts";

const ENDINGS: Readonly<Record<ExportFormat, string>> = {
  "csv-focus": "focus.csv",
  csv: "csv",
  xlsx: "xlsx",
  parquet: "parquet",
  pdf: "pdf",
};

/** Files of a month, each with the totals that are shown beside it, and the summary that is made by itself. */
export default function Exports() {
  const t = useText(exportsMessages);
  const month = useMonth();
  const overview = useAsk("financeOverview", { query: month }, { keepsPrevious: true });
  const tenants = useAsk("financeTenants", { query: month }, { keepsPrevious: true });
  return (
    <Page title={t("title")} intro={t("intro")} width="full">
      <MonthBar to="/app/finance/exports" shown={overview.data?.month} />
      <Stack gap="lg">
        <AskState query={overview} label={t("files")}>
          {(shown) => <Datasets overview={shown} tenants={tenants.data?.tenants ?? []} />}
        </AskState>
        <Summary />
      </Stack>
    </Page>
  );
}

interface DatasetsProps {
  readonly overview: FinanceOverview;
  readonly tenants: FinanceTenants["tenants"];
}

function Datasets({ overview, tenants }: DatasetsProps) {
  const [say, { t, format }] = [useText(exportsMessages), useWords()];
  const language = useStore(locale);
  const [tenant, setTenant] = useState("");
  const { month, cost, revenue } = overview;
  const chosen = tenants.find((row) => row.tenant.id === tenant);
  const totalOf = (dataset: ExportDataset) => {
    if (dataset === "billing-period" || dataset === "invoice-detail") return undefined;
    if (dataset === "month-report") return chosen?.cost ?? cost;
    return dataset.startsWith("provider") ? cost : revenue;
  };
  const addressFor = (dataset: ExportDataset, kind: ExportFormat): string =>
    addressOf("/finance/exports/{dataset}", {
      path: { dataset },
      query: {
        month: month.month,
        format: kind,
        language,
        ...(dataset === "month-report" && chosen !== undefined && { tenant }),
      },
    });
  const columns: readonly Column<ExportDataset>[] = [
    { id: "dataset", label: say("dataset"), isRowHeader: true, render: (dataset) => say(`dataset.${dataset}`) },
    { id: "what", label: say("what"), render: (dataset) => say(`what.${dataset}`) },
    {
      id: "total",
      label: say("total"),
      align: "end",
      render: (dataset) => {
        const total = totalOf(dataset);
        return total === undefined ? "" : <Amount money={total} isStrong />;
      },
    },
    {
      id: "files",
      label: say("files"),
      render: (dataset) => (
        <Row gap="md">
          {EXPORT_FORMATS.filter((kind) => kind !== "pdf" || dataset === "month-report").map((kind) => (
            <ExternalLink
              key={kind}
              href={addressFor(dataset, kind)}
              fileName={`keyward-${dataset}-${month.month}.${ENDINGS[kind]}`}
              label={say("download", { format: say(`format.${kind}`), dataset: say(`dataset.${dataset}`) })}
            >
              {say(`format.${kind}`)}
            </ExternalLink>
          ))}
        </Row>
      ),
    },
  ];
  return (
    <Section
      title={say("datasets", { month: format.month(month.month) })}
      actions={
        <SelectField
          label={say("clinic")}
          width="md"
          value={tenant}
          onChange={setTenant}
          placeholder={t("allClinics")}
          choices={tenants.map((row) => ({ value: row.tenant.id, label: row.tenant.name }))}
        />
      }
    >
      {month.status !== "closed" && <Alert tone="info" title={say("notFinal")} />}
      <Table
        caption={say("datasets", { month: format.month(month.month) })}
        hidesCaption
        columns={columns}
        rows={EXPORT_DATASETS}
        rowKey={(dataset) => dataset}
      />
      <Text size="sm" tone="muted">
        {say("csvHint")}
      </Text>
    </Section>
  );
}
