import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/*
 * items        one row an item; `item` is its JSON, `size` its bytes as DynamoDB counts them, `ttl` epoch seconds.
 * entries      one row an item and index that holds it; sparse by absence.
 * journal      every change of a table with a stream or point-in-time recovery, in commit order.
 * tokens       ClientRequestTokens of the last ten minutes.
 * pk, sk, hash and range are bytes whose order is DynamoDB's; an absent sort key is empty.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS tables(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, definition TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS items(id INTEGER PRIMARY KEY, t INTEGER NOT NULL, pk BLOB NOT NULL, sk BLOB NOT NULL,
    size INTEGER NOT NULL, ttl INTEGER, item TEXT NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS items_key ON items(t, pk, sk);
  CREATE INDEX IF NOT EXISTS items_ttl ON items(ttl) WHERE ttl IS NOT NULL;
  CREATE TABLE IF NOT EXISTS entries(ix INTEGER NOT NULL, hash BLOB NOT NULL, range BLOB NOT NULL, pk BLOB NOT NULL,
    sk BLOB NOT NULL, item INTEGER NOT NULL, PRIMARY KEY(ix, hash, range, pk, sk)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS streams(id INTEGER PRIMARY KEY AUTOINCREMENT, t INTEGER NOT NULL, arn TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL, floor INTEGER NOT NULL DEFAULT 0, first INTEGER NOT NULL, last INTEGER);
  CREATE TABLE IF NOT EXISTS journal(seq INTEGER PRIMARY KEY AUTOINCREMENT, t INTEGER NOT NULL, stream INTEGER,
    at INTEGER NOT NULL, event TEXT NOT NULL, keys TEXT NOT NULL, new TEXT, old TEXT, byTtl INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS journal_table ON journal(t);
  CREATE TABLE IF NOT EXISTS tokens(token TEXT PRIMARY KEY, digest TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS tokens_at ON tokens(at);
  CREATE TABLE IF NOT EXISTS exports(arn TEXT PRIMARY KEY, description TEXT NOT NULL) WITHOUT ROWID;
`;

/** A statement, prepared once, with the shape of its rows. */
export interface Query<Row> {
  get(...parameters: SQLInputValue[]): Row | undefined;
  all(...parameters: SQLInputValue[]): Row[];
  iterate(...parameters: SQLInputValue[]): Iterable<Row>;
  run(...parameters: SQLInputValue[]): { changes: number | bigint; lastInsertRowid: number | bigint };
}

export interface ItemRow {
  readonly id: number;
  readonly size: number;
  readonly item: string;
}

/** The database: its schema, its statements and its transactions. Everything is synchronous, so calls never interleave. */
export class Store {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #afterCommit: (() => void)[] = [];
  readonly readItem: Query<ItemRow>;
  readonly insertItem: Query<never>;
  readonly updateItem: Query<never>;
  readonly deleteItem: Query<never>;
  readonly insertEntry: Query<never>;
  readonly deleteEntry: Query<never>;
  readonly appendJournal: Query<never>;
  readonly readToken: Query<{ readonly digest: string }>;
  readonly writeToken: Query<never>;
  readonly dropTokens: Query<never>;

  /** NORMAL syncs the log at checkpoints only: a killed process loses nothing committed, a power cut may. */
  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;");
    // Kilobytes of cache, and pages of log before it is written back: measured to be worth a tenth of a write.
    database.exec("PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=4000;");
    database.exec(SCHEMA);
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#rollback = database.prepare("ROLLBACK");
    this.readItem = this.query("SELECT id, size, item FROM items WHERE t=? AND pk=? AND sk=?");
    this.insertItem = this.query("INSERT INTO items(t, pk, sk, size, ttl, item) VALUES(?,?,?,?,?,?)");
    this.updateItem = this.query("UPDATE items SET size=?, ttl=?, item=? WHERE id=?");
    this.deleteItem = this.query("DELETE FROM items WHERE id=?");
    this.insertEntry = this.query("INSERT INTO entries(ix, hash, range, pk, sk, item) VALUES(?,?,?,?,?,?)");
    this.deleteEntry = this.query("DELETE FROM entries WHERE ix=? AND hash=? AND range=? AND pk=? AND sk=?");
    this.appendJournal = this.query(
      "INSERT INTO journal(t, stream, at, event, keys, new, old, byTtl) VALUES(?,?,?,?,?,?,?,?)",
    );
    this.readToken = this.query("SELECT digest FROM tokens WHERE token=? AND at>?");
    this.writeToken = this.query("INSERT OR REPLACE INTO tokens(token, digest, at) VALUES(?,?,?)");
    this.dropTokens = this.query("DELETE FROM tokens WHERE at<=?");
  }

  /** The statement for this SQL, prepared on its first use. `Row` is what the SQL selects. */
  query<Row>(sql: string): Query<Row> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement as unknown as Query<Row>;
  }

  /** Runs `work` once the transaction under way is committed; not at all where it is rolled back. */
  afterCommit(work: () => void): void {
    this.#afterCommit.push(work);
  }

  /** Runs `work` in one transaction; what it throws rolls everything back. Not to be nested. */
  transaction<T>(work: () => T): T {
    this.#begin.run();
    try {
      const result = work();
      this.#commit.run();
      for (const after of this.#afterCommit.splice(0)) after();
      return result;
    } catch (error) {
      this.#afterCommit.length = 0;
      if (this.#database.isTransaction) this.#rollback.run();
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }
}
