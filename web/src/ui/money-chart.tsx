import { IconChartBar } from "@tabler/icons-react";
import { useFormat, useText } from "../i18n/index.ts";
import { scaledOf, textOfScaled } from "../i18n/money.ts";
import { Axes, AxisText, belowOf, ChartFrame, type Frame } from "./chart-frame.tsx";
import { classes } from "./classes.ts";
import { uiMessages } from "./messages.ts";
import css from "./money-chart.module.css";
import { heightsOf, type MoneyBar, moneyTicks, slicesOf } from "./money-scale.ts";
import { type Column, Table } from "./table.tsx";

export type { MoneyBar } from "./money-scale.ts";

export interface MoneySeries {
  readonly id: string;
  readonly label: string;
}

interface MoneyChartProps {
  /** What is added up: "Cost by month". */
  readonly label: string;
  readonly currency: string;
  /** From the bottom up; six at most have a colour of their own. */
  readonly series: readonly MoneySeries[];
  /** The first month first. */
  readonly bars: readonly MoneyBar[];
  readonly level?: 2 | 3 | 4;
}

const FRAME: Frame = { width: 640, height: 230, left: 62, right: 8, top: 10, bottom: 24 };
const COLOURS = 6;
/** More names than this would run into each other. */
const MAX_LABELS = 7;

/** Amounts by month, stacked by what they are made of, with where the month that runs is expected to end; and as a table. */
export function MoneyChart({ label, currency, series, bars, level = 3 }: MoneyChartProps) {
  const [t, format] = [useText(uiMessages), useFormat()];
  const money = (amount: string): string => format.money({ amount, currency });
  const columns: Column<MoneyBar>[] = [
    { id: "month", label: t("month"), isRowHeader: true, isNarrow: true, render: (bar) => bar.label },
    ...series.map((one): Column<MoneyBar> => ({
      id: one.id,
      label: one.label,
      align: "end",
      render: (bar) => money(bar.parts[one.id] ?? "0"),
    })),
    { id: "total", label: t("total"), align: "end", render: (bar) => money(bar.total) },
    { id: "remark", label: t("remark"), render: (bar) => bar.remark ?? "" },
  ];
  return (
    <ChartFrame
      label={label}
      unit={currency}
      level={level}
      icon={IconChartBar}
      isEmpty={bars.length === 0}
      table={<Table caption={label} hidesCaption rows={bars.toReversed()} rowKey={(bar) => bar.id} columns={columns} />}
    >
      <Plot label={label} currency={currency} series={series} bars={bars} />
      <ul className={css["legend"]} aria-label={t("legend")}>
        {series.map((one, index) => (
          <li key={one.id}>
            <span className={classes(css["swatch"], css[`s${index % COLOURS}`])} aria-hidden="true" />
            {one.label}
          </li>
        ))}
      </ul>
    </ChartFrame>
  );
}

type PlotProps = Required<Pick<MoneyChartProps, "label" | "currency" | "series" | "bars">>;

function Plot({ label, currency, series, bars }: PlotProps) {
  const [t, format] = [useText(uiMessages), useFormat()];
  const ids = series.map((one) => one.id);
  const ticks = moneyTicks(bars, ids);
  const y = heightsOf(ticks, [FRAME.height - FRAME.bottom, FRAME.top]);
  const slot = (FRAME.width - FRAME.left - FRAME.right) / bars.length;
  const width = Math.min(slot * 0.7, 46);
  const middle = (index: number): number => FRAME.left + slot * (index + 0.5);
  const every = Math.ceil(bars.length / MAX_LABELS);
  const [first, last] = [bars[0], bars.at(-1)];
  const money = (amount: string, digits = 2): string => format.money({ amount, currency }, digits);
  // Cents are told apart on the axis only where the steps are smaller than a dollar.
  const digits = (ticks[1] ?? 0n) - (ticks[0] ?? 0n) < 1_000_000_000_000n ? 2 : 0;
  const summary = t("moneySummary", {
    label,
    count: bars.length,
    from: first?.label ?? "",
    to: last?.label ?? "",
    latest: money(last?.total ?? "0"),
  });
  const forecast = last?.forecast;
  const expected =
    forecast === undefined
      ? ""
      : ` ${t("moneyForecast", { expected: money(forecast.expected), low: money(forecast.low), high: money(forecast.high) })}`;
  return (
    <Axes
      frame={FRAME}
      summary={`${summary}${expected}`}
      ticks={ticks}
      y={y}
      tickText={(tick) => money(textOfScaled(tick), digits)}
    >
      {bars.map((bar, index) => (
        <g key={bar.id}>
          {slicesOf(bar, ids).map(({ series: one, from, to }) => (
            <rect
              key={one}
              className={classes(css["part"], css[`s${ids.indexOf(one) % COLOURS}`])}
              x={middle(index) - width / 2}
              y={y(to)}
              width={width}
              height={Math.max(0, y(from) - y(to))}
            />
          ))}
          {bar.forecast !== undefined && <Band forecast={bar.forecast} x={middle(index)} width={width} y={y} />}
          {(bars.length - 1 - index) % every === 0 && (
            <AxisText x={middle(index)} y={belowOf(FRAME)} textAnchor="middle">
              {bar.short ?? bar.label}
            </AxisText>
          )}
        </g>
      ))}
    </Axes>
  );
}

interface BandProps {
  readonly forecast: NonNullable<MoneyBar["forecast"]>;
  readonly x: number;
  readonly width: number;
  readonly y: (amount: bigint) => number;
}

/** Where the month is expected to end, and how far off that may be. */
function Band({ forecast, x, width, y }: BandProps) {
  const at = (text: string): number => y(scaledOf(text) ?? 0n);
  const [high, low, expected] = [at(forecast.high), at(forecast.low), at(forecast.expected)];
  const [left, right] = [x - width / 2 - 3, x + width / 2 + 3];
  return (
    <>
      <rect className={css["band"]} x={left} y={high} width={right - left} height={Math.max(1, low - high)} />
      <line className={css["expected"]} x1={left} x2={right} y1={expected} y2={expected} />
    </>
  );
}
