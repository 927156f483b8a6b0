import { createHash } from "node:crypto";
import { encodeId } from "../kernel/ids.ts";

const LATEST_MS = 2 ** 48 - 1;

function idAt(ms: number, rest: Uint8Array): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(Math.min(Math.max(Math.ceil(ms), 0), LATEST_MS), 0, 6);
  bytes.set(rest.subarray(0, 10), 6);
  return encodeId(bytes);
}

const LOWEST = Buffer.alloc(10);
const HIGHEST = Buffer.alloc(10, 0xff);

/** The lowest id that is made at `ms` or later. */
export const idAtOrAfter = (ms: number): string => idAt(ms, LOWEST);
/** The highest id that is made before `ms`. */
export const idBefore = (ms: number): string => (ms <= 0 ? idAt(0, LOWEST) : idAt(Math.ceil(ms) - 1, HIGHEST));

/** An id that the same parts give again, sorting by `ms`: what is found twice has one id. */
export const idOf = (ms: number, parts: readonly string[]): string =>
  idAt(ms, createHash("sha256").update(JSON.stringify(parts)).digest());
