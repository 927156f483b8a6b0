import type { OpeningWeek } from "../../../../core/contract/index.ts";
import { Columns, TimeField } from "../../ui/index.ts";

/** A week of hours as a form has it: two spans a day, the second for after a pause. */

export const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Day = (typeof DAYS)[number];

export interface Span {
  readonly opens: string;
  readonly closes: string;
}
export type EnteredWeek = Readonly<Record<Day, readonly Span[]>>;

const NONE: Span = { opens: "", closes: "" };
export const isGiven = ({ opens, closes }: Span): boolean => opens !== "" || closes !== "";

/** What ends at midnight says `24:00`, which no clock shows. */
const MIDNIGHT = "24:00";
const shownOf = ({ opens, closes }: Span): Span => ({ opens, closes: closes === MIDNIGHT ? "00:00" : closes });
export const meantOf = ({ opens, closes }: Span): Span => ({ opens, closes: closes === "00:00" ? MIDNIGHT : closes });

export const enteredOf = (week: OpeningWeek | null): EnteredWeek =>
  Object.fromEntries(
    DAYS.map((day) => [day, [0, 1].map((index) => shownOf(week?.[day][index] ?? NONE))]),
  ) as unknown as EnteredWeek;

/** What was entered, with what the form has no fields for as it was. */
export const weekOf = (entered: EnteredWeek, before: OpeningWeek | null): OpeningWeek =>
  Object.fromEntries(
    DAYS.map((day) => [day, [...entered[day].filter(isGiven).map(meantOf), ...(before?.[day].slice(2) ?? [])]]),
  ) as unknown as OpeningWeek;

type Part = "opens" | "closes" | "opensAgain" | "closesAgain";

interface WeekFieldsProps {
  /** Of the week in what is sent. */
  readonly name: string;
  readonly label: (part: Part, day: Day) => string;
}

export const WeekFields = ({ name, label }: WeekFieldsProps) =>
  DAYS.map((day) => (
    <Columns key={day} min="sm" gap="sm">
      <TimeField name={`${name}.${day}.0.opens`} label={label("opens", day)} />
      <TimeField name={`${name}.${day}.0.closes`} label={label("closes", day)} />
      <TimeField name={`${name}.${day}.1.opens`} label={label("opensAgain", day)} />
      <TimeField name={`${name}.${day}.1.closes`} label={label("closesAgain", day)} />
    </Columns>
  ));
