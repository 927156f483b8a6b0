import type { DayRow, DayView } from "../../../../core/contract/index.ts";
import { Button, type Column, type FieldState, FieldValue, Row, Table, Text } from "../../ui/index.ts";
import type { RowFocus } from "./use-row-focus.ts";
import { ActionsPart, PatientPart, type RowActs, StagePart } from "./visit-parts.tsx";
import { isOver, type Words } from "./words.ts";

interface ListViewProps {
  readonly day: DayView;
  readonly rows: readonly DayRow[];
  readonly words: Words;
  readonly acts: RowActs;
  readonly focus: RowFocus;
}

type Line = { readonly kind: "visit"; readonly row: DayRow } | { readonly kind: "now" };

/** The rows of the day with the line of now between those that began and those that did not. */
function linesOf({ day, today, now }: DayView, rows: readonly DayRow[]): readonly Line[] {
  const visits = rows.map((row): Line => ({ kind: "visit", row }));
  if (day !== today || rows.length === 0) return visits;
  const at = rows.findIndex(({ start }) => start.at > now.at);
  return visits.toSpliced(at === -1 ? rows.length : at, 0, { kind: "now" });
}

/** The day as a table: a row each, its keys on the button of its time. */
export function ListView({ day, rows, words, acts, focus }: ListViewProps) {
  const { t, format, timeOf, nameOf, providerOf, roomOf, visitTypeOf } = words;
  const ofVisit =
    (render: (row: DayRow) => React.ReactNode): Column<Line>["render"] =>
    (line) =>
      line.kind === "visit" ? render(line.row) : null;
  const columns: readonly Column<Line>[] = [
    {
      id: "time",
      label: t("time"),
      isRowHeader: true,
      isNarrow: true,
      render: (line) =>
        line.kind === "now" ? (
          <Text as="span" isStrong>
            {t("now", { time: timeOf(day.now) })}
          </Text>
        ) : (
          <Row>
            <Button
              size="sm"
              tone="quiet"
              ref={focus.refOf(line.row.id)}
              label={t("openVisit", { time: timeOf(line.row.start), name: nameOf(line.row) })}
              onClick={() => acts.onOpen(line.row)}
            >
              {timeOf(line.row.start)}
            </Button>
          </Row>
        ),
    },
    { id: "patient", label: t("patient"), render: ofVisit((row) => <PatientPart row={row} words={words} />) },
    {
      id: "reason",
      label: t("reason"),
      render: ofVisit((row) => (
        <>
          <Text size="sm" tone="muted">
            {[visitTypeOf(row), t("length", { minutes: row.minutes })].filter((part) => part !== "").join(", ")}
          </Text>
          {row.reason.state === "value" && <FieldValue label={t("reason")} field={row.reason as FieldState<string>} />}
        </>
      )),
    },
    { id: "provider", label: t("provider"), render: ofVisit(providerOf) },
    { id: "room", label: t("room"), isNarrow: true, render: ofVisit(roomOf) },
    { id: "status", label: t("status"), render: ofVisit((row) => <StagePart row={row} words={words} />) },
    {
      id: "actions",
      label: t("actions"),
      hidesLabel: true,
      align: "end",
      isNarrow: true,
      render: ofVisit((row) => <ActionsPart row={row} words={words} acts={acts} />),
    },
  ];
  return (
    <Table
      caption={t("dayCaption", { day: format.weekday(day.day) })}
      hidesCaption
      columns={columns}
      rows={linesOf(day, rows)}
      rowKey={(line) => (line.kind === "now" ? "now" : line.row.id)}
      rowTone={(line) => (line.kind === "now" ? "warning" : isOver(line.row.stage) ? "muted" : undefined)}
    />
  );
}
