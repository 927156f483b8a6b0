import type { TimedClock } from "../front/clock.ts";
import { ServiceError, type Call } from "../service.ts";
import { integerMember, invalid, isRecord, MOST_MESSAGE_BYTES, parseMessage, textMember, type Input } from "./input.ts";
import { md5OfAttributes, md5OfBody } from "./message-digest.ts";
import type { MessageStore, Queue, ReceivedMessage } from "./store.ts";

/** What an operation answers; ReceiveMessage may wait for it. */
type Output = Readonly<Record<string, unknown>>;

export interface Operation {
  /** The IAM action without `sqs:`; batches are authorized as the single operation. */
  readonly action: string;
  readonly isReadOnly: boolean;
  run(queue: Queue, input: Input, call: Call): Output | Promise<Output>;
}

/** Long polls that wait for a message. */
export interface Waiters {
  wait(queueName: string, ms: number): Promise<void>;
  wake(queueName: string): void;
  /** Ends all waits, and those to come. */
  close(): void;
}

export function createWaiters(clock: TimedClock): Waiters {
  const waiting = new Map<string, Set<() => void>>();
  let isClosed = false;
  return {
    wait: (queueName, ms) =>
      new Promise((resolve) => {
        if (isClosed) return resolve();
        const all = waiting.get(queueName) ?? new Set();
        waiting.set(queueName, all);
        const done = (): void => {
          timer.cancel();
          all.delete(done);
          resolve();
        };
        const timer = clock.at(clock.now() + ms, done);
        all.add(done);
      }),
    wake(queueName) {
      for (const done of waiting.get(queueName) ?? []) done();
    },
    close() {
      isClosed = true;
      for (const all of waiting.values()) for (const done of all) done();
    },
  };
}

/** The operations that the embedded SQS has. Source: SQS API Reference. */
export function createOperations(
  store: MessageStore,
  waiters: Waiters,
  clock: TimedClock,
): Readonly<Record<string, Operation>> {
  const sendOne = (queue: Queue, input: Input, call: Call): Output => {
    const { body, attributes, delaySeconds } = parseMessage(input);
    const message = store.send(
      queue,
      { body, attributes, senderId: call.caller.arn },
      delaySeconds ?? queue.delaySeconds,
    );
    waiters.wake(queue.name);
    const attributeDigest = md5OfAttributes(attributes);
    return {
      MessageId: message.id,
      MD5OfMessageBody: md5OfBody(body),
      ...(attributeDigest === undefined ? {} : { MD5OfMessageAttributes: attributeDigest }),
    };
  };

  const receive = async (queue: Queue, input: Input): Promise<Output> => {
    const limit = integerMember(input, "MaxNumberOfMessages", 1, 10) ?? 1;
    const visibility = integerMember(input, "VisibilityTimeout", 0, 43_200) ?? queue.visibilityTimeoutSeconds;
    const waitSeconds = integerMember(input, "WaitTimeSeconds", 0, 20) ?? queue.receiveWaitSeconds;
    const untilMs = clock.now() + waitSeconds * 1000;
    let messages = store.receive(queue, limit, visibility);
    while (messages.length === 0 && clock.now() < untilMs) {
      await waiters.wait(queue.name, untilMs - clock.now());
      messages = store.receive(queue, limit, visibility);
      if (messages.length === 0) break;
    }
    const wanted = attributeNames(input);
    return messages.length === 0 ? {} : { Messages: messages.map((message) => render(message, wanted)) };
  };

  return {
    SendMessage: { action: "SendMessage", isReadOnly: false, run: sendOne },
    SendMessageBatch: {
      action: "SendMessage",
      isReadOnly: false,
      run: (queue, input, call) => sendBatch(input, (entry) => sendOne(queue, entry, call)),
    },
    ReceiveMessage: { action: "ReceiveMessage", isReadOnly: false, run: receive },
    DeleteMessage: {
      action: "DeleteMessage",
      isReadOnly: false,
      run(queue, input) {
        if (!store.delete(queue, textMember(input, "ReceiptHandle"))) {
          throw invalid("The input receipt handle is invalid.", "ReceiptHandleIsInvalid");
        }
        return {};
      },
    },
    PurgeQueue: {
      action: "PurgeQueue",
      isReadOnly: false,
      run(queue) {
        store.purge(queue);
        return {};
      },
    },
    GetQueueAttributes: {
      action: "GetQueueAttributes",
      isReadOnly: true,
      run: (queue, input) => ({ Attributes: selectAttributes(store, queue, input) }),
    },
  };
}

function sendBatch(input: Input, sendOne: (entry: Input) => Output): Output {
  const entries = input["Entries"];
  if (!Array.isArray(entries) || entries.length === 0)
    throw invalid("There should be at least one entry in the request.", "EmptyBatchRequest");
  if (entries.length > 10)
    throw invalid("Maximum number of entries per request are 10.", "TooManyEntriesInBatchRequest");
  const known = entries.map((entry: unknown) => {
    if (!isRecord(entry)) throw invalid("An entry is not valid.");
    const id = textMember(entry, "Id");
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(id))
      throw invalid(
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores.",
        "InvalidBatchEntryId",
      );
    return { id, entry };
  });
  if (new Set(known.map(({ id }) => id)).size !== known.length)
    throw invalid("Two or more batch entries have the same Id.", "BatchEntryIdsNotDistinct");
  const total = known.reduce(
    (sum, { entry: { MessageBody } }) => sum + Buffer.byteLength(typeof MessageBody === "string" ? MessageBody : ""),
    0,
  );
  if (total > MOST_MESSAGE_BYTES)
    throw invalid("Batch requests cannot be longer than 1048576 bytes.", "BatchRequestTooLong");
  const successful: Output[] = [];
  const failed: Output[] = [];
  for (const { id, entry } of known) {
    try {
      successful.push({ Id: id, ...sendOne(entry) });
    } catch (error) {
      if (!(error instanceof ServiceError) || error.status === 501) throw error;
      failed.push({ Id: id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful: successful, Failed: failed };
}

const QUEUE_ATTRIBUTES = {
  ApproximateNumberOfMessages: (store, queue) => store.counts(queue).visible,
  ApproximateNumberOfMessagesNotVisible: (store, queue) => store.counts(queue).inFlight,
  ApproximateNumberOfMessagesDelayed: (store, queue) => store.counts(queue).delayed,
  CreatedTimestamp: (_, queue) => Math.floor(queue.createdAtMs / 1000),
  DelaySeconds: (_, queue) => queue.delaySeconds,
  MaximumMessageSize: () => MOST_MESSAGE_BYTES,
  MessageRetentionPeriod: (_, queue) => queue.retentionSeconds,
  Policy: (_, queue) => queue.policy && JSON.stringify(queue.policy),
  QueueArn: (_, queue) => queue.arn,
  ReceiveMessageWaitTimeSeconds: (_, queue) => queue.receiveWaitSeconds,
  RedrivePolicy: (_, queue) => queue.redrive && JSON.stringify(queue.redrive),
  SqsManagedSseEnabled: () => "true",
  VisibilityTimeout: (_, queue) => queue.visibilityTimeoutSeconds,
} as const satisfies Record<string, (store: MessageStore, queue: Queue) => string | number | undefined>;

function selectAttributes(store: MessageStore, queue: Queue, input: Input): Output {
  const names = input["AttributeNames"] ?? [];
  if (!Array.isArray(names)) throw invalid("AttributeNames must be a list.");
  const all = names.includes("All");
  const isKnown = (name: unknown): boolean =>
    name === "All" || (typeof name === "string" && Object.hasOwn(QUEUE_ATTRIBUTES, name));
  if (!names.every(isKnown)) throw invalid("Unknown Attribute.", "InvalidAttributeName");
  return Object.fromEntries(
    Object.entries(QUEUE_ATTRIBUTES).flatMap(([name, read]) => {
      const value = all || names.includes(name) ? read(store, queue) : undefined;
      return value === undefined ? [] : [[name, String(value)]];
    }),
  );
}

interface WantedAttributes {
  readonly system: (name: string) => boolean;
  readonly message: (name: string) => boolean;
}

function attributeNames(input: Input): WantedAttributes {
  const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
  const system = [...list(input["MessageSystemAttributeNames"]), ...list(input["AttributeNames"])];
  const message = list(input["MessageAttributeNames"]);
  return {
    system: (name) => system.includes("All") || system.includes(name),
    message: (name) =>
      message.some(
        (wanted) =>
          wanted === "All" ||
          wanted === ".*" ||
          wanted === name ||
          (wanted.endsWith(".*") && name.startsWith(wanted.slice(0, -1))),
      ),
  };
}

function render(message: ReceivedMessage, wanted: WantedAttributes): Output {
  const system = Object.entries({
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAtMs),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs),
  }).filter(([name]) => wanted.system(name));
  const attributes = Object.fromEntries(Object.entries(message.attributes).filter(([name]) => wanted.message(name)));
  const attributeDigest = md5OfAttributes(attributes);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5OfBody(message.body),
    Body: message.body,
    ...(system.length === 0 ? {} : { Attributes: Object.fromEntries(system) }),
    ...(attributeDigest === undefined
      ? {}
      : { MD5OfMessageAttributes: attributeDigest, MessageAttributes: attributes }),
  };
}
