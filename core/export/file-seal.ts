import { randomBytes } from "node:crypto";
import { lengthPrefixed } from "../crypto/bytes.ts";
import { KID_BYTES, parseKid } from "../crypto/data-key.ts";
import { openEnvelope, sealEnvelope } from "../crypto/envelope.ts";
import { packFrame, unpackFrame } from "../crypto/frame.ts";
import { type DataKey, type Kid, SealBroken } from "../crypto/index.ts";
import type { RecordClass } from "../kernel/data-class.ts";
import type { TenantId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";

/** Whose file it is. What was moved to another job, name or clinic does not open. */
export interface FilePlace {
  readonly tenantId: TenantId;
  readonly jobId: string;
  readonly name: string;
  readonly dataClass: RecordClass;
}

const MAGIC = Buffer.from("KWX1", "latin1");
const SUITE = 0x01;
const SALT_BYTES = 32;
const SALT_AT = MAGIC.length + 1 + KID_BYTES;
const BODY_AT = SALT_AT + SALT_BYTES;
/** What a file may hold before it is sealed: the bound that opening keeps. */
export const FILE_MAX_BYTES = 1024 * 1024;

/** Seals a file under the data key of its class. The format, byte for byte: core/export/README.md. */
export function sealFile(content: string | Uint8Array, place: FilePlace, key: DataKey): Uint8Array {
  checkKey(key, place);
  const plain = Buffer.from(content);
  invariant(plain.length <= FILE_MAX_BYTES, "a file of an export is at most 1 MiB");
  const salt = randomBytes(SALT_BYTES);
  const head = Buffer.concat([MAGIC, Buffer.of(SUITE), Buffer.from(key.kid, "latin1"), salt]);
  key.countSealed();
  return Buffer.concat([head, sealEnvelope(input(head, place, key), packFrame(plain))]);
}

/** The key version that a file names. Not trusted yet. Throws SealBroken, also for a file of another class. */
export function fileKid(sealed: Uint8Array, dataClass: RecordClass): Kid {
  const bytes = Buffer.from(sealed);
  const isOurs = bytes.length > BODY_AT && bytes.subarray(0, 4).equals(MAGIC) && bytes[4] === SUITE;
  const named = isOurs ? parseKid(bytes.toString("latin1", 5, SALT_AT)) : undefined;
  if (named?.dataClass !== dataClass) throw new SealBroken("header");
  return named.kid;
}

/** What a file holds that was found at `place`. Throws SealBroken. */
export function openFile(sealed: Uint8Array, place: FilePlace, key: DataKey): Buffer {
  checkKey(key, place);
  if (fileKid(sealed, place.dataClass) !== key.kid) throw new SealBroken("key");
  const bytes = Buffer.from(sealed);
  const frame = openEnvelope(input(bytes.subarray(0, BODY_AT), place, key), bytes.subarray(BODY_AT));
  return unpackFrame(frame);
}

const input = (head: Buffer, { tenantId, jobId, name, dataClass }: FilePlace, key: DataKey) => ({
  secret: key.secret(),
  salt: head.subarray(SALT_AT),
  info: lengthPrefixed(["keyward export file 1", key.kid]),
  aad: lengthPrefixed([head, tenantId, jobId, name, dataClass]),
});

function checkKey(key: DataKey, { tenantId, dataClass }: FilePlace): void {
  invariant(
    key.tenantId === tenantId && key.dataClass === dataClass,
    "a file is sealed and opened under a key of its own tenant and class",
  );
}
