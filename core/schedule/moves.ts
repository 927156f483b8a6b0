import type { ConflictRule, MoveObstacle, MovesView } from "../contract/index.ts";
import { toInstant } from "../kernel/clock.ts";
import type { Busy } from "../record/index.ts";
import { dayBounds } from "./clinic-time.ts";
import { busyConflicts, effectOf, standing } from "./conflicts.ts";
import { slotsOn } from "./day.ts";
import { movedConflicts } from "./operations.ts";
import type { Clinic } from "./profile.ts";
import { dayHours } from "./provider-hours.ts";
import type { Visit } from "./visit.ts";

/** Where an appointment could go on a day. */
export interface MovesQuery {
  readonly day: string;
  /** What a lane is. */
  readonly by: "provider" | "room";
  /** Ids of providers or rooms; undefined for none. */
  readonly lanes: readonly (string | undefined)[];
}

type Moved = Pick<Visit, "startMs" | "endMs" | "patientId" | "provider" | "room">;

/** Whose time an appointment takes, as calendars know them. */
export const actorsOfVisit = ({ patientId, provider, room }: Omit<Moved, "startMs" | "endMs">): readonly string[] => [
  `Patient/${patientId}`,
  ...(provider === undefined ? [] : [`Practitioner/${provider}`]),
  ...(room === undefined ? [] : [`Location/${room}`]),
];

/**
 * What would stand against moving an appointment to each beginning of a day, by the rules that the move itself is judged
 * by: equal neighbours are one. An answer of this moment: the move is judged anew.
 * @param taken When lanes, patient and what stays are taken, without this appointment.
 */
export function movesOf(
  clinic: Clinic,
  visit: Moved,
  { day, by, lanes }: MovesQuery,
  taken: readonly Busy[],
  nowMs: number,
): MovesView["lanes"] {
  const bounds = dayBounds(clinic.timeZone, day);
  const hours = dayHours(clinic, day);
  const starts = slotsOn(clinic, day, [bounds]);
  const kept = new Set(actorsOfVisit(visit));
  const lengthMs = visit.endMs - visit.startMs;
  const rulesAt = (lane: string | undefined, slotMs: number, nextMs: number): readonly ConflictRule[] => {
    // In its own slot it keeps its own minute.
    const startMs = slotMs <= visit.startMs && visit.startMs < nextMs ? visit.startMs : slotMs;
    const isTimed = startMs !== visit.startMs;
    const to = { ...visit, [by]: lane, startMs, endMs: startMs + lengthMs };
    const wanted = actorsOfVisit(to)
      .filter((actor) => isTimed || !kept.has(actor))
      .map((actor) => ({ actor, startMs, endMs: to.endMs }));
    const against = [...movedConflicts(hours, to, visit, { isTimed, nowMs }), ...busyConflicts(wanted, taken)];
    return standing(clinic, against, []).map(({ rule }) => rule);
  };
  return lanes.map((lane) => {
    const obstacles: MoveObstacle[] = [];
    for (const [index, slotMs] of starts.entries()) {
      const nextMs = starts[index + 1] ?? bounds.endMs;
      const rules = rulesAt(lane, slotMs, nextMs);
      if (rules.length === 0) continue;
      const [from, to] = [toInstant(slotMs), toInstant(nextMs)];
      const last = obstacles.at(-1);
      if (last?.to === from && last.rules.join() === rules.join()) obstacles.splice(-1, 1, { ...last, to });
      else obstacles.push({ from, to, rules, effect: effectOfAll(clinic, rules) });
    }
    return { obstacles, ...(lane !== undefined && { lane }) };
  });
}

const effectOfAll = (clinic: Clinic, rules: readonly ConflictRule[]): MoveObstacle["effect"] =>
  rules.some((rule) => effectOf(clinic, rule) === "refuse") ? "refuse" : "confirm";
