import type { DayRow, DayView, ScheduleSetupView } from "../../../../core/contract/index.ts";
import { Badge, Button, Row, Stack, Text, TimeLanes } from "../../ui/index.ts";
import { closedIn, type DayLane, type LaneKind, lanesOf, slotOf, spanOf } from "./lane-days.ts";
import { type Destination, useDragMove } from "./use-drag-move.ts";
import type { RowFocus } from "./use-row-focus.ts";
import type { Steps } from "./use-steps.ts";
import { ActionsPart, PatientPart, type RowActs, StagePart } from "./visit-parts.tsx";
import type { Words } from "./words.ts";

interface LanesViewProps {
  readonly by: LaneKind;
  readonly day: DayView;
  readonly rows: readonly DayRow[];
  readonly setup: ScheduleSetupView | undefined;
  readonly words: Words;
  readonly acts: RowActs;
  readonly steps: Steps;
  readonly focus: RowFocus;
  /** The dialog asks what the clinic lets be where it is meant. */
  readonly onAsk: (row: DayRow, destination: Destination, rules: readonly string[]) => void;
}

/** When the lane's provider works that day, where she has hours of her own. */
function noteOf(day: DayView, by: LaneKind, lane: string, { t, timeOf }: Words): string | undefined {
  const own = by === "provider" ? day.providerHours.find(({ provider }) => provider === lane) : undefined;
  if (own === undefined) return undefined;
  const spans = own.open.map(({ from, to }) => t("timeSpan", { from: timeOf(from), to: timeOf(to) })).join(", ");
  const hours = spans === "" ? t("notHere") : t("works", { spans });
  return own.reason === undefined ? hours : t("because", { hours, reason: t(`away.${own.reason}`) });
}

/** The day side by side on one scale of time: who has whom, or what happens in which room. */
export function LanesView(props: LanesViewProps) {
  const { by, day, setup, words, acts, steps, focus, onAsk } = props;
  const { t, format, timeOf } = words;
  const own = lanesOf(props);
  const lanes = own.map(({ id }) => id);
  const { placed, ...drag } = useDragMove({ day, by, lanes, rows: props.rows, setup, words, steps, onAsk });

  const itemsOf = ({ id, rows }: DayLane) => {
    const moved = placed?.target.lane === id ? props.rows.filter((row) => row.id === placed.id) : [];
    return [...rows.filter((row) => row.id !== placed?.id), ...moved].map((row) => {
      const span = spanOf(day, row);
      const from = row.id === placed?.id ? placed.target.slot : span.from;
      return {
        key: row.id,
        from,
        to: Math.min(day.slots.length, from + span.to - span.from),
        canDrag: row.canMove && row.stage === "booked" && placed === undefined,
        isBusy: row.id === placed?.id,
        content: <VisitPart {...{ row, by, words, acts, focus }} />,
      };
    });
  };
  const isNow = day.day === day.today && day.slots[0] !== undefined && day.slots[0].at <= day.now.at;
  return (
    <Stack gap="sm">
      <Text size="sm" tone="muted">
        {t("dragHint")}
      </Text>
      <TimeLanes
        label={t(`view.${by}`)}
        slots={day.slots.map(({ time }, slot) => (slot === 0 || time.endsWith(":00") ? format.clock(time) : undefined))}
        lanes={own.map((lane) => {
          const note = noteOf(day, by, lane.id, words);
          return {
            id: lane.id,
            name: lane.name,
            state: <Badge text={t("visits", { count: lane.rows.length })} />,
            empty: t("emptyLane"),
            items: itemsOf(lane),
            closed: closedIn(day, by, lane.id),
            ...(note !== undefined && { note }),
          };
        })}
        now={
          isNow && day.now.at < day.slotsEnd
            ? { slot: slotOf(day, day.now.at), label: t("now", { time: timeOf(day.now) }) }
            : undefined
        }
        {...drag}
      />
    </Stack>
  );
}

interface VisitPartProps extends Pick<LanesViewProps, "by" | "words" | "acts" | "focus"> {
  readonly row: DayRow;
}

function VisitPart({ row, by, words, acts, focus }: VisitPartProps) {
  const { t, timeOf, nameOf, providerOf, roomOf, visitTypeOf } = words;
  return (
    <Stack gap="xs">
      <Row align="start">
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
        <ActionsPart row={row} words={words} acts={acts} wraps />
      </Row>
      <Text size="sm" tone="muted">
        {[visitTypeOf(row), t("length", { minutes: row.minutes }), by === "provider" ? roomOf(row) : providerOf(row)]
          .filter((part) => part !== "")
          .join(", ")}
      </Text>
    </Stack>
  );
}
