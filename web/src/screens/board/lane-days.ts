import type { DayRow, DayView, ScheduleSetupView } from "../../../../core/contract/index.ts";
import type { LaneSpan } from "../../ui/index.ts";
import type { Words } from "./words.ts";

/** The day of the server, as lanes on one scale of time. Places are numbers of slots; what time a slot is, the server said. */

export type LaneKind = "provider" | "room";

/** The lane of what has no provider or room. */
export const NO_LANE = "none";

export const laneOf = (row: Pick<DayRow, LaneKind>, by: LaneKind): string => row[by] ?? NO_LANE;

export interface DayLane {
  readonly id: string;
  readonly name: string;
  readonly rows: readonly DayRow[];
}

interface Asked {
  readonly by: LaneKind;
  readonly rows: readonly DayRow[];
  readonly setup: ScheduleSetupView | undefined;
  readonly words: Words;
}

/** A lane for each provider or room of the clinic, and for what has none where there is such. */
export function lanesOf({ by, rows, setup, words }: Asked): readonly DayLane[] {
  const rooms = (setup?.places ?? []).filter(({ kind, isActive }) => kind === "room" && isActive);
  const known = by === "provider" ? (setup?.providers ?? []) : rooms;
  const nameOf = by === "provider" ? words.providerOf : words.roomOf;
  const ids = [...new Set([...known.map(({ id }) => id), ...rows.flatMap((row) => row[by] ?? [])])];
  const lanes = ids.map((id) => ({ id, name: nameOf({ [by]: id }), rows: rows.filter((row) => row[by] === id) }));
  const none = rows.filter((row) => row[by] === undefined);
  return none.length === 0 ? lanes : [...lanes, { id: NO_LANE, name: nameOf({}), rows: none }];
}

/** The slot that an instant is in. */
export function slotOf({ slots }: Pick<DayView, "slots">, at: string): number {
  const after = slots.findIndex((slot) => slot.at > at);
  return Math.max(0, (after === -1 ? slots.length : after) - 1);
}

export function spanOf(day: Pick<DayView, "slots">, row: Pick<DayRow, "start" | "end">): LaneSpan {
  const from = slotOf(day, row.start.at);
  const end = day.slots.findIndex(({ at }) => at >= row.end.at);
  return { from, to: Math.max(from + 1, end === -1 ? day.slots.length : end) };
}

type Hours = DayView["open"];
const holds = (hours: Hours, from: string, to: string): boolean =>
  hours.some((span) => span.from.at <= from && to <= span.to.at);

/** Slots in which nothing is booked without a word: the clinic is closed, or the lane's provider does not work. */
export function closedIn(day: DayView, by: LaneKind, lane: string): readonly LaneSpan[] {
  const own = by === "provider" ? day.providerHours.find(({ provider }) => provider === lane)?.open : undefined;
  const closed: LaneSpan[] = [];
  for (const [slot, { at }] of day.slots.entries()) {
    const end = day.slots[slot + 1]?.at ?? day.slotsEnd;
    if (holds(day.open, at, end) && (own === undefined || holds(own, at, end))) continue;
    const last = closed.at(-1);
    if (last?.to === slot) closed.splice(-1, 1, { from: last.from, to: slot + 1 });
    else closed.push({ from: slot, to: slot + 1 });
  }
  return closed;
}
