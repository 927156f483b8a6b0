import { plainCheck } from "./authorize.ts";
import type { Engine } from "./engine.ts";
import { constraint, resourceNotFound, validation } from "./errors.ts";
import type { Input } from "./input.ts";
import { readChoice, readInteger, readRequiredText, readText, required } from "./input.ts";
import type { JournalRow, StreamDescription, StreamRow } from "./journal.ts";
import {
  lastSequence,
  parseSequence,
  recordOf,
  requireStream,
  sequenceText,
  shardIdOf,
  trimmedFloor,
} from "./journal.ts";
import { keyNamesOf } from "./keys.ts";
import type { Operation } from "./plan.ts";
import { ServiceError } from "../service.ts";

/** Source: API Reference, GetShardIterator: an iterator expires 15 minutes after it was given. */
const ITERATOR_LIFETIME_MS = 15 * 60 * 1000;
const MAX_RECORDS = 1000;
const MAX_RESPONSE_BYTES = 1024 * 1024;

export const listStreams: Operation = (engine, input) => {
  const tableName = readText(input, "TableName");
  const limit = readInteger(input, "Limit", 1, 100) ?? 100;
  const after = readText(input, "ExclusiveStartStreamArn") ?? "";
  return {
    checks: [plainCheck("ListStreams")],
    readOnly: true,
    managementEvent: true,
    parameters: tableName === undefined ? {} : { tableName },
    run: () => {
      const streams = engine.store
        .query<StreamRow>("SELECT * FROM streams WHERE arn>? ORDER BY arn")
        .all(after)
        .map(({ arn, description }) => ({ arn, ...(JSON.parse(description) as StreamDescription) }))
        .filter((stream) => tableName === undefined || stream.tableName === tableName);
      const page = streams.slice(0, limit);
      return {
        Streams: page.map(({ arn, tableName: name, label }) => ({
          StreamArn: arn,
          TableName: name,
          StreamLabel: label,
        })),
        LastEvaluatedStreamArn: streams.length > limit ? page.at(-1)?.arn : undefined,
      };
    },
  };
};

export const describeStream: Operation = (engine, input) => {
  const arn = readRequiredText(input, "StreamArn");
  const afterShard = readText(input, "ExclusiveStartShardId");
  return {
    checks: [plainCheck("DescribeStream", arn)],
    readOnly: true,
    managementEvent: true,
    parameters: { streamArn: arn },
    run: () => {
      const stream = requireStream(engine, arn);
      const description = JSON.parse(stream.description) as StreamDescription;
      const shard = {
        ShardId: shardIdOf(stream),
        SequenceNumberRange: {
          StartingSequenceNumber: sequenceText(stream.first + 1),
          EndingSequenceNumber: stream.last === null ? undefined : sequenceText(stream.last + 1),
        },
      };
      return {
        StreamDescription: {
          StreamArn: arn,
          StreamLabel: description.label,
          StreamStatus: stream.last === null ? "ENABLED" : "DISABLED",
          StreamViewType: description.view,
          CreationRequestDateTime: description.createdAtMs / 1000,
          TableName: description.tableName,
          KeySchema: keyNamesOf(description).map((AttributeName, position) => ({
            AttributeName,
            KeyType: position === 0 ? "HASH" : "RANGE",
          })),
          Shards: afterShard === shard.ShardId ? [] : [shard],
        },
      };
    },
  };
};

const trimmed = (): ServiceError =>
  new ServiceError(
    "TrimmedDataAccessException",
    "The operation attempted to read past the oldest stream record in a shard.",
  );

/** Where a shard iterator stands: it reads the journal rows above `position`. */
interface Iterator {
  readonly streamId: number;
  readonly position: number;
  readonly issuedAtMs: number;
}

const encodeIterator = ({ streamId, position, issuedAtMs }: Iterator): string =>
  Buffer.from(JSON.stringify([streamId, position, issuedAtMs])).toString("base64url");

function decodeIterator(text: string): Iterator {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    throw validation("Invalid ShardIterator");
  }
  // The caller holds iterators, so one may be forged: it is authorized by the stream that it names.
  if (!Array.isArray(parts) || parts.length !== 3 || !parts.every(Number.isSafeInteger)) {
    throw validation("Invalid ShardIterator");
  }
  const [streamId, position, issuedAtMs] = parts as [number, number, number];
  return { streamId, position, issuedAtMs };
}

/** The position of a new iterator. Throws TrimmedDataAccessException for a record that is gone. */
function startOf(engine: Engine, stream: StreamRow, input: Input, type: string): number {
  const floor = trimmedFloor(engine, stream);
  if (type === "TRIM_HORIZON") return floor;
  if (type === "LATEST") return stream.last ?? lastSequence(engine);
  const text = readText(input, "SequenceNumber");
  if (text === undefined) throw validation(`SequenceNumber is required for ShardIteratorType ${type}`);
  const sequence = parseSequence(text);
  if (sequence <= stream.first || sequence > (stream.last ?? lastSequence(engine))) {
    throw validation("Invalid SequenceNumber");
  }
  const position = type === "AT_SEQUENCE_NUMBER" ? sequence - 1 : sequence;
  if (position < floor) throw trimmed();
  return position;
}

export const getShardIterator: Operation = (engine, input) => {
  const arn = readRequiredText(input, "StreamArn");
  const shardId = readRequiredText(input, "ShardId");
  const type = readChoice(input, "ShardIteratorType", [
    "TRIM_HORIZON",
    "LATEST",
    "AT_SEQUENCE_NUMBER",
    "AFTER_SEQUENCE_NUMBER",
  ]);
  if (type === undefined) throw required("ShardIteratorType");
  return {
    checks: [plainCheck("GetShardIterator", arn)],
    readOnly: true,
    managementEvent: false,
    parameters: { streamArn: arn, shardId, shardIteratorType: type },
    run: () => {
      const stream = requireStream(engine, arn);
      if (shardId !== shardIdOf(stream)) {
        throw resourceNotFound("Requested resource not found: Shard does not exist");
      }
      const position = startOf(engine, stream, input, type);
      return { ShardIterator: encodeIterator({ streamId: stream.id, position, issuedAtMs: engine.clock.now() }) };
    },
  };
};

export const getRecords: Operation = (engine, input) => {
  const text = readRequiredText(input, "ShardIterator");
  if (text === "") {
    throw constraint("''", "shardIterator", "Member must have length greater than or equal to 1");
  }
  const iterator = decodeIterator(text);
  const limit = readInteger(input, "Limit", 1, MAX_RECORDS) ?? MAX_RECORDS;
  const find = (): StreamRow | undefined =>
    engine.store.query<StreamRow>("SELECT * FROM streams WHERE id=?").get(iterator.streamId);
  const arn = find()?.arn;
  return {
    checks: [plainCheck("GetRecords", arn)],
    readOnly: true,
    managementEvent: false,
    parameters: arn === undefined ? {} : { streamArn: arn },
    run: () => {
      const nowMs = engine.clock.now();
      if (nowMs - iterator.issuedAtMs > ITERATOR_LIFETIME_MS) {
        throw new ServiceError("ExpiredIteratorException", "Iterator expired. The iterator was created too long ago.");
      }
      const stream = find();
      if (stream === undefined) throw resourceNotFound();
      if (iterator.position < trimmedFloor(engine, stream)) throw trimmed();
      const { view } = JSON.parse(stream.description) as StreamDescription;
      const end = stream.last ?? lastSequence(engine);
      const rows = engine.store
        .query<JournalRow>("SELECT * FROM journal WHERE t=? AND seq>? AND stream=? ORDER BY seq LIMIT ?")
        .iterate(stream.t, iterator.position, stream.id, limit);
      const records: object[] = [];
      let bytes = 0;
      // Rows of other tables lie between ours: with nothing left to read, the iterator moves past them.
      let position = end;
      for (const row of rows) {
        const { sizeBytes, record } = recordOf(engine, stream, view, row);
        bytes += sizeBytes;
        if (bytes > MAX_RESPONSE_BYTES && records.length > 0) break;
        records.push(record);
        position = row.seq;
      }
      const isDone = stream.last !== null && position >= stream.last;
      return {
        Records: records,
        NextShardIterator: isDone
          ? undefined
          : encodeIterator({ streamId: stream.id, position: Math.max(position, iterator.position), issuedAtMs: nowMs }),
      };
    },
  };
};
