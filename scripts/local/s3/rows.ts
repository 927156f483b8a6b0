import type { SQLOutputValue } from "node:sqlite";
import { invariant } from "../../../core/kernel/invariant.ts";
import type { Bucket, BucketConfig, Contents, LockMode, Part, Upload, Version } from "./model.ts";

/** SQLite rows to values. What these columns hold was written by this service, so a surprise is a broken promise. */
export type Row = Record<string, SQLOutputValue>;

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
const utf8 = (row: Row, column: string): string => {
  const value = row[column];
  invariant(value instanceof Uint8Array, `column ${column} holds bytes`);
  return Buffer.from(value).toString("utf8");
};
const json = <T>(row: Row, column: string): T => JSON.parse(text(row, column)) as T;

export const toBucket = (row: Row): Bucket => ({
  name: text(row, "name"),
  createdAtMs: integer(row, "created_at"),
  config: json<BucketConfig>(row, "config"),
});

export const toVersion = (row: Row): Version => ({
  seq: integer(row, "seq"),
  bucket: text(row, "bucket"),
  key: utf8(row, "key"),
  versionId: text(row, "version_id"),
  isLatest: integer(row, "is_latest") === 1,
  modifiedAtMs: integer(row, "modified_at"),
  contents:
    row["blob"] === null
      ? undefined
      : {
          ...json<Omit<Contents, "blob" | "sizeBytes">>(row, "contents"),
          blob: text(row, "blob"),
          sizeBytes: integer(row, "size"),
        },
  tags: json(row, "tags"),
  lock: {
    retention:
      row["lock_mode"] === null
        ? undefined
        : { mode: text(row, "lock_mode") as LockMode, untilMs: integer(row, "lock_until") },
    legalHold: integer(row, "legal_hold") === 1,
  },
});

export const toUpload = (row: Row): Upload => ({
  ...json<Omit<Upload, "id" | "bucket" | "key" | "startedAtMs">>(row, "upload"),
  id: text(row, "id"),
  bucket: text(row, "bucket"),
  key: utf8(row, "key"),
  startedAtMs: integer(row, "started_at"),
});

export const toPart = (row: Row): Part => ({
  ...json<Pick<Part, "etag" | "checksum">>(row, "part"),
  number: integer(row, "number"),
  blob: text(row, "blob"),
  sizeBytes: integer(row, "size"),
  modifiedAtMs: integer(row, "modified_at"),
});
