import { useState } from "react";
import type { AnswerOf, PlanView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useCan } from "../../app/session.tsx";
import { useText } from "../../i18n/index.ts";
import { AskState, Button, Card, type Column, EmptyState, Section, Stack, Table, Text } from "../../ui/index.ts";
import { useDataWords } from "./data-words.ts";
import { entriesMessages } from "./entries-messages.ts";
import { Amount } from "./parts.tsx";
import { PlanDrawer } from "./plan-drawer.tsx";
import { Quantity, useQuantities } from "./quantity.tsx";
import { planText, usd, useWords, wordFor } from "./words.ts";

type Assignment = AnswerOf<"financePlans">["assignments"][number];

/** Price plans, and which clinic is on which. */
export function Plans() {
  const [say, { t, format }] = [useText(entriesMessages), useWords()];
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
      render: ({ planId }) => (planId === null ? say("newest") : planText(t, planId)),
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
              <PlanCard key={plan.id} plan={plan} name={planText(t, plan.id)} />
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
  const { one, counted } = useQuantities();
  return (
    <Card title={name} level={3}>
      <Stack>
        <Text tone="muted">{`${say("since")} ${format.date(plan.effectiveFrom)}`}</Text>
        <Table
          caption={say("meters", { plan: name })}
          hidesCaption
          rows={plan.meters}
          rowKey={({ meter }) => meter}
          columns={[
            { id: "meter", label: say("meter"), isRowHeader: true, render: (meter) => inWords(meter.name) },
            {
              id: "price",
              label: say("price"),
              align: "end",
              render: ({ meter, unit, unitPrice }) =>
                say("each", { price: format.money(usd(unitPrice), PLACES), unit: one({ meter, unit }) }),
            },
            {
              id: "included",
              label: say("included"),
              align: "end",
              render: ({ meter, unit, included }) =>
                included === "0" ? say("includedNone") : <Quantity of={counted(included, { meter, unit })} />,
            },
          ]}
        />
        <Table
          caption={say("tiersOf", { plan: name })}
          hidesCaption
          rows={plan.tiers}
          rowKey={({ tier }) => tier}
          columns={[
            { id: "tier", label: t("tierColumn"), isRowHeader: true, render: ({ tier }) => wordFor(t, "tier", tier) },
            {
              id: "price",
              label: say("tierPrice"),
              align: "end",
              render: ({ unitPrice }) => <Amount money={usd(unitPrice)} />,
            },
          ]}
        />
      </Stack>
    </Card>
  );
}
