import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { invariant } from "../../../core/kernel/invariant.ts";
import type { ServiceDeps } from "../service.ts";
import { KEY_SPECS, type KeySpec } from "./key-specs.ts";

export type KeyState = "Enabled" | "Disabled" | "PendingDeletion";

/** A key without its material. Times are milliseconds since the epoch. */
export interface Key {
  readonly id: string;
  /** Undefined: the cloud's own account. */
  readonly accountId?: string | undefined;
  readonly spec: KeySpec;
  readonly description: string;
  readonly state: KeyState;
  readonly manager: "CUSTOMER" | "AWS";
  readonly createdAtMs: number;
  readonly deleteAtMs: number | undefined;
  /** Undefined while automatic rotation is off. */
  readonly rotation: { readonly periodDays: number; readonly nextAtMs: number } | undefined;
  readonly policy: string;
}

export interface Rotation {
  readonly version: number;
  readonly rotatedAtMs: number;
  readonly kind: "AUTOMATIC" | "ON_DEMAND";
}

export interface Alias {
  readonly name: string;
  readonly keyId: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS keys(
    id TEXT PRIMARY KEY, spec TEXT NOT NULL, description TEXT NOT NULL, state TEXT NOT NULL, manager TEXT NOT NULL,
    created_at INTEGER NOT NULL, delete_at INTEGER, rotation_days INTEGER, next_rotation_at INTEGER,
    policy TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS owners(
    key_id TEXT PRIMARY KEY REFERENCES keys(id) ON DELETE CASCADE, account TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS materials(
    key_id TEXT NOT NULL REFERENCES keys(id) ON DELETE CASCADE, version INTEGER NOT NULL, wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL, rotation TEXT, PRIMARY KEY(key_id, version)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS aliases(
    name TEXT PRIMARY KEY, key_id TEXT NOT NULL REFERENCES keys(id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS aliases_by_key ON aliases(key_id);
  CREATE TABLE IF NOT EXISTS tags(
    key_id TEXT NOT NULL REFERENCES keys(id) ON DELETE CASCADE, name TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY(key_id, name)) STRICT, WITHOUT ROWID;
`;

type Row = Record<string, SQLOutputValue>;
const text = (row: Row, column: string): string => {
  const value = row[column];
  invariant(typeof value === "string", `column ${column} holds text`);
  return value;
};
const integer = (row: Row, column: string): number => {
  const value = row[column];
  invariant(typeof value === "number", `column ${column} holds an integer`);
  return value;
};
const integerOrNone = (row: Row, column: string): number | undefined =>
  row[column] === null ? undefined : integer(row, column);

function oneOf<T extends string>(values: readonly T[], value: string): T {
  const found = values.find((candidate) => candidate === value);
  invariant(found !== undefined, "a stored word is one of its list");
  return found;
}

const toKey = (row: Row): Key => {
  const periodDays = integerOrNone(row, "rotation_days");
  const nextAtMs = integerOrNone(row, "next_rotation_at");
  return {
    id: text(row, "id"),
    spec: oneOf(KEY_SPECS, text(row, "spec")),
    description: text(row, "description"),
    state: oneOf(["Enabled", "Disabled", "PendingDeletion"], text(row, "state")),
    manager: oneOf(["CUSTOMER", "AWS"], text(row, "manager")),
    createdAtMs: integer(row, "created_at"),
    deleteAtMs: integerOrNone(row, "delete_at"),
    rotation: periodDays === undefined || nextAtMs === undefined ? undefined : { periodDays, nextAtMs },
    policy: text(row, "policy"),
  };
};

const toAlias = (row: Row): Alias => ({
  name: text(row, "name"),
  keyId: text(row, "key_id"),
  createdAtMs: integer(row, "created_at"),
  updatedAtMs: integer(row, "updated_at"),
});

const toRotation = (row: Row): Rotation => ({
  version: integer(row, "version"),
  rotatedAtMs: integer(row, "created_at"),
  kind: oneOf(["AUTOMATIC", "ON_DEMAND"], text(row, "rotation")),
});

/** Keys, their wrapped material, aliases and tags in SQLite. */
export interface Store {
  readonly db: DatabaseSync;
  /** Runs `change` in one transaction: all of it is on disk when this returns, or none. */
  transaction<T>(change: () => T): T;
  key(id: string): Key | undefined;
  keyIds(): readonly string[];
  /** The account of a key that is not the cloud's own. */
  ownerOf(keyId: string): string | undefined;
  putKey(key: Key): void;
  /** Removes keys with their material, aliases and tags; what they leave behind in the files is overwritten. */
  eraseKeys(ids: readonly string[]): void;
  dueForDeletion(nowMs: number): readonly string[];
  /** Unwrapped material, or undefined where the key has no such version. */
  material(keyId: string, version: number): Buffer | undefined;
  latestVersion(keyId: string): number;
  addMaterial(keyId: string, version: number, material: Buffer, atMs: number, kind: Rotation["kind"] | undefined): void;
  rotations(keyId: string): readonly Rotation[];
  alias(name: string): Alias | undefined;
  aliases(keyId?: string): readonly Alias[];
  putAlias(alias: Alias): void;
  deleteAlias(name: string): void;
  tags(keyId: string): Readonly<Record<string, string>>;
  putTag(keyId: string, name: string, value: string): void;
  deleteTag(keyId: string, name: string): void;
  close(): void;
}

/** Opens the database `kms`. A key that a caller was told about survives SIGKILL: synchronous=FULL. */
export function openStore(deps: Pick<ServiceDeps, "openDatabase" | "wrapSecret" | "unwrapSecret">): Store {
  const db: DatabaseSync = deps.openDatabase("kms");
  // secure_delete overwrites what a deleted key leaves behind in the file.
  db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;");
  db.exec(SCHEMA);
  const sql = {
    key: db.prepare("SELECT * FROM keys WHERE id=?"),
    ownerOf: db.prepare("SELECT account FROM owners WHERE key_id=?"),
    putOwner: db.prepare("INSERT OR REPLACE INTO owners VALUES(?,?)"),
    keyIds: db.prepare("SELECT id FROM keys ORDER BY id"),
    putKey: db.prepare(
      `INSERT INTO keys VALUES(?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET
       description=excluded.description, state=excluded.state, delete_at=excluded.delete_at,
       rotation_days=excluded.rotation_days, next_rotation_at=excluded.next_rotation_at, policy=excluded.policy`,
    ),
    deleteKey: db.prepare("DELETE FROM keys WHERE id=?"),
    due: db.prepare("SELECT id FROM keys WHERE state='PendingDeletion' AND delete_at<=?"),
    material: db.prepare("SELECT wrapped FROM materials WHERE key_id=? AND version=?"),
    latest: db.prepare("SELECT max(version) AS version FROM materials WHERE key_id=?"),
    addMaterial: db.prepare("INSERT INTO materials VALUES(?,?,?,?,?)"),
    rotations: db.prepare(
      "SELECT version, created_at, rotation FROM materials WHERE key_id=? AND rotation IS NOT NULL ORDER BY version",
    ),
    alias: db.prepare("SELECT * FROM aliases WHERE name=?"),
    aliases: db.prepare("SELECT * FROM aliases ORDER BY name"),
    aliasesOf: db.prepare("SELECT * FROM aliases WHERE key_id=? ORDER BY name"),
    putAlias: db.prepare(
      "INSERT INTO aliases VALUES(?,?,?,?) ON CONFLICT(name) DO UPDATE SET key_id=excluded.key_id, updated_at=excluded.updated_at",
    ),
    deleteAlias: db.prepare("DELETE FROM aliases WHERE name=?"),
    tags: db.prepare("SELECT name, value FROM tags WHERE key_id=? ORDER BY name"),
    putTag: db.prepare("INSERT OR REPLACE INTO tags VALUES(?,?,?)"),
    deleteTag: db.prepare("DELETE FROM tags WHERE key_id=? AND name=?"),
  };
  const unwrapped = new Map<string, Buffer>();
  const cacheId = (keyId: string, version: number): string => `${keyId}/${version}`;

  const inTransaction = <T>(change: () => T): T => {
    db.exec("BEGIN IMMEDIATE");
    try {
      const result = change();
      db.exec("COMMIT");
      return result;
    } catch (error) {
      db.exec("ROLLBACK");
      throw error;
    }
  };

  return {
    db,
    transaction: inTransaction,
    key(id) {
      const row = sql.key.get(id);
      return row === undefined ? undefined : toKey(row);
    },
    ownerOf(keyId) {
      const row = sql.ownerOf.get(keyId);
      return row === undefined ? undefined : text(row, "account");
    },
    keyIds: () => sql.keyIds.all().map((row) => text(row, "id")),
    putKey(key) {
      sql.putKey.run(
        key.id,
        key.spec,
        key.description,
        key.state,
        key.manager,
        key.createdAtMs,
        key.deleteAtMs ?? null,
        key.rotation?.periodDays ?? null,
        key.rotation?.nextAtMs ?? null,
        key.policy,
      );
      if (key.accountId !== undefined) sql.putOwner.run(key.id, key.accountId);
    },
    eraseKeys(ids) {
      inTransaction(() => {
        for (const id of ids) sql.deleteKey.run(id);
      });
      // The write-ahead log still holds the old pages.
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      for (const [name, material] of unwrapped) {
        if (!ids.some((id) => name.startsWith(`${id}/`))) continue;
        material.fill(0);
        unwrapped.delete(name);
      }
    },
    dueForDeletion: (nowMs) => sql.due.all(nowMs).map((row) => text(row, "id")),
    material(keyId, version) {
      const known = unwrapped.get(cacheId(keyId, version));
      if (known !== undefined) return known;
      const wrapped = sql.material.get(keyId, version)?.["wrapped"];
      if (!(wrapped instanceof Uint8Array)) return undefined;
      const material = deps.unwrapSecret(Buffer.from(wrapped));
      unwrapped.set(cacheId(keyId, version), material);
      return material;
    },
    latestVersion(keyId) {
      const row = sql.latest.get(keyId);
      invariant(row !== undefined, "a key has material");
      return integer(row, "version");
    },
    addMaterial(keyId, version, material, atMs, kind) {
      sql.addMaterial.run(keyId, version, deps.wrapSecret(material), atMs, kind ?? null);
    },
    rotations: (keyId) => sql.rotations.all(keyId).map(toRotation),
    alias(name) {
      const row = sql.alias.get(name);
      return row === undefined ? undefined : toAlias(row);
    },
    aliases: (keyId) => (keyId === undefined ? sql.aliases.all() : sql.aliasesOf.all(keyId)).map(toAlias),
    putAlias(alias) {
      sql.putAlias.run(alias.name, alias.keyId, alias.createdAtMs, alias.updatedAtMs);
    },
    deleteAlias(name) {
      sql.deleteAlias.run(name);
    },
    tags: (keyId) => Object.fromEntries(sql.tags.all(keyId).map((row) => [text(row, "name"), text(row, "value")])),
    putTag(keyId, name, value) {
      sql.putTag.run(keyId, name, value);
    },
    deleteTag(keyId, name) {
      sql.deleteTag.run(keyId, name);
    },
    close() {
      for (const material of unwrapped.values()) material.fill(0);
      unwrapped.clear();
      db.close();
    },
  };
}
