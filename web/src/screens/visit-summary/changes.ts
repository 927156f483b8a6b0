import type { ItemFacts, Shown } from "../../../../core/contract/chart.ts";

/** What came of an item of a list on one day of the clinic. */
export type ChangeOnDay = "new" | "changed" | "ended";

/**
 * What was done to an item on a day, from what it says of itself: the first and the newest of its versions.
 * @param dayOf The clinic's calendar day of an instant or a date, `YYYY-MM-DD`.
 */
export function changeOn(
  day: string,
  { state, isActive, recorded, changed }: Pick<ItemFacts, "state" | "isActive" | "recorded" | "changed">,
  dayOf: (at: string) => string,
): ChangeOnDay | undefined {
  const isOn = (stamp: ItemFacts["changed"]): boolean => stamp?.at !== undefined && dayOf(stamp.at) === day;
  if (state === "entered-in-error") return undefined;
  if (!isActive) return isOn(changed) ? "ended" : undefined;
  if (isOn(recorded)) return "new";
  return isOn(changed) ? "changed" : undefined;
}

/** A list with some of its items: none of them is nothing recorded, whatever state it is in stays. */
export function narrowed<T>(field: Shown<readonly T[]>, keep: (item: T) => boolean): Shown<readonly T[]> {
  if (field.state !== "value" && field.state !== "stale") return field;
  const kept = (field.value as readonly T[]).filter(keep);
  return field.state === "value" && kept.length === 0 ? { state: "absent" } : { ...field, value: kept };
}
