import { randomBytes, randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { PolicyDocument } from "../../../core/iam/document.ts";
import type { Clock } from "../../../core/kernel/clock.ts";

/** A standard queue. Durations in seconds, as SQS counts. */
export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly createdAtMs: number;
  readonly visibilityTimeoutSeconds: number;
  readonly retentionSeconds: number;
  readonly delaySeconds: number;
  readonly receiveWaitSeconds: number;
  readonly policy?: PolicyDocument;
  /** After so many receptions a message moves on to the other queue. */
  readonly redrive?: { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number };
}

export interface MessageAttribute {
  /** String, Number or Binary, with an optional `.label`. */
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64. */
  readonly BinaryValue?: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly sentAtMs: number;
  readonly senderId: string;
}

export interface ReceivedMessage extends Message {
  readonly receiptHandle: string;
  readonly receiveCount: number;
  readonly firstReceivedAtMs: number;
}

export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export interface MessageStore {
  putQueue(queue: Queue): void;
  queue(name: string): Queue | undefined;
  queues(): readonly Queue[];
  send(queue: Queue, message: Omit<Message, "id" | "sentAtMs">, delaySeconds: number): Message;
  receive(queue: Queue, limit: number, visibilityTimeoutSeconds: number): readonly ReceivedMessage[];
  /** False when the handle is not one of this queue's; a handle that is no longer current deletes nothing. */
  delete(queue: Queue, receiptHandle: string): boolean;
  purge(queue: Queue): void;
  counts(queue: Queue): QueueCounts;
}

/** Queues and messages in SQLite: a message is there from the moment its send was answered until it is deleted or too old. */
export function createMessageStore(database: DatabaseSync, clock: Clock): MessageStore {
  database.exec(`
    CREATE TABLE IF NOT EXISTS queues (name TEXT PRIMARY KEY, queue TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS messages (
      seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, queue TEXT NOT NULL, message TEXT NOT NULL,
      sent_ms INTEGER NOT NULL, visible_ms INTEGER NOT NULL, nonce TEXT,
      receive_count INTEGER NOT NULL DEFAULT 0, first_received_ms INTEGER
    );
    CREATE INDEX IF NOT EXISTS messages_by_queue ON messages (queue, visible_ms, seq);
  `);
  const queues = new Map<string, Queue>();
  for (const row of database.prepare("SELECT queue FROM queues").all()) {
    const queue = JSON.parse(String(row["queue"])) as Queue;
    queues.set(queue.name, queue);
  }
  const insert = database.prepare(
    "INSERT INTO messages (id, queue, message, sent_ms, visible_ms) VALUES (?, ?, ?, ?, ?)",
  );
  const dropOld = database.prepare("DELETE FROM messages WHERE queue = ? AND sent_ms <= ?");
  const visible = database.prepare(
    "SELECT seq, id, message, sent_ms, receive_count, first_received_ms FROM messages WHERE queue = ? AND visible_ms <= ? AND seq > ? ORDER BY seq LIMIT ?",
  );
  const take = database.prepare(
    "UPDATE messages SET visible_ms = ?, nonce = ?, receive_count = receive_count + 1, first_received_ms = coalesce(first_received_ms, ?) WHERE seq = ?",
  );
  const move = database.prepare(
    "UPDATE messages SET queue = ?, nonce = NULL, visible_ms = ?, receive_count = 0, first_received_ms = NULL WHERE seq = ?",
  );
  const remove = database.prepare("DELETE FROM messages WHERE queue = ? AND id = ? AND nonce = ?");

  const expire = (queue: Queue): void => {
    dropOld.run(queue.name, clock.now() - queue.retentionSeconds * 1000);
  };

  return {
    putQueue(queue) {
      database
        .prepare("INSERT OR REPLACE INTO queues (name, queue) VALUES (?, ?)")
        .run(queue.name, JSON.stringify(queue));
      queues.set(queue.name, queue);
    },
    queue: (name) => queues.get(name),
    queues: () => [...queues.values()],
    send(queue, { body, attributes, senderId }, delaySeconds) {
      const message: Message = { id: randomUUID(), body, attributes, senderId, sentAtMs: clock.now() };
      insert.run(
        message.id,
        queue.name,
        JSON.stringify(message),
        message.sentAtMs,
        message.sentAtMs + delaySeconds * 1000,
      );
      return message;
    },
    receive(queue, limit, visibilityTimeoutSeconds) {
      const nowMs = clock.now();
      const received: ReceivedMessage[] = [];
      database.exec("BEGIN IMMEDIATE");
      try {
        expire(queue);
        const deadLetters = queue.redrive && queues.get(queue.redrive.deadLetterTargetArn.split(":").at(-1) ?? "");
        let afterSeq = 0;
        while (received.length < limit) {
          const rows = visible.all(queue.name, nowMs, afterSeq, limit - received.length);
          if (rows.length === 0) break;
          for (const row of rows) {
            const seq = Number(row["seq"]);
            afterSeq = seq;
            const receiveCount = Number(row["receive_count"]) + 1;
            if (queue.redrive && deadLetters && receiveCount > queue.redrive.maxReceiveCount) {
              move.run(deadLetters.name, nowMs, seq);
              continue;
            }
            const nonce = randomBytes(12).toString("hex");
            take.run(nowMs + visibilityTimeoutSeconds * 1000, nonce, nowMs, seq);
            received.push({
              ...(JSON.parse(String(row["message"])) as Message),
              receiptHandle: toHandle(queue.name, String(row["id"]), nonce),
              receiveCount,
              firstReceivedAtMs: Number(row["first_received_ms"] ?? nowMs),
            });
          }
        }
        database.exec("COMMIT");
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
      return received;
    },
    delete(queue, receiptHandle) {
      const parts = fromHandle(receiptHandle);
      if (parts === undefined || parts.queueName !== queue.name) return false;
      remove.run(queue.name, parts.id, parts.nonce);
      return true;
    },
    purge(queue) {
      database.prepare("DELETE FROM messages WHERE queue = ?").run(queue.name);
    },
    counts(queue) {
      expire(queue);
      const row = database
        .prepare(
          `SELECT coalesce(sum(visible_ms <= :now), 0) AS visible,
                  coalesce(sum(visible_ms > :now AND receive_count > 0), 0) AS in_flight,
                  coalesce(sum(visible_ms > :now AND receive_count = 0), 0) AS delayed
           FROM messages WHERE queue = :queue`,
        )
        .get({ now: clock.now(), queue: queue.name });
      return {
        visible: Number(row?.["visible"]),
        inFlight: Number(row?.["in_flight"]),
        delayed: Number(row?.["delayed"]),
      };
    },
  };
}

const toHandle = (queueName: string, id: string, nonce: string): string =>
  Buffer.from([queueName, id, nonce].join("\n")).toString("base64url");

function fromHandle(
  handle: string,
): { readonly queueName: string; readonly id: string; readonly nonce: string } | undefined {
  const [queueName, id, nonce, ...rest] = Buffer.from(handle, "base64url").toString().split("\n");
  if (!queueName || !id || !nonce || rest.length > 0) return undefined;
  return { queueName, id, nonce };
}
