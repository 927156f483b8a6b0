import { createHash, createHmac } from "node:crypto";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { ResourceType } from "../fhir/index.ts";
import { isResourceType } from "../fhir/index.ts";
import { invariant } from "../kernel/invariant.ts";
import type { Attribute, Key, RecordId, Row, TableWrite } from "../table/index.ts";
import { idempotencyKey, parseRecordId } from "../table/index.ts";
import type { Desk } from "./desk.ts";

/** A request that must have one effect, however often it is sent. */
export interface OneEffect {
  /** The `Idempotency-Key` header, as the caller sent it. */
  readonly key: string;
  /** SHA-256 over method, path and body of the request, hex: another request under the same key is refused. */
  readonly fingerprint: string;
}

/** What a request wrote: references and versions, no content. */
export interface WrittenReference {
  readonly type: ResourceType;
  readonly id: RecordId;
  readonly version: number;
}

/** SHA-256 over method, path and body hash, each with its length. */
export const requestFingerprint = (method: string, path: string, body: string | Uint8Array): string =>
  createHash("sha256")
    .update(`${method}\n${path.length}\n${path}\n`)
    .update(createHash("sha256").update(body).digest())
    .digest("hex");

/** Hashed with the user, so that no two principals share a key and the row tells nothing of either. */
const digestOf = (desk: Desk, { key }: OneEffect): string =>
  createHash("sha256").update(`${desk.grant.userId}\n${key}`).digest("hex");

export const effectKey = (desk: Desk, effect: OneEffect): Key =>
  idempotencyKey(desk.grant.tenantId, digestOf(desk, effect));

/** Keyed with the caller's own key, which no row holds: a plain hash would let a reader of the table confirm a guessed body. */
const fingerprintOf = ({ key, fingerprint }: OneEffect): string =>
  createHmac("sha256", key).update(fingerprint).digest("hex");

/** The row that makes the second sending a replay. `written` is in the order of the request's entries. */
export function effectWrite(
  desk: Desk,
  effect: OneEffect,
  written: readonly (WrittenReference | undefined)[],
  nowMs: number,
): TableWrite {
  const row: Row = {
    ...effectKey(desk, effect),
    fp: fingerprintOf(effect),
    at: nowMs,
    out: packWritten(written.map((each) => (each ? `${each.type}/${each.id}/${each.version}` : "")).join(" ")),
  };
  return { kind: "put", table: "data", row, condition: { kind: "absent" } };
}

/** What the row says of this request: nothing yet, another request's, or what was written. */
export type Replay =
  | { readonly kind: "new" }
  | { readonly kind: "other" }
  | { readonly kind: "replay"; readonly written: readonly (WrittenReference | undefined)[] };

export function replayOf(row: Row | undefined, effect: OneEffect): Replay {
  if (!row) return { kind: "new" };
  if (row["fp"] !== fingerprintOf(effect)) return { kind: "other" };
  return { kind: "replay", written: unpackWritten(row["out"]).split(" ").map(parseWritten) };
}

const LONG = 1024;
const LONGEST = 1024 * 1024;

/** A bundle of thousands writes thousands of references: compressed, they fit into a row. */
const packWritten = (text: string): string | Uint8Array =>
  text.length <= LONG ? text : new Uint8Array(zstdCompressSync(Buffer.from(text, "latin1")));

function unpackWritten(packed: Attribute | undefined): string {
  if (typeof packed === "string") return packed;
  invariant(packed instanceof Uint8Array, "an idempotency row says what was written");
  return zstdDecompressSync(packed, { maxOutputLength: LONGEST }).toString("latin1");
}

function parseWritten(text: string): WrittenReference | undefined {
  if (text === "") return undefined;
  const [type, id, version] = text.split("/");
  const recordId = parseRecordId(id);
  invariant(isResourceType(type) && recordId !== undefined, "an idempotency row names records");
  return { type, id: recordId, version: Number(version) };
}
