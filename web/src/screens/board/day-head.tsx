import { IconChevronLeft, IconChevronRight, IconPrinter, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import type { DayView, Stage } from "../../../../core/contract/index.ts";
import { Alert, Badge, Button, DateField, IconButton, Row, Stack, Text, Toolbar } from "../../ui/index.ts";
import { STAGE_TONES, type Words } from "./words.ts";

export const VIEWS = ["list", "provider", "room"] as const;
export type View = (typeof VIEWS)[number];

interface DayToolsProps {
  readonly day: DayView;
  readonly view: View;
  readonly words: Words;
  /** Whether who looks is a provider here: then the board may show hers alone. */
  readonly mine: boolean | undefined;
  readonly isFetching: boolean;
  readonly onDay: (day: string) => void;
  readonly onView: (view: View) => void;
  readonly onMine: (isMine: boolean) => void;
  readonly onRefresh: () => void;
  readonly onPrint: () => void;
}

/** Which day, in which view, and when it was read. */
export function DayTools({ day, view, words, mine, isFetching, ...on }: DayToolsProps) {
  const { t, timeOf } = words;
  const [chosen, setChosen] = useState("");
  return (
    <Toolbar label={t("dayTools")}>
      <Row gap="xs">
        <IconButton label={t("previousDay")} icon={IconChevronLeft} onClick={() => on.onDay(day.previous)} />
        <Button size="sm" isPressed={day.day === day.today} onClick={() => on.onDay(day.today)}>
          {t("today")}
        </Button>
        <IconButton label={t("nextDay")} icon={IconChevronRight} onClick={() => on.onDay(day.next)} />
      </Row>
      <Row gap="xs" align="end">
        <DateField
          label={t("chooseDay")}
          hidesLabel
          value={chosen}
          onChange={(next) => {
            setChosen(next);
          }}
        />
        <Button
          size="sm"
          isDisabled={chosen === ""}
          onClick={() => {
            on.onDay(chosen);
            setChosen("");
          }}
        >
          {t("go")}
        </Button>
      </Row>
      <Row gap="xs">
        {VIEWS.map((each) => (
          <Button key={each} size="sm" isPressed={view === each} onClick={() => on.onView(each)}>
            {t(`view.${each}`)}
          </Button>
        ))}
        {mine !== undefined && (
          <Button size="sm" isPressed={mine} onClick={() => on.onMine(!mine)}>
            {t("onlyMine")}
          </Button>
        )}
      </Row>
      <Row gap="xs">
        <Text size="sm" tone="muted">
          {t("asOf", { time: timeOf(day.now) })}
        </Text>
        <IconButton label={t("refresh")} icon={IconRefresh} isPending={isFetching} onClick={on.onRefresh} />
        <IconButton label={t("print")} icon={IconPrinter} onClick={on.onPrint} />
      </Row>
    </Toolbar>
  );
}

const COUNTED: readonly Stage[] = [
  "booked",
  "arrived",
  "roomed",
  "in-visit",
  "ready",
  "completed",
  "no-show",
  "cancelled",
];

/** What is particular about the day, and how many stand where. */
export function DaySummary({ day, words }: { readonly day: DayView; readonly words: Words }) {
  const { t, format, timeOf } = words;
  const { clockChange, exception, open, counts } = day;
  const spans = open.map(({ from, to }) => t("timeSpan", { from: timeOf(from), to: timeOf(to) })).join(", ");
  const hours =
    open.length === 0
      ? exception === undefined
        ? t("closed")
        : t("closedFor", { name: exception })
      : exception === undefined
        ? t("hours", { spans })
        : t("hoursFor", { name: exception, spans });
  return (
    <Stack gap="sm">
      {clockChange !== undefined && (
        <Alert tone="info" title={t(`${clockChange.direction}Title`)}>
          <Text as="span">
            {t(`${clockChange.direction}Text`, {
              from: format.clock(clockChange.from),
              to: format.clock(clockChange.to),
            })}
          </Text>
        </Alert>
      )}
      <Row gap="sm">
        <Text size="sm" tone="muted">
          {hours}
        </Text>
        {COUNTED.flatMap((stage) => {
          const count = counts[stage] ?? 0;
          const text = t("count", { stage: t(`stage.${stage}`), count: format.number(count) });
          return count === 0 ? [] : [<Badge key={stage} text={text} tone={STAGE_TONES[stage]} />];
        })}
      </Row>
    </Stack>
  );
}
