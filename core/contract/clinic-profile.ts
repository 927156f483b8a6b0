import * as z from "zod";
import { isTimeZone } from "./clinic.ts";
import { PlaceName } from "./place-name.ts";

/** What a clinic says of itself: no patient stands in it, and every member may read it. */

const text = (max: number) => z.string().trim().min(1).max(max);
/** `yyyy-mm-dd` of the calendar. */
export const CalendarDay = z.iso.date();
/** `HH:MM` of the clinic's clock. */
export const WallTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);

/** Opens and closes on one day; a clinic that is open past midnight has the rest on the next. */
export const OpenSpan = z
  .strictObject({ opens: WallTime, closes: z.union([WallTime, z.literal("24:00")]) })
  .refine(({ opens, closes }) => opens < closes, { path: ["closes"], params: { rule: "closes-before-opens" } });
export type OpenSpan = z.infer<typeof OpenSpan>;

/** In their order, without overlap: a pause at noon is the gap between two. None is closed. */
export const OpenSpans = z
  .array(OpenSpan)
  .max(4)
  .refine((spans) => spans.every((span, index) => index === 0 || (spans[index - 1]?.closes ?? "") <= span.opens), {
    params: { rule: "hours-overlap" },
  });

export const OpeningWeek = z.strictObject({
  monday: OpenSpans,
  tuesday: OpenSpans,
  wednesday: OpenSpans,
  thursday: OpenSpans,
  friday: OpenSpans,
  saturday: OpenSpans,
  sunday: OpenSpans,
});
export type OpeningWeek = z.infer<typeof OpeningWeek>;

/** Days on which the week's hours do not hold: a holiday is closed, the day before it may be short. */
export const OpeningException = z
  .strictObject({ from: CalendarDay, to: CalendarDay, name: text(80), hours: OpenSpans })
  .refine(({ from, to }) => from <= to, { path: ["to"], params: { rule: "period-reversed" } });
export type OpeningException = z.infer<typeof OpeningException>;

/** What can stand against an appointment, beside what no clinic may choose. */
export const CHOSEN_RULES = ["provider-busy", "room-busy", "patient-busy", "outside-hours"] as const;
export type ChosenRule = (typeof CHOSEN_RULES)[number];
/** What may be meant in spite of it. The clinic chooses once for its own hours and its providers'. */
export const ACCEPTED_RULES = [...CHOSEN_RULES, "provider-away"] as const;
export type AcceptedRule = (typeof ACCEPTED_RULES)[number];
/** `confirm`: whoever books says that it is meant. */
export const RuleEffect = z.enum(["refuse", "confirm", "allow"]);
export type RuleEffect = z.infer<typeof RuleEffect>;

export const LOCALES = ["en-US", "es-US"] as const;

export const ClinicProfile = z.strictObject({
  name: PlaceName(120),
  phone: z
    .string()
    .trim()
    .regex(/^[+\d][\d\s().-]{4,30}$/)
    .optional(),
  address: z
    .strictObject({
      line: z.array(text(120)).max(3),
      city: text(80),
      state: text(40),
      postalCode: text(20),
    })
    .optional(),
  /** In which letters to patients, and screens of members who chose nothing, are written. */
  locale: z.enum(LOCALES),
  /** The grain of the schedule: free times are offered on it. */
  slotMinutes: z.union([5, 10, 15, 20, 30, 60].map((minutes) => z.literal(minutes))),
  week: OpeningWeek,
  exceptions: z.array(OpeningException).max(100),
  rules: z.strictObject({
    "provider-busy": RuleEffect,
    "room-busy": RuleEffect,
    "patient-busy": RuleEffect,
    "outside-hours": RuleEffect,
  }),
});
export type ClinicProfile = z.infer<typeof ClinicProfile>;

/** All wall-clock times of the clinic move against its appointments: a step-up, and a request of its own. */
export const ClinicTimeZone = z.strictObject({ timeZone: z.string().max(64).refine(isTimeZone) });
export type ClinicTimeZone = z.infer<typeof ClinicTimeZone>;

export interface ClinicProfileView extends ClinicProfile {
  readonly timeZone: string;
  /** For `If-Match`; 0 where nobody has settled anything yet. */
  readonly version: number;
  /** False until somebody chose the time zone: until then days are those of UTC. */
  readonly isTimeZoneSet: boolean;
}

export interface ClinicProfileAnswers {
  readonly readClinicProfile: ClinicProfileView;
  readonly changeClinicProfile: ClinicProfileView;
  readonly changeTimeZone: ClinicProfileView;
}
