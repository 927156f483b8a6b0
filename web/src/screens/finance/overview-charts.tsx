import type { FinanceOverview } from "../../../../core/contract/index.ts";
import { useText } from "../../i18n/index.ts";
import { compareDecimals, scaledOf, textOfScaled } from "../../i18n/money.ts";
import { type MoneyBar, MoneyChart, type MoneySeries } from "../../ui/index.ts";
import { overviewMessages } from "./overview-messages.ts";
import { useWords, wordFor } from "./words.ts";

/** Layers with a colour of their own; the rest is one. */
const MAX_SERIES = 5;
const OTHER = "other";

const sum = (amounts: readonly string[]): string =>
  textOfScaled(amounts.reduce((all, amount) => all + (scaledOf(amount) ?? 0n), 0n));

type Trend = FinanceOverview["trend"][number];

/** The dearest layers of all months, in the order of this month's answer; what is left over is one series. */
function seriesOf(trend: readonly Trend[]): readonly string[] {
  const totals = new Map<string, string>();
  for (const { layers } of trend)
    for (const { layer, cost } of layers) totals.set(layer, sum([totals.get(layer) ?? "0", cost]));
  const ranked = [...totals].toSorted(([, one], [, other]) => compareDecimals(other, one)).map(([layer]) => layer);
  return ranked.length <= MAX_SERIES + 1 ? ranked : [...ranked.slice(0, MAX_SERIES), OTHER];
}

function partsOf(layers: Trend["layers"], series: readonly string[]): Readonly<Record<string, string>> {
  const own = layers.filter(({ layer }) => series.includes(layer));
  const rest = layers.filter(({ layer }) => !series.includes(layer)).map(({ cost }) => cost);
  return {
    ...Object.fromEntries(own.map(({ layer, cost }) => [layer, cost])),
    ...(rest.length > 0 && { [OTHER]: sum(rest) }),
  };
}

/** Thirteen months by layer, with the band in which the one that runs will end. */
export function TrendOfMonths({ overview }: { readonly overview: FinanceOverview }) {
  const [say, { t, format }] = [useText(overviewMessages), useWords()];
  const { trend, forecast } = overview;
  const ids = seriesOf(trend);
  const series = ids.map((id): MoneySeries => ({
    id,
    label: id === OTHER ? say("otherLayers") : wordFor(t, "layer", id),
  }));
  const bars = trend.map(({ month, status, cost, layers }, index): MoneyBar => {
    const isLast = index === trend.length - 1;
    return {
      id: month,
      label: format.month(month),
      total: cost.amount,
      parts: partsOf(layers, ids),
      remark: `${wordFor(t, "status", status)}, ${wordFor(t, "state", cost.state).toLocaleLowerCase()}`,
      // What is closed is what it is.
      ...(isLast &&
        forecast !== null &&
        status !== "closed" && {
          forecast: {
            expected: forecast.expected.amount,
            low: forecast.low.amount,
            high: forecast.high.amount,
          },
        }),
    };
  });
  return <MoneyChart label={say("trend")} currency={overview.cost.currency} series={series} bars={bars} />;
}

/** Whole days of the month so far. */
export function DaysOfMonth({ overview }: { readonly overview: FinanceOverview }) {
  const [say, { t, format }] = [useText(overviewMessages), useWords()];
  const bars = overview.days.map(({ day, cost }): MoneyBar => ({
    id: day,
    label: format.date(day),
    short: String(Number(day.slice(8))),
    total: cost.amount,
    parts: { cost: cost.amount },
    remark: wordFor(t, "state", cost.state),
  }));
  return (
    <MoneyChart
      label={say("days")}
      currency={overview.cost.currency}
      series={[{ id: "cost", label: say("daysCost") }]}
      bars={bars}
    />
  );
}
