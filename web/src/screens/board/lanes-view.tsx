import type { DayRow, ScheduleSetupView } from "../../../../core/contract/index.ts";
import { Badge, Button, Card, Columns, List, Row, Stack, Text } from "../../ui/index.ts";
import type { RowFocus } from "./use-row-focus.ts";
import { ActionsPart, PatientPart, type RowActs, StagePart } from "./visit-parts.tsx";
import type { Words } from "./words.ts";

interface LanesViewProps {
  readonly by: "provider" | "room";
  readonly rows: readonly DayRow[];
  readonly setup: ScheduleSetupView | undefined;
  readonly words: Words;
  readonly acts: RowActs;
  readonly focus: RowFocus;
}

interface Lane {
  readonly id: string;
  readonly name: string;
  readonly rows: readonly DayRow[];
}

/** A lane for each provider or room of the clinic, and for what has none where there is such. */
export function lanesOf({ by, rows, setup, words }: Omit<LanesViewProps, "acts" | "focus">): readonly Lane[] {
  const rooms = (setup?.places ?? []).filter(({ kind, isActive }) => kind === "room" && isActive);
  const known = by === "provider" ? (setup?.providers ?? []) : rooms;
  const nameOf = by === "provider" ? words.providerOf : words.roomOf;
  const ids = [...new Set([...known.map(({ id }) => id), ...rows.flatMap((row) => row[by] ?? [])])];
  const lanes = ids.map((id) => ({ id, name: nameOf({ [by]: id }), rows: rows.filter((row) => row[by] === id) }));
  const none = rows.filter((row) => row[by] === undefined);
  return none.length === 0 ? lanes : [...lanes, { id: "none", name: nameOf({}), rows: none }];
}

/** The day side by side: who has whom, or what happens in which room. */
export function LanesView(props: LanesViewProps) {
  const { by, words, acts, focus } = props;
  const { t, timeOf, nameOf, providerOf, roomOf, visitTypeOf } = words;
  return (
    <Columns min="lg" gap="md">
      {lanesOf(props).map((lane) => (
        <Card key={lane.id} title={lane.name} state={<Badge text={t("visits", { count: lane.rows.length })} />}>
          {lane.rows.length === 0 && <Text tone="muted">{t("emptyLane")}</Text>}
          <List label={lane.name} items={lane.rows} itemKey={({ id }) => id}>
            {(row) => (
              <Stack gap="xs">
                <Row align="start" wraps={false}>
                  <Button
                    size="sm"
                    tone="quiet"
                    ref={focus.refOf(row.id)}
                    label={t("openVisit", { time: timeOf(row.start), name: nameOf(row) })}
                    onClick={() => acts.onOpen(row)}
                  >
                    {timeOf(row.start)}
                  </Button>
                  <PatientPart row={row} words={words} />
                </Row>
                <Row justify="between">
                  <StagePart row={row} words={words} />
                  <ActionsPart row={row} words={words} acts={acts} />
                </Row>
                <Text size="sm" tone="muted">
                  {[
                    visitTypeOf(row),
                    t("length", { minutes: row.minutes }),
                    by === "provider" ? roomOf(row) : providerOf(row),
                  ]
                    .filter((part) => part !== "")
                    .join(", ")}
                </Text>
              </Stack>
            )}
          </List>
        </Card>
      ))}
    </Columns>
  );
}
