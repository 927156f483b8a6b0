import { IconPencil } from "@tabler/icons-react";
import { Badge, Card, type Column, EmptyState, IconButton, Link, Stack, Table } from "../src/ui/index.ts";
import type { Story } from "./story.ts";

interface Visit {
  readonly id: string;
  readonly time: string;
  readonly patient: string;
  readonly reason: string;
  readonly minutes: number;
  readonly isLate: boolean;
}

const visits: readonly Visit[] = [
  {
    id: "1",
    time: "9:00 AM",
    patient: "Example, Ada",
    reason: "Follow-up of blood pressure",
    minutes: 20,
    isLate: false,
  },
  { id: "2", time: "9:20 AM", patient: "Example, Ben", reason: "Knee pain", minutes: 40, isLate: true },
  { id: "3", time: "10:00 AM", patient: "Example, Cora", reason: "Vaccination", minutes: 10, isLate: false },
];

const columns: readonly Column<Visit>[] = [
  { id: "time", label: "Time", isNarrow: true, render: ({ time }) => time },
  {
    id: "patient",
    label: "Patient",
    isRowHeader: true,
    sortBy: ({ patient }) => patient,
    render: ({ patient }) => (
      <Link to="/app/" isPlain>
        {patient}
      </Link>
    ),
  },
  { id: "reason", label: "Reason", render: ({ reason }) => reason },
  { id: "minutes", label: "Minutes", align: "end", sortBy: ({ minutes }) => minutes, render: ({ minutes }) => minutes },
  {
    id: "state",
    label: "State",
    render: ({ isLate }) => <Badge tone={isLate ? "warning" : "success"} text={isLate ? "Late" : "In room"} />,
  },
  {
    id: "edit",
    label: "Edit",
    hidesLabel: true,
    isNarrow: true,
    render: ({ patient }) => <IconButton size="sm" label={`Edit ${patient}`} icon={IconPencil} />,
  },
];

export const stories: readonly Story[] = [
  {
    id: "table",
    title: "Table",
    render: () => (
      <Card title="Visits" isFlush level={3}>
        <Table
          caption="Visits of today"
          hidesCaption
          columns={columns}
          rows={visits}
          rowKey={({ id }) => id}
          rowTone={({ isLate }) => (isLate ? "warning" : undefined)}
          sortedBy={{ column: "patient" }}
        />
      </Card>
    ),
  },
  {
    id: "table-wide",
    title: "Table that scrolls, and one without rows",
    render: () => (
      <Stack>
        <Table caption="Flowsheet" columns={columns} rows={visits} rowKey={({ id }) => id} stacks={false} />
        <Table
          caption="Visits of tomorrow"
          columns={columns}
          rows={[]}
          rowKey={({ id }) => id}
          empty={<EmptyState isCompact title="No visits tomorrow" />}
        />
      </Stack>
    ),
  },
];
