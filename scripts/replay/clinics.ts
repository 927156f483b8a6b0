import { Random } from "../seed/random.ts";

/** A synthetic clinic of the replay. */
export interface ClinicSize {
  /** People who come on the first day, and on each other day that it is open. */
  readonly firstDay: number;
  readonly visitsPerDay: number;
  /** 1 Monday to 5 Friday; undefined for a clinic that is open on all of them. */
  readonly weekday: number | undefined;
}

/** Clinics that are open every day: one whose first day is a full one, one with two visits a day. */
const DAILY = [
  { firstDay: 8, visitsPerDay: 1 },
  { firstDay: 2, visitsPerDay: 2 },
];

/** The first so many of the replay's clinics: two that work every day, and many that work on one day of the week. */
export const clinicSizes = (clinics: number, mostVisits = Number.POSITIVE_INFINITY): readonly ClinicSize[] =>
  Array.from({ length: clinics }, (_, index) => {
    const { firstDay, visitsPerDay } = DAILY[index] ?? { firstDay: 1, visitsPerDay: 1 + (index % 2) };
    return {
      firstDay: Math.min(mostVisits, firstDay),
      visitsPerDay: Math.min(mostVisits, visitsPerDay),
      weekday: index < DAILY.length ? undefined : (index % 5) + 1,
    };
  });

/** How many come on a day; nobody on a weekend. */
export function visitsOn(size: ClinicSize, dayMs: number, isFirst: boolean): number {
  const weekday = new Date(dayMs).getUTCDay();
  if (weekday === 0 || weekday === 6) return 0;
  if (isFirst) return size.firstDay;
  return size.weekday === undefined || size.weekday === weekday ? size.visitsPerDay : 0;
}

/** What happens on a visit beside the note that each has. */
export interface VisitScript {
  readonly isNew: boolean;
  readonly hasWeight: boolean;
  readonly hasDocument: boolean;
  readonly birthDate: string;
  readonly number: number;
}

/** The visits of one clinic's day; the same seed gives the same. `known`: how many patients it has. */
export function visitScripts(seed: string, visits: number, known: number): readonly VisitScript[] {
  const random = new Random(seed);
  let patients = known;
  return Array.from({ length: visits }, () => {
    const isNew = patients === 0 || random.chance(0.35);
    if (isNew) patients += 1;
    return {
      isNew,
      hasWeight: random.chance(0.7),
      hasDocument: random.chance(0.3),
      birthDate: `${random.integer(1930, 2015)}-0${random.integer(1, 9)}-1${random.integer(0, 9)}`,
      number: random.integer(100_000, 999_999),
    };
  });
}
