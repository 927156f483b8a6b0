import { createDecipheriv, createHmac } from "node:crypto";
import { zstdDecompressSync } from "node:zlib";

/** A second reader of sealed rows, written from core/crypto/README.md alone: it shares no line with core/crypto. */
export interface Where {
  tenant: string;
  table: string;
  pk: string;
  sk: string;
  class: string;
}

type Value = string | number | boolean | Uint8Array;

function hkdf(key: Uint8Array, salt: Uint8Array, info: Uint8Array, size: number): Buffer {
  const prk = createHmac("sha256", salt).update(key).digest();
  let block = Buffer.alloc(0);
  let out = Buffer.alloc(0);
  for (let counter = 1; out.length < size; counter += 1) {
    block = createHmac("sha256", prk)
      .update(Buffer.concat([block, info, Buffer.from([counter])]))
      .digest();
    out = Buffer.concat([out, block]);
  }
  return out.subarray(0, size);
}

function lp(...parts: (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part as string);
      const size = Buffer.alloc(4);
      size.writeUInt32BE(bytes.length);
      return [size, bytes];
    }),
  );
}

function typed(value: Value): Buffer {
  if (typeof value === "string") return Buffer.concat([Buffer.from("S"), Buffer.from(value)]);
  if (typeof value === "number") return Buffer.from("N" + value.toString());
  if (typeof value === "boolean") return Buffer.from([0x4c, Number(value)]);
  return Buffer.concat([Buffer.from("B"), value]);
}

function untyped(plain: Buffer): Value {
  const rest = plain.subarray(1);
  const type = String.fromCharCode(plain[0] as number);
  if (type === "S") return rest.toString();
  if (type === "N") return Number(rest.toString());
  if (type === "L") return rest[0] === 1;
  return new Uint8Array(rest);
}

/** The row's attributes in the clear, or a throw. */
export function decodeRow(row: Record<string, Value>, where: Where, dataKey: Uint8Array): Record<string, Value> {
  const h = Buffer.from(row["_h"] as Uint8Array);
  if (h.toString("latin1", 0, 4) !== "KWR1" || h[4] !== 1) throw new Error("format");
  const kid = h.toString("latin1", 5, 13);
  const messageId = h.subarray(13, 45);
  const legend = h.subarray(77);
  const entries: { letter: string; name: string }[] = [];
  let at = 2;
  for (let left = legend.readUInt16BE(0); left > 0; left -= 1) {
    const size = legend[at + 1] as number;
    entries.push({
      letter: String.fromCharCode(legend[at] as number),
      name: legend.toString("latin1", at + 2, at + 2 + size),
    });
    at += 2 + size;
  }
  const sealed = entries.filter((entry) => entry.letter === "E");
  const material = hkdf(dataKey, messageId, Buffer.concat([h.subarray(0, 13), legend]), 64 + 44 * sealed.length);
  if (!material.subarray(0, 32).equals(h.subarray(45, 77))) throw new Error("commitment");
  const version = String(row["_ver"]);
  const covered = entries.filter((entry) => entry.letter !== "N");
  const count = Buffer.alloc(4);
  count.writeUInt32BE(covered.length);
  const mac = createHmac("sha256", material.subarray(32, 64))
    .update("KWM1")
    .update(lp(where.tenant, where.table, where.pk, where.sk, where.class, version, kid, h))
    .update(count)
    .update(Buffer.concat(covered.map(({ name }) => lp(name, typed(row[name] as Value)))))
    .digest();
  if (!mac.equals(Buffer.from(row["_m"] as Uint8Array))) throw new Error("mac");
  const out: Record<string, Value> = {};
  for (const { letter, name } of entries) if (letter !== "E" && row[name] !== undefined) out[name] = row[name];
  for (const [index, { name }] of sealed.entries()) {
    const from = 64 + 44 * index;
    const bytes = Buffer.from(row[name] as Uint8Array);
    const gcm = createDecipheriv(
      "aes-256-gcm",
      material.subarray(from, from + 32),
      material.subarray(from + 32, from + 44),
    );
    gcm.setAAD(
      Buffer.concat([
        Buffer.from("KWR1"),
        lp(where.tenant, where.table, where.pk, where.sk, name, where.class, version, kid),
      ]),
    );
    gcm.setAuthTag(bytes.subarray(-16));
    const frame = Buffer.concat([gcm.update(bytes.subarray(0, -16)), gcm.final()]);
    const size = frame.readUInt32BE(1);
    const plain = frame[0] === 1 ? zstdDecompressSync(frame.subarray(5)) : frame.subarray(5);
    if (plain.length !== size) throw new Error("size");
    out[name] = untyped(plain);
  }
  return out;
}
