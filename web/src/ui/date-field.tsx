import { Popover } from "@mantine/core";
import { IconCalendar } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useFormat, useText, useToday } from "../i18n/index.ts";
import { IconButton } from "./button.tsx";
import { classes } from "./classes.ts";
import { type Bound, Control, type ControlProps } from "./control.tsx";
import css from "./control.module.css";
import float from "./float.module.css";
import { uiMessages } from "./messages.ts";
import { portalProps } from "./portal.ts";
import { readDate, readTime, typedDate } from "./read-date.ts";
import { Skeleton } from "./states.tsx";

const Calendar = lazy(() => import("./calendar.tsx"));

export interface DateFieldProps extends ControlProps<string> {
  /** First and last day that can be taken, `YYYY-MM-DD`. */
  readonly min?: string;
  readonly max?: string;
}

interface DateInputProps {
  readonly bound: Bound<string>;
  readonly props: DateFieldProps;
  readonly today: string;
  readonly onText: (text: string) => void;
}

function DateInput({ bound, props, today, onText }: DateInputProps) {
  const [t, format] = [useText(uiMessages), useFormat()];
  const { aria, value, set, blur, ref, isDisabled, isReadOnly, className } = bound;
  const [text, setText] = useState<string | undefined>(undefined);
  const [isOpen, setIsOpen] = useState(false);
  const shown = text ?? typedDate(value);
  const change = (next: string): void => {
    setText(next);
    onText(next);
    set(readDate(next, today) ?? "");
  };
  const pick = (day: string): void => {
    setText(undefined);
    onText("");
    set(day);
    setIsOpen(false);
  };
  return (
    <>
      <span className={css["with"]}>
        <input
          {...aria}
          ref={ref}
          className={classes(className, css["numeric"])}
          type="text"
          inputMode="numeric"
          autoComplete="off"
          placeholder={t("dateHint")}
          value={shown}
          disabled={isDisabled}
          readOnly={isReadOnly}
          onChange={(event) => change(event.target.value)}
          onBlur={() => {
            if (readDate(shown, today) !== null) setText(undefined);
            blur();
          }}
        />
        {!isReadOnly && (
          <Popover
            opened={isOpen}
            onChange={setIsOpen}
            trapFocus
            returnFocus
            withinPortal
            portalProps={portalProps}
            position="bottom-end"
            transitionProps={{ duration: 0 }}
            classNames={{ dropdown: float["dropdown"] ?? "" }}
          >
            <Popover.Target>
              <IconButton
                label={t("chooseDate", { label: props.label })}
                icon={IconCalendar}
                tone="secondary"
                isDisabled={isDisabled}
                isExpanded={isOpen}
                onClick={() => setIsOpen(!isOpen)}
              />
            </Popover.Target>
            <Popover.Dropdown aria-label={t("chooseDate", { label: props.label })}>
              <Suspense fallback={<Skeleton />}>
                <Calendar
                  day={value === "" ? undefined : value}
                  today={today}
                  min={props.min}
                  max={props.max}
                  onPick={pick}
                />
              </Suspense>
            </Popover.Dropdown>
          </Popover>
        )}
      </span>
      {value !== "" && (
        <span className={css["hint"]} role="status">
          {format.weekday(value)}
        </span>
      )}
    </>
  );
}

/**
 * A calendar day, typed or chosen: `3/14/1962`, `03141962`, `t` for today and `t+7` for a week from now. It holds
 * `YYYY-MM-DD`, or nothing, and says below how it was understood.
 */
export function DateField(props: DateFieldProps) {
  const t = useText(uiMessages);
  const today = useToday();
  const [text, setText] = useState("");
  const { label, min, max } = props;
  const validate = (day: string): string | undefined => {
    if (readDate(text, today) === null) return t("invalidDate", { label });
    if (day !== "" && ((min !== undefined && day < min) || (max !== undefined && day > max))) {
      return t("dateRange", { label });
    }
    return props.validate?.(day);
  };
  return (
    <Control control={{ width: "sm", ...props, validate }} empty="" isEmpty={(day) => day === ""}>
      {(bound) => <DateInput bound={bound} props={props} today={today} onText={setText} />}
    </Control>
  );
}

export type TimeFieldProps = ControlProps<string>;

interface TimeInputProps {
  readonly bound: Bound<string>;
  readonly onText: (text: string) => void;
}

function TimeInput({ bound, onText }: TimeInputProps) {
  const format = useFormat();
  const { aria, value, set, blur, ref, isDisabled, isReadOnly, className } = bound;
  const [text, setText] = useState<string | undefined>(undefined);
  const shown = text ?? (value === "" ? "" : format.clock(value));
  return (
    <input
      {...aria}
      ref={ref}
      className={classes(className, css["numeric"])}
      type="text"
      autoComplete="off"
      value={shown}
      disabled={isDisabled}
      readOnly={isReadOnly}
      onChange={({ target }) => {
        setText(target.value);
        onText(target.value);
        set(readTime(target.value) ?? "");
      }}
      onBlur={() => {
        if (readTime(shown) !== null) setText(undefined);
        blur();
      }}
    />
  );
}

/** A wall-clock time of the clinic: `930`, `9:30`, `2p`, `14:05`. It holds `HH:MM`, or nothing. */
export function TimeField(props: TimeFieldProps) {
  const t = useText(uiMessages);
  const [text, setText] = useState("");
  const { label } = props;
  const validate = (time: string): string | undefined =>
    readTime(text) === null ? t("invalidTime", { label }) : props.validate?.(time);
  return (
    <Control control={{ width: "xs", ...props, validate }} empty="" isEmpty={(time) => time === ""}>
      {(bound) => <TimeInput bound={bound} onText={setText} />}
    </Control>
  );
}
