import { useState } from "react";
import type { AnswerOf, PlanView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useCan } from "../../app/session.tsx";
import { useText } from "../../i18n/index.ts";
import { AskState, Button, Card, type Column, EmptyState, Section, Stack, Table, Text } from "../../ui/index.ts";
import { useDataWords } from "./data-words.ts";
import { entriesMessages } from "./entries-messages.ts";
import { PlanDrawer } from "./plan-drawer.tsx";
import { usd, useWords, wordFor } from "./words.ts";

type Assignment = AnswerOf<"financePlans">["assignments"][number];

/** Price plans, and which clinic is on which. */
export function Plans() {
  const [say, { t, format }, inWords] = [useText(entriesMessages), useWords(), useDataWords()];
  const can = useCan();
  const query = useAsk("financePlans");
  const [assigning, setAssigning] = useState<Assignment | undefined>(undefined);
  const columns: readonly Column<Assignment>[] = [
    {
      id: "clinic",
      label: t("clinic"),
      isRowHeader: true,
      sortBy: ({ tenant }) => tenant.name,
      render: ({ tenant }) => tenant.name,
    },
    { id: "tier", label: t("tierColumn"), render: ({ tenant }) => wordFor(t, "tier", tenant.tier) },
    {
      id: "plan",
      label: say("plan"),
      sortBy: ({ planId }) => planId ?? "",
      render: ({ planId }) => planId ?? say("newest"),
    },
    { id: "from", label: say("from"), render: ({ from }) => (from === null ? "" : format.month(from)) },
    {
      id: "assign",
      label: say("assign"),
      hidesLabel: true,
      isNarrow: true,
      render: (row) =>
        can("finance.plan") && (
          <Button
            size="sm"
            tone="quiet"
            label={say("assignOf", { name: row.tenant.name })}
            onClick={() => setAssigning(row)}
          >
            {say("assign")}
          </Button>
        ),
    },
  ];
  return (
    <AskState query={query} label={say("plans")}>
      {({ plans, assignments }) => (
        <Stack gap="lg">
          <Section title={say("plans")}>
            <Text tone="muted">{say("plansIntro")}</Text>
            {plans.map((plan) => (
              <PlanCard key={plan.id} plan={plan} name={inWords(plan.name)} />
            ))}
          </Section>
          <Section title={say("assignments")}>
            <Table
              caption={say("assignments")}
              hidesCaption
              columns={columns}
              rows={assignments}
              rowKey={({ tenant }) => tenant.id}
              empty={<EmptyState title={say("noClinics")} hint={say("noClinicsHint")} isCompact />}
            />
          </Section>
          {assigning !== undefined && (
            <PlanDrawer of={assigning} plans={plans} onClose={() => setAssigning(undefined)} />
          )}
        </Stack>
      )}
    </AskState>
  );
}

/** Of a price: as many places as a plan may have. */
const PLACES = 6;

function PlanCard({ plan, name }: { readonly plan: PlanView; readonly name: string }) {
  const [say, { t, format }, inWords] = [useText(entriesMessages), useWords(), useDataWords()];
  return (
    <Card title={`${name} (${plan.id})`} level={3}>
      <Stack>
        <Text tone="muted">{`${say("since")} ${format.date(plan.effectiveFrom)}`}</Text>
        <Table
          caption={say("meters", { plan: plan.id })}
          hidesCaption
          rows={plan.meters}
          rowKey={({ meter }) => meter}
          columns={[
            { id: "meter", label: say("meter"), isRowHeader: true, render: (meter) => inWords(meter.name) },
            { id: "unit", label: say("unit"), render: ({ unit }) => unit },
            {
              id: "price",
              label: say("price"),
              align: "end",
              render: ({ unitPrice }) => format.money(usd(unitPrice), PLACES),
            },
            {
              id: "included",
              label: say("included"),
              align: "end",
              render: ({ included }) => format.decimal(included),
            },
          ]}
        />
        <Table
          caption={say("tiersOf", { plan: plan.id })}
          hidesCaption
          rows={plan.tiers}
          rowKey={({ tier }) => tier}
          columns={[
            { id: "tier", label: t("tierColumn"), isRowHeader: true, render: (tier) => inWords(tier.name) },
            {
              id: "price",
              label: say("price"),
              align: "end",
              render: ({ unitPrice }) => format.money(usd(unitPrice), PLACES),
            },
          ]}
        />
      </Stack>
    </Card>
  );
}
