import { Countdown, PrintHeader, ProgressBar, type MoneyBar, MoneyChart, Stack, TrendChart } from "../src/ui/index.ts";
import type { Story } from "./story.ts";

const points = [
  { at: "2026-01-12T15:00:00Z", value: 128 },
  { at: "2026-03-02T15:00:00Z", value: 134 },
  { at: "2026-05-18T15:00:00Z", value: 146, remark: "Above range" },
  { at: "2026-08-03T15:00:00Z", value: 131 },
  { at: "2026-11-20T15:00:00Z", value: 124 },
];

const series = [
  { id: "data", label: "Data" },
  { id: "runtime", label: "Runtime" },
  { id: "credits", label: "Credits" },
];
const months: readonly MoneyBar[] = [
  { id: "2026-08", label: "Aug 2026", total: "181.5", parts: { data: "120.25", runtime: "61.25" }, remark: "closed" },
  {
    id: "2026-09",
    label: "Sep 2026",
    total: "165",
    parts: { data: "131", runtime: "64", credits: "-30" },
    remark: "closed",
  },
  {
    id: "2026-10",
    label: "Oct 2026",
    total: "98.123456789012",
    parts: { data: "60", runtime: "38.123456789012" },
    remark: "estimated",
    forecast: { expected: "190", low: "171.5", high: "204" },
  },
];

export const stories: readonly Story[] = [
  {
    id: "trend-chart",
    title: "TrendChart",
    render: () => (
      <TrendChart label="Systolic blood pressure" unit="mmHg" points={points} reference={{ low: 90, high: 140 }} />
    ),
  },
  {
    id: "trend-chart-one",
    title: "TrendChart with one value, and with none",
    render: () => (
      <Stack>
        <TrendChart label="Weight" unit="kg" points={points.slice(0, 1)} />
        <TrendChart label="Height" unit="cm" points={[]} />
      </Stack>
    ),
  },
  {
    id: "money-chart",
    title: "MoneyChart: months, a credit, a forecast",
    render: () => (
      <Stack>
        <MoneyChart label="Cost by month" currency="USD" series={series} bars={months} />
        <MoneyChart label="Cost of a new stage" currency="USD" series={series} bars={[]} />
      </Stack>
    ),
  },
  {
    id: "progress",
    title: "ProgressBar, Countdown",
    render: () => (
      <Stack>
        <ProgressBar label="Export of the charts" done={0.42} />
        <ProgressBar label="Looking for duplicates" done={undefined} />
        <Countdown label="Emergency access" until={new Date(Date.now() + 3_540_000).toISOString()} />
        <PrintHeader
          title="Visit note"
          clinic="Lakeside Family Practice"
          printedBy="Avery Stone"
          lines={["Example, Person"]}
        />
      </Stack>
    ),
  },
];
