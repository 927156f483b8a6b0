import type { FinanceOverview, LayerCost } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { scaledOf, shareOf, textOfScaled } from "../../i18n/money.ts";
import {
  AskState,
  Card,
  type Column,
  Columns,
  DefinitionList,
  EmptyState,
  Link,
  Page,
  Row,
  Section,
  Stack,
  Table,
  Text,
} from "../../ui/index.ts";
import { DaysOfMonth, TrendOfMonths } from "./overview-charts.tsx";
import { overviewMessages } from "./overview-messages.ts";
import { Amount, MonthBar, StateBadge, useMonth } from "./parts.tsx";
import { useWords, wordFor } from "./words.ts";

/** What a month costs and earns, where it stands, and where it is heading. */
export default function Overview() {
  const t = useText(overviewMessages);
  const month = useMonth();
  const query = useAsk("financeOverview", { query: month }, { keepsPrevious: true });
  return (
    <Page title={t("title")} intro={t("intro")} width="full">
      <MonthBar to="/app/finance/overview" shown={query.data?.month} />
      <AskState
        query={query}
        label={t("figures")}
        isEmpty={({ madeAt, trend }) => madeAt === null && trend.length <= 1}
        empty={<EmptyState title={t("empty")} hint={t("emptyHint")} />}
      >
        {(overview) => (
          <Stack gap="lg">
            <Figures overview={overview} />
            <TrendOfMonths overview={overview} />
            <Columns min="lg">
              <Layers overview={overview} />
              <Stack>
                <Forecast overview={overview} />
                <Coverage overview={overview} />
              </Stack>
            </Columns>
            <DaysOfMonth overview={overview} />
          </Stack>
        )}
      </AskState>
    </Page>
  );
}

interface PartProps {
  readonly overview: FinanceOverview;
}

function Figures({ overview }: PartProps) {
  const [say, { t, format }] = [useText(overviewMessages), useWords()];
  const { month } = useMonth();
  const { cost, provider, revenue, margin, tenants, lossMakers, anomalies, madeAt } = overview;
  return (
    <Section title={say("figures")}>
      <DefinitionList
        items={[
          {
            term: t("cost"),
            value: (
              <Row gap="xs">
                <Amount money={cost} isStrong />
                <StateBadge state={cost.state} />
              </Row>
            ),
          },
          { term: say("provider"), value: <Amount money={provider} /> },
          { term: t("revenue"), value: <Amount money={revenue} /> },
          { term: t("margin"), value: <Amount money={margin} isStrong /> },
          { term: say("tenants"), value: format.number(tenants) },
          {
            term: say("lossMakers"),
            value: (
              <Row gap="xs">
                {format.number(lossMakers)}
                {lossMakers > 0 && (
                  <Link to="/app/finance/tenants" search={{ month, show: "losses" }}>
                    {say("seeLosses")}
                  </Link>
                )}
              </Row>
            ),
          },
          {
            term: say("anomalies"),
            value: (
              <Row gap="xs">
                {format.number(anomalies)}
                {anomalies > 0 && (
                  <Link to="/app/finance/budgets" search={{ month }} hash="anomalies">
                    {say("seeAnomalies")}
                  </Link>
                )}
              </Row>
            ),
          },
          { term: say("madeAt"), value: madeAt === null ? say("never") : format.dateTime(madeAt) },
        ]}
      />
      <Text size="sm" tone="muted">
        {t(`stateHint.${cost.state}`)}
      </Text>
    </Section>
  );
}

function Layers({ overview }: PartProps) {
  const [say, { t, format, delta }] = [useText(overviewMessages), useWords()];
  const whole = scaledOf(overview.cost.amount) ?? 0n;
  const isOver = overview.month.status !== "open";
  const changeOf = ({ cost, before }: LayerCost): bigint =>
    (scaledOf(cost.amount) ?? 0n) - (scaledOf(before?.amount ?? "0") ?? 0n);
  const columns: readonly Column<LayerCost>[] = [
    { id: "layer", label: say("layer"), isRowHeader: true, render: ({ layer }) => wordFor(t, "layer", layer) },
    {
      id: "cost",
      label: t("cost"),
      align: "end",
      sortBy: ({ cost }) => scaledOf(cost.amount) ?? 0n,
      render: ({ cost }) => <Amount money={cost} />,
    },
    {
      id: "share",
      label: say("share"),
      align: "end",
      sortBy: ({ cost }) => scaledOf(cost.amount) ?? 0n,
      render: ({ cost }) => format.percent(shareOf(scaledOf(cost.amount) ?? 0n, whole).toFixed(6), 1, 1),
    },
    {
      id: "before",
      label: say(isOver ? "before" : "beforeWhole"),
      align: "end",
      render: ({ before }) => (before === null ? say("noBefore") : <Amount money={before} />),
    },
    // A part of a month held against a whole one would look like thrift.
    ...(isOver
      ? [
          {
            id: "change",
            label: say("change"),
            align: "end" as const,
            sortBy: changeOf,
            render: (row: LayerCost) =>
              row.before === null ? "" : delta({ amount: textOfScaled(changeOf(row)), currency: row.cost.currency }),
          },
        ]
      : []),
  ];
  return (
    <Card title={say("layers")} isFlush>
      <Table
        caption={say("layersCaption", { month: format.month(overview.month.month) })}
        hidesCaption
        columns={columns}
        rows={overview.layers}
        rowKey={({ layer }) => layer}
        sortedBy={{ column: "cost", isDescending: true }}
      />
    </Card>
  );
}

function Forecast({ overview: { forecast, month } }: PartProps) {
  const [say, { format }] = [useText(overviewMessages), useWords()];
  const isClosed = month.status === "closed";
  return (
    <Card title={say("forecast")}>
      {forecast === null || isClosed ? (
        <Text>{say(isClosed ? "closedNoForecast" : "noForecast")}</Text>
      ) : (
        <Stack gap="sm">
          <DefinitionList
            items={[
              { term: say("expected"), value: <Amount money={forecast.expected} isStrong /> },
              {
                term: say("band"),
                value: say("between", { low: format.money(forecast.low), high: format.money(forecast.high) }),
              },
            ]}
          />
          <Text size="sm" tone="muted">
            {`${say(`method.${forecast.method}`)} ${say("daysLeft", { count: forecast.days })}.`}
          </Text>
        </Stack>
      )}
    </Card>
  );
}

function Coverage({ overview: { coverage } }: PartProps) {
  const [say, { format }] = [useText(overviewMessages), useWords()];
  const { month } = useMonth();
  return (
    <Card title={say("coverage")}>
      <Text>
        {scaledOf(coverage.unallocated.amount) === 0n
          ? say("coverageWhole")
          : say("coverageText", {
              share: format.percent(coverage.unallocatedRatio ?? "0", 2),
              amount: format.money(coverage.unallocated),
            })}
      </Text>
      <Link to="/app/finance/reconcile" search={{ month }}>
        {say("reconcile")}
      </Link>
    </Card>
  );
}
