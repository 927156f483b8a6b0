import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { ServiceDeps } from "../service.ts";
import { databaseBlobs, folderBlobs, type Blobs } from "./blobs.ts";
import type { Bucket, Contents, ObjectLock, Part, Upload, Version } from "./model.ts";
import { toBucket, toPart, toUpload, toVersion } from "./rows.ts";

// Keys are BLOBs of UTF-8: S3 lists in the order of the bytes, and SQLite compares BLOBs by their bytes.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS buckets(name TEXT PRIMARY KEY, created_at INTEGER NOT NULL, config TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS versions(
    seq INTEGER PRIMARY KEY AUTOINCREMENT, bucket TEXT NOT NULL REFERENCES buckets(name), key BLOB NOT NULL,
    version_id TEXT NOT NULL, is_latest INTEGER NOT NULL, modified_at INTEGER NOT NULL, blob TEXT, size INTEGER NOT NULL,
    contents TEXT NOT NULL, tags TEXT NOT NULL, lock_mode TEXT, lock_until INTEGER, legal_hold INTEGER NOT NULL) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS versions_by_id ON versions(bucket, key, version_id);
  CREATE INDEX IF NOT EXISTS versions_by_age ON versions(bucket, key, seq DESC);
  CREATE INDEX IF NOT EXISTS current_objects ON versions(bucket, key) WHERE is_latest=1 AND blob IS NOT NULL;
  CREATE INDEX IF NOT EXISTS versions_by_blob ON versions(blob);
  CREATE TABLE IF NOT EXISTS uploads(
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL REFERENCES buckets(name) ON DELETE CASCADE, key BLOB NOT NULL,
    started_at INTEGER NOT NULL, upload TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS parts(
    upload_id TEXT NOT NULL REFERENCES uploads(id) ON DELETE CASCADE, number INTEGER NOT NULL, blob TEXT NOT NULL,
    size INTEGER NOT NULL, modified_at INTEGER NOT NULL, part TEXT NOT NULL, PRIMARY KEY(upload_id, number))
    STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS parts_by_blob ON parts(blob);
`;

/** A version before it has its id and place. */
export interface NewVersion {
  readonly bucket: string;
  readonly key: string;
  /** `null` replaces the null version; `new` makes an id. */
  readonly versionId: "new" | "null";
  readonly modifiedAtMs: number;
  readonly contents: Contents | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly lock: ObjectLock;
}

/** Buckets, versions and uploads in SQLite, bytes in blobs. */
export interface Store {
  readonly db: DatabaseSync;
  readonly blobs: Blobs;
  /** Runs `change` in one transaction: all of it is on disk when this returns, or none. */
  transaction<T>(change: () => T): T;
  bucket(name: string): Bucket | undefined;
  buckets(): readonly Bucket[];
  putBucket(bucket: Bucket): void;
  deleteBucket(name: string): void;
  isEmpty(bucket: string): boolean;
  /** The newest version of a key: an object or a delete marker. */
  latest(bucket: string, key: string): Version | undefined;
  version(bucket: string, key: string, versionId: string): Version | undefined;
  /** Every version of a bucket, newest first within a key. */
  versions(bucket: string): readonly Version[];
  insertVersion(version: NewVersion): Version;
  deleteVersion(version: Version): void;
  setLock(version: Version, lock: ObjectLock): void;
  setTags(version: Version, tags: Readonly<Record<string, string>>): void;
  upload(bucket: string, key: string, id: string): Upload | undefined;
  uploads(bucket: string): readonly Upload[];
  putUpload(upload: Upload): void;
  deleteUpload(id: string): void;
  parts(uploadId: string): readonly Part[];
  putPart(uploadId: string, part: Part): void;
  /** Removes the bytes unless a version or a part still refers to them. Call it after the transaction. */
  releaseBlob(id: string): void;
}

export const NULL_VERSION = "null";

/** 32 characters; the first eight hold the sequence number, so that a page of versions can start after one that is gone. */
export function newVersionId(seq: number): string {
  const bytes = randomBytes(24);
  bytes.writeUIntBE(seq, 0, 6);
  return bytes.toString("base64url");
}

/** The sequence number inside a version id, or undefined for a text that is none. */
export function seqOfVersionId(versionId: string): number | undefined {
  if (!/^[A-Za-z0-9_-]{32}$/.test(versionId)) return undefined;
  return Buffer.from(versionId, "base64url").readUIntBE(0, 6);
}

/** The account is the bucket's, where that is not the cloud's own. */
type OnStored = (bucket: string, bytes: number, accountId?: string) => void;

/** Opens the database `s3`. What was answered with 200 survives SIGKILL and power loss: synchronous=FULL. */
export function openStore(
  deps: Pick<ServiceDeps, "openDatabase" | "blobFolder">,
  onStored: OnStored = () => undefined,
): Store {
  const db = deps.openDatabase("s3");
  db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;");
  db.exec(SCHEMA);
  const blobs = deps.blobFolder === undefined ? databaseBlobs(db) : folderBlobs(deps.blobFolder);
  const sql = {
    bucket: db.prepare("SELECT * FROM buckets WHERE name=?"),
    buckets: db.prepare("SELECT * FROM buckets ORDER BY name"),
    putBucket: db.prepare("INSERT INTO buckets VALUES(?,?,?) ON CONFLICT(name) DO UPDATE SET config=excluded.config"),
    deleteBucket: db.prepare("DELETE FROM buckets WHERE name=?"),
    anyVersion: db.prepare("SELECT 1 FROM versions WHERE bucket=? LIMIT 1"),
    latest: db.prepare("SELECT * FROM versions WHERE bucket=? AND key=? ORDER BY seq DESC LIMIT 1"),
    version: db.prepare("SELECT * FROM versions WHERE bucket=? AND key=? AND version_id=?"),
    versions: db.prepare("SELECT * FROM versions WHERE bucket=? ORDER BY key, seq DESC"),
    nextSeq: db.prepare("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name='versions'),0)+1 AS seq"),
    unmarkLatest: db.prepare("UPDATE versions SET is_latest=0 WHERE bucket=? AND key=? AND is_latest=1"),
    markLatest: db.prepare(
      `UPDATE versions SET is_latest=1
       WHERE seq=(SELECT seq FROM versions WHERE bucket=? AND key=? ORDER BY seq DESC LIMIT 1)`,
    ),
    insertVersion: db.prepare("INSERT INTO versions VALUES(?,?,?,?,1,?,?,?,?,?,?,?,?)"),
    deleteVersion: db.prepare("DELETE FROM versions WHERE seq=?"),
    setLock: db.prepare("UPDATE versions SET lock_mode=?, lock_until=?, legal_hold=? WHERE seq=?"),
    setTags: db.prepare("UPDATE versions SET tags=? WHERE seq=?"),
    upload: db.prepare("SELECT * FROM uploads WHERE id=? AND bucket=? AND key=?"),
    uploads: db.prepare("SELECT * FROM uploads WHERE bucket=? ORDER BY key, started_at, id"),
    putUpload: db.prepare("INSERT INTO uploads VALUES(?,?,?,?,?)"),
    deleteUpload: db.prepare("DELETE FROM uploads WHERE id=?"),
    parts: db.prepare("SELECT * FROM parts WHERE upload_id=? ORDER BY number"),
    putPart: db.prepare("INSERT OR REPLACE INTO parts VALUES(?,?,?,?,?,?)"),
    isReferred: db.prepare(
      "SELECT 1 WHERE EXISTS(SELECT 1 FROM versions WHERE blob=?1) OR EXISTS(SELECT 1 FROM parts WHERE blob=?1)",
    ),
  };
  const bytes = (text: string): Buffer => Buffer.from(text, "utf8");

  const releaseBlob = (id: string): void => {
    if (sql.isReferred.get(id) === undefined) blobs.remove(id);
  };
  // A crash between a blob and its row leaves bytes that nobody was told about.
  blobs.ids().forEach(releaseBlob);

  const stored = (bucket: string, sizeBytes: number): void => {
    const row = sql.bucket.get(bucket);
    onStored(bucket, sizeBytes, row === undefined ? undefined : toBucket(row).config.accountId);
  };
  for (const row of db.prepare("SELECT bucket, sum(size) AS bytes FROM versions GROUP BY bucket").all())
    stored(String(row["bucket"]), Number(row["bytes"]));

  return {
    db,
    blobs,
    transaction(change) {
      db.exec("BEGIN IMMEDIATE");
      try {
        const result = change();
        db.exec("COMMIT");
        return result;
      } catch (error) {
        db.exec("ROLLBACK");
        throw error;
      }
    },
    bucket(name) {
      const row = sql.bucket.get(name);
      return row === undefined ? undefined : toBucket(row);
    },
    buckets: () => sql.buckets.all().map(toBucket),
    putBucket(bucket) {
      sql.putBucket.run(bucket.name, bucket.createdAtMs, JSON.stringify(bucket.config));
    },
    deleteBucket(name) {
      sql.deleteBucket.run(name);
    },
    isEmpty: (bucket) => sql.anyVersion.get(bucket) === undefined,
    latest(bucket, key) {
      const row = sql.latest.get(bucket, bytes(key));
      return row === undefined ? undefined : toVersion(row);
    },
    version(bucket, key, versionId) {
      const row = sql.version.get(bucket, bytes(key), versionId);
      return row === undefined ? undefined : toVersion(row);
    },
    versions: (bucket) => sql.versions.all(bucket).map(toVersion),
    insertVersion(version) {
      const seq = Number(sql.nextSeq.get()?.["seq"]);
      const versionId = version.versionId === "null" ? NULL_VERSION : newVersionId(seq);
      const { blob, sizeBytes, ...contents } = version.contents ?? { blob: null, sizeBytes: 0 };
      sql.unmarkLatest.run(version.bucket, bytes(version.key));
      sql.insertVersion.run(
        seq,
        version.bucket,
        bytes(version.key),
        versionId,
        version.modifiedAtMs,
        blob,
        sizeBytes,
        JSON.stringify(contents),
        JSON.stringify(version.tags),
        version.lock.retention?.mode ?? null,
        version.lock.retention?.untilMs ?? null,
        version.lock.legalHold ? 1 : 0,
      );
      if (sizeBytes > 0) stored(version.bucket, sizeBytes);
      return { ...version, seq, versionId, isLatest: true };
    },
    deleteVersion(version) {
      sql.deleteVersion.run(version.seq);
      if (version.contents !== undefined) stored(version.bucket, -version.contents.sizeBytes);
      if (version.isLatest) sql.markLatest.run(version.bucket, bytes(version.key));
    },
    setLock(version, lock) {
      const { retention, legalHold } = lock;
      sql.setLock.run(retention?.mode ?? null, retention?.untilMs ?? null, legalHold ? 1 : 0, version.seq);
    },
    setTags(version, tags) {
      sql.setTags.run(JSON.stringify(tags), version.seq);
    },
    upload(bucket, key, id) {
      const row = sql.upload.get(id, bucket, bytes(key));
      return row === undefined ? undefined : toUpload(row);
    },
    uploads: (bucket) => sql.uploads.all(bucket).map(toUpload),
    putUpload({ id, bucket, key, startedAtMs, ...upload }) {
      sql.putUpload.run(id, bucket, bytes(key), startedAtMs, JSON.stringify(upload));
    },
    deleteUpload(id) {
      sql.deleteUpload.run(id);
    },
    parts: (uploadId) => sql.parts.all(uploadId).map(toPart),
    putPart(uploadId, { number, blob, sizeBytes, modifiedAtMs, etag, checksum }) {
      sql.putPart.run(uploadId, number, blob, sizeBytes, modifiedAtMs, JSON.stringify({ etag, checksum }));
    },
    releaseBlob,
  };
}
