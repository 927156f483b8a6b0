import { IconTable } from "@tabler/icons-react";
import { type ReactNode, type SVGProps, useId, useState } from "react";
import { useText } from "../i18n/index.ts";
import { Button } from "./button.tsx";
import css from "./chart-frame.module.css";
import type { IconType } from "./icon.tsx";
import { uiMessages } from "./messages.ts";
import { EmptyState } from "./states.tsx";
import { Heading } from "./text.tsx";

interface ChartFrameProps {
  /** What is measured, and in what. */
  readonly label: string;
  readonly unit: string;
  readonly level: 2 | 3 | 4;
  /** Stands on the button that leads back from the table. */
  readonly icon: IconType;
  readonly isEmpty: boolean;
  /** The same as a table, for who would rather read it. */
  readonly table: ReactNode;
  readonly children: ReactNode;
}

/** A chart under its name, with a button that shows a table in its place. */
export function ChartFrame({ label, unit, level, icon, isEmpty, table, children }: ChartFrameProps) {
  const t = useText(uiMessages);
  const [isTable, setIsTable] = useState(false);
  const id = useId();
  const toggle = t(isTable ? "showChart" : "showTable");
  return (
    <figure className={css["figure"]} aria-labelledby={id}>
      <div className={css["head"]}>
        <Heading level={level} id={id} size={3}>
          {`${label} (${unit})`}
        </Heading>
        {!isEmpty && (
          <Button
            size="sm"
            tone="quiet"
            icon={isTable ? icon : IconTable}
            label={`${toggle}: ${label}`}
            onClick={() => setIsTable(!isTable)}
          >
            {toggle}
          </Button>
        )}
      </div>
      {isEmpty ? <EmptyState isCompact title={t("nothing")} /> : isTable ? table : children}
    </figure>
  );
}

/** The drawing's size and the margins of its axes, in units of its own. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface AxesProps<Tick extends number | bigint> {
  readonly frame: Frame;
  /** What the drawing says, for who hears it. */
  readonly summary: string;
  /** From the bottom up. */
  readonly ticks: readonly Tick[];
  readonly y: (tick: Tick) => number;
  readonly tickText: (tick: Tick) => string;
  /** Behind the lines of the ticks. */
  readonly behind?: ReactNode;
  readonly children: ReactNode;
}

/** The drawing of a chart: a line and a figure for each tick, and what is drawn over them. */
export function Axes<Tick extends number | bigint>(props: AxesProps<Tick>) {
  const { frame, summary, ticks, y, tickText, behind, children } = props;
  const { width, height, left, right } = frame;
  return (
    <svg className={css["chart"]} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={summary}>
      {behind}
      {ticks.map((tick) => (
        <g key={tick.toString()}>
          <line className={css["grid"]} x1={left} x2={width - right} y1={y(tick)} y2={y(tick)} />
          <AxisText x={left - 6} y={y(tick) + 4} textAnchor="end">
            {tickText(tick)}
          </AxisText>
        </g>
      ))}
      {children}
    </svg>
  );
}

type AxisTextProps = Required<Pick<SVGProps<SVGTextElement>, "x" | "y" | "textAnchor" | "children">>;

/** A figure or a day at an axis. */
export const AxisText = (props: AxisTextProps) => <text className={css["axis"]} {...props} />;

/** Where what stands under the drawing has its line. */
export const belowOf = ({ height }: Frame): number => height - 6;
