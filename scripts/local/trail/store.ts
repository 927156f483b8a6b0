import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { CloudTrailRecord } from "./record.ts";

export interface StoredRecord {
  /** Rises with every record; never used twice. */
  readonly seq: number;
  readonly atMs: number;
  readonly record: CloudTrailRecord;
  /** The record as it was written down, byte for byte. */
  readonly text: string;
}

/** All given members must hold. Times are milliseconds, both inclusive. */
export interface RecordFilter {
  readonly eventId?: string;
  readonly eventName?: string;
  readonly eventSource?: string;
  readonly accessKeyId?: string;
  readonly username?: string;
  readonly resourceName?: string;
  readonly resourceType?: string;
  readonly isReadOnly?: boolean;
  readonly isManagementEvent?: boolean;
  readonly fromMs?: number;
  readonly toMs?: number;
}

export interface RecordStore {
  append(atMs: number, record: CloudTrailRecord): void;
  /** Newest first, from just before `beforeSeq`. */
  find(filter: RecordFilter, limit: number, beforeSeq?: number): readonly StoredRecord[];
  /** Oldest first: at most `limit` of what came after `afterSeq`, to `lastSeq` inclusive. */
  range(afterSeq: number, lastSeq: number, limit: number): readonly StoredRecord[];
  lastSeq(): number;
}

/** CloudTrail's event history reaches back 90 days. */
const RETENTION_MS = 90 * 86_400_000;
/** Item and object calls are many, and no API gives them back; an import must not fill the disk. */
const MOST_DATA_EVENTS = 100_000;
const APPENDS_PER_SWEEP = 1_000;

/** Records in the order in which calls ended. Written before the answer leaves, so that a kill loses no answered call. */
export function createRecordStore(database: DatabaseSync): RecordStore {
  database.exec(`
    PRAGMA synchronous=NORMAL;
    CREATE TABLE IF NOT EXISTS records (
      seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, management INTEGER NOT NULL, record TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS records_by_time ON records (management, at);
  `);
  const insert = database.prepare("INSERT INTO records (at, management, record) VALUES (?, ?, ?)");
  const dropOld = database.prepare("DELETE FROM records WHERE management = ? AND at < ?");
  const dropExcess = database.prepare(
    "DELETE FROM records WHERE management = 0 AND seq <= (SELECT seq FROM records WHERE management = 0 ORDER BY seq DESC LIMIT 1 OFFSET ?)",
  );
  let appends = 0;

  return {
    append(atMs, record) {
      insert.run(atMs, record.managementEvent ? 1 : 0, JSON.stringify(record));
      appends += 1;
      if (appends % APPENDS_PER_SWEEP !== 0) return;
      dropOld.run(0, atMs - RETENTION_MS);
      dropOld.run(1, atMs - RETENTION_MS);
      dropExcess.run(MOST_DATA_EVENTS);
    },
    find(filter, limit, beforeSeq) {
      const terms: string[] = [];
      const values: SQLInputValue[] = [];
      const where = (term: string, value: SQLInputValue | undefined): void => {
        if (value === undefined) return;
        terms.push(term);
        values.push(value);
      };
      const flag = (value: boolean | undefined): number | undefined =>
        value === undefined ? undefined : Number(value);
      where("management = ?", flag(filter.isManagementEvent));
      where("at >= ?", filter.fromMs);
      where("at <= ?", filter.toMs);
      where("seq < ?", beforeSeq);
      where("record ->> '$.eventID' = ?", filter.eventId);
      where("record ->> '$.eventName' = ?", filter.eventName);
      where("record ->> '$.eventSource' = ?", filter.eventSource);
      where("record ->> '$.readOnly' = ?", flag(filter.isReadOnly));
      where("record ->> '$.userIdentity.accessKeyId' = ?", filter.accessKeyId);
      where(`${USERNAME_SQL} = ?`, filter.username);
      where("EXISTS (SELECT 1 FROM json_each(record, '$.resources') WHERE value ->> '$.ARN' = ?)", filter.resourceName);
      where(
        "EXISTS (SELECT 1 FROM json_each(record, '$.resources') WHERE value ->> '$.type' = ?)",
        filter.resourceType,
      );
      const condition = terms.length === 0 ? "" : `WHERE ${terms.join(" AND ")}`;
      const rows = database.prepare(`SELECT seq, at, record FROM records ${condition} ORDER BY seq DESC LIMIT ?`);
      return rows.all(...values, limit).map(toStored);
    },
    range: (afterSeq, lastSeq, limit) =>
      database
        .prepare("SELECT seq, at, record FROM records WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?")
        .all(afterSeq, lastSeq, limit)
        .map(toStored),
    lastSeq: () => Number(database.prepare("SELECT coalesce(max(seq), 0) AS seq FROM records").get()?.["seq"] ?? 0),
  };
}

const USERNAME_SQL =
  "CASE record ->> '$.userIdentity.type' WHEN 'Root' THEN 'root' " +
  "WHEN 'AssumedRole' THEN substr(record ->> '$.userIdentity.principalId', instr(record ->> '$.userIdentity.principalId', ':') + 1) " +
  "ELSE record ->> '$.userIdentity.userName' END";

/** The name under which LookupEvents lists a caller: a user's name, a role session's name, or `root`. */
export function usernameOf(record: CloudTrailRecord): string | undefined {
  const { type, userName, principalId } = record.userIdentity;
  if (type === "Root") return "root";
  if (type === "AssumedRole" && typeof principalId === "string") return principalId.slice(principalId.indexOf(":") + 1);
  return typeof userName === "string" ? userName : undefined;
}

function toStored(row: Readonly<Record<string, unknown>>): StoredRecord {
  const text = String(row["record"]);
  return { seq: Number(row["seq"]), atMs: Number(row["at"]), record: JSON.parse(text) as CloudTrailRecord, text };
}
