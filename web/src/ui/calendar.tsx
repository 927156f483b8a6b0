import { DatePicker, DatesProvider } from "@mantine/dates";
import "@mantine/dates/styles.layer.css";
import "dayjs/locale/es";
import css from "./calendar.module.css";
import { useText, locale } from "../i18n/index.ts";
import { useStore } from "../app/store.ts";
import { uiMessages } from "./messages.ts";

interface CalendarProps {
  /** `YYYY-MM-DD`, as every day here. */
  readonly day: string | undefined;
  readonly today: string;
  readonly min: string | undefined;
  readonly max: string | undefined;
  readonly onPick: (day: string) => void;
}

/** A month to choose a day from. Loaded when it is first opened. */
export default function Calendar({ day, today, min, max, onPick }: CalendarProps) {
  const [t, language] = [useText(uiMessages), useStore(locale)];
  return (
    <DatesProvider settings={{ locale: language, firstDayOfWeek: 0 }}>
      <DatePicker
        value={day ?? null}
        defaultDate={day ?? today}
        {...(min !== undefined && { minDate: min })}
        {...(max !== undefined && { maxDate: max })}
        highlightToday
        size="sm"
        hideOutsideDates
        ariaLabels={{ previousMonth: t("previousMonth"), nextMonth: t("nextMonth") }}
        classNames={{
          weekday: css["weekday"] ?? "",
          day: css["day"] ?? "",
          calendarHeaderLevel: css["level"] ?? "",
          calendarHeaderControl: css["control"] ?? "",
          monthsListControl: css["day"] ?? "",
          yearsListControl: css["day"] ?? "",
        }}
        onChange={(picked: string | null) => {
          if (picked !== null) onPick(picked);
        }}
      />
    </DatesProvider>
  );
}
