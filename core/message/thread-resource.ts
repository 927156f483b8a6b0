import type { MessageView, Priority, ThreadLine } from "../contract/index.ts";
import { PRIORITIES } from "../contract/index.ts";
import {
  type FhirResource,
  isJsonObject,
  type JsonObject,
  MESSAGE_CATEGORY,
  messageCategoryOf,
} from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import type { MessageCategory } from "../kernel/message-category.ts";
import { listOf, textOf } from "./elements.ts";
import { idIn, isForMe, isMe, type Me, meReference, partyOf, patientReference } from "./parties.ts";

/** On a message: who of those that it went to has opened it, and when. */
const READ = "urn:keyward:message-read";

/** A message, read from its Communication. */
export interface Message {
  readonly id: string;
  readonly version: number;
  readonly patientId: string;
  readonly category: MessageCategory;
  /** The thread: the id of its first message. */
  readonly thread: string;
  readonly topic: string;
  readonly priority: Priority;
  readonly text: string;
  readonly sentAt: string;
  readonly sender: unknown;
  readonly recipients: readonly unknown[];
  readonly readBy: readonly { readonly by: unknown; readonly at: string }[];
  readonly forwardedFrom?: string;
  readonly resource: FhirResource;
}

/** Undefined for a Communication that is no message of ours. */
export function messageIn(resource: FhirResource): Message | undefined {
  const category = messageCategoryOf(resource);
  const patientId = idIn(resource["subject"], "Patient");
  const { id, meta } = resource;
  if (
    resource.resourceType !== "Communication" ||
    category === undefined ||
    patientId === undefined ||
    id === undefined
  )
    return undefined;
  const root = listOf(resource["partOf"]).flatMap((each) => idIn(each, "Communication") ?? [])[0];
  const forwardedFrom =
    root === undefined
      ? listOf(resource["inResponseTo"]).flatMap((each) => idIn(each, "Communication") ?? [])[0]
      : undefined;
  const topic = isJsonObject(resource["topic"]) ? textOf(resource["topic"]["text"]) : "";
  return {
    id,
    version: Number(meta?.["versionId"]),
    patientId,
    category,
    thread: root ?? id,
    topic,
    priority: PRIORITIES.find((one) => one === resource["priority"]) ?? "routine",
    text: listOf(resource["payload"])
      .map((part) => textOf(part["contentString"]))
      .join("\n\n"),
    sentAt: textOf(resource["sent"]),
    sender: resource["sender"],
    recipients: listOf(resource["recipient"]),
    readBy: listOf(resource["extension"])
      .filter(({ url }) => url === READ)
      .map(({ extension }) => {
        const parts = listOf(extension);
        return {
          by: parts.find(({ url }) => url === "by")?.["valueReference"],
          at: textOf(parts.find(({ url }) => url === "at")?.["valueInstant"]),
        };
      }),
    ...(forwardedFrom !== undefined && { forwardedFrom }),
    resource,
  };
}

interface NewMessage {
  readonly patientId: string;
  readonly category: MessageCategory;
  readonly topic: string;
  readonly text: string;
  readonly priority: Priority;
  readonly sender: JsonObject;
  readonly recipient: JsonObject;
  /** The first message of the thread; absent in itself. */
  readonly thread?: string;
  readonly forwards?: string;
}

/** A message as it is sent. It is never edited: who has more to say sends another one. */
export const newMessage = (message: NewMessage, nowMs: number): JsonObject => ({
  resourceType: "Communication",
  status: "in-progress",
  category: [{ coding: [{ system: MESSAGE_CATEGORY, code: message.category }] }],
  priority: message.priority,
  subject: patientReference(message.patientId),
  topic: { text: message.topic },
  ...(message.thread !== undefined && { partOf: [{ reference: `Communication/${message.thread}` }] }),
  ...(message.forwards !== undefined && { inResponseTo: [{ reference: `Communication/${message.forwards}` }] }),
  sent: toInstant(nowMs),
  sender: message.sender,
  recipient: [message.recipient],
  payload: [{ contentString: message.text }],
});

const goesToStaff = ({ recipients }: Message): boolean =>
  recipients.some((recipient) => idIn(recipient, "Patient") === undefined);

/** Sent to the clinic, and opened by nobody there. */
export const isUnreadByStaff = (message: Message): boolean =>
  message.resource["status"] === "in-progress" && goesToStaff(message);

/**
 * Sent, and not yet opened by whom it went to. What somebody has sent herself waits for others.
 * @param isMyThread Whether the work of its thread is hers: then it waits for her, whomever it was sent to.
 */
export function isUnreadFor(message: Message, me: Me, isMyThread = false): boolean {
  if (isMe(message.sender, me)) return false;
  const isHers = message.recipients.some((recipient) => isForMe(recipient, me));
  if (me.kind === "patient") return isHers && !message.readBy.some(({ by }) => isMe(by, me));
  return isUnreadByStaff(message) && (isHers || isMyThread);
}

/** The next version of a message that somebody has opened. FHIR R4 valueset-event-status: completed. */
export function readVersion({ resource }: Message, me: Me, nowMs: number): JsonObject {
  const at = toInstant(nowMs);
  const mark = {
    url: READ,
    extension: [
      { url: "by", valueReference: meReference(me) },
      { url: "at", valueInstant: at },
    ],
  };
  return {
    ...resource,
    status: "completed",
    received: textOf(resource["received"]) === "" ? at : resource["received"],
    extension: [...listOf(resource["extension"]), mark],
  } as JsonObject;
}

export const messageView = (message: Message, me: Me, isMyThread = false): MessageView => ({
  id: message.id,
  version: message.version,
  from: partyOf(message.sender, me),
  to: message.recipients.map((recipient) => partyOf(recipient, me)),
  sentAt: message.sentAt,
  text: message.text,
  readBy: message.readBy.map(({ by, at }) => ({ by: partyOf(by, me), at })),
  isUnread: isUnreadFor(message, me, isMyThread),
});

const isPatients = ({ sender, recipients }: Message): boolean =>
  [sender, ...recipients].some((each) => idIn(each, "Patient") !== undefined);

/** Messages of one thread as one line, the first and the last of them told apart; undefined where there are none. */
export function threadLine(
  messages: readonly Message[],
  me: Me,
  isOpen: boolean,
  isMine = false,
): ThreadLine | undefined {
  const ordered = inOrder(messages);
  const [first, last] = [ordered[0], ordered.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  return {
    id: first.thread,
    patient: first.patientId,
    topic: first.topic,
    category: first.category,
    state: isOpen ? "open" : "closed",
    startedAt: first.sentAt,
    lastAt: last.sentAt,
    lastFrom: partyOf(last.sender, me),
    count: ordered.length,
    unread: ordered.filter((message) => isUnreadFor(message, me, isMine)).length,
    isWithPatient: ordered.some(isPatients),
  };
}

const isFirst = ({ id, thread }: Message): boolean => id === thread;

/** By when they were sent. Of one instant, the first of the thread before what follows it, then by id, which sorts by time. */
export const inOrder = (messages: readonly Message[]): readonly Message[] =>
  messages.toSorted((left, right) => {
    if (left.sentAt !== right.sentAt) return left.sentAt < right.sentAt ? -1 : 1;
    if (isFirst(left) !== isFirst(right)) return isFirst(left) ? -1 : 1;
    return left.id < right.id ? -1 : 1;
  });
