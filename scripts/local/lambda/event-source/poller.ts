import {
  DescribeStreamCommand,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  TrimmedDataAccessException,
} from "@aws-sdk/client-dynamodb-streams";
import type { DynamoDBStreamsClient, Shard } from "@aws-sdk/client-dynamodb-streams";
import type { Checkpoints } from "./checkpoints.ts";
import { cutBatch } from "./delivery.ts";
import { passesFilters } from "./filter.ts";
import type { EventSourceMapping } from "./mapping.ts";
import { toEventRecord } from "./record.ts";
import type { StreamEventRecord } from "./record.ts";

/** GetRecords gives so many at most. */
const MAX_RECORDS_PER_READ = 1_000;

export interface PollerDeps {
  readonly mapping: EventSourceMapping;
  readonly streams: DynamoDBStreamsClient;
  readonly checkpoints: Checkpoints;
  deliver(shardId: string, batch: readonly StreamEventRecord[]): Promise<void>;
  /** The oldest record that is read and not yet delivered, or undefined. For the iterator age. */
  onHead(record: StreamEventRecord | undefined): void;
  /** Records left the stream before they were read. */
  onTrimmed(shardId: string): void;
  isHeld(): boolean;
}

export interface Poller {
  /**
   * Reads every shard and delivers what came, parents before children.
   * @param flush read to the present end, and deliver a batch that is not full although its window is still open.
   * @returns how many records were read, and when the next open window ends (real time, performance.now()).
   */
  pass(flush: boolean): Promise<{ readonly readCount: number; readonly wakeAt: number | undefined }>;
}

interface ShardState {
  iterator: string | undefined;
  /** Read and waiting for their batch; not yet checkpointed. */
  pending: StreamEventRecord[];
  windowEndsAt: number | undefined;
  /** The last one read, delivered or filtered out. */
  lastRead: string | undefined;
}

const parentsFirst = (shards: readonly Shard[]): Shard[] => {
  const known = new Map(shards.map((shard) => [shard.ShardId, shard]));
  const depth = (shard: Shard): number => {
    const parent = known.get(shard.ParentShardId);
    return parent === undefined ? 0 : depth(parent) + 1;
  };
  return shards.toSorted((a, b) => depth(a) - depth(b));
};

export function createPoller(deps: PollerDeps): Poller {
  const { mapping, streams, checkpoints } = deps;
  const states = new Map<string, ShardState>();
  /** As last described. A new shard follows one that closed, so that is when to look again. */
  let known: readonly Shard[] | undefined;

  async function shards(): Promise<Shard[]> {
    const all: Shard[] = [];
    let after: string | undefined;
    do {
      const { StreamDescription } = await streams.send(
        new DescribeStreamCommand({
          StreamArn: mapping.streamArn,
          ...(after === undefined ? {} : { ExclusiveStartShardId: after }),
        }),
      );
      all.push(...(StreamDescription?.Shards ?? []));
      after = StreamDescription?.LastEvaluatedShardId;
    } while (after !== undefined);
    return parentsFirst(all);
  }

  async function iteratorFrom(shardId: string, sequenceNumber: string | undefined): Promise<string | undefined> {
    const { ShardIterator } = await streams.send(
      new GetShardIteratorCommand({
        StreamArn: mapping.streamArn,
        ShardId: shardId,
        ...(sequenceNumber === undefined
          ? { ShardIteratorType: "TRIM_HORIZON" }
          : { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: sequenceNumber }),
      }),
    );
    return ShardIterator;
  }

  /**
   * LATEST, made durable: finds where the shard ends now and writes that down.
   * A LATEST iterator alone would skip what is written between a first poll and a crash.
   */
  async function skipToEnd(shardId: string): Promise<void> {
    let iterator = await iteratorFrom(shardId, undefined);
    while (iterator !== undefined) {
      const page = await streams.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: MAX_RECORDS_PER_READ }));
      const last = page.Records?.at(-1)?.dynamodb?.SequenceNumber;
      if (last === undefined) return;
      checkpoints.advance(mapping.uuid, shardId, last);
      iterator = page.NextShardIterator;
    }
  }

  async function open(shardId: string): Promise<ShardState> {
    const known = states.get(shardId);
    if (known?.iterator !== undefined) return known;
    const sequenceNumber = checkpoints.read(mapping.uuid, shardId)?.sequenceNumber;
    const iterator = await iteratorFrom(shardId, sequenceNumber);
    const state: ShardState = { iterator, pending: [], windowEndsAt: undefined, lastRead: undefined };
    states.set(shardId, state);
    return state;
  }

  async function deliverPending(shardId: string, state: ShardState, flush: boolean): Promise<void> {
    while (state.pending.length > 0 && !deps.isHeld()) {
      const isFull = state.pending.length >= mapping.batchSize;
      const isDue = state.windowEndsAt === undefined || performance.now() >= state.windowEndsAt;
      deps.onHead(state.pending[0]);
      if (!isFull && !isDue && !flush) return;
      const batch = cutBatch(state.pending, mapping.batchSize);
      await deps.deliver(shardId, batch);
      if (deps.isHeld()) return;
      state.pending.splice(0, batch.length);
      state.windowEndsAt = undefined;
    }
    deps.onHead(state.pending[0]);
    if (state.pending.length === 0 && state.lastRead !== undefined) {
      // Also past what the filters left out.
      checkpoints.advance(mapping.uuid, shardId, state.lastRead);
      state.lastRead = undefined;
    }
  }

  function take(state: ShardState, records: readonly StreamEventRecord[]): void {
    const wanted = records.filter((record) => passesFilters(record, mapping.filters));
    if (state.pending.length === 0 && wanted.length > 0) {
      state.windowEndsAt = performance.now() + mapping.maximumBatchingWindowSeconds * 1000;
    }
    state.pending.push(...wanted);
    state.lastRead = records.at(-1)?.dynamodb.SequenceNumber ?? state.lastRead;
  }

  /** Reads one shard: a page, or to its present end. */
  async function readShard(shardId: string, flush: boolean): Promise<number> {
    const state = await open(shardId);
    let readCount = 0;
    while (state.iterator !== undefined && !deps.isHeld()) {
      const page = await streams.send(
        new GetRecordsCommand({ ShardIterator: state.iterator, Limit: MAX_RECORDS_PER_READ }),
      );
      const records = (page.Records ?? []).map((record) => toEventRecord(record, mapping.streamArn));
      state.iterator = page.NextShardIterator;
      take(state, records);
      readCount += records.length;
      const isAtEnd = records.length === 0;
      await deliverPending(shardId, state, isAtEnd && (flush || state.iterator === undefined));
      // What follows a page that is not full is read by the next pass, with what is written until then.
      if (isAtEnd || (!flush && records.length < MAX_RECORDS_PER_READ)) break;
    }
    if (state.iterator === undefined && state.pending.length === 0 && !deps.isHeld()) {
      checkpoints.finish(mapping.uuid, shardId);
      states.delete(shardId);
      known = undefined;
    }
    return readCount;
  }

  async function readShardSafely(shardId: string, flush: boolean): Promise<number> {
    try {
      return await readShard(shardId, flush);
    } catch (error) {
      // From the checkpoint again: what was pending is read once more.
      states.delete(shardId);
      known = undefined;
      if (error instanceof ExpiredIteratorException) return 1;
      if (error instanceof TrimmedDataAccessException) {
        deps.onTrimmed(shardId);
        const iterator = await iteratorFrom(shardId, undefined);
        states.set(shardId, { iterator, pending: [], windowEndsAt: undefined, lastRead: undefined });
        return 1;
      }
      throw error;
    }
  }

  return {
    async pass(flush) {
      let readCount = 0;
      const isFirst = checkpoints.isNew(mapping.uuid);
      const list = known ?? (await shards());
      known = list;
      for (const { ShardId } of list) {
        if (ShardId === undefined) continue;
        if (isFirst && mapping.startingPosition === "LATEST") await skipToEnd(ShardId);
        checkpoints.begin(mapping.uuid, ShardId);
      }
      for (const { ShardId } of list) {
        if (ShardId === undefined || checkpoints.read(mapping.uuid, ShardId)?.isFinished === true) continue;
        readCount += await readShardSafely(ShardId, flush);
        if (deps.isHeld()) break;
      }
      // What was in hand when the mapping was held is read again from the checkpoint.
      if (deps.isHeld()) states.clear();
      const windows = [...states.values()].map((state) => state.windowEndsAt).filter((end) => end !== undefined);
      return { readCount, wakeAt: windows.length === 0 ? undefined : Math.min(...windows) };
    },
  };
}
