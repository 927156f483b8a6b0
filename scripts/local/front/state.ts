import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { err, ok, type Result } from "../../../core/kernel/result.ts";

/** Where the embedded AWS keeps what must outlive it. */
export interface State {
  openDatabase(name: string): DatabaseSync;
  readonly blobFolder: string | undefined;
  wrapSecret(plaintext: Buffer): Buffer;
  unwrapSecret(wrapped: Buffer): Buffer;
  /** Closes the databases that are still open and gives the folder free for another process. */
  close(): void;
}

export type StateProblem =
  | { readonly kind: "in-use"; readonly folder: string }
  | { readonly kind: "key-missing"; readonly file: string }
  | { readonly kind: "key-damaged"; readonly file: string }
  | { readonly kind: "key-readable-by-others"; readonly file: string };

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 1;
const PURPOSE = Buffer.from("keyward embedded aws secret v1");
const hasModes = process.platform !== "win32";

/**
 * Opens the data folder (0700) with its databases, blobs and master key (all 0600), or a state in memory when `folder`
 * is left out. One process may hold a folder at a time: a lock that the operating system drops with the process, so that
 * a kill never leaves it behind.
 */
export function openState(folder?: string): Result<State, StateProblem> {
  if (folder === undefined) return ok(createState(undefined, randomBytes(KEY_BYTES), undefined));
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (hasModes) fs.chmodSync(folder, 0o700);
  const lock = takeLock(path.join(folder, "lock.db"));
  if (lock === undefined) return err({ kind: "in-use", folder });
  const key = readMasterKey(folder);
  if (!key.ok) {
    lock.close();
    return key;
  }
  const blobFolder = path.join(folder, "blobs");
  fs.mkdirSync(blobFolder, { recursive: true, mode: 0o700 });
  return ok(createState(folder, key.value, lock));
}

function createState(folder: string | undefined, key: Buffer, lock: DatabaseSync | undefined): State {
  const databases: DatabaseSync[] = [];
  return {
    blobFolder: folder === undefined ? undefined : path.join(folder, "blobs"),
    openDatabase(name) {
      const database = folder === undefined ? new DatabaseSync(":memory:") : openFile(path.join(folder, `${name}.db`));
      databases.push(database);
      return database;
    },
    wrapSecret(plaintext) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      cipher.setAAD(PURPOSE);
      const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
      return Buffer.concat([Buffer.of(FORMAT), nonce, cipher.getAuthTag(), ciphertext]);
    },
    unwrapSecret(wrapped) {
      if (wrapped.length < 1 + NONCE_BYTES + TAG_BYTES || wrapped[0] !== FORMAT) {
        throw new Error("a wrapped secret has an unknown format");
      }
      const tagAt = 1 + NONCE_BYTES;
      const decipher = createDecipheriv("aes-256-gcm", key, wrapped.subarray(1, tagAt), { authTagLength: TAG_BYTES });
      decipher.setAAD(PURPOSE);
      decipher.setAuthTag(wrapped.subarray(tagAt, tagAt + TAG_BYTES));
      return Buffer.concat([decipher.update(wrapped.subarray(tagAt + TAG_BYTES)), decipher.final()]);
    },
    close() {
      for (const database of databases) if (database.isOpen) database.close();
      if (lock?.isOpen === true) lock.close();
    },
  };
}

/** Closing any handle of a file drops this process's locks on it, so a file that is there is not opened again. */
function touch(file: string): void {
  if (!fs.existsSync(file)) fs.closeSync(fs.openSync(file, "a", 0o600));
}

/** SQLite gives the -wal and -shm files the mode of the database, so that it is set before SQLite first sees the file. */
function openFile(file: string): DatabaseSync {
  touch(file);
  if (hasModes) fs.chmodSync(file, 0o600);
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=2000");
  return database;
}

function takeLock(file: string): DatabaseSync | undefined {
  touch(file);
  const lock = new DatabaseSync(file);
  try {
    lock.exec("PRAGMA busy_timeout=0; BEGIN EXCLUSIVE");
    return lock;
  } catch {
    lock.close();
    return undefined;
  }
}

function readMasterKey(folder: string): Result<Buffer, StateProblem> {
  const file = path.join(folder, "master.key");
  if (!fs.existsSync(file)) {
    // Databases without their key are of no use: a fresh key would hide that until the first decryption.
    const isUsed = fs.readdirSync(folder).some((name) => name.endsWith(".db") && name !== "lock.db");
    return isUsed ? err({ kind: "key-missing", file }) : ok(writeMasterKey(folder, file));
  }
  if (hasModes && (fs.statSync(file).mode & 0o077) !== 0) return err({ kind: "key-readable-by-others", file });
  const key = fs.readFileSync(file);
  return key.length === KEY_BYTES ? ok(key) : err({ kind: "key-damaged", file });
}

/** Whole or not at all: written beside, flushed, renamed, and the folder flushed. */
function writeMasterKey(folder: string, file: string): Buffer {
  const key = randomBytes(KEY_BYTES);
  const draft = `${file}.new`;
  fs.rmSync(draft, { force: true });
  const handle = fs.openSync(draft, "wx", 0o600);
  fs.writeSync(handle, key);
  fs.fsyncSync(handle);
  fs.closeSync(handle);
  fs.renameSync(draft, file);
  if (hasModes) {
    const directory = fs.openSync(folder, "r");
    fs.fsyncSync(directory);
    fs.closeSync(directory);
  }
  return key;
}
