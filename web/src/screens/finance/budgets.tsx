import { useState } from "react";
import type { BudgetView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useCan } from "../../app/session.tsx";
import { useText } from "../../i18n/index.ts";
import { scaledOf, shareOf } from "../../i18n/money.ts";
import {
  AskState,
  Badge,
  Button,
  ButtonRow,
  type Column,
  EmptyState,
  Page,
  Row,
  Section,
  Stack,
  Table,
  Text,
} from "../../ui/index.ts";
import { Anomalies } from "./anomalies.tsx";
import { BudgetDrawer } from "./budget-drawer.tsx";
import { BudgetRemoval } from "./budget-removal.tsx";
import { budgetsMessages } from "./budgets-messages.ts";
import { Amount, MonthBar, useMonth } from "./parts.tsx";
import { usd, useWords } from "./words.ts";

interface Known {
  readonly id: string;
  readonly name: string;
  readonly amount: string;
}

/** What is being done: to an existing budget, or a new one. */
type Doing = { readonly act: "set" } | { readonly act: "change" | "remove"; readonly of: Known };

/** Budgets with what they have come to, and days that were unlike others. */
export default function Budgets() {
  const [say, { t, format }] = [useText(budgetsMessages), useWords()];
  const month = useMonth();
  const can = useCan();
  const query = useAsk("financeBudgets", { query: month }, { keepsPrevious: true });
  const [doing, setDoing] = useState<Doing | undefined>(undefined);
  const done = () => setDoing(undefined);
  const nameOf = ({ tenant }: BudgetView): string => tenant?.name ?? say("wholePlatform");
  const usedOf = ({ actual, amount }: BudgetView): number =>
    shareOf(scaledOf(actual.amount) ?? 0n, scaledOf(amount) ?? 0n);
  const add = can("finance.budget") && (
    <Button tone="primary" onClick={() => setDoing({ act: "set" })}>
      {say("set")}
    </Button>
  );
  const columns: readonly Column<BudgetView>[] = [
    { id: "whose", label: say("whose"), isRowHeader: true, sortBy: nameOf, render: nameOf },
    {
      id: "amount",
      label: t("amount"),
      align: "end",
      sortBy: ({ amount }) => scaledOf(amount) ?? 0n,
      render: ({ amount }) => <Amount money={usd(amount)} />,
    },
    { id: "actual", label: say("actual"), align: "end", render: ({ actual }) => <Amount money={actual} /> },
    {
      id: "used",
      label: say("used"),
      align: "end",
      sortBy: usedOf,
      render: (row) => format.percent(usedOf(row).toFixed(6), 0),
    },
    {
      id: "forecast",
      label: say("forecast"),
      align: "end",
      render: ({ forecast }) => (forecast === null ? say("noForecast") : <Amount money={forecast} />),
    },
    {
      id: "alerts",
      label: say("alerts"),
      render: ({ alerts }) =>
        alerts.length === 0 ? (
          say("noAlerts")
        ) : (
          <Row gap="xs">
            {alerts.map((alert) => (
              <Badge
                key={alert}
                tone={alert === "50" ? "info" : alert === "80" ? "warning" : "danger"}
                text={say(`alert.${alert}`)}
              />
            ))}
          </Row>
        ),
    },
    { id: "set", label: say("setBy"), render: ({ at }) => format.date(at) },
    {
      id: "change",
      label: say("actions"),
      hidesLabel: true,
      isNarrow: true,
      render: (row) => {
        const [name, of] = [nameOf(row), { id: row.id, name: nameOf(row), amount: row.amount }];
        return (
          can("finance.budget") && (
            <ButtonRow>
              <Button
                size="sm"
                tone="quiet"
                label={say("changeOf", { name })}
                onClick={() => setDoing({ act: "change", of })}
              >
                {say("change")}
              </Button>
              <Button
                size="sm"
                tone="quiet"
                label={say("removeOf", { name })}
                onClick={() => setDoing({ act: "remove", of })}
              >
                {say("remove")}
              </Button>
            </ButtonRow>
          )
        );
      },
    },
  ];
  return (
    <Page title={say("title")} intro={say("intro")} width="full">
      <MonthBar to="/app/finance/budgets" shown={query.data?.month} />
      <Stack gap="lg">
        <Section title={say("budgets")} actions={(query.data?.budgets.length ?? 0) > 0 && add}>
          <Text tone="muted">{say("budgetsIntro")}</Text>
          <AskState
            query={query}
            label={say("budgets")}
            isEmpty={({ budgets }) => budgets.length === 0}
            empty={<EmptyState title={say("noBudgets")} hint={say("noBudgetsHint")} action={add} />}
          >
            {({ budgets }) => (
              <Table caption={say("budgets")} hidesCaption columns={columns} rows={budgets} rowKey={({ id }) => id} />
            )}
          </AskState>
        </Section>
        <Anomalies />
      </Stack>
      {doing?.act === "remove" && <BudgetRemoval of={doing.of} onClose={done} />}
      {doing !== undefined && doing.act !== "remove" && (
        <BudgetDrawer
          {...(doing.act === "change" && { of: doing.of })}
          taken={(query.data?.budgets ?? []).map(({ id }) => id)}
          onClose={done}
        />
      )}
    </Page>
  );
}
