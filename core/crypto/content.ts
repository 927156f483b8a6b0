import { randomBytes } from "node:crypto";
import type { KeyedClass } from "../kernel/data-class.ts";
import { invariant } from "../kernel/invariant.ts";
import { lengthPrefixed, uint32 } from "./bytes.ts";
import type { DataKey, Kid } from "./data-key.ts";
import { KID_BYTES, parseKid } from "./data-key.ts";
import { ENVELOPE_BYTES, openEnvelope, sealEnvelope } from "./envelope.ts";
import { tellKeyUse } from "./key-use.ts";
import { sealHolds } from "./seal-broken.ts";
import type { Place } from "./seal-item.ts";

/** Which piece of which file this is: sealed for one place, it opens at no other. `pk` and `sk` are its record's. */
export interface ContentPlace extends Place {
  /** Counts the contents that the record has had, from 1. */
  readonly edition: number;
  /** From 0. */
  readonly part: number;
  readonly parts: number;
  /** Of the whole file in the clear. */
  readonly sizeBytes: number;
}

const MAGIC = Buffer.from("KWD1", "latin1");
const SUITE = 0x01;
const SALT_BYTES = 32;
export const CONTENT_SECRET_BYTES = 32;
const SALT_AT = 5 + KID_BYTES;
const FRAMES_AT = SALT_AT + SALT_BYTES;
const HEAD_BYTES = FRAMES_AT + 4;
/** Of the plain content of every frame but the last. */
export const CONTENT_FRAME_BYTES = 1024 * 1024;
const SEALED_FRAME_BYTES = CONTENT_FRAME_BYTES + ENVELOPE_BYTES;

/**
 * Seals one part of a file, frame by frame, each under a key of its own. Layout: core/crypto/README.md, "Content".
 * @param secret What opens it beside the data key, 32 bytes: whoever lacks either opens nothing.
 */
export function sealContent(
  plain: Uint8Array,
  place: ContentPlace,
  dataKey: DataKey,
  secret: Uint8Array,
  random: (size: number) => Buffer = randomBytes,
): Uint8Array {
  checkKey(dataKey, place);
  invariant(secret.length === CONTENT_SECRET_BYTES, "a content has a secret of its own");
  invariant(plain.length > 0, "a part of a file has content");
  const frames = Math.ceil(plain.length / CONTENT_FRAME_BYTES);
  const head = Buffer.concat([
    MAGIC,
    Buffer.of(SUITE),
    Buffer.from(dataKey.kid, "latin1"),
    random(SALT_BYTES),
    uint32(frames),
  ]);
  const sealed = Array.from({ length: frames }, (_none, frame) => {
    const from = frame * CONTENT_FRAME_BYTES;
    return sealEnvelope(context(head, place, dataKey, secret, frame), plain.subarray(from, from + CONTENT_FRAME_BYTES));
  });
  dataKey.countSealed();
  return new Uint8Array(Buffer.concat([head, ...sealed]));
}

/** The data key of `dataClass` that a part names. Not trusted yet. Throws SealBroken. */
export function contentKid(sealed: Uint8Array, dataClass: KeyedClass): Kid {
  const shaped =
    sealed.length > HEAD_BYTES + ENVELOPE_BYTES &&
    MAGIC.equals(sealed.subarray(0, MAGIC.length)) &&
    sealed[MAGIC.length] === SUITE;
  sealHolds(shaped, "header");
  const named = parseKid(Buffer.from(sealed.subarray(5, SALT_AT)).toString("latin1"));
  sealHolds(named?.dataClass === dataClass, "key");
  return named.kid;
}

/** The inverse of `sealContent`: all of the part or none of it. Throws SealBroken, which holds no content. */
export function openContent(sealed: Uint8Array, place: ContentPlace, dataKey: DataKey, secret: Uint8Array): Uint8Array {
  checkKey(dataKey, place);
  sealHolds(contentKid(sealed, place.dataClass) === dataKey.kid, "key");
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const head = bytes.subarray(0, HEAD_BYTES);
  const frames = bytes.readUInt32BE(FRAMES_AT);
  const body = bytes.subarray(HEAD_BYTES);
  // Neither more frames than it says nor fewer, and only the last one shorter than the rest.
  sealHolds(frames === Math.ceil(body.length / SEALED_FRAME_BYTES), "frame");
  const opened = Array.from({ length: frames }, (_none, frame) => {
    const from = frame * SEALED_FRAME_BYTES;
    return openEnvelope(context(head, place, dataKey, secret, frame), body.subarray(from, from + SEALED_FRAME_BYTES));
  });
  tellKeyUse(place);
  return new Uint8Array(Buffer.concat(opened));
}

/** The salt is the part's own; the head, with the number of frames, and the whole place are authenticated in each frame. */
const context = (head: Buffer, place: ContentPlace, key: DataKey, secret: Uint8Array, frame: number) => ({
  secret: key.secret(),
  salt: Buffer.concat([head.subarray(SALT_AT, FRAMES_AT), secret]),
  info: lengthPrefixed(["keyward content 1", key.kid, uint32(frame)]),
  aad: lengthPrefixed([
    head,
    place.tenantId,
    place.table,
    place.pk,
    place.sk,
    place.dataClass,
    ...[place.edition, place.part, place.parts, place.sizeBytes, frame].map(String),
  ]),
});

function checkKey(key: DataKey, place: ContentPlace): void {
  invariant(
    key.tenantId === place.tenantId && key.dataClass === place.dataClass,
    "content is sealed and opened under a key of its own tenant and class",
  );
}
