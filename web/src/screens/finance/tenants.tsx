import { useState } from "react";
import type { FinanceTenants, TenantMargin } from "../../../../core/contract/index.ts";
import { UNALLOCATED } from "../../../../core/contract/finance.ts";
import { useAsk } from "../../api/hooks.ts";
import { useAddressQuery, useGo } from "../../app/navigation.ts";
import { useText } from "../../i18n/index.ts";
import { scaledOf } from "../../i18n/money.ts";
import {
  AskState,
  Badge,
  type Column,
  EmptyState,
  Link,
  LiveText,
  Page,
  Row,
  SelectField,
  Stack,
  Table,
  Text,
  TextField,
  Toolbar,
} from "../../ui/index.ts";
import { Amount, MonthBar, StateBadge, useMonth } from "./parts.tsx";
import { tenantsMessages } from "./tenants-messages.ts";
import { useWords, wordFor } from "./words.ts";

const TO = "/app/finance/tenants";

/** What every clinic costs and is asked for; loss-makers first, and what is nobody's always in sight. */
export default function Tenants() {
  const t = useText(tenantsMessages);
  const month = useMonth();
  const { show } = useAddressQuery();
  const query = useAsk("financeTenants", { query: month }, { keepsPrevious: true });
  return (
    <Page title={t("title")} intro={t("intro")} width="full">
      <MonthBar to={TO} keeps={{ show }} shown={query.data?.month} />
      <AskState
        query={query}
        label={t("caption")}
        isEmpty={({ tenants, unallocated }) => tenants.length === 0 && scaledOf(unallocated.amount) === 0n}
        empty={<EmptyState title={t("empty")} hint={t("emptyHint")} />}
      >
        {(answer) => <MarginTable answer={answer} isLossOnly={show === "losses"} />}
      </AskState>
    </Page>
  );
}

interface Shown {
  readonly id: string;
  readonly name: string;
  /** Undefined for what is nobody's. */
  readonly row: TenantMargin | undefined;
}

interface MarginTableProps {
  readonly answer: FinanceTenants;
  readonly isLossOnly: boolean;
}

function MarginTable({ answer, isLossOnly }: MarginTableProps) {
  const [say, { t }] = [useText(tenantsMessages), useWords()];
  const [text, setText] = useState("");
  const [tier, setTier] = useState("");
  const go = useGo();
  const { month } = useMonth();
  const { tenants, unallocated } = answer;
  const typed = text.trim().toLocaleLowerCase();
  const found = tenants.filter(
    ({ tenant, isLoss }) =>
      (typed === "" || tenant.name.toLocaleLowerCase().includes(typed)) &&
      (tier === "" || tenant.tier === tier) &&
      (!isLossOnly || isLoss),
  );
  const rows: readonly Shown[] = [
    ...found.map((row): Shown => ({ id: row.tenant.id, name: row.tenant.name, row })),
    { id: UNALLOCATED, name: t("unallocated"), row: undefined },
  ];
  return (
    <Stack>
      <Toolbar label={say("filters")}>
        <TextField label={say("find")} kind="search" width="sm" value={text} onChange={setText} maxLength={80} />
        <SelectField
          label={say("tier")}
          width="sm"
          value={tier}
          onChange={setTier}
          placeholder={say("anyTier")}
          choices={[...new Set(tenants.map((row) => row.tenant.tier))].map((value) => ({
            value,
            label: wordFor(t, "tier", value),
          }))}
        />
        <SelectField
          label={say("show")}
          width="sm"
          value={isLossOnly ? "losses" : "all"}
          isRequired
          onChange={(show) => go({ to: TO, search: { month, show: show === "all" ? undefined : show } })}
          choices={(["all", "losses"] as const).map((value) => ({ value, label: say(`show.${value}`) }))}
        />
      </Toolbar>
      <LiveText>
        {found.length === 0 && tenants.length > 0 ? say("noMatch") : say("shown", { count: found.length })}
      </LiveText>
      <Table
        caption={say("caption")}
        hidesCaption
        columns={useColumns(unallocated)}
        rows={rows}
        rowKey={({ id }) => id}
        rowTone={({ row }) => (row === undefined ? "muted" : row.isLoss ? "danger" : undefined)}
      />
      <Text size="sm" tone="muted">
        {say("unallocatedHint")}
      </Text>
    </Stack>
  );
}

function useColumns(unallocated: FinanceTenants["unallocated"]): readonly Column<Shown>[] {
  const [say, { t, format }] = [useText(tenantsMessages), useWords()];
  const { month } = useMonth();
  const scaled = (amount: string | undefined): bigint => scaledOf(amount ?? "0") ?? 0n;
  return [
    {
      id: "name",
      label: t("clinic"),
      isRowHeader: true,
      sortBy: ({ name }) => name,
      render: ({ id, name, row }) => (
        <Row gap="xs">
          <Link to="/app/finance/tenants/$tenant" params={{ tenant: id }} search={{ month }}>
            {name}
          </Link>
          {row?.isLoss === true && <Badge tone="danger" text={say("loss")} />}
        </Row>
      ),
    },
    {
      id: "tier",
      label: say("tier"),
      sortBy: ({ row }) => row?.tenant.tier ?? "",
      render: ({ row }) => (row === undefined ? say("noTier") : wordFor(t, "tier", row.tenant.tier)),
    },
    {
      id: "plan",
      label: say("plan"),
      render: ({ row }) => (row === undefined ? "" : (row.planId ?? say("planDefault"))),
    },
    {
      id: "cost",
      label: t("cost"),
      align: "end",
      sortBy: ({ row }) => scaled((row?.cost ?? unallocated).amount),
      render: ({ row }) => <Amount money={row?.cost ?? unallocated} />,
    },
    {
      id: "revenue",
      label: t("revenue"),
      align: "end",
      sortBy: ({ row }) => scaled(row?.revenue.amount),
      render: ({ row }) => (row === undefined ? "" : <Amount money={row.revenue} />),
    },
    {
      id: "margin",
      label: t("margin"),
      align: "end",
      sortBy: ({ row }) => (row === undefined ? -scaled(unallocated.amount) : scaled(row.margin.amount)),
      render: ({ row }) => (row === undefined ? "" : <Amount money={row.margin} isStrong />),
    },
    {
      id: "ratio",
      label: say("ratio"),
      align: "end",
      sortBy: ({ row }) => scaled(row?.ratio ?? "0"),
      render: ({ row }) => (row === undefined ? "" : row.ratio === null ? say("noRevenue") : format.percent(row.ratio)),
    },
    {
      id: "state",
      label: t("stateColumn"),
      render: ({ row }) => <StateBadge state={(row?.cost ?? unallocated).state} />,
    },
  ];
}
