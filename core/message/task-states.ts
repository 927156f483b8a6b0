import type { TaskMove, TaskState } from "../contract/index.ts";

type Moves = Partial<Record<TaskState, TaskState>>;

const OPEN = { requested: "requested", accepted: "accepted", "in-progress": "in-progress" } as const;
const ANY = { ...OPEN, completed: "completed", cancelled: "cancelled", failed: "failed" } as const;
const handedOver = { requested: "requested", accepted: "requested", "in-progress": "requested" } as const;

/**
 * Every change of a task that there is: from which state, to which. The state is read from the very version that the
 * write is conditional on, so that a move which is not here cannot be written. FHIR R4 task.html#statemachine
 */
export const TASK_CHANGES: Readonly<Record<TaskMove, Moves>> = {
  accept: { requested: "accepted" },
  start: { requested: "in-progress", accepted: "in-progress" },
  complete: { requested: "completed", accepted: "completed", "in-progress": "completed" },
  cancel: { requested: "cancelled", accepted: "cancelled", "in-progress": "cancelled" },
  fail: { accepted: "failed", "in-progress": "failed" },
  reopen: { completed: "requested", cancelled: "requested", failed: "requested" },
  assign: handedOver,
  snooze: OPEN,
  wake: OPEN,
  plan: OPEN,
  comment: ANY,
};

/** States of R4 that no task of ours is given, and what one from elsewhere is taken for. */
const FOREIGN: Readonly<Record<string, TaskState>> = {
  draft: "requested",
  received: "requested",
  ready: "accepted",
  "on-hold": "in-progress",
  rejected: "cancelled",
  "entered-in-error": "cancelled",
};

export const taskStateOf = (status: unknown): TaskState => {
  if (typeof status !== "string") return "requested";
  const own = Object.keys(ANY).find((state) => state === status) as TaskState | undefined;
  return own ?? FOREIGN[status] ?? "requested";
};

export const isOpen = (state: TaskState): boolean => state in OPEN;
export const nextState = (move: TaskMove, from: TaskState): TaskState | undefined => TASK_CHANGES[move][from];
export const movesFrom = (state: TaskState): readonly TaskMove[] =>
  (Object.keys(TASK_CHANGES) as TaskMove[]).filter((move) => nextState(move, state) !== undefined);
