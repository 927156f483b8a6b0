import type { CostFile, CostFiles } from "./files.ts";
import { fromJson, packLines, toJson, unpackLines } from "./exact.ts";

/** Somebody else wrote what this run was about to replace: two runs at once, of which this one gives way. */
export class OverlappingRun extends Error {
  override readonly name = "OverlappingRun";
}

const isSame = (file: CostFile | undefined, bytes: Uint8Array): boolean =>
  file !== undefined && Buffer.compare(file.bytes, bytes) === 0;

/** As `keep`, of what is not there yet as far as this run knows: one request where that is so. */
export async function keepNew(files: CostFiles, key: string, bytes: Uint8Array): Promise<void> {
  if ((await files.replace(key, bytes, null)) === "conflict") await keep(files, key, bytes);
}

/** Puts `bytes` in place of what stands there; writes nothing where they are the same. Throws OverlappingRun. */
export async function keep(files: CostFiles, key: string, bytes: Uint8Array): Promise<void> {
  const standing = await files.read(key);
  if (isSame(standing, bytes)) return;
  const done = await files.replace(key, bytes, standing?.tag ?? null);
  if (done === "conflict") throw new OverlappingRun("the cost bucket was written by another run");
}

export const packJson = (value: unknown): Uint8Array => packLines([toJson(value)]);
export const unpackJson = <T>(bytes: Uint8Array): T => fromJson<T>(unpackLines(bytes).next().value ?? "null");

/** A file that `packJson` made; undefined where there is none. */
export async function readPacked<T>(files: CostFiles, key: string): Promise<T | undefined> {
  const file = await files.read(key);
  return file === undefined ? undefined : unpackJson<T>(file.bytes);
}

export async function readPlain<T>(files: CostFiles, key: string): Promise<T | undefined> {
  const file = await files.read(key);
  return file === undefined ? undefined : fromJson<T>(Buffer.from(file.bytes).toString("utf8"));
}

export const plainBytes = (value: unknown): Uint8Array => Buffer.from(`${toJson(value)}\n`);
