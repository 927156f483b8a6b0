import type { InboxBadge, InboxItem, InboxScope, InboxView, ItemKind, ItemPatient, Pool } from "../contract/index.ts";
import type { Signer } from "../encounter/clinician.ts";
import { listUnsigned } from "../encounter/notes.ts";
import type { FhirResource } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { ok } from "../kernel/result.ts";
import { ACTOR_SYSTEMS } from "../policy/consent/systems.ts";
import { resourceOf, WAITING } from "../record/index.ts";
import { seenPatient } from "../schedule/index.ts";
import { bareValues, groupsOf } from "./bare-values.ts";
import type { Answer, MessageDesk } from "./desk.ts";
import { countsOf, inInboxOrder, pageOf, type Waiting } from "./inbox-page.ts";
import { dueView } from "./moments.ts";
import { idIn, isForMe, isMe, partyOf, poolIn, poolsOf } from "./parties.ts";
import { gravest, type Report, reportIn, valuesOf } from "./result-resource.ts";
import { arrivedAt, named, ownerOf, resultTaskId } from "./results.ts";
import { taskIn, type WorkTask } from "./task-resource.ts";
import { isOpen } from "./task-states.ts";
import { viewOfTask } from "./tasks.ts";
import { type Message, messageIn } from "./thread-resource.ts";

/** A desk of somebody of the clinic, and which kinds policy lets her see at all. */
export interface InboxDesk extends MessageDesk {
  readonly me: { readonly kind: "staff"; readonly signer: Signer };
  readonly sees: ReadonlySet<ItemKind>;
  /** Pools of nobody: a clinic without a front desk answers its messages all the same. */
  readonly unstaffed: readonly Pool[];
}

export interface InboxAsked {
  /** `user`: what waits for one colleague. */
  readonly scope: InboxScope | { readonly user: string; readonly practitionerId?: string };
  readonly kind?: ItemKind | undefined;
  readonly patient?: string | undefined;
  readonly isSnoozed: boolean;
  readonly cursor?: string | undefined;
}

const PAGE = 25;
/** FHIR R4 valueset-task-status: those in which a task waits. */
const OPEN_STATUSES = ["requested", "accepted", "in-progress", "draft", "received", "ready", "on-hold"];

const accountTokens = (user: string, practitionerId: string | undefined): readonly string[] => [
  `${ACTOR_SYSTEMS.user}|${user}`,
  ...(practitionerId === undefined ? [] : [`Practitioner/${practitionerId}`]),
];

const poolTokens = ({ me, unstaffed }: InboxDesk): readonly string[] =>
  [...new Set([...poolsOf(me.signer.roles), ...unstaffed])].map((pool) => `${ACTOR_SYSTEMS.role}|${pool}`);

/** The open tasks of a scope. One that came from elsewhere counts by whom it names. */
async function tasksOf(desk: InboxDesk, scope: InboxAsked["scope"]): Answer<readonly WorkTask[]> {
  const { records, grant, me } = desk;
  const own = accountTokens(me.signer.userId, me.signer.practitionerId);
  const owners =
    typeof scope === "object"
      ? accountTokens(scope.user, scope.practitionerId)
      : scope === "mine"
        ? own
        : [...own, ...poolTokens(desk)];
  const found =
    scope === "everyone"
      ? await records.searchByToken(grant, "Task", "status", OPEN_STATUSES)
      : await records.searchByToken(grant, "Task", "owner", owners);
  if (!found.ok) return found;
  return ok(found.value.flatMap((stored) => taskIn(resourceOf(stored)) ?? []).filter(({ state }) => isOpen(state)));
}

/** Whether something belongs to a scope, by whom it waits for. */
function isIn(desk: InboxDesk, scope: InboxAsked["scope"], owner: unknown): boolean {
  if (typeof scope === "object") {
    const theirs = { kind: "staff", signer: { ...desk.me.signer, userId: scope.user as Signer["userId"] } } as const;
    const practitioner = idIn(owner, "Practitioner");
    return isMe(owner, theirs) || (practitioner !== undefined && practitioner === scope.practitionerId);
  }
  if (scope === "everyone") return true;
  if (scope === "mine") return isMe(owner, desk.me);
  const pool = poolIn(owner);
  return isForMe(owner, desk.me) || (pool !== undefined && desk.unstaffed.includes(pool));
}

/** Results that wait, each with its order and its task. */
interface WaitingReport {
  readonly report: Report;
  readonly owner: unknown;
  readonly task?: WorkTask;
}

async function reportsOf(desk: InboxDesk): Answer<readonly WaitingReport[]> {
  if (!desk.sees.has("result")) return ok([]);
  const found = await desk.records.searchByToken(desk.grant, "DiagnosticReport", "review", [WAITING]);
  if (!found.ok) return found;
  const bare = await bareValues(desk);
  if (!bare.ok) return bare;
  const reports = [...found.value.flatMap((stored) => reportIn(resourceOf(stored)) ?? []), ...groupsOf(bare.value)];
  const orders = await named(
    desk,
    "ServiceRequest",
    reports.flatMap((report) => report.orders),
  );
  if (!orders.ok) return orders;
  const tasks = await named(desk, "Task", reports.map(resultTaskId));
  if (!tasks.ok) return tasks;
  const taskById = new Map(tasks.value.flatMap((each) => taskIn(each) ?? []).map((task) => [task.id, task]));
  return ok(
    reports.map((report) => {
      const known = taskById.get(resultTaskId(report));
      const task = known && isOpen(known.state) ? known : undefined;
      const own = orders.value.filter(({ id = "" }) => report.orders.includes(id));
      return { report, owner: ownerOf(task, own), ...(task && { task }) };
    }),
  );
}

async function unreadOf(desk: InboxDesk): Answer<ReadonlyMap<string, readonly Message[]>> {
  const found = await desk.records.searchByToken(desk.grant, "Communication", "unread", ["staff"]);
  if (!found.ok) return found;
  const messages = found.value.flatMap((stored) => messageIn(resourceOf(stored)) ?? []);
  return ok(Map.groupBy(messages, ({ thread }) => thread));
}

/** What is put aside comes back at its time, or when the patient writes again. */
function isPutAside(task: WorkTask | undefined, nowMs: number, unread: readonly Message[]): boolean {
  const { snooze } = task ?? {};
  if (snooze === undefined || snooze.untilMs <= nowMs) return false;
  return !unread.some(({ sentAt }) => Date.parse(sentAt) > snooze.sinceMs);
}

function partsOf(desk: InboxDesk, task: WorkTask | undefined): Partial<InboxItem> {
  if (task === undefined) return {};
  const { timeZone } = desk;
  const nowMs = desk.clock.now();
  const { may } = viewOfTask(desk, task);
  return {
    task: { id: task.id, version: task.version, may },
    ...(task.due !== undefined && { due: dueView(timeZone, task.due, nowMs) }),
    ...(task.snooze && task.snooze.untilMs > nowMs && { snoozedUntil: toInstant(task.snooze.untilMs) }),
  };
}

function ofTask(desk: InboxDesk, task: WorkTask, unread: ReadonlyMap<string, readonly Message[]>): Waiting {
  const { me } = desk;
  const thread = task.kind === "message" && task.link?.type === "Communication" ? task.link.id : undefined;
  const messages = (thread === undefined ? undefined : unread.get(thread)) ?? [];
  const item: InboxItem = {
    kind: thread === undefined ? "task" : "message",
    id: thread ?? task.id,
    title: task.title,
    category: task.category,
    owner: partyOf(task.owner, me),
    priority: task.priority,
    at: messages.at(-1)?.sentAt ?? task.createdAt,
    ...(task.patientId !== undefined && { patient: { state: "restricted", id: task.patientId } }),
    unread: messages.length,
    ...partsOf(desk, task),
  };
  const isSnoozed = isPutAside(task, desk.clock.now(), messages);
  return { item, isMine: isMe(task.owner, me), isSnoozed };
}

function ofReport(desk: InboxDesk, { report, owner, task }: WaitingReport): Waiting {
  const item: InboxItem = {
    kind: "result",
    id: report.id,
    title: report.title,
    category: "results",
    owner: partyOf(owner, desk.me),
    priority: task?.priority ?? "routine",
    at: arrivedAt(report),
    patient: { state: "restricted", id: report.patientId },
    unread: 0,
    ...partsOf(desk, task),
  };
  return { item, isMine: isMe(owner, desk.me), isSnoozed: isPutAside(task, desk.clock.now(), []) };
}

async function notesOf(desk: InboxDesk, scope: InboxAsked["scope"]): Answer<readonly Waiting[]> {
  if (!desk.sees.has("note") || typeof scope === "object") return ok([]);
  const notes = await listUnsigned({ records: desk.records, grant: desk.grant, me: desk.me.signer });
  if (!notes.ok) return { ok: false, error: notes.error.kind === "rule" ? { kind: "unavailable" } : notes.error };
  return ok(
    notes.value.map((note) => {
      const item: InboxItem = {
        kind: "note",
        id: note.id,
        title: note.type,
        category: "clinical",
        owner: { kind: "person", name: desk.me.signer.name, isMe: true },
        priority: "routine",
        at: note.writtenAt,
        patient: { state: "restricted", id: note.patient },
        unread: 0,
      };
      return { item, isMine: true, isSnoozed: false };
    }),
  );
}

interface Gathered {
  readonly waiting: readonly Waiting[];
  readonly hasTooManyResults: boolean;
  readonly reports: ReadonlyMap<string, Report>;
}

/** Everything that waits in a scope; two tasks of one thread are one item. */
async function gather(desk: InboxDesk, scope: InboxAsked["scope"]): Answer<Gathered> {
  const tasks = await tasksOf(desk, scope);
  if (!tasks.ok) return tasks;
  const listed = await reportsOf(desk);
  // So many results, as after an import, must not keep anybody from her messages.
  const hasTooManyResults = !listed.ok && listed.error.kind === "too-costly";
  const reports = hasTooManyResults ? ok([]) : listed;
  if (!reports.ok) return reports;
  const unread = await unreadOf(desk);
  if (!unread.ok) return unread;
  const notes = await notesOf(desk, scope);
  if (!notes.ok) return notes;
  const known = new Set(reports.value.map(({ report }) => resultTaskId(report)));
  const all = [
    ...tasks.value.filter(({ id }) => !known.has(id)).map((task) => ofTask(desk, task, unread.value)),
    ...reports.value.filter(({ owner }) => isIn(desk, scope, owner)).map((each) => ofReport(desk, each)),
    ...notes.value,
  ];
  const waiting = [...new Map(all.map((each) => [`${each.item.kind}/${each.item.id}`, each])).values()];
  return ok({ waiting, hasTooManyResults, reports: new Map(reports.value.map(({ report }) => [report.id, report])) });
}

/** The inbox: what waits in a scope, what is due first, each item with its patient and its flag. */
export async function readInbox(desk: InboxDesk, asked: InboxAsked): Answer<InboxView> {
  const gathered = await gather(desk, asked.scope);
  if (!gathered.ok) return gathered;
  const { waiting, reports, hasTooManyResults } = gathered.value;
  const { kind, patient } = asked;
  const wanted = waiting.filter(
    ({ item, isSnoozed }) =>
      isSnoozed === asked.isSnoozed &&
      (kind === undefined || item.kind === kind) &&
      (patient === undefined || item.patient?.id === patient),
  );
  const cut = pageOf(desk.timeZone, inInboxOrder(desk.timeZone, wanted), PAGE, asked.cursor);
  if (!cut.ok) return cut;
  const { page, next } = cut.value;
  const items = page.map(({ item }) => item);
  const patients = await patientsOf(desk, items);
  if (!patients.ok) return patients;
  const flags = await flagsOf(
    desk,
    items.flatMap(({ id }) => reports.get(id) ?? []),
  );
  if (!flags.ok) return flags;
  return ok({
    items: items.map((item) => {
      const flag = flags.value.get(item.id);
      const seen = item.patient && patients.value.get(item.patient.id);
      return { ...item, ...(seen && { patient: seen }), ...(flag !== undefined && { flag }) };
    }),
    ...(next !== undefined && { next }),
    counts: countsOf(waiting),
    pools: poolsOf(desk.me.signer.roles),
    hasTooManyResults,
    withheld: (["result", "note"] as const).filter((each) => !desk.sees.has(each)),
  });
}

/** How much waits for who is signed in and her pools. */
export async function countInbox(desk: InboxDesk): Answer<InboxBadge> {
  const gathered = await gather(desk, "team");
  if (!gathered.ok) return gathered;
  const { open, overdue } = countsOf(gathered.value.waiting);
  return ok({ waiting: open, overdue });
}

async function patientsOf(desk: InboxDesk, items: readonly InboxItem[]): Answer<ReadonlyMap<string, ItemPatient>> {
  const found = await named(
    desk,
    "Patient",
    items.flatMap(({ patient }) => patient?.id ?? []),
  );
  if (!found.ok) return found;
  return ok(new Map(found.value.flatMap(itemPatient).map((patient) => [patient.id, patient])));
}

function itemPatient(patient: FhirResource): readonly ItemPatient[] {
  const { name, birthDate } = seenPatient(patient);
  const { id } = patient;
  if (id === undefined || name === undefined) return [];
  return [{ state: "value", id, name, ...(birthDate !== undefined && { birthDate }) }];
}

/** The gravest flag of each report of a page. */
async function flagsOf(desk: InboxDesk, reports: readonly Report[]): Answer<ReadonlyMap<string, InboxItem["flag"]>> {
  const found = await named(
    desk,
    "Observation",
    reports.flatMap(({ values, members }) => (members ? [] : values)),
  );
  if (!found.ok) return found;
  const flagsById = new Map(
    [...found.value, ...reports.flatMap(({ members = [] }) => members)].map((each) => [
      each.id ?? "",
      gravest(valuesOf(each).map(({ flag }) => flag)),
    ]),
  );
  return ok(new Map(reports.map(({ id, values }) => [id, gravest(values.map((value) => flagsById.get(value)))])));
}
