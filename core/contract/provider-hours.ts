import * as z from "zod";
import { CalendarDay, OpeningWeek, OpenSpans } from "./clinic-profile.ts";

/** When a provider works, in the words of FHIR R4 PractitionerRole: `availableTime` and `notAvailable`. */

/** Codes and no words of anybody's own: why a colleague is away is hers, and every member reads the board. */
export const ABSENCE_REASONS = ["time-off", "training", "elsewhere", "other-hours", "other"] as const;
export type AbsenceReason = (typeof ABSENCE_REASONS)[number];

/** Days on which her week does not hold. Without `availableTime` she is away; with it she works then instead. */
export const NotAvailable = z.strictObject({
  reason: z.enum(ABSENCE_REASONS),
  during: z
    .strictObject({ start: CalendarDay, end: CalendarDay })
    .refine(({ start, end }) => start <= end, { path: ["end"], params: { rule: "period-reversed" } }),
  availableTime: OpenSpans,
});
export type NotAvailable = z.infer<typeof NotAvailable>;

export const ProviderHours = z.strictObject({
  /** Her week on the clinic's clock; `null` where she works whenever the clinic is open. */
  availableTime: OpeningWeek.nullable(),
  /** Of several that name a day the shortest rules it, and of those the last. */
  notAvailable: z.array(NotAvailable).max(60),
});
export type ProviderHours = z.infer<typeof ProviderHours>;

/** Everybody's hours, and the version for `If-Match`: 0 where nobody's were settled yet. */
export interface ProvidersHoursView {
  readonly version: number;
  readonly providers: Readonly<Record<string, ProviderHours>>;
}
