import { useState } from "react";
import type { FinanceTenants, TenantMargin } from "../../../../core/contract/index.ts";
import { UNALLOCATED } from "../../../../core/contract/finance.ts";
import { useAsk } from "../../api/hooks.ts";
import { useAddressQuery, useGo } from "../../app/navigation.ts";
import { useText } from "../../i18n/index.ts";
import { scaledOf, shareOf, textOfScaled } from "../../i18n/money.ts";
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
import { planText, useWords, wordFor } from "./words.ts";

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

/** What a row adds up: a clinic's own sums, or those of several. */
type Sums = Pick<TenantMargin, "cost" | "revenue" | "margin" | "ratio">;

/** A clinic, what is nobody's, or all that is shown. */
interface Shown {
  readonly id: string;
  readonly name: string;
  readonly row?: TenantMargin;
  readonly sums: Pick<Sums, "cost"> & Partial<Sums>;
}

const TOTAL = "total";

/** Clinics and what is nobody's, added up exactly. */
function totalOf(rows: readonly TenantMargin[], unallocated: FinanceTenants["unallocated"]): Sums {
  const sum = (amounts: readonly string[]): bigint =>
    amounts.reduce((all, amount) => all + (scaledOf(amount) ?? 0n), 0n);
  const cost = sum([...rows.map((row) => row.cost.amount), unallocated.amount]);
  const revenue = sum(rows.map((row) => row.revenue.amount));
  const money = (scaled: bigint) => ({ ...unallocated, amount: textOfScaled(scaled) });
  return {
    cost: money(cost),
    revenue: money(revenue),
    margin: money(revenue - cost),
    ratio: revenue === 0n ? null : shareOf(revenue - cost, revenue).toFixed(6),
  };
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
  const rows = found.map((row): Shown => ({ id: row.tenant.id, name: row.tenant.name, row, sums: row }));
  const isAll = found.length === tenants.length;
  const foot: readonly Shown[] = [
    { id: UNALLOCATED, name: t("unallocated"), sums: { cost: unallocated } },
    { id: TOTAL, name: t(isAll ? "total" : "totalShown"), sums: totalOf(found, unallocated) },
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
          value={isLossOnly ? "losses" : ""}
          placeholder={say("show.all")}
          onChange={(show) => go({ to: TO, search: { month, show: show === "" ? undefined : show } })}
          choices={[{ value: "losses", label: say("show.losses") }]}
        />
      </Toolbar>
      <LiveText>
        {found.length === 0 && tenants.length > 0 ? say("noMatch") : say("shown", { count: found.length })}
      </LiveText>
      <Table
        caption={say("caption")}
        hidesCaption
        columns={useColumns()}
        rows={rows}
        foot={foot}
        rowKey={({ id }) => id}
        rowTone={({ id, row }) => (id === UNALLOCATED ? "muted" : row?.isLoss === true ? "danger" : undefined)}
      />
      <Text size="sm" tone="muted">
        {say("unallocatedHint")}
      </Text>
    </Stack>
  );
}

function useColumns(): readonly Column<Shown>[] {
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
          {id === TOTAL ? (
            name
          ) : (
            <Link to="/app/finance/tenants/$tenant" params={{ tenant: id }} search={{ month }}>
              {name}
            </Link>
          )}
          {row?.isLoss === true && <Badge tone="danger" text={say("loss")} />}
        </Row>
      ),
    },
    {
      id: "tier",
      label: say("tier"),
      sortBy: ({ row }) => row?.tenant.tier ?? "",
      render: ({ row }) => (row === undefined ? "" : wordFor(t, "tier", row.tenant.tier)),
    },
    {
      id: "plan",
      label: say("plan"),
      render: ({ row }) =>
        row === undefined ? "" : row.planId === null ? say("planDefault") : planText(t, row.planId),
    },
    {
      id: "cost",
      label: t("cost"),
      align: "end",
      sortBy: ({ sums }) => scaled(sums.cost.amount),
      render: ({ id, sums }) => <Amount money={sums.cost} isStrong={id === TOTAL} />,
    },
    {
      id: "revenue",
      label: t("revenue"),
      align: "end",
      sortBy: ({ sums }) => scaled(sums.revenue?.amount),
      render: ({ id, sums: { revenue } }) =>
        revenue === undefined ? "" : <Amount money={revenue} isStrong={id === TOTAL} />,
    },
    {
      id: "margin",
      label: t("margin"),
      align: "end",
      sortBy: ({ sums }) => scaled(sums.margin?.amount),
      render: ({ sums: { margin } }) => (margin === undefined ? "" : <Amount money={margin} isStrong />),
    },
    {
      id: "ratio",
      label: say("ratio"),
      align: "end",
      sortBy: ({ sums }) => scaled(sums.ratio ?? "0"),
      render: ({ sums: { ratio } }) =>
        ratio === undefined ? "" : ratio === null ? say("noRevenue") : format.percent(ratio, 1, 1),
    },
    {
      id: "state",
      label: t("stateColumn"),
      render: ({ sums }) => <StateBadge state={sums.cost.state} />,
    },
  ];
}
