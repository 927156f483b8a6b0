import { createHash } from "node:crypto";
import type { ClinicMoment, ResultView, ReviewedView } from "../contract/index.ts";
import { type FhirResource, isJsonObject, type JsonObject, type ResourceType } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { encodeId, isId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { resourceOf, type WriteAnswer, type WrittenReference } from "../record/index.ts";
import { bareValues, groupsOf, isGroupId, patientOfResult } from "./bare-values.ts";
import { type Answer, commit, type Entry, entryName, made, type MessageDesk, replayed, searchAll } from "./desk.ts";
import { broken, type MessageFailure } from "./failure.ts";
import { readMoment } from "./moments.ts";
import {
  isMe,
  meReference,
  type Owner,
  ownerReference,
  partyOf,
  patientReference,
  poolReference,
  reachesCategory,
} from "./parties.ts";
import { gravest, type Report, reportIn, reviewedVersion, reviewerIn, reviewOf, valuesOf } from "./result-resource.ts";
import { changedTask, newTask, taskIn, type WorkTask } from "./task-resource.ts";
import { isOpen } from "./task-states.ts";
import { isTaskWithinReach, snoozeUntil, viewOfTask } from "./tasks.ts";
import { newMessage } from "./thread-resource.ts";

const CATEGORY = "results";
/** A search by ids takes a hundred. */
const IDS_AT_ONCE = 100;

/** Records of a type by their ids, as far as they may be seen. */
export async function named(desk: MessageDesk, type: ResourceType, ids: readonly string[]): Answer<FhirResource[]> {
  const wanted = [...new Set(ids)];
  const found: FhirResource[] = [];
  for (let at = 0; at < wanted.length; at += IDS_AT_ONCE) {
    const some = await searchAll(desk, type, `_id=${wanted.slice(at, at + IDS_AT_ONCE).join(",")}`);
    if (!some.ok) return some;
    found.push(...some.value);
  }
  return ok(found);
}

/** A result with what stands around it. */
interface ResultFile {
  readonly report: Report;
  readonly values: readonly FhirResource[];
  readonly orders: readonly FhirResource[];
  readonly task?: WorkTask;
}

async function findReport(desk: MessageDesk, id: string): Answer<Report> {
  const { records, grant } = desk;
  if (isGroupId(id)) {
    const values = await bareValues(desk, patientOfResult(id));
    if (!values.ok) return values;
    const group = groupsOf(values.value).find((each) => each.id === id);
    return group ? ok(group) : err({ kind: "not-found" });
  }
  const found = await records.read(grant, "DiagnosticReport", id);
  if (!found.ok) return found;
  const report = reportIn(resourceOf(found.value));
  return report ? ok(report) : err({ kind: "not-found" });
}

async function fileOf(desk: MessageDesk, report: Report): Answer<ResultFile> {
  const values = report.members ? ok(report.members) : await named(desk, "Observation", report.values);
  if (!values.ok) return values;
  const orders = await named(desk, "ServiceRequest", report.orders);
  if (!orders.ok) return orders;
  const tasks = await named(desk, "Task", [resultTaskId(report)]);
  if (!tasks.ok) return tasks;
  const [task] = tasks.value.flatMap((each) => taskIn(each) ?? []);
  return ok({ report, values: values.value, orders: orders.value, ...(task && { task }) });
}

/** A result has one task at most, because its id comes from the result's: two who hand it over at once meet. */
export function resultTaskId({ id, patientId }: Pick<Report, "id" | "patientId">): string {
  const own = encodeId(createHash("sha256").update(`result-task\n${id}`).digest().subarray(0, 16));
  return isId(patientId) ? `${patientId}.${own}` : `t-${own}`;
}

/** What a task about it names. */
const focusOf = ({ id, members }: Report): string =>
  members ? `Observation/${members[0]?.id ?? ""}` : `DiagnosticReport/${id}`;

/** On whose desk a result waits: whom it was given to, else who ordered it, else the physicians. */
export function ownerOf(task: WorkTask | undefined, orders: readonly FhirResource[]): JsonObject {
  const given = task && isOpen(task.state) && isJsonObject(task.owner) ? task.owner : undefined;
  return given ?? requesterOf(orders) ?? poolReference("physician");
}

const requesterOf = (orders: readonly FhirResource[]): JsonObject | undefined =>
  orders.map((order) => order["requester"]).find(isJsonObject);

const canSign = ({ me }: MessageDesk): boolean => me.kind === "staff" && me.signer.roles.includes("physician");
const canAssign = ({ me }: MessageDesk): boolean => me.kind === "staff" && reachesCategory(me.signer.roles, CATEGORY);

function resultView(desk: MessageDesk, { report, values, orders, task }: ResultFile): ResultView {
  const { me } = desk;
  const lines = report.values.flatMap((id) => values.filter((each) => each.id === id)).flatMap(valuesOf);
  const flag = gravest(lines.map((each) => each.flag));
  const review = reviewOf(report.resource, me);
  const requester = requesterOf(orders);
  const may = [...(canSign(desk) ? (["review"] as const) : []), ...(canAssign(desk) ? (["assign"] as const) : [])];
  return {
    id: report.id,
    version: report.version,
    patient: report.patientId,
    title: report.title,
    status: report.status,
    ...(report.issuedAt !== undefined && { issuedAt: report.issuedAt }),
    ...(report.conclusion !== undefined && { conclusion: report.conclusion }),
    ...(flag !== undefined && { flag }),
    values: lines,
    isPartial: values.length < report.values.length,
    ...(requester !== undefined && { orderedBy: partyOf(requester, me) }),
    owner: partyOf(ownerOf(task, orders), me),
    ...(task && isOpen(task.state) && { task: viewOfTask(desk, task) }),
    ...(review && { review }),
    may: review ? [] : may,
  };
}

export async function readResult(desk: MessageDesk, id: string): Answer<ResultView> {
  const report = await findReport(desk, id);
  if (!report.ok) return report;
  const file = await fileOf(desk, report.value);
  return file.ok ? ok(resultView(desk, file.value)) : file;
}

/** What is asked of a result that waits, with people as the registry knows them. */
export interface AssignAsked {
  readonly owner?: Owner | undefined;
  readonly snooze?: ClinicMoment | undefined;
  readonly due?: ClinicMoment | undefined;
  readonly comment?: string | undefined;
}

/** Hands a result over, or puts it aside: in its task, which is made where it has none yet. */
export async function assignResult(desk: MessageDesk, id: string, asked: AssignAsked): Answer<ResultView> {
  const before = await replayed(desk);
  if (!before.ok) return before;
  if (before.value !== undefined) return readResult(desk, id);
  const { owner, comment } = asked;
  if (owner === undefined && asked.snooze === undefined && asked.due === undefined) return broken("nothing-asked");
  if (!canAssign(desk)) return broken("category-reach");
  if (owner !== undefined && !isTaskWithinReach(desk, CATEGORY, owner)) return broken("category-reach");
  const report = await findReport(desk, id);
  if (!report.ok) return report;
  if (report.value.isReviewed) return broken("result-reviewed");
  const file = await fileOf(desk, report.value);
  if (!file.ok) return file;
  const due = asked.due === undefined ? ok(undefined) : readMoment(desk.timeZone, asked.due);
  if (!due.ok) return due;
  const untilMs = asked.snooze === undefined ? ok(undefined) : snoozeUntil(desk, asked.snooze);
  if (!untilMs.ok) return untilMs;
  const written = await writeTask(desk, file.value, {
    owner: owner === undefined ? undefined : ownerReference(owner),
    comment,
    due: due.value,
    untilMs: untilMs.value,
  });
  if (!written.ok) return written;
  return ok(resultView(desk, { ...file.value, task: written.value }));
}

interface TaskParts {
  readonly owner: JsonObject | undefined;
  readonly comment: string | undefined;
  readonly due: string | undefined;
  readonly untilMs: number | undefined;
}

/** The task of a result, made or changed. A task that had ended belongs to a review of before, and is opened again. */
async function writeTask(desk: MessageDesk, { report, task, orders }: ResultFile, parts: TaskParts): Answer<WorkTask> {
  const { records, grant, effect, me } = desk;
  const { owner, comment, due, untilMs } = parts;
  const nowMs = desk.clock.now();
  const options = { isInboxWrite: true, ...(effect && { effect }) } as const;
  if (task === undefined) {
    const id = resultTaskId(report);
    const resource = newTask(
      {
        kind: "result",
        patientId: report.patientId,
        title: report.title,
        category: CATEGORY,
        owner: owner ?? ownerOf(undefined, orders),
        priority: "routine",
        focus: focusOf(report),
        comment,
        due,
        snoozeUntilMs: untilMs,
      },
      me,
      nowMs,
    );
    return taskWritten(await records.create(grant, made({ ...resource, id }), { id, ...options }));
  }
  const change = {
    state: owner === undefined && isOpen(task.state) ? task.state : "requested",
    owner: owner ?? ownerOf(task, orders),
    comment,
    ...(due !== undefined && { due }),
    snooze: untilMs === undefined ? null : { untilMs },
  } as const;
  const next = made(changedTask(task, change, me, nowMs));
  return taskWritten(await records.update(grant, next, { ifMatch: task.version, ...options }));
}

function taskWritten(written: Result<WriteAnswer, MessageFailure>): Result<WorkTask, MessageFailure> {
  if (!written.ok) return written;
  const task = taskIn(resourceOf(written.value.version));
  return task ? ok(task) : err({ kind: "not-found" });
}

/** What follows from a result, with people as the registry knows them. */
export interface ReviewAsked {
  readonly comment?: string | undefined;
  readonly followUp?:
    | { readonly title: string; readonly owner: Owner; readonly due?: ClinicMoment | undefined }
    | undefined;
  readonly message?: { readonly topic: string; readonly text: string } | undefined;
}

/**
 * Signs a result off: who, when and with which words stands in the report itself, over the version that she has before
 * her. Task and message are written with it or not at all. Signed twice by one person it is signed once; of two people at
 * once, one is told that it changed.
 */
export async function reviewResult(
  desk: MessageDesk,
  id: string,
  ifMatch: number,
  asked: ReviewAsked,
): Answer<ReviewedView> {
  const before = await replayed(desk);
  if (!before.ok) return before;
  if (before.value !== undefined) return answerOf(desk, id, before.value);
  if (!canSign(desk)) return broken("category-reach");
  const found = await findReport(desk, id);
  if (!found.ok) return found;
  const report = found.value;
  if (report.isReviewed) {
    // The answer to the first was lost on the way, and the page has asked again by another key.
    const isDone = isMe(reviewerIn(report.resource), desk.me) && report.version === ifMatch + 1;
    return isDone ? answerOf(desk, id, []) : broken("result-reviewed");
  }
  if (report.version !== ifMatch) return err({ kind: "conflict", reason: "version" });
  const file = await fileOf(desk, report);
  if (!file.ok) return file;
  const entries = entriesOf(desk, file.value, asked);
  if (!entries.ok) return entries;
  const written = await commit(desk, entries.value);
  return written.ok ? answerOf(desk, id, written.value) : written;
}

function entriesOf(
  desk: MessageDesk,
  { report, task }: ResultFile,
  { comment, followUp, message }: ReviewAsked,
): Result<readonly Entry[], MessageFailure> {
  const nowMs = desk.clock.now();
  const { patientId } = report;
  const entries: Entry[] = (report.members ?? [report.resource]).map((resource) => ({
    kind: "next",
    resource: reviewedVersion(resource, desk.me, nowMs, comment),
    over: Number(resource.meta?.["versionId"]),
  }));
  if (task && isOpen(task.state)) {
    const resource = changedTask(task, { state: "completed" }, desk.me, nowMs);
    entries.push({ kind: "next", resource, over: task.version });
  }
  if (followUp) {
    if (!isTaskWithinReach(desk, CATEGORY, followUp.owner)) return broken("category-reach");
    const due = followUp.due === undefined ? ok(undefined) : readMoment(desk.timeZone, followUp.due);
    if (!due.ok) return due;
    const resource = newTask(
      {
        kind: "task",
        patientId,
        title: followUp.title,
        category: CATEGORY,
        owner: ownerReference(followUp.owner),
        priority: "routine",
        due: due.value,
        focus: focusOf(report),
      },
      desk.me,
      nowMs,
    );
    entries.push({ kind: "new", resource });
  }
  if (message) {
    const { topic, text } = message;
    const sent = { patientId, category: CATEGORY, topic, text, priority: "routine" } as const;
    const resource = newMessage(
      { ...sent, sender: meReference(desk.me), recipient: patientReference(patientId) },
      nowMs,
    );
    entries.push({ kind: "new", resource, name: entryName(1) });
  }
  return ok(entries);
}

type Written = Pick<WrittenReference, "type" | "id" | "version">;

async function answerOf(desk: MessageDesk, id: string, written: readonly Written[]): Answer<ReviewedView> {
  const result = await reviewedResult(desk, id, written);
  if (!result.ok) return result;
  const made = (type: string) => written.find((each) => each.type === type && each.version === 1)?.id;
  const [task, thread] = [made("Task"), made("Communication")];
  return ok({ result: result.value, ...(task !== undefined && { task }), ...(thread !== undefined && { thread }) });
}

/** What was signed off: of values without a report, those that the signature was written on. */
async function reviewedResult(desk: MessageDesk, id: string, written: readonly Written[]): Answer<ResultView> {
  if (!isGroupId(id)) return readResult(desk, id);
  const signed = await named(
    desk,
    "Observation",
    written.flatMap((each) => (each.type === "Observation" ? [each.id] : [])),
  );
  if (!signed.ok) return signed;
  const [group] = groupsOf(signed.value);
  if (group === undefined) return err({ kind: "not-found" });
  const file = await fileOf(desk, { ...group, id });
  return file.ok ? ok(resultView(desk, file.value)) : file;
}

/** When a report came, for the order of a list: by its own word, else by when it was written here. */
export const arrivedAt = ({ issuedAt, resource }: Report): string =>
  issuedAt !== undefined && issuedAt.includes("T") ? toInstant(Date.parse(issuedAt)) : lastUpdated(resource);

const lastUpdated = ({ meta }: FhirResource): string => {
  const at: unknown = meta?.["lastUpdated"];
  return typeof at === "string" ? at : "";
};
