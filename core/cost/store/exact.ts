import { gunzipSync, gzipSync } from "node:zlib";
import { formatDecimal, parseDecimal } from "../decimal.ts";

/**
 * The ledger's values as JSON and back, exactly: `{"$d":"0.05"}` is a Decimal with its places, `{"$i":"5"}` an integer. AWS allows
 * no `$` in the key of a tag, so that nothing else is spelled so.
 */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === "bigint") return { $i: each.toString() };
    if (isDecimal(each)) return { $d: formatDecimal(each) };
    return each;
  });

/** What `toJson` wrote. Our own files alone: what people enter is parsed by its schema. */
export const fromJson = <T>(text: string): T =>
  JSON.parse(text, (_key, each: unknown) => {
    if (typeof each !== "object" || each === null) return each;
    if ("$i" in each && typeof each.$i === "string") return BigInt(each.$i);
    if ("$d" in each && typeof each.$d === "string") return parseDecimal(each.$d);
    return each;
  }) as T;

const isDecimal = (value: unknown): value is { readonly unscaled: bigint; readonly scale: number } =>
  typeof value === "object" &&
  value !== null &&
  "unscaled" in value &&
  "scale" in value &&
  typeof value.unscaled === "bigint" &&
  typeof value.scale === "number";

const CHUNK_LINES = 10_000;

/** Lines as a packed file: the same lines give the same bytes. No text is as long as the file: a large month passes V8's limit. */
export function packLines(lines: Iterable<string>): Uint8Array {
  const chunks: Buffer[] = [];
  let open: string[] = [];
  for (const line of lines) {
    open.push(line, "\n");
    if (open.length < 2 * CHUNK_LINES) continue;
    chunks.push(Buffer.from(open.join("")));
    open = [];
  }
  return gzipSync(Buffer.concat([...chunks, Buffer.from(open.join(""))]));
}

export function* unpackLines(bytes: Uint8Array): Generator<string, undefined> {
  const whole = gunzipSync(bytes);
  for (let start = 0; start < whole.length;) {
    const found = whole.indexOf(0x0a, start);
    const end = found < 0 ? whole.length : found;
    if (end > start) yield whole.toString("utf8", start, end);
    start = end + 1;
  }
  return undefined;
}
