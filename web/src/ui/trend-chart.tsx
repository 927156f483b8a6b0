import { IconChartLine } from "@tabler/icons-react";
import { useFormat, useText } from "../i18n/index.ts";
import { Axes, AxisText, belowOf, ChartFrame, type Frame } from "./chart-frame.tsx";
import { classes } from "./classes.ts";
import { Badge } from "./badge.tsx";
import { uiMessages } from "./messages.ts";
import { Table } from "./table.tsx";
import css from "./trend.module.css";
import { scaleOf, ticksOf } from "./trend-scale.ts";

export interface TrendPoint {
  /** An instant. */
  readonly at: string;
  readonly value: number;
  /** Said beside it in the table. */
  readonly remark?: string;
}

interface TrendChartProps {
  /** What is measured: "Systolic blood pressure". */
  readonly label: string;
  readonly unit: string;
  /** The first one first. */
  readonly points: readonly TrendPoint[];
  /** What is usual for this person. */
  readonly reference?: { readonly low?: number; readonly high?: number };
  readonly level?: 2 | 3 | 4;
}

const FRAME: Frame = { width: 560, height: 180, left: 44, right: 16, top: 14, bottom: 24 };

type Side = "low" | "high" | "normal";

const sideOf = (value: number, { low, high }: NonNullable<TrendChartProps["reference"]>): Side =>
  low !== undefined && value < low ? "low" : high !== undefined && value > high ? "high" : "normal";

/** A measure over time, with what is usual behind it; the same as a table, for who would rather read it. */
export function TrendChart({ label, unit, points, reference = {}, level = 3 }: TrendChartProps) {
  const [t, format] = [useText(uiMessages), useFormat()];
  const [first, last] = [points[0], points.at(-1)];
  const figure = (value: number): string => `${format.number(value)} ${unit}`;
  const summary =
    first === undefined || last === undefined
      ? t("nothing")
      : t("chartSummary", {
          label,
          count: points.length,
          from: format.day(first.at),
          to: format.day(last.at),
          latest: figure(last.value),
        });
  return (
    <ChartFrame
      label={label}
      unit={unit}
      level={level}
      icon={IconChartLine}
      isEmpty={points.length === 0}
      table={
        <Table
          caption={label}
          hidesCaption
          rows={points.toReversed()}
          rowKey={({ at, value }) => `${at} ${value}`}
          columns={[
            { id: "at", label: t("when"), isRowHeader: true, render: ({ at }) => format.dateTime(at) },
            { id: "value", label: t("value"), align: "end", render: ({ value }) => figure(value) },
            {
              id: "remark",
              label: t("remark"),
              render: ({ value, remark }) => {
                const side = sideOf(value, reference);
                return side === "normal" ? (remark ?? t("normal")) : <Badge tone="danger" text={remark ?? t(side)} />;
              },
            },
          ]}
        />
      }
    >
      <Plot summary={summary} points={points} reference={reference} />
    </ChartFrame>
  );
}

interface PlotProps {
  readonly summary: string;
  readonly points: readonly TrendPoint[];
  readonly reference: NonNullable<TrendChartProps["reference"]>;
}

function Plot({ summary, points, reference }: PlotProps) {
  const [t, format] = [useText(uiMessages), useFormat()];
  const { low, high } = reference;
  const times = points.map(({ at }) => Date.parse(at));
  const figures = [...points.map(({ value }) => value), ...[low, high].filter((value) => value !== undefined)];
  const ticks = ticksOf(figures);
  const { width, left, right } = FRAME;
  const x = scaleOf(times, [left, width - right]);
  const y = scaleOf(ticks, [FRAME.height - FRAME.bottom, FRAME.top]);
  const path = points
    .map(({ value }, index) => `${index === 0 ? "M" : "L"}${x(times[index] ?? 0)} ${y(value)}`)
    .join(" ");
  const [above, below] = [y(high ?? ticks.at(-1) ?? 0), y(low ?? ticks[0] ?? 0)];
  const range =
    low === undefined && high === undefined
      ? ""
      : ` ${t("chartReference", { low: low === undefined ? "" : format.number(low), high: high === undefined ? "" : format.number(high) })}`;
  const ends = points.length < 2 ? points.slice(0, 1) : [points[0], points.at(-1)];
  return (
    <Axes
      frame={FRAME}
      summary={`${summary}${range}`}
      ticks={ticks}
      y={y}
      tickText={(tick) => format.number(tick)}
      behind={
        range !== "" && (
          <rect
            className={css["range"]}
            x={left}
            y={above}
            width={width - left - right}
            height={Math.max(0, below - above)}
          />
        )
      }
    >
      {ends.map((point, index) =>
        point === undefined ? null : (
          <AxisText
            key={point.at}
            x={x(Date.parse(point.at))}
            y={belowOf(FRAME)}
            textAnchor={index === 0 ? "start" : "end"}
          >
            {format.day(point.at)}
          </AxisText>
        ),
      )}
      <path className={css["line"]} d={path} />
      {points.map(({ at, value }, index) => {
        const side = sideOf(value, reference);
        const [cx, cy] = [x(times[index] ?? 0), y(value)];
        return (
          <g key={`${at} ${value}`}>
            <circle
              className={classes(css["dot"], side !== "normal" && css["out"])}
              cx={cx}
              cy={cy}
              r={side === "normal" ? 3 : 4.5}
            />
            {side !== "normal" && (
              <text className={css["mark"]} x={cx} y={cy - 8} textAnchor="middle">
                {side === "high" ? "↑" : "↓"}
              </text>
            )}
          </g>
        );
      })}
    </Axes>
  );
}
