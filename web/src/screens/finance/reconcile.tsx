import { useState } from "react";
import type { ReconcileView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useCan } from "../../app/session.tsx";
import { useText } from "../../i18n/index.ts";
import { scaledOf } from "../../i18n/money.ts";
import {
  Alert,
  AskState,
  Badge,
  Button,
  type Column,
  DefinitionList,
  EmptyState,
  Page,
  Section,
  SelectField,
  Stack,
  Table,
  Text,
  type Tone,
} from "../../ui/index.ts";
import { BillDrawer } from "./bill-drawer.tsx";
import { Bills } from "./bills.tsx";
import { Amount, MonthBar, StateBadge, useMonth } from "./parts.tsx";
import { Quantity, said, useQuantities } from "./quantity.tsx";
import { type ReconcileKey, reconcileMessages } from "./reconcile-messages.ts";
import { useWords } from "./words.ts";

type SkuRow = ReconcileView["rows"][number];
type ExceptionRow = ReconcileView["exceptions"][number];

const TONES: Readonly<Record<SkuRow["verdict"], Tone>> = {
  over: "danger",
  below: "warning",
  "not-metered": "neutral",
  met: "success",
};
/** What wants a look comes first. */
const VERDICTS = Object.keys(TONES);

const isKey = (key: string): key is ReconcileKey => Object.hasOwn(reconcileMessages.en, key);

/** How far the meter explains AWS's bill, and the bills themselves. */
export default function Reconcile() {
  const t = useText(reconcileMessages);
  const month = useMonth();
  const can = useCan();
  const [isUploading, setIsUploading] = useState(false);
  const query = useAsk("financeReconcile", { query: month }, { keepsPrevious: true });
  const upload = can("finance.bill") && (
    <Button tone="primary" onClick={() => setIsUploading(true)}>
      {t("upload")}
    </Button>
  );
  return (
    <Page title={t("title")} intro={t("intro")} width="full" actions={upload}>
      <MonthBar to="/app/finance/reconcile" shown={query.data?.month} />
      <AskState query={query} label={t("skus")}>
        {(view) => (
          <Stack gap="lg">
            <Sums view={view} />
            <Skus view={view} />
            <Exceptions rows={view.exceptions} />
            <Bills bills={view.bills} upload={upload} />
          </Stack>
        )}
      </AskState>
      {isUploading && <BillDrawer onClose={() => setIsUploading(false)} />}
    </Page>
  );
}

function Sums({ view }: { readonly view: ReconcileView }) {
  const [say, { t, format }] = [useText(reconcileMessages), useWords()];
  const { bill, tenants, unallocated, unallocatedRatio, bills } = view;
  const hasBill = bills.length > 0;
  return (
    <Section title={say(hasBill ? "sums" : "estimatedSums")}>
      <DefinitionList
        items={[
          { term: say(hasBill ? "bill" : "estimatedBill"), value: <Amount money={bill} isStrong /> },
          { term: say("tenants"), value: <Amount money={tenants} /> },
          {
            term: say("unallocated"),
            value: (
              <Stack gap="none">
                <Amount money={unallocated} />
                {unallocatedRatio !== null && (
                  <Text as="span" size="sm" tone="muted">
                    {say("ofBill", { share: format.percent(unallocatedRatio, 2, 2) })}
                  </Text>
                )}
              </Stack>
            ),
          },
          { term: t("stateColumn"), value: <StateBadge state={bill.state} /> },
        ]}
      />
      <Text size="sm" tone="muted">
        {say("addsUp")}
      </Text>
    </Section>
  );
}

function Skus({ view: { rows, bills } }: { readonly view: ReconcileView }) {
  const [say, { format }] = [useText(reconcileMessages), useWords()];
  const { skuName, rate } = useQuantities();
  const [show, setShow] = useState("");
  // Without a bill the meter would be held against its own estimate.
  const isCompared = bills.length > 0;
  const scaled = (text: string | null): bigint => scaledOf(text ?? "0") ?? 0n;
  const amount = (id: "billed" | "direct" | "shared" | "unallocated"): Column<SkuRow> => ({
    id,
    label: say(id === "billed" && !isCompared ? "estimatedCost" : id),
    align: "end",
    sortBy: (row) => scaled(row[id].amount),
    render: (row) => <Amount money={row[id]} />,
  });
  const columns: readonly Column<SkuRow>[] = [
    {
      id: "sku",
      label: say("sku"),
      isRowHeader: true,
      sortBy: ({ sku, meter }) => skuName(sku, meter),
      render: ({ sku, meter, effectiveRate, unit }) => (
        <Stack gap="none">
          <Text as="span">{skuName(sku, meter)}</Text>
          <Text as="span" size="xs" tone="muted" isStrong={false}>
            {effectiveRate === null ? sku : rate(effectiveRate, { sku, unit })}
          </Text>
        </Stack>
      ),
    },
    {
      id: "units",
      label: say(isCompared ? "units" : "meteredUnits"),
      align: "end",
      sortBy: (row) => scaled(row.direct.amount),
      render: (row) => <Units row={row} isCompared={isCompared} />,
    },
    ...(isCompared
      ? [
          {
            id: "coverage",
            label: say("coverage"),
            align: "end" as const,
            sortBy: ({ coverage }: SkuRow) => scaled(coverage),
            render: ({ coverage, target }: SkuRow) =>
              coverage !== null && (
                <Stack gap="none">
                  <Text as="span" isNumeric>
                    {format.percent(coverage, 2, 2)}
                  </Text>
                  <Text as="span" size="xs" tone="muted">
                    {say("target", { share: format.percent(target, 1) })}
                  </Text>
                </Stack>
              ),
          },
          {
            id: "verdict",
            label: say("verdict"),
            sortBy: ({ verdict }: SkuRow) => VERDICTS.indexOf(verdict),
            render: ({ verdict }: SkuRow) => <Badge tone={TONES[verdict]} text={say(`verdict.${verdict}`)} />,
          },
        ]
      : []),
    amount("billed"),
    amount("direct"),
    amount("shared"),
    amount("unallocated"),
  ];
  const shown = show === "open" ? rows.filter(({ verdict }) => verdict === "below" || verdict === "over") : rows;
  return (
    <Section
      title={say("skus")}
      actions={
        isCompared && (
          <SelectField
            label={say("show")}
            width="sm"
            value={show}
            placeholder={say("show.all")}
            onChange={setShow}
            choices={[{ value: "open", label: say("show.open") }]}
          />
        )
      }
    >
      {!isCompared && rows.length > 0 && <Alert tone="info" title={say("notCompared")} />}
      <Table
        caption={say("skus")}
        hidesCaption
        columns={columns}
        rows={shown}
        rowKey={({ sku, unit }) => `${sku} ${unit ?? ""}`}
        rowTone={({ verdict }) => (verdict === "over" ? "danger" : verdict === "below" ? "warning" : undefined)}
        sortedBy={{ column: "billed", isDescending: true }}
        empty={
          <EmptyState
            title={say(rows.length === 0 ? "empty" : "nothingOpen")}
            hint={say(rows.length === 0 ? "emptyHint" : "nothingOpenHint")}
          />
        }
      />
    </Section>
  );
}

interface UnitsProps {
  readonly row: SkuRow;
  readonly isCompared: boolean;
}

/** What the meter counted and, where there is a bill, how much AWS billed. */
function Units({ row: { sku, unit, measure, unitsPerPricing, metered, billedUnits }, isCompared }: UnitsProps) {
  const say = useText(reconcileMessages);
  const quantities = useQuantities();
  if (measure === null || unitsPerPricing === null || billedUnits === "0") return say("unitsUnknown");
  const shown = (units: string) => quantities.metered(units, { sku, unit, measure, per: unitsPerPricing });
  return (
    <Stack gap="none">
      <Quantity of={shown(metered)} />
      {isCompared && (
        <Text as="span" size="xs" tone="muted">
          <Quantity of={said(shown(billedUnits), (quantity) => say("ofBilled", { quantity }))} />
        </Text>
      )}
    </Stack>
  );
}

function Exceptions({ rows }: { readonly rows: readonly ExceptionRow[] }) {
  const [say, { format }] = [useText(reconcileMessages), useWords()];
  const kindText = (kind: string): string => {
    const key = `kind.${kind}`;
    return isKey(key) ? say(key) : kind;
  };
  return (
    <Section title={say("exceptions")}>
      <Text tone="muted">{say("exceptionsIntro")}</Text>
      <Table
        caption={say("exceptions")}
        hidesCaption
        rows={rows}
        rowKey={({ kind }) => kind}
        empty={<EmptyState title={say("noExceptions")} hint={say("noExceptionsHint")} isCompact />}
        columns={[
          { id: "kind", label: say("kind"), isRowHeader: true, render: ({ kind }) => kindText(kind) },
          { id: "count", label: say("count"), align: "end", render: ({ count }) => format.number(count) },
          {
            id: "examples",
            label: say("examples"),
            render: ({ examples }) => (
              <Text as="span" isCode size="xs">
                {examples.join(", ")}
              </Text>
            ),
          },
        ]}
      />
    </Section>
  );
}
