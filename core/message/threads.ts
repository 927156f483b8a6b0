import type { Priority, SentView, ThreadLine, ThreadView } from "../contract/index.ts";
import { userOf } from "../encounter/clinician.ts";
import { patientOfId } from "../fhir/index.ts";
import { err, ok } from "../kernel/result.ts";
import type { MessageCategory } from "../kernel/message-category.ts";
import { type Answer, commit, type Entry, entryName, type MessageDesk, ofPatient, replayed } from "./desk.ts";
import { broken } from "./failure.ts";
import {
  isDownwards,
  isForMe,
  meReference,
  type Owner,
  ownerReference,
  patientReference,
  POOL_OF_CATEGORY,
  poolIn,
  reachesCategory,
  rolesOf,
} from "./parties.ts";
import { changedTask, newTask, taskIn, type WorkTask } from "./task-resource.ts";
import { isOpen } from "./task-states.ts";
import { viewOfTask } from "./tasks.ts";
import {
  inOrder,
  isUnreadByStaff,
  isUnreadFor,
  type Message,
  messageIn,
  messageView,
  newMessage,
  readVersion,
  threadLine,
} from "./thread-resource.ts";

/** Messages and tasks of one patient, as this grant sees them. */
interface Mail {
  readonly messages: readonly Message[];
  readonly tasks: readonly WorkTask[];
}

async function mailOf(desk: MessageDesk, patientId: string): Answer<Mail> {
  const found = await ofPatient(desk, "Communication", patientId);
  if (!found.ok) return found;
  const work = await ofPatient(desk, "Task", patientId);
  if (!work.ok) return work;
  return ok({
    messages: found.value.flatMap((resource) => messageIn(resource) ?? []),
    tasks: work.value.flatMap((resource) => taskIn(resource) ?? []),
  });
}

/** The open work of a thread. Two of them stand where two messages came in one moment: they end together. */
const workOf = (tasks: readonly WorkTask[], thread: string): readonly WorkTask[] =>
  tasks.filter(({ link, state }) => link?.type === "Communication" && link.id === thread && isOpen(state));

/** Whether the work of a thread is hers, or of a pool of hers. */
const isMineIn = ({ me }: MessageDesk, work: readonly WorkTask[]): boolean =>
  work.some(({ owner }) => isForMe(owner, me));

const lineOf = (desk: MessageDesk, messages: readonly Message[], work: readonly WorkTask[]): ThreadLine | undefined =>
  threadLine(messages, desk.me, work.length > 0, isMineIn(desk, work));

/**
 * A patient's threads, the latest first, with her tasks. To the patient herself: those that she takes part in, and no
 * task, because what the clinic says to itself is no message to her.
 */
export async function mailboxOf(
  desk: MessageDesk,
  patientId: string,
): Answer<{ readonly threads: readonly ThreadLine[]; readonly tasks: readonly WorkTask[] }> {
  const mail = await mailOf(desk, patientId);
  if (!mail.ok) return mail;
  const { messages, tasks } = mail.value;
  const threads = [...Map.groupBy(messages, ({ thread }) => thread)].flatMap(
    ([thread, own]) => lineOf(desk, own, workOf(tasks, thread)) ?? [],
  );
  const isHers = ({ isWithPatient }: ThreadLine): boolean => desk.me.kind === "staff" || isWithPatient;
  return ok({
    threads: threads.filter(isHers).toSorted((left, right) => (left.lastAt > right.lastAt ? -1 : 1)),
    tasks: desk.me.kind === "staff" ? tasks : [],
  });
}

export async function threadsOf(desk: MessageDesk, patientId: string): Answer<readonly ThreadLine[]> {
  const mail = await mailboxOf(desk, patientId);
  return mail.ok ? ok(mail.value.threads) : mail;
}

interface Thread extends Mail {
  readonly id: string;
  readonly patientId: string;
  readonly line: ThreadLine;
  /** Its first message. */
  readonly first: Message;
}

/** A thread by the id of its first message; unknown, hidden and one in which the patient has no part are one answer. */
async function findThread(desk: MessageDesk, id: string): Answer<Thread> {
  const patientId = patientOfId(id);
  if (patientId === undefined) return err({ kind: "not-found" });
  const mail = await mailOf(desk, patientId);
  if (!mail.ok) return mail;
  const messages = mail.value.messages.filter(({ thread }) => thread === id);
  const tasks = workOf(mail.value.tasks, id);
  const line = lineOf(desk, messages, tasks);
  const [first] = inOrder(messages);
  const isHers = desk.me.kind === "staff" || line?.isWithPatient === true;
  return line && first && isHers ? ok({ id, patientId, messages, tasks, line, first }) : err({ kind: "not-found" });
}

function threadView(desk: MessageDesk, { line, messages, tasks, first }: Thread): ThreadView {
  const [task] = desk.me.kind === "staff" ? tasks : [];
  return {
    ...line,
    messages: inOrder(messages).map((message) => messageView(message, desk.me, isMineIn(desk, tasks))),
    ...(task && { task: viewOfTask(desk, task) }),
    ...(first.forwardedFrom !== undefined && { forwardedFrom: first.forwardedFrom }),
  };
}

export async function readThread(desk: MessageDesk, id: string): Answer<ThreadView> {
  const thread = await findThread(desk, id);
  return thread.ok ? ok(threadView(desk, thread.value)) : thread;
}

/** Messages of one transaction: each is a version, its past, and a token that ends. */
const READ_AT_ONCE = 20;

/**
 * Marks what waits for who is signed in as read, and answers the thread. Where nothing may be written, under a legal
 * hold, it is read all the same.
 */
export async function receiveThread(desk: MessageDesk, id: string): Answer<ThreadView> {
  const thread = await findThread(desk, id);
  if (!thread.ok) return thread;
  const isMine = isMineIn(desk, thread.value.tasks);
  const unread = inOrder(thread.value.messages).filter((message) => isUnreadFor(message, desk.me, isMine));
  if (unread.length === 0) return ok(threadView(desk, thread.value));
  const written = await commit(desk, readEntries(desk, unread));
  if (!written.ok && written.error.kind !== "locked") return written;
  return readThread(desk, id);
}

const readEntries = ({ me, clock }: MessageDesk, unread: readonly Message[]): readonly Entry[] =>
  unread
    .slice(0, READ_AT_ONCE)
    .map((message) => ({ kind: "next", resource: readVersion(message, me, clock.now()), over: message.version }));

/** To whom a message goes: the patient, or somebody of the clinic. A patient's own goes to the pool of its category. */
export type Recipient = "patient" | Owner;

export type Post =
  | {
      readonly patientId: string;
      readonly topic: string;
      readonly category: MessageCategory;
      readonly text: string;
      readonly to?: Recipient;
      readonly priority?: Priority;
      readonly forwards?: { readonly thread: string; readonly reason?: string | undefined };
    }
  | { readonly thread: string; readonly text: string; readonly to?: Recipient; readonly closes?: boolean };

/**
 * Sends a message: the first of a new thread, or the next of one that is there. What comes to the clinic is work that
 * somebody has to take: a task of its pool, unless one waits in the thread already. A message with `closes` ends it.
 */
export async function postMessage(desk: MessageDesk, post: Post): Answer<SentView> {
  const before = await replayed(desk);
  if (!before.ok) return before;
  const [written] = before.value ?? [];
  if (written) return ok({ thread: "thread" in post ? post.thread : written.id, message: written.id });
  return "thread" in post ? reply(desk, post) : begin(desk, post);
}

/** The recipient as who writes may name one: a patient does not choose who answers her. */
function recipientOf({ me }: MessageDesk, category: MessageCategory, to: Recipient | undefined): Recipient {
  if (me.kind === "patient" || to === undefined) return { kind: "pool", pool: POOL_OF_CATEGORY[category] };
  return to;
}

/** Whether who writes works on the category, and whom it goes to could open it. */
function isWithinReach({ me }: MessageDesk, category: MessageCategory, recipient: Recipient): boolean {
  const writes = me.kind === "patient" || reachesCategory(me.signer.roles, category);
  return writes && (recipient === "patient" || reachesCategory(rolesOf(recipient), category));
}

const toReference = (recipient: Recipient, patientId: string) =>
  recipient === "patient" ? patientReference(patientId) : ownerReference(recipient);

async function begin(desk: MessageDesk, post: Extract<Post, { topic: string }>): Answer<SentView> {
  const { patientId, topic, category, text, priority = "routine", forwards } = post;
  const recipient = recipientOf(desk, category, post.to);
  if (desk.me.kind === "patient" && desk.me.patientId !== patientId) return err({ kind: "not-found" });
  if (!isWithinReach(desk, category, recipient)) return broken("category-reach");
  const source = forwards === undefined ? ok(undefined) : await findThread(desk, forwards.thread);
  if (!source.ok) return source;
  if (source.value && source.value.patientId !== patientId) return broken("task-link");
  const isDown = source.value !== undefined && isDownwards(source.value.line.category, category);
  if (isDown && forwards?.reason === undefined) return broken("category-down");
  const nowMs = desk.clock.now();
  const root = entryName(1);
  const message = newMessage(
    {
      patientId,
      topic,
      category,
      text,
      priority,
      sender: meReference(desk.me),
      recipient: toReference(recipient, patientId),
      // Of what is clinical an administrative message knows nothing, not even where it stands.
      ...(source.value && !isDown && { forwards: source.value.id }),
    },
    nowMs,
  );
  const entries: Entry[] = [{ kind: "new", resource: message, name: root }];
  if (recipient !== "patient")
    entries.push(work(desk, { patientId, topic, category, priority }, recipient, root, nowMs));
  const written = await commit(desk, entries);
  if (!written.ok) return written;
  const id = written.value[0]?.id ?? "";
  return ok({ thread: id, message: id });
}

function work(
  { me }: MessageDesk,
  { patientId, topic, category, priority }: Pick<Message, "patientId" | "topic" | "category" | "priority">,
  owner: Owner,
  focus: string,
  nowMs: number,
): Entry {
  const asked = { patientId, title: topic, category, owner: ownerReference(owner), priority, focus };
  return { kind: "new", resource: newTask({ kind: "message", ...asked }, me, nowMs) };
}

async function reply(desk: MessageDesk, post: Extract<Post, { thread: string }>): Answer<SentView> {
  const found = await findThread(desk, post.thread);
  if (!found.ok) return found;
  const { id, patientId, first, tasks } = found.value;
  const { category } = first;
  const recipient = recipientOf(desk, category, post.to);
  if (!isWithinReach(desk, category, recipient)) return broken("category-reach");
  const nowMs = desk.clock.now();
  const message = newMessage(
    {
      patientId,
      category,
      topic: first.topic,
      text: post.text,
      priority: first.priority,
      sender: meReference(desk.me),
      recipient: toReference(recipient, patientId),
      thread: id,
    },
    nowMs,
  );
  const entries: Entry[] = [{ kind: "new", resource: message }];
  if (recipient === "patient") {
    // Who answers has read what she answers.
    entries.push(...readEntries(desk, found.value.messages.filter(isUnreadByStaff)));
    for (const task of post.closes === true ? tasks : []) entries.push(ended(desk, task, nowMs));
  } else if (!isWaitingFor(desk, tasks, recipient)) {
    entries.push(work(desk, first, recipient, `Communication/${id}`, nowMs));
  }
  const written = await commit(desk, entries);
  return written.ok ? ok({ thread: id, message: written.value[0]?.id ?? "" }) : written;
}

/**
 * Whether somebody has the message before her already: of a patient's, whoever works on the thread; of a colleague's, whom
 * it went to.
 */
function isWaitingFor({ me }: MessageDesk, tasks: readonly WorkTask[], recipient: Owner): boolean {
  if (me.kind === "patient") return tasks.length > 0;
  const wanted = ownerReference(recipient);
  return tasks.some(({ owner }) => nameOf(owner) === nameOf(wanted));
}

const nameOf = (reference: unknown): unknown => poolIn(reference) ?? userOf(reference);

const ended = (desk: MessageDesk, task: WorkTask, nowMs: number): Entry => ({
  kind: "next",
  resource: changedTask(task, { state: "completed" }, desk.me, nowMs),
  over: task.version,
});
