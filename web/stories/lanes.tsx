import { Badge, Text, TimeLanes } from "../src/ui/index.ts";
import type { Story } from "./story.ts";

const SLOTS = Array.from({ length: 12 }, (_slot, index) =>
  index % 6 === 0 ? `${String(8 + index / 6)}:00` : undefined,
);
const item = (key: string, from: number, to: number, canDrag: boolean) => ({
  key,
  from,
  to,
  canDrag,
  isBusy: !canDrag,
  content: <Text>{`Visit ${key}`}</Text>,
});

export const stories: readonly Story[] = [
  {
    id: "time-lanes",
    title: "TimeLanes: two lanes, one with hatched times, two items that overlap, and one that is being moved",
    render: () => (
      <TimeLanes
        label="By provider"
        slots={SLOTS}
        now={{ slot: 4, label: "Now, 8:41" }}
        lanes={[
          {
            id: "one",
            name: "Daniel Reyes",
            state: <Badge text="3 visits" />,
            note: "Works 8:00 to 9:00",
            empty: "Nothing on this day",
            items: [item("one", 0, 2, true), item("two", 1, 3, true), item("three", 8, 10, false)],
            closed: [{ from: 6, to: 12 }],
          },
          { id: "two", name: "Maya Okafor", empty: "Nothing on this day", items: [], closed: [] },
        ]}
        onDragStart={() => undefined}
        tell={() => ({ text: "9:10", reason: "Not possible: The provider is away.", tone: "impossible" })}
        onDrop={() => undefined}
      />
    ),
  },
];
