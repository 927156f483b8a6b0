/** `1990`, `1990-05` or `1990-05-17`: a part that is not known is taken in the middle, so that an age is off by half at most. */
function dayOf(date: string): readonly [number, number, number] | undefined {
  const [, year, month, day] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?/.exec(date) ?? [];
  if (year === undefined) return undefined;
  return [Number(year), Number(month ?? "07"), Number(day ?? (month === undefined ? "01" : "15"))];
}

/** Whole months between a birth date and a later day; undefined where either does not read or the day is before it. */
export function ageInMonths(birthDate: string | undefined, day: string): number | undefined {
  const [born, then] = [birthDate === undefined ? undefined : dayOf(birthDate), dayOf(day)];
  if (born === undefined || then === undefined) return undefined;
  const months = (then[0] - born[0]) * 12 + (then[1] - born[1]) - (then[2] < born[2] ? 1 : 0);
  return months < 0 ? undefined : months;
}

export interface Age {
  readonly count: number;
  readonly unit: "years" | "months" | "days";
}

const DAY_MS = 86_400_000;

/** As a banner says it: days below two months, months below two years. */
export function ageOn(birthDate: string, day: string): Age | undefined {
  const months = ageInMonths(birthDate, day);
  if (months === undefined) return undefined;
  if (months >= 24) return { count: Math.floor(months / 12), unit: "years" };
  if (months >= 2 || birthDate.length < 10) return { count: months, unit: "months" };
  return { count: Math.round((Date.parse(day) - Date.parse(birthDate)) / DAY_MS), unit: "days" };
}
