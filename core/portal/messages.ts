import type { OwnMessage, OwnThread, OwnThreadView } from "../contract/patient-portal.ts";
import type { FhirResource } from "../fhir/index.ts";
import type { Me } from "../message/index.ts";
import { idIn } from "../message/parties.ts";
import { inOrder, isUnreadFor, type Message, messageIn, messageView, threadLine } from "../message/thread-resource.ts";

/**
 * Conversations as the patient reads them: what she sent and what was sent to her. What staff say to each other within the
 * same thread is no part of it, and is not counted either.
 */
function ownMessages(records: readonly FhirResource[], patientId: string): readonly Message[] {
  const isHers = ({ sender, recipients }: Message): boolean =>
    [sender, ...recipients].some((each) => idIn(each, "Patient") === patientId);
  return records.flatMap((record) => messageIn(record) ?? []).filter(isHers);
}

const meOf = (patientId: string): Me => ({ kind: "patient", patientId });

function ownThread(messages: readonly Message[], me: Me): OwnThread | undefined {
  const line = threadLine(messages, me, true);
  if (line === undefined) return undefined;
  const { id, topic, category, lastAt, lastFrom, count, unread } = line;
  return {
    id,
    topic,
    category,
    lastAt,
    count,
    lastFrom: lastFrom.kind === "patient" ? "you" : "clinic",
    isNew: unread > 0,
  };
}

/** Newest first. */
export function ownThreads(records: readonly FhirResource[], patientId: string): readonly OwnThread[] {
  const threads = Map.groupBy(ownMessages(records, patientId), ({ thread }) => thread);
  return [...threads.values()]
    .flatMap((messages) => ownThread(messages, meOf(patientId)) ?? [])
    .toSorted((one, other) => (one.lastAt > other.lastAt ? -1 : 1));
}

/** Undefined for one in which she has no part. @param showsNames Whether she reads the names of who wrote. */
export function ownThreadView(
  records: readonly FhirResource[],
  patientId: string,
  thread: string,
  { showsNames }: { readonly showsNames: boolean },
): OwnThreadView | undefined {
  const me = meOf(patientId);
  const messages = ownMessages(records, patientId).filter((message) => message.thread === thread);
  const line = ownThread(messages, me);
  if (line === undefined) return undefined;
  return {
    ...line,
    messages: inOrder(messages).map((message): OwnMessage => {
      const { id, from, sentAt, text } = messageView(message, me);
      const name = showsNames && "name" in from && from.name !== "" ? from.name : undefined;
      return {
        id,
        from: from.kind === "patient" ? "you" : "clinic",
        at: sentAt,
        text,
        ...(name !== undefined && { name }),
      };
    }),
  };
}

/** How many conversations hold something that she has not opened. */
export const newMessagesIn = (records: readonly FhirResource[], patientId: string): number =>
  new Set(
    ownMessages(records, patientId)
      .filter((message) => isUnreadFor(message, meOf(patientId)))
      .map(({ thread }) => thread),
  ).size;
