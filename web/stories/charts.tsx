import { Countdown, PrintHeader, ProgressBar, Stack, TrendChart } from "../src/ui/index.ts";
import type { Story } from "./story.ts";

const points = [
  { at: "2026-01-12T15:00:00Z", value: 128 },
  { at: "2026-03-02T15:00:00Z", value: 134 },
  { at: "2026-05-18T15:00:00Z", value: 146, remark: "Above range" },
  { at: "2026-08-03T15:00:00Z", value: 131 },
  { at: "2026-11-20T15:00:00Z", value: 124 },
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
