import type { Stage, Step } from "../contract/index.ts";

/**
 * The day of a visit as a table: what can be done where it stands, and where that leads. Everything else is refused.
 * `undo` stands in none: it leads to where the visit came from.
 */
export const NEXT: Readonly<Record<Stage, Partial<Readonly<Record<Exclude<Step, "undo">, Stage>>>>> = {
  booked: { arrive: "arrived", "no-show": "no-show", cancel: "cancelled" },
  arrived: { room: "roomed", start: "in-visit", cancel: "cancelled" },
  roomed: { start: "in-visit", cancel: "cancelled" },
  "in-visit": { ready: "ready", complete: "completed" },
  ready: { complete: "completed" },
  completed: {},
  cancelled: {},
  "no-show": {},
};

/** A visit that is over takes no more time, and nobody moves it. */
export const isOver = (stage: Stage): boolean => Object.keys(NEXT[stage]).length === 0;

/**
 * FHIR R4 Appointment.status of each stage. R4 knows `checked-in` for all that lies between the desk and the end; which
 * part of it, our extension says, in the words of R5's Encounter.subjectStatus where it has them.
 */
export const STATUS: Readonly<Record<Stage, string>> = {
  booked: "booked",
  arrived: "arrived",
  roomed: "checked-in",
  "in-visit": "checked-in",
  ready: "checked-in",
  completed: "fulfilled",
  cancelled: "cancelled",
  "no-show": "noshow",
};

/** The stage of an appointment that another system wrote. `entered-in-error` has none: it never was. */
const STAGE_OF_STATUS: Readonly<Record<string, Stage>> = {
  proposed: "booked",
  pending: "booked",
  waitlist: "booked",
  booked: "booked",
  arrived: "arrived",
  "checked-in": "roomed",
  fulfilled: "completed",
  cancelled: "cancelled",
  noshow: "no-show",
};

/** One step that a visit has taken: where to, and when. */
export interface Taken {
  readonly stage: Stage;
  readonly atMs: number;
}

/**
 * Where a visit stands: by its own path where that fits the status, else by the status, which another system changed.
 * Undefined for what never was.
 */
export function stageOf(status: string, path: readonly Taken[]): Stage | undefined {
  const last = path.at(-1)?.stage;
  return last !== undefined && STATUS[last] === status ? last : STAGE_OF_STATUS[status];
}
