import type { KeyObject } from "node:crypto";
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import type { KeyedClass } from "../kernel/data-class.ts";
import type { TenantId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import { lengthPrefixed, sameBytes, uint32 } from "./bytes.ts";
import type { DataKey, Kid } from "./data-key.ts";
import { parseKid } from "./data-key.ts";
import { packFrame, unpackFrame } from "./frame.ts";
import type { Header, Legend, LegendEntry } from "./header.ts";
import { decodeHeader, encodeHeader, encodeLegend, MESSAGE_ID_BYTES } from "./header.ts";
import type { AttributeKey, ItemKeys } from "./item-keys.ts";
import { deriveItemKeys } from "./item-keys.ts";
import { tellKeyUse } from "./key-use.ts";
import { LIMITS } from "./limits.ts";
import { SealBroken, sealHolds } from "./seal-broken.ts";
import type { SealableValue, SealedRow } from "./value.ts";
import { decodeValue, encodeValue } from "./value.ts";

/** Where a sealed item lives. What was moved anywhere else does not open. */
export interface Place {
  readonly tenantId: TenantId;
  /** The logical table name (`data`), so that a restored table with another physical name still opens. */
  readonly table: string;
  readonly dataClass: KeyedClass;
  readonly pk: string;
  readonly sk: string;
}

export interface Binding extends Place {
  /** The item's version: the row's `_ver`. */
  readonly version: number;
}

/** The row would not fit DynamoDB's item, or an attribute is over its limit. FHIR issue code `too-long`. */
export interface SealTooLong {
  readonly kind: "too-long";
}

const TAG_BYTES = 16;
/** Written by sealing itself; bound through the binding and the MAC, never through the legend. */
const OWN_ATTRIBUTES: ReadonlySet<string> = new Set(["pk", "sk", "_ver", "_h", "_m"]);
const AAD_LABEL = Buffer.from("KWR1", "latin1");
const MAC_LABEL = Buffer.from("KWM1", "latin1");

/**
 * Seals `item` into a row: `pk`, `sk`, `_ver`, the attributes as the legend treats them, header `_h` and MAC `_m`.
 * Every attribute of `item` must stand in `legend`; a legend entry without an attribute is skipped, except `leave`.
 * The format, byte for byte: core/crypto/README.md.
 */
export function sealItem(
  item: Readonly<Record<string, SealableValue>>,
  binding: Binding,
  legend: Legend,
  dataKey: DataKey,
  random: (size: number) => Buffer = randomBytes,
): Result<SealedRow, SealTooLong> {
  const entries = legendOf(item, legend);
  checkKey(dataKey, binding);
  const encrypted = encryptedOf(entries);
  invariant(encrypted.length <= LIMITS.encryptedAttributes, "an item has at most 16 encrypted attributes");
  const legendBytes = encodeLegend(entries);
  const messageId = random(MESSAGE_ID_BYTES);
  const keys = deriveItemKeys(dataKey, messageId, legendBytes, encrypted.length);
  const row: Record<string, SealableValue> = { pk: binding.pk, sk: binding.sk, _ver: binding.version };
  for (const { name, treatment } of entries) {
    const value = item[name];
    if (value === undefined) continue;
    const plain = encodeValue(value);
    const limit = treatment === "encrypt" ? LIMITS.plainAttributeBytes : LIMITS.signedAttributeBytes;
    if (plain.length > limit) return err({ kind: "too-long" });
    row[name] = value;
  }
  for (const [index, { name }] of encrypted.entries()) {
    const frame = packFrame(encodeValue(row[name] as SealableValue));
    if (frame.length + TAG_BYTES > LIMITS.sealedAttributeBytes) return err({ kind: "too-long" });
    const { key, nonce } = keys.attributes[index] as AttributeKey;
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    cipher.setAAD(attributeAad(binding, name, dataKey.kid));
    row[name] = new Uint8Array(Buffer.concat([cipher.update(frame), cipher.final(), cipher.getAuthTag()]));
  }
  const header = encodeHeader({ kid: dataKey.kid, messageId, commitment: keys.commitment, legendBytes });
  row["_h"] = new Uint8Array(header);
  row["_m"] = new Uint8Array(itemMac(keys.macKey, binding, dataKey.kid, header, entries, row));
  keys.wipe();
  if (rowBytes(row) > LIMITS.rowBytes) return err({ kind: "too-long" });
  dataKey.countSealed();
  return ok(row);
}

/**
 * The data key of `dataClass` that a row names, to be fetched before `openItem`. The row is not trusted yet.
 * Throws SealBroken, also where the row names another class than the one it was found in.
 */
export function sealedUnder(row: SealedRow, dataClass: KeyedClass): Kid {
  const { kid } = decodeHeader(headerBytes(row));
  sealHolds(parseKid(kid)?.dataClass === dataClass, "key");
  return kid;
}

/**
 * Opens a row that was found at `place`, and gives its attributes in the clear, without `pk`, `sk`, `_ver`, `_h`, `_m`.
 * With `version`, the row must hold exactly that version. Attributes that the legend leaves out are given as found.
 * Commitment first, then the MAC over every attribute, then decryption. Throws SealBroken, which holds no content.
 */
export function openItem(
  row: SealedRow,
  place: Place & { readonly version?: number },
  dataKey: DataKey,
): { readonly version: number; readonly item: Readonly<Record<string, SealableValue>> } {
  checkKey(dataKey, place);
  const version = row["_ver"];
  sealHolds(row["pk"] === place.pk && row["sk"] === place.sk, "place");
  sealHolds(typeof version === "number" && Number.isSafeInteger(version) && version >= 0, "binding");
  sealHolds(place.version === undefined || place.version === version, "binding");
  const bytes = headerBytes(row);
  const header = decodeHeader(bytes);
  sealHolds(header.kid === dataKey.kid, "key");
  const encrypted = encryptedOf(header.legend);
  sealHolds(encrypted.length <= LIMITS.encryptedAttributes, "legend");

  const keys = deriveItemKeys(dataKey, header.messageId, header.legendBytes, encrypted.length);
  try {
    const item = openWith(keys, row, { ...place, version }, header, bytes);
    // A deletion, a marker or a locator has nothing that was encrypted: opening it shows nothing of anybody.
    if (encrypted.length > 0) tellKeyUse(place);
    return { version, item };
  } finally {
    keys.wipe();
  }
}

function openWith(
  keys: ItemKeys,
  row: SealedRow,
  binding: Binding,
  header: Header,
  bytes: Buffer,
): Readonly<Record<string, SealableValue>> {
  sealHolds(sameBytes(keys.commitment, header.commitment), "commitment");
  checkAttributes(row, header.legend);
  const mac = row["_m"];
  sealHolds(mac instanceof Uint8Array, "mac");
  sealHolds(sameBytes(itemMac(keys.macKey, binding, header.kid, bytes, header.legend, row), mac), "mac");

  const item: Record<string, SealableValue> = {};
  for (const { name, treatment } of header.legend) {
    const value = row[name];
    if (treatment !== "encrypt" && value !== undefined) item[name] = value;
  }
  for (const [index, { name }] of encryptedOf(header.legend).entries()) {
    const { key, nonce } = keys.attributes[index] as AttributeKey;
    item[name] = openAttribute(row[name], key, nonce, attributeAad(binding, name, header.kid));
  }
  return item;
}

const encryptedOf = (legend: readonly LegendEntry[]): LegendEntry[] =>
  legend.filter((entry) => entry.treatment === "encrypt");

function openAttribute(value: SealableValue | undefined, key: KeyObject, nonce: Buffer, aad: Buffer): SealableValue {
  sealHolds(value instanceof Uint8Array && value.length >= TAG_BYTES, "attribute");
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(value.subarray(value.length - TAG_BYTES));
  const opened = decipher.update(value.subarray(0, value.length - TAG_BYTES));
  try {
    decipher.final();
  } catch {
    throw new SealBroken("attribute");
  }
  return decodeValue(unpackFrame(opened));
}

/** The legend of this item, in ascending order of the names' UTF-8 bytes. */
function legendOf(item: Readonly<Record<string, SealableValue>>, legend: Legend): LegendEntry[] {
  for (const name of Object.keys(item)) {
    invariant(!OWN_ATTRIBUTES.has(name), "sealing writes its own attributes itself");
    invariant(Object.hasOwn(legend, name), "every attribute of a sealed item stands in its legend");
  }
  return Object.entries(legend)
    .filter(([name, treatment]) => treatment === "leave" || item[name] !== undefined)
    .map(([name, treatment]) => ({ name, treatment }))
    .sort((left, right) => Buffer.compare(Buffer.from(left.name), Buffer.from(right.name)));
}

/** Nothing added, nothing dropped: the row holds its own attributes, all that the legend promises, and no other. */
function checkAttributes(row: SealedRow, legend: readonly LegendEntry[]): void {
  const named = new Map(legend.map((entry) => [entry.name, entry.treatment]));
  sealHolds(named.size === legend.length, "legend");
  for (const name of Object.keys(row)) sealHolds(OWN_ATTRIBUTES.has(name) || named.has(name), "legend");
  for (const { name, treatment } of legend) {
    sealHolds(!OWN_ATTRIBUTES.has(name), "legend");
    sealHolds(treatment === "leave" || row[name] !== undefined, "legend");
  }
}

function checkKey(dataKey: DataKey, place: Place): void {
  invariant(
    dataKey.tenantId === place.tenantId && dataKey.dataClass === place.dataClass,
    "an item is sealed and opened under a key of its own tenant and class",
  );
}

function headerBytes(row: SealedRow): Buffer {
  const header = row["_h"];
  sealHolds(header instanceof Uint8Array, "header");
  return Buffer.from(header.buffer, header.byteOffset, header.byteLength);
}

const attributeAad = (binding: Binding, attribute: string, kid: Kid): Buffer =>
  Buffer.concat([
    AAD_LABEL,
    lengthPrefixed([
      binding.tenantId,
      binding.table,
      binding.pk,
      binding.sk,
      attribute,
      binding.dataClass,
      String(binding.version),
      kid,
    ]),
  ]);

/** HMAC-SHA-256 over binding, header, and name and stored value of every encrypted and signed attribute. */
function itemMac(
  key: KeyObject,
  binding: Binding,
  kid: Kid,
  header: Buffer,
  legend: readonly LegendEntry[],
  row: SealedRow,
): Buffer {
  const { tenantId, table, pk, sk, dataClass, version } = binding;
  const covered = legend.filter((entry) => entry.treatment !== "leave");
  const mac = createHmac("sha256", key).update(MAC_LABEL);
  mac.update(lengthPrefixed([tenantId, table, pk, sk, dataClass, String(version), kid, header]));
  mac.update(uint32(covered.length));
  for (const { name } of covered) mac.update(lengthPrefixed([name, storedValue(row[name])]));
  return mac.digest();
}

function storedValue(value: SealableValue | undefined): Buffer {
  // What the table hands back is not vouched for yet: a type that sealing never writes is a broken seal, not a crash.
  const known =
    (typeof value === "string" && value.isWellFormed()) ||
    (typeof value === "number" && Number.isSafeInteger(value)) ||
    typeof value === "boolean" ||
    value instanceof Uint8Array;
  sealHolds(known, "attribute");
  return encodeValue(value as SealableValue);
}

/** DynamoDB's measure of an item: UTF-8 names and values; a number takes about half a byte per digit, plus one. */
function rowBytes(row: SealedRow): number {
  let total = 0;
  for (const [name, value] of Object.entries(row)) {
    total += Buffer.byteLength(name);
    if (typeof value === "string") total += Buffer.byteLength(value);
    else if (typeof value === "number") total += 1 + Math.ceil(String(value).length / 2);
    else total += typeof value === "boolean" ? 1 : value.length;
  }
  return total;
}
