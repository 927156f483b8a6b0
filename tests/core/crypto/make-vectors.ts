import { createHash } from "node:crypto";
import type { KeyedClass } from "../../../core/kernel/data-class.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import type { Legend, SealableValue } from "../../../core/crypto/index.ts";
import { DataKey, sealItem } from "../../../core/crypto/index.ts";

/** One committed vector: what goes in, in JSON's words (`hex:` marks bytes), and the row that must come out. */
export interface Vector {
  readonly name: string;
  readonly tenant: string;
  readonly table: string;
  readonly dataClass: KeyedClass;
  readonly pk: string;
  readonly sk: string;
  readonly version: number;
  readonly kver: number;
  readonly dataKey: string;
  readonly messageId: string;
  readonly legend: Legend;
  readonly item: Readonly<Record<string, string | number | boolean>>;
  /** The row, or for an item that compresses the bytes that one zstd wrote: they open for ever, but may be written otherwise. */
  readonly row: Readonly<Record<string, string | number | boolean>>;
  readonly isCompressed: boolean;
}

export const fromJson = (value: string | number | boolean): SealableValue =>
  typeof value === "string" && value.startsWith("hex:") ? new Uint8Array(Buffer.from(value.slice(4), "hex")) : value;

export const toJson = (value: SealableValue): string | number | boolean =>
  value instanceof Uint8Array ? `hex:${Buffer.from(value).toString("hex")}` : value;

const mapValues = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

export const rowOf = (vector: Vector) => mapValues(vector.row, fromJson);
export const itemOf = (vector: Vector) => mapValues(vector.item, fromJson);

/** The row that today's code seals from a vector's inputs. */
export function sealVector(vector: Omit<Vector, "row" | "isCompressed">): Record<string, string | number | boolean> {
  const key = new DataKey(vector.tenant as TenantId, vector.dataClass, vector.kver, Buffer.from(vector.dataKey, "hex"));
  const place = { tenantId: vector.tenant as TenantId, table: vector.table, dataClass: vector.dataClass };
  const binding = { ...place, pk: vector.pk, sk: vector.sk, version: vector.version };
  const item = mapValues(vector.item, fromJson);
  const row = sealItem(item, binding, vector.legend, key, () => Buffer.from(vector.messageId, "hex"));
  if (!row.ok) throw new Error(row.error.kind);
  return mapValues(row.value, toJson);
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
const tenant = "01hxyzabcd0123456789abcdef".replaceAll(/[il]/g, "j");
const patient = "01jd8x3k9m2n4p5q6r7s8t9v0w";
const base = { tenant, table: "data", dataClass: "C" as const, kver: 1, version: 1 };
const place = { pk: `T#${tenant}#C#P#${patient}`, sk: `R#Observation#${patient}.01jd8x3k9m2n4p5q6r7s8t9v0x` };
const secrets = (name: string) => ({
  dataKey: digest(`data key of ${name}`),
  messageId: digest(`message id of ${name}`),
});

/** The inputs of vectors.json. Keys and message ids are hashes of the vector's name: fixed, and plainly not secret. */
export const VECTOR_INPUTS: readonly Omit<Vector, "row" | "isCompressed">[] = [
  {
    name: "a short record and its routing attributes",
    ...base,
    ...place,
    ...secrets("a"),
    legend: { phi: "encrypt", _t: "sign", _upd: "sign", _aud: "sign", _del: "sign" },
    item: {
      phi: '{"resourceType":"Observation","valueInteger":37}',
      _t: "Observation",
      _upd: 1_700_000_000_000,
      _aud: "e1",
    },
  },
  {
    name: "every type, encrypted and signed, and one attribute left out",
    ...base,
    ...place,
    ...secrets("b"),
    dataClass: "S",
    pk: place.pk.replace("#C#", "#S#"),
    version: 4_294_967_296,
    kver: 999_999,
    legend: {
      eb: "encrypt",
      el: "encrypt",
      en: "encrypt",
      es: "encrypt",
      sb: "sign",
      sl: "sign",
      sn: "sign",
      ss: "sign",
      ttl: "leave",
    },
    item: {
      eb: "hex:00ff",
      el: false,
      en: -9_007_199_254_740_991,
      es: "",
      sb: "hex:",
      sl: true,
      sn: 0,
      ss: "Zoë 🩺",
      ttl: 1_800_000_000,
    },
  },
  {
    name: "an empty item",
    ...base,
    ...place,
    ...secrets("c"),
    version: 0,
    legend: {},
    item: {},
  },
  {
    name: "a record that compresses",
    ...base,
    ...place,
    ...secrets("d"),
    dataClass: "B",
    pk: place.pk.replace("#C#", "#B#"),
    legend: { phi: "encrypt", _t: "sign" },
    item: {
      phi: JSON.stringify(Array.from({ length: 40 }, (_, sequence) => ({ sequence, unit: "mmol/L" }))),
      _t: "Claim",
    },
  },
];
