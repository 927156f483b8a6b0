import type { AbsenceReason, NotAvailable, OpeningWeek, ProviderHours } from "../contract/index.ts";
import type { DayBounds } from "./clinic-time.ts";
import { openOn } from "./opening.ts";
import type { Clinic } from "./profile.ts";

/** When providers work. Who has no hours of her own works whenever the clinic is open. */

type Staffed = Pick<Clinic, "timeZone" | "hours">;

const ALWAYS = [{ opens: "00:00", closes: "24:00" }];
const WHOLE_WEEK: OpeningWeek = {
  monday: ALWAYS,
  tuesday: ALWAYS,
  wednesday: ALWAYS,
  thursday: ALWAYS,
  friday: ALWAYS,
  saturday: ALWAYS,
  sunday: ALWAYS,
};

/** Entries in the order in which they rule: the shorter one first, since a day within a holiday is meant. */
const byLength = ({ notAvailable }: ProviderHours): readonly NotAvailable[] => {
  const daysOf = ({ during }: NotAvailable): number => Date.parse(during.end) - Date.parse(during.start);
  return notAvailable.toReversed().toSorted((one, other) => daysOf(one) - daysOf(other));
};

/** Why her week does not hold on a day; undefined where it does. */
export const absenceOn = (hours: ProviderHours, day: string): AbsenceReason | undefined =>
  byLength(hours).find(({ during }) => during.start <= day && day <= during.end)?.reason;

/** When a provider works on a day, as instants, on the clinic's clock; undefined for who has no hours of her own. */
export function availableOn(clinic: Staffed, provider: string, day: string): readonly DayBounds[] | undefined {
  // An id of a request is no name of the object's own.
  const hours = Object.hasOwn(clinic.hours.providers, provider) ? clinic.hours.providers[provider] : undefined;
  if (hours === undefined) return undefined;
  const week = hours.availableTime ?? WHOLE_WEEK;
  const exceptions = byLength(hours).map(({ during, availableTime }) => ({
    from: during.start,
    to: during.end,
    hours: availableTime,
  }));
  return openOn({ timeZone: clinic.timeZone, profile: { week, exceptions } }, day);
}

/** The hours of one day: what appointments are judged by that begin on it. */
export interface DayHours {
  readonly open: readonly DayBounds[];
  /** Undefined for who has no hours of her own. */
  readonly availableOf: (provider: string) => readonly DayBounds[] | undefined;
}

/** Each is worked out once: instants of wall-clock times are dear. */
export function dayHours(clinic: Clinic, day: string): DayHours {
  const known = new Map<string, readonly DayBounds[] | undefined>();
  return {
    open: openOn(clinic, day),
    availableOf(provider) {
      if (!known.has(provider)) known.set(provider, availableOn(clinic, provider, day));
      return known.get(provider);
    },
  };
}

/** The hours without exceptions that ended before `day`: nobody books into them. */
export const withoutPast = (hours: ProviderHours, day: string): ProviderHours => ({
  ...hours,
  notAvailable: hours.notAvailable.filter(({ during }) => during.end >= day),
});
