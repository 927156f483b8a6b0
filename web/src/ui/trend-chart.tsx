import { IconChartLine, IconTable } from "@tabler/icons-react";
import { useId, useState } from "react";
import { useFormat, useText } from "../i18n/index.ts";
import { Button } from "./button.tsx";
import { classes } from "./classes.ts";
import { Badge } from "./badge.tsx";
import { uiMessages } from "./messages.ts";
import { EmptyState } from "./states.tsx";
import { Table } from "./table.tsx";
import { Heading } from "./text.tsx";
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

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [560, 180, 44, 24, 14, 16] as const;

type Side = "low" | "high" | "normal";

const sideOf = (value: number, { low, high }: NonNullable<TrendChartProps["reference"]>): Side =>
  low !== undefined && value < low ? "low" : high !== undefined && value > high ? "high" : "normal";

/** A measure over time, with what is usual behind it; the same as a table, for who would rather read it. */
export function TrendChart({ label, unit, points, reference = {}, level = 3 }: TrendChartProps) {
  const [t, format] = [useText(uiMessages), useFormat()];
  const [isTable, setIsTable] = useState(false);
  const id = useId();
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
    <figure className={css["figure"]} aria-labelledby={id}>
      <div className={css["head"]}>
        <Heading level={level} id={id} size={3}>
          {`${label} (${unit})`}
        </Heading>
        {points.length > 0 && (
          <Button
            size="sm"
            tone="quiet"
            icon={isTable ? IconChartLine : IconTable}
            label={`${t(isTable ? "showChart" : "showTable")}: ${label}`}
            onClick={() => setIsTable(!isTable)}
          >
            {t(isTable ? "showChart" : "showTable")}
          </Button>
        )}
      </div>
      {isTable ? (
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
      ) : points.length === 0 ? (
        <EmptyState isCompact title={t("nothing")} />
      ) : (
        <Plot summary={summary} points={points} reference={reference} />
      )}
    </figure>
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
  const x = scaleOf(times, [LEFT, WIDTH - RIGHT]);
  const y = scaleOf(ticks, [HEIGHT - BOTTOM, TOP]);
  const path = points
    .map(({ value }, index) => `${index === 0 ? "M" : "L"}${x(times[index] ?? 0)} ${y(value)}`)
    .join(" ");
  const [top, bottom] = [y(high ?? ticks.at(-1) ?? 0), y(low ?? ticks[0] ?? 0)];
  const range =
    low === undefined && high === undefined
      ? ""
      : ` ${t("chartReference", { low: low === undefined ? "" : format.number(low), high: high === undefined ? "" : format.number(high) })}`;
  const ends = points.length < 2 ? points.slice(0, 1) : [points[0], points.at(-1)];
  return (
    <svg className={css["chart"]} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${summary}${range}`}>
      {range !== "" && (
        <rect
          className={css["range"]}
          x={LEFT}
          y={top}
          width={WIDTH - LEFT - RIGHT}
          height={Math.max(0, bottom - top)}
        />
      )}
      {ticks.map((tick) => (
        <g key={tick}>
          <line className={css["grid"]} x1={LEFT} x2={WIDTH - RIGHT} y1={y(tick)} y2={y(tick)} />
          <text className={css["axis"]} x={LEFT - 6} y={y(tick) + 4} textAnchor="end">
            {format.number(tick)}
          </text>
        </g>
      ))}
      {ends.map((point, index) =>
        point === undefined ? null : (
          <text
            key={point.at}
            className={css["axis"]}
            x={x(Date.parse(point.at))}
            y={HEIGHT - 6}
            textAnchor={index === 0 ? "start" : "end"}
          >
            {format.day(point.at)}
          </text>
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
    </svg>
  );
}
