import type { ChangeTask, Link, Priority, TaskView } from "../contract/index.ts";
import type { ClinicMoment } from "../contract/index.ts";
import { type FhirResource, messageCategoryOf, patientOf, patientOfId } from "../fhir/index.ts";
import type { MessageCategory } from "../kernel/message-category.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { resourceOf } from "../record/index.ts";
import { type Answer, made, type MessageDesk, replayed } from "./desk.ts";
import { broken, type MessageFailure } from "./failure.ts";
import { readMoment, startMs } from "./moments.ts";
import { meReference, type Owner, ownerReference, reachesCategory, rolesOf } from "./parties.ts";
import { changedTask, newTask, type TaskChange, taskIn, taskView, type WorkTask } from "./task-resource.ts";
import { nextState } from "./task-states.ts";

/** Whether who is signed in works on what is of the category: a patient works on none of the clinic's tasks. */
const worksOn = ({ me }: MessageDesk, category: MessageCategory): boolean =>
  me.kind === "staff" && reachesCategory(me.signer.roles, category);

/** A task as the desk's own person sees it now. */
export const viewOfTask = (desk: MessageDesk, task: WorkTask): TaskView =>
  taskView(task, {
    me: desk.me,
    timeZone: desk.timeZone,
    nowMs: desk.clock.now(),
    mayMove: () => worksOn(desk, task.category),
  });

async function findTask({ records, grant }: MessageDesk, id: string): Answer<WorkTask> {
  const found = await records.read(grant, "Task", id);
  if (!found.ok) return found;
  const task = taskIn(resourceOf(found.value));
  return task ? ok(task) : err({ kind: "not-found" });
}

export async function readTask(desk: MessageDesk, id: string): Answer<TaskView> {
  const task = await findTask(desk, id);
  return task.ok ? ok(viewOfTask(desk, task.value)) : task;
}

/** A task as somebody of the clinic gives it. */
export interface TaskAsked {
  readonly patientId?: string | undefined;
  readonly title: string;
  readonly category: MessageCategory;
  readonly owner: Owner;
  readonly priority: Priority;
  readonly due?: ClinicMoment | undefined;
  readonly comment?: string | undefined;
  readonly link?: Link | undefined;
}

/** Whether she may give it and whoever gets it could open it. */
export function isTaskWithinReach(desk: MessageDesk, category: MessageCategory, owner: Owner): boolean {
  return worksOn(desk, category) && reachesCategory(rolesOf(owner), category);
}

export async function createTask(desk: MessageDesk, asked: TaskAsked): Answer<TaskView> {
  const { patientId, category, owner, link } = asked;
  if (patientId === undefined && category !== "administrative") return broken("category-without-patient");
  if (!isTaskWithinReach(desk, category, owner)) return broken("category-reach");
  const due = asked.due === undefined ? ok(undefined) : readMoment(desk.timeZone, asked.due);
  if (!due.ok) return due;
  const focus = link === undefined ? ok(undefined) : await focusOf(desk, link, asked);
  if (!focus.ok) return focus;
  const task = newTask(
    {
      kind: "task",
      ...(patientId !== undefined && { patientId }),
      title: asked.title,
      category,
      owner: ownerReference(owner),
      priority: asked.priority,
      due: due.value,
      comment: asked.comment,
      ...(focus.value !== undefined && { focus: focus.value }),
    },
    desk.me,
    desk.clock.now(),
  );
  const { records, grant, effect } = desk;
  const written = await records.create(grant, made(task), { isInboxWrite: true, ...(effect && { effect }) });
  if (!written.ok) return written;
  const given = taskIn(resourceOf(written.value.version));
  return given ? ok(viewOfTask(desk, given)) : err({ kind: "not-found" });
}

/** What a task is about: of the same patient, and nothing clinical for whoever sees no chart. */
async function focusOf(
  { records, grant }: MessageDesk,
  { type, id }: Link,
  { patientId, category }: TaskAsked,
): Answer<string> {
  const found = await records.read(grant, type, id);
  if (!found.ok) return found;
  const resource = resourceOf(found.value);
  const isHers = patientOfId(id) === patientId || homeOf(resource) === patientId;
  return isHers && isNameable(resource, category) ? ok(`${type}/${id}`) : broken("task-link");
}

const homeOf = (resource: FhirResource): string | undefined => {
  const home = patientOf(resource);
  return home.ok ? home.value : undefined;
};

function isNameable(resource: FhirResource, category: MessageCategory): boolean {
  if (category !== "administrative" && category !== "billing") return true;
  return resource.resourceType === "Appointment" || messageCategoryOf(resource) === category;
}

/** What a request asks of a task, with people as the registry knows them. */
export type MoveAsked =
  | Exclude<ChangeTask, { move: "assign" }>
  | { readonly move: "assign"; readonly owner: Owner; readonly comment?: string | undefined };

/**
 * Takes a task to where the table permits it, over the version that the caller has before her: of two who take it in one
 * moment, one is told that it changed.
 */
export async function changeTask(desk: MessageDesk, id: string, ifMatch: number, asked: MoveAsked): Answer<TaskView> {
  const before = await replayed(desk);
  if (!before.ok) return before;
  if (before.value !== undefined) return readTask(desk, id);
  const found = await findTask(desk, id);
  if (!found.ok) return found;
  const task = found.value;
  if (!worksOn(desk, task.category)) return broken("category-reach");
  if (task.version !== ifMatch) return err({ kind: "conflict", reason: "version" });
  const change = changeOf(desk, task, asked);
  if (!change.ok) return change;
  const next = changedTask(task, change.value, desk.me, desk.clock.now());
  const { records, grant, effect } = desk;
  const written = await records.update(grant, made(next), { ifMatch, isInboxWrite: true, ...(effect && { effect }) });
  if (!written.ok) return written;
  const changed = taskIn(resourceOf(written.value.version));
  return changed ? ok(viewOfTask(desk, changed)) : err({ kind: "not-found" });
}

function changeOf(desk: MessageDesk, task: WorkTask, asked: MoveAsked): Result<TaskChange, MessageFailure> {
  const state = nextState(asked.move, task.state);
  if (state === undefined) return broken("task-move");
  switch (asked.move) {
    case "accept":
      return ok({ state, owner: meReference(desk.me) });
    case "start":
      return ok({ state });
    case "wake":
      return ok({ state, snooze: null });
    case "complete":
      return ok({ state, comment: asked.comment });
    case "cancel":
    case "fail":
    case "reopen":
      return ok({ state, reason: asked.reason });
    case "assign":
      if (!isTaskWithinReach(desk, task.category, asked.owner)) return broken("category-reach");
      // Whoever gets it looks at it now, however long it was put aside by somebody else.
      return ok({ state, owner: ownerReference(asked.owner), comment: asked.comment, snooze: null });
    case "snooze": {
      const untilMs = snoozeUntil(desk, asked.until);
      return untilMs.ok ? ok({ state, snooze: { untilMs: untilMs.value } }) : untilMs;
    }
    case "comment":
      return ok({ state, comment: asked.comment });
    case "plan": {
      const due = asked.due === undefined ? ok(null) : readMoment(desk.timeZone, asked.due);
      return due.ok ? ok({ state, priority: asked.priority, due: due.value }) : due;
    }
  }
}

/** The instant at which what is put aside comes back: it lies ahead. */
export function snoozeUntil({ timeZone, clock }: MessageDesk, asked: ClinicMoment): Result<number, MessageFailure> {
  const until = readMoment(timeZone, asked);
  if (!until.ok) return until;
  const ms = startMs(timeZone, until.value);
  return ms > clock.now() ? ok(ms) : broken("moment-past");
}
