import type { DatabaseSync } from "node:sqlite";

export interface LogEvent {
  /** Rises with every event; never used twice. */
  readonly seq: number;
  readonly stream: string;
  readonly atMs: number;
  readonly message: string;
}

export interface LogQuery {
  readonly group: string;
  /** Inclusive, milliseconds. */
  readonly fromMs: number;
  /** Inclusive, milliseconds. */
  readonly toMs: number;
  readonly after?: Pick<LogEvent, "atMs" | "seq">;
}

/** Events of log groups, in the order of their times, bounded. */
export interface LogEventStore {
  append(group: string, event: Omit<LogEvent, "seq">): void;
  /** Oldest first; read no further than needed. */
  events(query: LogQuery): Iterable<LogEvent>;
}

/** Kept per group, as many as a busy hour of a small stage; the oldest go first. */
const MOST_EVENTS = 50_000;
const APPENDS_PER_SWEEP = 1_000;

/** Written without waiting for the disk: CloudWatch promises no more of a line that was just written. */
export function openLogEvents(database: DatabaseSync): LogEventStore {
  database.exec(`
    PRAGMA synchronous=OFF;
    CREATE TABLE IF NOT EXISTS events (
      seq INTEGER PRIMARY KEY AUTOINCREMENT, grp TEXT NOT NULL, stream TEXT NOT NULL, at INTEGER NOT NULL, message TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS events_by_time ON events (grp, at, seq);
  `);
  const insert = database.prepare("INSERT INTO events (grp, stream, at, message) VALUES (?, ?, ?, ?)");
  const select = database.prepare(
    "SELECT seq, stream, at, message FROM events WHERE grp = ? AND (at, seq) > (?, ?) AND at <= ? ORDER BY at, seq",
  );
  const drop = database.prepare(
    "DELETE FROM events WHERE grp = ?1 AND seq <= (SELECT seq FROM events WHERE grp = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
  );
  const appends = new Map<string, number>();
  return {
    append(group, { stream, atMs, message }) {
      insert.run(group, stream, atMs, message);
      const count = (appends.get(group) ?? 0) + 1;
      appends.set(group, count);
      if (count % APPENDS_PER_SWEEP === 0) drop.run(group, MOST_EVENTS);
    },
    *events({ group, fromMs, toMs, after }) {
      const start = after === undefined || after.atMs < fromMs ? [fromMs, -1] : [after.atMs, after.seq];
      for (const row of select.iterate(group, ...start, toMs)) {
        yield {
          seq: Number(row["seq"]),
          stream: String(row["stream"]),
          atMs: Number(row["at"]),
          message: String(row["message"]),
        };
      }
    },
  };
}
