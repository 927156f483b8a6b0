import type { Link, Priority, TaskMove, TaskState, TaskView } from "../contract/index.ts";
import { LINK_TYPES, PRIORITIES } from "../contract/index.ts";
import { type FhirResource, type JsonObject, MESSAGE_CATEGORY, messageCategoryOf } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import type { MessageCategory } from "../kernel/message-category.ts";
import { listOf, objectOf, textOf } from "./elements.ts";
import { dueView } from "./moments.ts";
import { idIn, type Me, meReference, partyOf, patientReference } from "./parties.ts";
import { movesFrom, taskStateOf } from "./task-states.ts";

const KIND = "urn:keyward:task-kind";
/** On a Task: put aside until an instant, since another one. */
const SNOOZE = "urn:keyward:task-snooze";

/** A task, read from its Task: of ours, or one that came from elsewhere, which counts as clinical. */
export interface WorkTask {
  readonly id: string;
  readonly version: number;
  readonly kind: TaskView["kind"];
  readonly patientId?: string;
  readonly title: string;
  readonly category: MessageCategory;
  readonly state: TaskState;
  readonly priority: Priority;
  readonly owner: unknown;
  readonly due?: string;
  readonly snooze?: { readonly untilMs: number; readonly sinceMs: number };
  readonly createdAt: string;
  readonly link?: Link;
  readonly resource: FhirResource;
}

export function taskIn(resource: FhirResource): WorkTask | undefined {
  const { id, meta } = resource;
  if (resource.resourceType !== "Task" || id === undefined) return undefined;
  const patientId = idIn(resource["for"], "Patient");
  const code = objectOf(resource["code"]);
  const kind = listOf(code["coding"]).find(({ system }) => system === KIND)?.["code"];
  const due = textOf(objectOf(objectOf(resource["restriction"])["period"])["end"]);
  const link = linkIn(resource["focus"]);
  const snooze = snoozeIn(resource);
  return {
    id,
    version: Number(meta?.["versionId"]),
    kind: kind === "message" || kind === "result" ? kind : "task",
    ...(patientId !== undefined && { patientId }),
    title: textOf(resource["description"]) || textOf(code["text"]),
    category: messageCategoryOf(resource) ?? "clinical",
    state: taskStateOf(resource["status"]),
    priority: PRIORITIES.find((one) => one === resource["priority"]) ?? "routine",
    owner: resource["owner"],
    ...(due !== "" && { due }),
    ...(snooze && { snooze }),
    createdAt: textOf(resource["authoredOn"]),
    ...(link && { link }),
    resource,
  };
}

function linkIn(focus: unknown): Link | undefined {
  for (const type of LINK_TYPES) {
    const id = idIn(focus, type);
    if (id !== undefined) return { type, id };
  }
  return undefined;
}

function snoozeIn(resource: FhirResource): WorkTask["snooze"] {
  const parts = listOf(listOf(resource["extension"]).find(({ url }) => url === SNOOZE)?.["extension"]);
  const at = (name: string): number => Date.parse(textOf(parts.find(({ url }) => url === name)?.["valueInstant"]));
  const [untilMs, sinceMs] = [at("until"), at("since")];
  return Number.isNaN(untilMs) || Number.isNaN(sinceMs) ? undefined : { untilMs, sinceMs };
}

export interface NewTask {
  readonly kind: TaskView["kind"];
  readonly patientId?: string;
  readonly title: string;
  readonly category: MessageCategory;
  /** A Reference. */
  readonly owner: JsonObject;
  readonly priority: Priority;
  readonly due?: string | undefined;
  readonly comment?: string | undefined;
  /** Put aside from the first: until this instant. */
  readonly snoozeUntilMs?: number | undefined;
  /** A relative reference, or the name of a record of the same transaction. */
  readonly focus?: string;
}

/** A task as it is given. FHIR R4 task.html: `restriction.period.end` is when it is due, `for` whom it is about. */
export const newTask = (task: NewTask, me: Me, nowMs: number): JsonObject => {
  const at = toInstant(nowMs);
  return {
    resourceType: "Task",
    extension: [
      { url: MESSAGE_CATEGORY, valueCode: task.category },
      ...(task.snoozeUntilMs === undefined ? [] : [snoozeOf(task.snoozeUntilMs, at)]),
    ],
    status: "requested",
    intent: "order",
    priority: task.priority,
    code: { coding: [{ system: KIND, code: task.kind }] },
    description: task.title,
    ...(task.focus !== undefined && { focus: { reference: task.focus } }),
    ...(task.patientId !== undefined && { for: patientReference(task.patientId) }),
    authoredOn: at,
    lastModified: at,
    requester: meReference(me),
    owner: task.owner,
    ...(task.due !== undefined && { restriction: { period: { end: task.due } } }),
    ...(task.comment !== undefined && { note: [noteOf(task.comment, me, at)] }),
  };
};

const noteOf = (text: string, me: Me, time: string): JsonObject => ({ authorReference: meReference(me), time, text });

/** What becomes of a task with one move; what is absent stays. */
export interface TaskChange {
  readonly state: TaskState;
  readonly owner?: JsonObject;
  readonly reason?: string;
  readonly comment?: string | undefined;
  readonly priority?: Priority;
  /** Null takes it away. */
  readonly due?: string | null;
  readonly snooze?: { readonly untilMs: number } | null;
}

/** The next version of a task. */
export function changedTask({ resource, state }: WorkTask, change: TaskChange, me: Me, nowMs: number): JsonObject {
  const at = toInstant(nowMs);
  const { statusReason: _before, restriction: _due, ...rest } = resource;
  const due = change.due === undefined ? resource["restriction"] : dueOf(change.due);
  const hasEnded = change.state !== state && !["requested", "accepted", "in-progress"].includes(change.state);
  const reason = change.reason ?? (change.state === state ? textOf(objectOf(resource["statusReason"])["text"]) : "");
  const period = objectOf(resource["executionPeriod"]);
  return {
    ...rest,
    extension: withSnooze(resource, change, at),
    status: change.state === state ? resource["status"] : change.state,
    ...(change.priority !== undefined && { priority: change.priority }),
    ...(change.owner !== undefined && { owner: change.owner }),
    ...(reason !== "" && { statusReason: { text: reason } }),
    ...(due !== undefined && { restriction: due }),
    ...(hasEnded && { executionPeriod: { ...period, end: at } }),
    ...(change.comment !== undefined && {
      note: [...listOf(resource["note"]), noteOf(change.comment, me, at)],
    }),
    lastModified: at,
  } as JsonObject;
}

const dueOf = (due: string | null): JsonObject | undefined => (due === null ? undefined : { period: { end: due } });

function withSnooze(resource: FhirResource, { snooze, state }: TaskChange, at: string): readonly JsonObject[] {
  const all = listOf(resource["extension"]);
  const isKept = snooze === undefined && ["requested", "accepted", "in-progress"].includes(state);
  if (isKept) return all;
  const others = all.filter(({ url }) => url !== SNOOZE);
  if (snooze === undefined || snooze === null) return others;
  return [...others, snoozeOf(snooze.untilMs, at)];
}

const snoozeOf = (untilMs: number, since: string): JsonObject => ({
  url: SNOOZE,
  extension: [
    { url: "until", valueInstant: toInstant(untilMs) },
    { url: "since", valueInstant: since },
  ],
});

/** A task to who looks. `mayMove`: whether policy and its category let her work on it at all. */
export function taskView(
  task: WorkTask,
  { me, timeZone, nowMs, mayMove }: { me: Me; timeZone: string; nowMs: number; mayMove: (move: TaskMove) => boolean },
): TaskView {
  const { resource } = task;
  const end = textOf(objectOf(resource["executionPeriod"])["end"]);
  const reason = textOf(objectOf(resource["statusReason"])["text"]);
  return {
    id: task.id,
    version: task.version,
    kind: task.kind,
    ...(task.patientId !== undefined && { patient: task.patientId }),
    title: task.title,
    category: task.category,
    state: task.state,
    priority: task.priority,
    owner: partyOf(task.owner, me),
    requester: partyOf(resource["requester"], me),
    ...(task.due !== undefined && { due: dueView(timeZone, task.due, nowMs) }),
    ...(task.snooze && task.snooze.untilMs > nowMs && { snoozedUntil: toInstant(task.snooze.untilMs) }),
    createdAt: task.createdAt,
    changedAt: textOf(resource["lastModified"]) || task.createdAt,
    ...(end !== "" && { endedAt: end }),
    ...(reason !== "" && { reason }),
    ...(task.link && { link: task.link }),
    comments: listOf(resource["note"]).map((note) => ({
      by: partyOf(note["authorReference"], me),
      at: textOf(note["time"]),
      text: textOf(note["text"]),
    })),
    may: movesFrom(task.state).filter(mayMove),
  };
}
