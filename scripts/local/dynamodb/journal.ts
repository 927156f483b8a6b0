import { createHash } from "node:crypto";
import type { Item } from "./attribute-value.ts";
import { itemSizeBytes } from "./attribute-value.ts";
import type { Engine } from "./engine.ts";
import { resourceNotFound, validation } from "./errors.ts";
import type { KeyNames, StreamView, Table, TableStream } from "./tables.ts";

/** Source: Developer Guide, "Change data capture for DynamoDB Streams": records live 24 hours. */
const RETENTION_MS = 24 * 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface StreamDescription extends KeyNames {
  readonly tableName: string;
  readonly label: string;
  readonly view: StreamView;
  readonly createdAtMs: number;
}

export interface StreamRow {
  readonly id: number;
  readonly t: number;
  readonly arn: string;
  readonly description: string;
  /** Records up to here are trimmed. */
  readonly floor: number;
  /** The stream holds journal rows above `first` and, once it is closed, up to `last`. */
  readonly first: number;
  readonly last: number | null;
}

export interface JournalRow {
  readonly seq: number;
  readonly at: number;
  readonly event: "INSERT" | "MODIFY" | "REMOVE";
  readonly keys: string;
  readonly new: string | null;
  readonly old: string | null;
  readonly byTtl: number;
}

export const lastSequence = (engine: Engine): number =>
  engine.store.query<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name='journal'").get()?.seq ?? 0;

const findStream = (engine: Engine, arn: string): StreamRow | undefined =>
  engine.store.query<StreamRow>("SELECT * FROM streams WHERE arn=?").get(arn);

export function requireStream(engine: Engine, arn: string): StreamRow {
  const stream = findStream(engine, arn);
  if (stream === undefined) throw resourceNotFound(`Requested resource not found: Stream: ${arn} not found`);
  return stream;
}

/**
 * Starts a stream on a table; to be called in a transaction. The label is the time, as on AWS, unless one is given, so
 * that a provisioned stream keeps the ARN that its plan names.
 */
export function openStream(engine: Engine, table: Table, view: StreamView, fixedLabel?: string): TableStream {
  let createdAtMs = engine.clock.now();
  const labelAt = (ms: number): string => fixedLabel ?? new Date(ms).toISOString().slice(0, 23);
  while (fixedLabel === undefined && findStream(engine, `${table.arn}/stream/${labelAt(createdAtMs)}`))
    createdAtMs += 1;
  const label = labelAt(createdAtMs);
  const arn = `${table.arn}/stream/${label}`;
  const { hash, range } = table;
  const description: StreamDescription = { tableName: table.name, label, view, createdAtMs, hash, range };
  const first = lastSequence(engine);
  // A fixed label comes back when its table is made again: the old stream of that name is gone then.
  engine.store.query("DELETE FROM streams WHERE arn=?").run(arn);
  const { lastInsertRowid } = engine.store
    .query("INSERT INTO streams(t, arn, description, floor, first) VALUES(?,?,?,?,?)")
    .run(table.id, arn, JSON.stringify(description), first, first);
  return { id: Number(lastInsertRowid), arn, label, view };
}

/** Ends a stream: its records stay readable until they are trimmed. */
export function closeStream(engine: Engine, stream: TableStream): void {
  engine.store.query("UPDATE streams SET last=? WHERE id=?").run(lastSequence(engine), stream.id);
}

/** Tells those who wait on streams that there may be records. */
export function announce(engine: Engine, tables: readonly Table[]): void {
  for (const arn of new Set(tables.map(({ stream }) => stream?.arn))) {
    if (arn !== undefined) engine.streamAppended(arn);
  }
}

/** Moves a stream's floor to the last record that is 24 hours old, and gives it. */
export function trimmedFloor(engine: Engine, stream: StreamRow): number {
  const cutoff = engine.clock.now() - RETENTION_MS;
  const oldest = engine.store
    .query<{ at: number }>("SELECT at FROM journal WHERE t=? AND seq>? AND stream=? ORDER BY seq LIMIT 1")
    .get(stream.t, stream.floor, stream.id);
  if (oldest === undefined || oldest.at > cutoff) return stream.floor;
  const floor =
    engine.store
      .query<{ floor: number | null }>(
        "SELECT max(seq) AS floor FROM journal WHERE t=? AND seq>? AND stream=? AND at<=?",
      )
      .get(stream.t, stream.floor, stream.id, cutoff)?.floor ?? stream.floor;
  engine.store.query("UPDATE streams SET floor=? WHERE id=?").run(floor, stream.id);
  return floor;
}

/**
 * Deletes journal rows that neither a stream nor point-in-time recovery needs any more, and streams of deleted tables
 * that are empty. Rows are hidden from readers when they are 24 hours old, whether this has run or not.
 */
export function purgeJournal(engine: Engine): void {
  const nowMs = engine.clock.now();
  const daysKept = new Map<number, number>();
  for (const table of engine.tables.all()) daysKept.set(table.id, table.recovery?.days ?? 1);
  engine.store.transaction(() => {
    for (const stream of engine.store.query<StreamRow>("SELECT * FROM streams").all()) {
      trimmedFloor(engine, stream);
      if (!daysKept.has(stream.t)) daysKept.set(stream.t, 1);
    }
    for (const [tableId, days] of daysKept) {
      engine.store.query("DELETE FROM journal WHERE t=? AND at<=?").run(tableId, nowMs - days * DAY_MS);
    }
    engine.store
      .query(
        "DELETE FROM streams WHERE last IS NOT NULL AND NOT EXISTS (SELECT 1 FROM journal WHERE journal.t=streams.t AND stream=streams.id)",
      )
      .run();
  });
}

export const sequenceText = (seq: number): string => `1${String(seq).padStart(20, "0")}`;

export function parseSequence(text: string): number {
  if (!/^1\d{20}$/.test(text)) throw validation("Invalid SequenceNumber");
  return Number(text.slice(1));
}

export const shardIdOf = (stream: StreamRow): string => {
  const { createdAtMs } = JSON.parse(stream.description) as StreamDescription;
  const suffix = createHash("sha256").update(stream.arn).digest("hex").slice(0, 8);
  return `shardId-${String(createdAtMs).padStart(20, "0")}-${suffix}`;
};

/** A journal row as a stream record, with the images that the stream's view shows. */
export function recordOf(engine: Engine, stream: StreamRow, view: StreamView, row: JournalRow) {
  const keys = JSON.parse(row.keys) as Item;
  const showsNew = view === "NEW_IMAGE" || view === "NEW_AND_OLD_IMAGES";
  const showsOld = view === "OLD_IMAGE" || view === "NEW_AND_OLD_IMAGES";
  const newImage = showsNew && row.new !== null ? (JSON.parse(row.new) as Item) : undefined;
  const oldImage = showsOld && row.old !== null ? (JSON.parse(row.old) as Item) : undefined;
  const sizeBytes = [keys, newImage, oldImage].reduce((total, image) => total + (image ? itemSizeBytes(image) : 0), 0);
  return {
    sizeBytes,
    record: {
      eventID: createHash("md5")
        .update(`${stream.arn}/${String(row.seq)}`)
        .digest("hex"),
      eventName: row.event,
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: engine.region,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(row.at / 1000),
        Keys: keys,
        NewImage: newImage,
        OldImage: oldImage,
        SequenceNumber: sequenceText(row.seq),
        SizeBytes: sizeBytes,
        StreamViewType: view,
      },
      userIdentity: row.byTtl === 1 ? { PrincipalId: "dynamodb.amazonaws.com", Type: "Service" } : undefined,
    },
  };
}
