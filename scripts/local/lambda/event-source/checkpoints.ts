import type { DatabaseSync } from "node:sqlite";

/** Where a mapping stands in a shard. */
export interface Checkpoint {
  /** The last record that needs no more delivery; undefined: none yet. */
  readonly sequenceNumber: string | undefined;
  /** The shard is closed and read to its end. */
  readonly isFinished: boolean;
}

export interface Checkpoints {
  /** Whether the mapping has never begun a shard. */
  isNew(mapping: string): boolean;
  read(mapping: string, shard: string): Checkpoint | undefined;
  /** Durable when it returns. Written only after a delivery: what a killed process had in hand is delivered again. */
  advance(mapping: string, shard: string, sequenceNumber: string): void;
  /** Remembers that the shard was begun: LATEST means the latest of the first start only. */
  begin(mapping: string, shard: string): void;
  finish(mapping: string, shard: string): void;
}

export function openCheckpoints(database: DatabaseSync): Checkpoints {
  database.exec(`CREATE TABLE IF NOT EXISTS checkpoint (
    mapping TEXT NOT NULL, shard TEXT NOT NULL, sequenceNumber TEXT, isFinished INTEGER NOT NULL,
    PRIMARY KEY (mapping, shard)) STRICT, WITHOUT ROWID`);
  const select = database.prepare("SELECT sequenceNumber, isFinished FROM checkpoint WHERE mapping = ? AND shard = ?");
  const begin = database.prepare("INSERT OR IGNORE INTO checkpoint VALUES (?, ?, NULL, 0)");
  const advance = database.prepare("INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?, 0)");
  const finish = database.prepare("UPDATE checkpoint SET isFinished = 1 WHERE mapping = ? AND shard = ?");
  const any = database.prepare("SELECT 1 FROM checkpoint WHERE mapping = ? LIMIT 1");
  return {
    isNew: (mapping) => any.get(mapping) === undefined,
    read(mapping, shard) {
      const row = select.get(mapping, shard) as { sequenceNumber: string | null; isFinished: number } | undefined;
      if (row === undefined) return undefined;
      return { sequenceNumber: row.sequenceNumber ?? undefined, isFinished: row.isFinished === 1 };
    },
    begin: (mapping, shard) => void begin.run(mapping, shard),
    advance: (mapping, shard, sequenceNumber) => void advance.run(mapping, shard, sequenceNumber),
    finish: (mapping, shard) => void finish.run(mapping, shard),
  };
}
