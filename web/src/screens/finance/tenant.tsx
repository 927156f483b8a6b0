import type { TenantCost } from "../../../../core/contract/index.ts";
import { UNALLOCATED } from "../../../../core/contract/finance.ts";
import { useAsk } from "../../api/hooks.ts";
import { useAddressQuery, usePathValue } from "../../app/navigation.ts";
import { useText } from "../../i18n/index.ts";
import { scaledOf, textOfScaled } from "../../i18n/money.ts";
import { AskState, Badge, type Column, EmptyState, Link, Page, Row, Stack, Table, Text } from "../../ui/index.ts";
import { Amount, MonthBar, StateBadge, useMonth } from "./parts.tsx";
import { type Measured, Quantity, useQuantities } from "./quantity.tsx";
import { tenantsMessages } from "./tenants-messages.ts";
import { useWords, wordFor, type Words } from "./words.ts";

const TO = "/app/finance/tenants/$tenant";
/** Places of an amount in a drill-down. */
const PLACES = 6;

type CostRow = TenantCost["rows"][number];
/** A row, the rounding that makes the rows add up, or what they add up to. */
type Shown = { readonly kind: "row"; readonly row: CostRow } | { readonly kind: "rounding" | "total" };

/** What one clinic costs, from layer to SKU to day; the same for what is nobody's. */
export default function Tenant() {
  const [say, words] = [useText(tenantsMessages), useWords()];
  const { t } = words;
  const tenant = usePathValue("tenant");
  const month = useMonth();
  const { layer, sku } = useAddressQuery();
  // A SKU stands below its layer: without one it asks for nothing.
  const asked = {
    ...month,
    ...(layer !== undefined && { layer }),
    ...(layer !== undefined && sku !== undefined && { sku }),
  };
  const query = useAsk("financeTenantCost", { path: { tenant }, query: asked });
  const name = tenant === UNALLOCATED ? t("unallocated") : (query.data?.tenant?.name ?? "");
  const up = { to: TO, params: { tenant } };
  const layerName = layer === undefined ? "" : wordFor(t, "layer", layer);
  return (
    <Page
      title={say("drillTitle", { name })}
      intro={say("drillIntro")}
      breadcrumbs={[
        { label: say("title"), to: "/app/finance/tenants", search: month },
        ...(layer === undefined ? [] : [{ ...up, label: name === "" ? say("wholeClinic") : name, search: month }]),
        ...(layer === undefined || sku === undefined ? [] : [{ ...up, label: layerName, search: { ...month, layer } }]),
      ]}
    >
      <MonthBar to={TO} params={{ tenant }} keeps={{ layer, sku }} shown={query.data?.month} />
      <AskState
        query={query}
        label={say("drillTitle", { name })}
        isEmpty={({ rows }) => rows.length === 0}
        empty={<EmptyState title={say("drillEmpty")} hint={say("drillEmptyHint")} />}
      >
        {(answer) => <Level answer={answer} tenant={tenant} words={words} />}
      </AskState>
    </Page>
  );
}

/** What the days counted together; undefined where one of them has no quantity, or another unit. */
function summed(
  rows: readonly CostRow[],
  sku: string | null,
  priced: ReturnType<typeof useQuantities>["priced"],
): Measured | undefined {
  const [unit, ...others] = new Set(rows.map((row) => row.unit));
  if (unit === undefined || unit === null || others.length > 0) return undefined;
  const quantity = rows.reduce((all, row) => all + (scaledOf(row.quantity ?? "0") ?? 0n), 0n);
  return priced(textOfScaled(quantity), { sku, unit });
}

interface LevelProps {
  readonly answer: TenantCost;
  readonly tenant: string;
  readonly words: Words;
}

function Level({ answer, tenant, words: { t, format } }: LevelProps) {
  const [say, { skuName, priced }] = [useText(tenantsMessages), useQuantities()];
  const month = useMonth();
  const { level, layer, sku, total, rounding, rows } = answer;
  const caption = say(`caption.${level}`, {
    layer: layer === null ? "" : wordFor(t, "layer", layer),
    sku: sku === null ? "" : skuName(sku),
  });
  const nameOf = ({ key, name }: CostRow): string =>
    level === "layer"
      ? wordFor(t, "layer", key)
      : level === "sku"
        ? skuName(key, name)
        : // What AWS bills by the month has no day.
          key === "month"
          ? say("wholeMonth")
          : format.weekday(key);
  const sum = level === "day" ? summed(rows, sku, priced) : undefined;
  const nextOf = ({ key }: CostRow) =>
    level === "layer" ? { ...month, layer: key } : { ...month, layer: layer ?? undefined, sku: key };
  const columns: readonly Column<Shown>[] = [
    {
      id: "key",
      label: say(`level.${level}`),
      isRowHeader: true,
      render: (shown) =>
        shown.kind !== "row" ? (
          say(shown.kind === "rounding" ? "rounding" : "exactTotal")
        ) : level === "day" ? (
          nameOf(shown.row)
        ) : (
          <Link to={TO} params={{ tenant }} search={nextOf(shown.row)}>
            {nameOf(shown.row)}
          </Link>
        ),
    },
    ...(level === "layer"
      ? []
      : [
          {
            id: "quantity",
            label: say("quantity"),
            align: "end" as const,
            render: (shown: Shown) => {
              if (shown.kind === "total") return sum === undefined ? "" : <Quantity of={sum} />;
              if (shown.kind !== "row" || shown.row.quantity === null) return "";
              const { key, quantity, unit } = shown.row;
              return <Quantity of={priced(quantity, { sku: sku ?? key, unit })} />;
            },
          },
          {
            id: "how",
            label: say("how"),
            render: (shown: Shown) =>
              shown.kind === "row" && (
                <Row gap="xs">
                  {shown.row.allocations.map((how) => (
                    <Badge key={how} tone={how === "Unallocated" ? "warning" : "neutral"} text={say(`how.${how}`)} />
                  ))}
                </Row>
              ),
          },
        ]),
    {
      id: "cost",
      label: t("cost"),
      align: "end",
      sortBy: (shown) => (shown.kind === "row" ? (scaledOf(shown.row.cost.amount) ?? 0n) : 0n),
      render: (shown) => (
        <Amount
          money={shown.kind === "row" ? shown.row.cost : shown.kind === "rounding" ? rounding : total}
          digits={PLACES}
          isStrong={shown.kind === "total"}
          isAlarming={shown.kind !== "rounding"}
        />
      ),
    },
    {
      id: "state",
      label: t("stateColumn"),
      render: (shown) =>
        shown.kind !== "rounding" && <StateBadge state={(shown.kind === "row" ? shown.row.cost : total).state} />,
    },
  ];
  const isRounded = scaledOf(rounding.amount) !== 0n;
  const foot: readonly Shown[] = [...(isRounded ? [{ kind: "rounding" } as const] : []), { kind: "total" }];
  return (
    <Stack gap="sm">
      <Table
        caption={caption}
        columns={columns}
        rows={rows.map((row): Shown => ({ kind: "row", row }))}
        foot={foot}
        rowKey={(one) => (one.kind === "row" ? one.row.key : one.kind)}
        rowTone={({ kind }) => (kind === "row" ? undefined : "muted")}
      />
      {isRounded && (
        <Text size="sm" tone="muted">
          {say("roundingHint")}
        </Text>
      )}
    </Stack>
  );
}
