import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { invariant } from "../../../core/kernel/invariant.ts";

/** The bytes of objects, each under the SHA-256 of what is stored. No name that a client chose gets near the disk. */
export interface Blobs {
  /** Stores the bytes; when this returns they survive SIGKILL and power loss. Gives their id. */
  write(bytes: Buffer): string;
  read(id: string): Buffer;
  /** Forgets the bytes. The caller makes sure that nothing refers to them. */
  remove(id: string): void;
  ids(): readonly string[];
}

const ID = /^[0-9a-f]{64}$/;
const SHARD = /^[0-9a-f]{2}$/;
const idOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function writeWhole(file: string, bytes: Buffer): void {
  const handle = openSync(file, "w", 0o600);
  try {
    for (let offset = 0; offset < bytes.length;) offset += writeSync(handle, bytes, offset);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * Blobs as files `<folder>/<2 hex digits>/<64 hex digits>`: written beside, synced, then renamed into place.
 * What a crash left half-written is removed at the next start.
 */
export function folderBlobs(folder: string): Blobs {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const place = (id: string): { readonly shard: string; readonly file: string } => {
    invariant(ID.test(id), "a blob id is a SHA-256");
    const shard = join(folder, id.slice(0, 2));
    return { shard, file: join(shard, id) };
  };
  const shards = (): readonly string[] => readdirSync(folder).filter((name) => SHARD.test(name));
  for (const shard of shards()) {
    for (const name of readdirSync(join(folder, shard))) if (!ID.test(name)) rmSync(join(folder, shard, name));
  }
  return {
    write(bytes) {
      const id = idOf(bytes);
      const { shard, file } = place(id);
      if (existsSync(file)) return id;
      if (!existsSync(shard)) {
        mkdirSync(shard, { mode: 0o700 });
        syncFolder(folder);
      }
      writeWhole(`${file}.part`, bytes);
      renameSync(`${file}.part`, file);
      syncFolder(shard);
      return id;
    },
    read: (id) => readFileSync(place(id).file),
    remove: (id) => rmSync(place(id).file, { force: true }),
    ids: () => shards().flatMap((shard) => readdirSync(join(folder, shard))),
  };
}

/** Blobs in the service's own database, for memory mode. */
export function databaseBlobs(db: DatabaseSync): Blobs {
  db.exec("CREATE TABLE IF NOT EXISTS blobs(id TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID");
  const sql = {
    write: db.prepare("INSERT OR IGNORE INTO blobs VALUES(?,?)"),
    read: db.prepare("SELECT bytes FROM blobs WHERE id=?"),
    remove: db.prepare("DELETE FROM blobs WHERE id=?"),
    ids: db.prepare("SELECT id FROM blobs"),
  };
  return {
    write(bytes) {
      const id = idOf(bytes);
      sql.write.run(id, bytes);
      return id;
    },
    read(id) {
      const bytes = sql.read.get(id)?.["bytes"];
      invariant(bytes instanceof Uint8Array, "a blob that is referred to is stored");
      return Buffer.from(bytes);
    },
    remove(id) {
      sql.remove.run(id);
    },
    ids: () => sql.ids.all().map((row) => String(row["id"])),
  };
}
