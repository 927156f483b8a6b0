import { useState } from "react";
import { Badge, EntryGrid, Text } from "../src/ui/index.ts";
import type { Story } from "./story.ts";

const MEASURES = [
  { id: "pressure", label: "Blood pressure", names: ["systolic", "diastolic"], unit: "mmHg", before: "128/82" },
  { id: "weight", label: "Weight", names: ["weight"], unit: "kg", before: "80.5" },
] as const;

function Grid() {
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({ weight: "800" });
  return (
    <EntryGrid
      caption="Vitals"
      rowsLabel="Measure"
      entryLabel="New"
      columns={[{ id: "may", label: "May 20, 2026" }]}
      onChange={(name, value) => setTyped({ ...typed, [name]: value })}
      onSubmit={() => setTyped({})}
      rows={[
        ...MEASURES.map(({ id, label, names, unit, before }) => ({
          id,
          label,
          joint: "/",
          unit: (
            <Text as="span" size="sm">
              {unit}
            </Text>
          ),
          inputs: names.map((name) => ({
            name,
            label: `${name} in ${unit}`,
            value: typed[name] ?? "",
            error: Number(typed[name] ?? 0) > 650 ? "Nobody has that value." : undefined,
          })),
          cells: [before],
        })),
        { id: "bmi", label: "BMI", inputs: [], unit: "computed", cells: [<Badge key="bmi" text="overweight" />] },
      ]}
    />
  );
}

export const stories: readonly Story[] = [
  { id: "entry-grid", title: "Grid that is typed into, with a value that is refused", render: () => <Grid /> },
];
