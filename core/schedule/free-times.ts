import type { Busy } from "../record/index.ts";
import { addDays, clinicDay, dayBounds, type DayBounds } from "./clinic-time.ts";
import { isWithin, openOn } from "./opening.ts";
import type { Clinic } from "./profile.ts";
import { availableOn } from "./provider-hours.ts";

export interface FreeTimesQuery {
  /** The first day that is looked at. */
  readonly from: string;
  readonly minutes: number;
  /** Any one of these, `Practitioner/<id>`; none where no provider is asked for. */
  readonly providers: readonly string[];
  /** A room that must be free as well, `Location/<id>`. */
  readonly room?: string | undefined;
  readonly days: number;
  readonly limit: number;
}

export interface FreeTimeFound {
  readonly day: string;
  readonly startMs: number;
  /** Who is free then, where somebody was asked for. */
  readonly provider?: string;
}

const MINUTE_MS = 60_000;
const PROVIDER = "Practitioner/";

/** The span of time whose calendars answer a query. */
export const spanOf = ({ timeZone }: Pick<Clinic, "timeZone">, { from, days }: FreeTimesQuery): DayBounds => ({
  startMs: dayBounds(timeZone, from).startMs,
  endMs: dayBounds(timeZone, addDays(from, days - 1)).endMs,
});

/**
 * The next times at which one of the providers, and the room, are free within the clinic's hours and her own, on the grain
 * of the clinic's slots: in their order, the first provider of the query where several are free at once.
 */
export function freeTimes(
  clinic: Clinic,
  query: FreeTimesQuery,
  busy: readonly Busy[],
  nowMs: number,
): readonly FreeTimeFound[] {
  const { minutes, providers, room, limit } = query;
  const isFree = (actor: string, { startMs, endMs }: DayBounds): boolean =>
    !busy.some((each) => each.actor === actor && each.startMs < endMs && startMs < each.endMs);
  const found: FreeTimeFound[] = [];
  for (let index = 0; index < query.days && found.length < limit; index += 1) {
    const day = addDays(query.from, index);
    const works = new Map(providers.map((each) => [each, availableOn(clinic, each.slice(PROVIDER.length), day)]));
    const isAtWork = (provider: string, span: DayBounds): boolean => {
      const spans = works.get(provider);
      return spans === undefined || isWithin(spans, span);
    };
    for (const startMs of startsOn(clinic, day, minutes, nowMs)) {
      if (found.length >= limit) break;
      const span = { startMs, endMs: startMs + minutes * MINUTE_MS };
      if (room !== undefined && !isFree(room, span)) continue;
      const provider = providers.find((each) => isAtWork(each, span) && isFree(each, span));
      if (providers.length > 0 && provider === undefined) continue;
      found.push({ day, startMs, ...(provider !== undefined && { provider }) });
    }
  }
  return found;
}

/** Every beginning that fits into the clinic's hours of a day and is yet to come. Instants: no hour is left out or met twice. */
function startsOn(clinic: Clinic, day: string, minutes: number, nowMs: number): readonly number[] {
  const stepMs = clinic.profile.slotMinutes * MINUTE_MS;
  const first = clinicDay(clinic.timeZone, nowMs);
  if (day < first) return [];
  return openOn(clinic, day).flatMap((span) => {
    const last = span.endMs - minutes * MINUTE_MS;
    const count = Math.floor((last - span.startMs) / stepMs) + 1;
    const starts = Array.from({ length: Math.max(0, count) }, (_start, index) => span.startMs + index * stepMs);
    return starts.filter((startMs) => startMs >= nowMs);
  });
}
