import { useState } from "react";
import { MEASURES, type Measure, type VitalColumn } from "../../../../core/contract/chart-words.ts";
import { useText } from "../../i18n/index.ts";
import { Columns, SelectField, Stack, TrendChart, type TrendPoint } from "../../ui/index.ts";
import { vitalsMessages } from "./messages.ts";
import { useUnitSystem } from "./unit-system.ts";

/** What was measured over time, one measure at a time: a chart, or the same as a table. */
export function VitalTrends({ columns }: { readonly columns: readonly VitalColumn[] }) {
  const [t, [system]] = [useText(vitalsMessages), useUnitSystem()];
  const [measure, setMeasure] = useState<Measure>("blood-pressure");
  const cells = columns
    .toReversed()
    .flatMap(({ at, cells: all }) =>
      all.filter((cell) => cell.measure === measure && cell.state !== "entered-in-error").map((cell) => ({ at, cell })),
    );
  const newest = cells.at(-1)?.cell;
  const remarkOf = ({ finding, flag }: (typeof cells)[number]["cell"]): string =>
    finding === undefined ? t(`flag.${flag}`) : t(`finding.${finding}`);
  const line = (index: number): readonly TrendPoint[] =>
    cells.flatMap(({ at, cell }) => {
      const value = cell.points[system][index];
      return value === undefined || Number.isNaN(value) ? [] : [{ at, value, remark: remarkOf(cell) }];
    });
  const limits = (index: number): { low?: number; high?: number } => {
    const [low, high] = (newest?.range?.[system] ?? "").split(/[–\s]/).map((part) => Number(part.split("/")[index]));
    return low === undefined || high === undefined || Number.isNaN(low) || Number.isNaN(high) ? {} : { low, high };
  };
  const unit = newest?.shown[system].label ?? "";
  const isPair = measure === "blood-pressure";
  return (
    <Stack>
      <SelectField
        label={t("trendOf")}
        value={measure}
        isRequired
        width="sm"
        onChange={(next) => setMeasure(MEASURES.find((known) => known === next) ?? "weight")}
        choices={MEASURES.map((each) => ({ value: each, label: t(`measure.${each}`) }))}
      />
      <Columns min="lg">
        <TrendChart
          label={isPair ? t("systolic") : t(`measure.${measure}`)}
          unit={unit}
          points={line(0)}
          reference={limits(0)}
        />
        {isPair && <TrendChart label={t("diastolic")} unit={unit} points={line(1)} reference={limits(1)} />}
      </Columns>
    </Stack>
  );
}
