import { useState } from "react";
import type { ReconcileView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useCan } from "../../app/session.tsx";
import { useText } from "../../i18n/index.ts";
import { scaledOf } from "../../i18n/money.ts";
import {
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
import { type ReconcileKey, reconcileMessages } from "./reconcile-messages.ts";
import { usd, useWords } from "./words.ts";

type SkuRow = ReconcileView["rows"][number];
type ExceptionRow = ReconcileView["exceptions"][number];

const TONES: Readonly<Record<SkuRow["verdict"], Tone>> = {
  met: "success",
  below: "warning",
  over: "danger",
  "not-metered": "neutral",
};
/** Of a rate: a unit of DynamoDB costs less than a millionth of a dollar. */
const RATE_PLACES = 12;

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
  const { bill, tenants, unallocated, unallocatedRatio } = view;
  return (
    <Section title={say("sums")}>
      <DefinitionList
        items={[
          { term: say("bill"), value: <Amount money={bill} isStrong /> },
          { term: say("tenants"), value: <Amount money={tenants} /> },
          {
            term: say("unallocated"),
            value: (
              <Stack gap="none">
                <Amount money={unallocated} />
                {unallocatedRatio !== null && (
                  <Text as="span" size="sm" tone="muted">
                    {say("ofBill", { share: format.percent(unallocatedRatio, 2) })}
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

function Skus({ view: { rows } }: { readonly view: ReconcileView }) {
  const [say, { format }] = [useText(reconcileMessages), useWords()];
  const [show, setShow] = useState("all");
  const scaled = (text: string | null): bigint => scaledOf(text ?? "0") ?? 0n;
  const amount = (id: "billed" | "direct" | "shared" | "unallocated"): Column<SkuRow> => ({
    id,
    label: say(id),
    align: "end",
    sortBy: (row) => scaled(row[id].amount),
    render: (row) => <Amount money={row[id]} />,
  });
  const columns: readonly Column<SkuRow>[] = [
    {
      id: "sku",
      label: say("sku"),
      isRowHeader: true,
      sortBy: ({ sku }) => sku,
      render: ({ sku, meter, effectiveRate, unit }) => (
        <Stack gap="none">
          <Text as="span">{meter ?? sku}</Text>
          <Text as="span" size="xs" tone="muted" isCode>
            {sku}
          </Text>
          {effectiveRate !== null && (
            <Text as="span" size="xs" tone="muted">
              {say("rate", { rate: format.money(usd(effectiveRate), RATE_PLACES), unit: unit ?? "" })}
            </Text>
          )}
        </Stack>
      ),
    },
    {
      id: "units",
      label: say("units"),
      align: "end",
      render: ({ metered, billedUnits }) =>
        say("meteredOf", { metered: format.decimal(metered, 0), billed: format.decimal(billedUnits, 0) }),
    },
    {
      id: "coverage",
      label: say("coverage"),
      align: "end",
      sortBy: ({ coverage }) => scaled(coverage),
      render: ({ coverage, target }) =>
        coverage === null
          ? ""
          : `${format.percent(coverage, 2)} (${say("target", { share: format.percent(target, 1) })})`,
    },
    {
      id: "verdict",
      label: say("verdict"),
      sortBy: ({ verdict }) => verdict,
      render: ({ verdict }) => <Badge tone={TONES[verdict]} text={say(`verdict.${verdict}`)} />,
    },
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
        <SelectField
          label={say("show")}
          width="sm"
          value={show}
          isRequired
          onChange={setShow}
          choices={(["all", "open"] as const).map((value) => ({ value, label: say(`show.${value}`) }))}
        />
      }
    >
      <Table
        caption={say("skus")}
        hidesCaption
        columns={columns}
        rows={shown}
        rowKey={({ sku, unit }) => `${sku} ${unit ?? ""}`}
        rowTone={({ verdict }) => (verdict === "over" ? "danger" : verdict === "below" ? "warning" : undefined)}
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
