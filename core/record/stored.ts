import type { DataKey, Kid, Legend, SealedRow } from "../crypto/index.ts";
import { openItem, SealBroken, sealedUnder, sealItem } from "../crypto/index.ts";
import type { FhirResource, ResourceType } from "../fhir/index.ts";
import { copyLexemes, parseJson, stringifyJson } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import type { RecordClass } from "../kernel/data-class.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Key, RecordId, Row } from "../table/index.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { keyFailure } from "./failure.ts";

/** One version of a record, opened. */
export interface StoredVersion {
  readonly type: ResourceType;
  readonly id: RecordId;
  readonly version: number;
  /** Milliseconds since the epoch, UTC. */
  readonly lastUpdatedMs: number;
  readonly dataClass: RecordClass;
  /** JSON as it is answered, decimals as they were written; undefined for a deletion. */
  readonly text?: string;
  /** Of a document: what opens its content beside a key, in hex. It stands in the row and in no answer. */
  readonly contentSecret?: string;
}

/** A row of the data table, opened: a version, or the marker of a record that went to another class. */
export interface StoredRow extends StoredVersion {
  readonly key: Key;
  readonly isMoved: boolean;
  readonly transactionId?: string;
  readonly eventId: string;
  /** True for the view of a version in which elements are masked: nobody writes it back as a whole. */
  readonly isRedacted?: boolean;
}

/** What a row holds beside its keys. `phi` is the record itself, `_cs` what opens its content; all else routes, and is signed. */
const LEGEND: Legend = {
  phi: "encrypt",
  _cs: "encrypt",
  _t: "sign",
  _upd: "sign",
  _aud: "sign",
  _del: "sign",
  _mv: "sign",
  _tx: "sign",
};
const TABLE = "data";

export interface VersionToSeal extends StoredVersion {
  readonly eventId: string;
  readonly isMoved?: boolean;
  readonly transactionId?: string;
}

/** Seals a version for the place where its row will stand. */
export async function sealVersion(desk: Desk, key: Key, version: VersionToSeal): Promise<Result<Row, RecordFailure>> {
  const { dataClass, text, contentSecret, isMoved, transactionId } = version;
  const dataKey = await desk.keyring.sealingKey(desk.keyScope, dataClass);
  if (!dataKey.ok) return err(keyFailure(dataKey.error, desk.onAlarm));
  return sealRow(desk, key, dataClass, version.version, dataKey.value, {
    _t: version.type,
    _upd: version.lastUpdatedMs,
    _aud: version.eventId,
    ...(text !== undefined && { phi: text }),
    // Never in a marker: what a record leaves behind opens nothing of it.
    ...(text !== undefined && contentSecret !== undefined && { _cs: contentSecret }),
    ...(text === undefined && isMoved !== true && { _del: true }),
    ...(isMoved === true && { _mv: true }),
    ...(transactionId !== undefined && { _tx: transactionId }),
  });
}

/** Seals any item of ours into a row of the data table. */
export function sealRow(
  desk: Desk,
  key: Key,
  dataClass: RecordClass,
  version: number,
  dataKey: DataKey,
  item: Readonly<Record<string, string | number | boolean>>,
  legend: Legend = LEGEND,
): Result<Row, RecordFailure> {
  const binding = { tenantId: desk.grant.tenantId, table: TABLE, dataClass, ...key, version };
  const sealed = sealItem(item, binding, legend, dataKey);
  return sealed.ok ? ok(sealed.value as Row & SealedRow) : sealed;
}

/** Opens any row of ours. Throws SealBroken. */
export async function openRow(
  desk: Desk,
  row: Row,
  key: Key,
  dataClass: RecordClass,
  version?: number,
): Promise<Result<ReturnType<typeof openItem>, RecordFailure>> {
  const sealed = row as SealedRow;
  const dataKey = await openingKey(desk, sealedUnder(sealed, dataClass));
  if (!dataKey.ok) return dataKey;
  const place = { tenantId: desk.grant.tenantId, table: TABLE, dataClass, pk: key.pk, sk: key.sk };
  return ok(openItem(sealed, version === undefined ? place : { ...place, version }, dataKey.value));
}

/** Asked once for a request: a chart has hundreds of rows and one key. */
async function openingKey(desk: Desk, kid: Kid): Promise<Result<DataKey, RecordFailure>> {
  const known = desk.openedKeys.get(kid);
  if (known && !known.isWiped) return ok(known);
  const dataKey = await desk.keyring.openingKey(desk.keyScope, kid);
  if (dataKey.ok) {
    desk.openedKeys.set(kid, dataKey.value);
    return dataKey;
  }
  // A row that names a key version which does not exist was forged, or its key is lost: either way it does not open.
  if (dataKey.error.kind === "not-found") throw new SealBroken("key");
  return err(keyFailure(dataKey.error, desk.onAlarm));
}

/** Opens a record's row that was found under `key`. Throws SealBroken on a row that does not open or is no record. */
export async function openVersion(
  desk: Desk,
  row: Row,
  key: Key,
  expected: {
    readonly type: ResourceType;
    readonly id: RecordId;
    readonly dataClass: RecordClass;
    readonly version?: number;
  },
): Promise<Result<StoredRow, RecordFailure>> {
  const opened = await openRow(desk, row, key, expected.dataClass, expected.version);
  if (!opened.ok) return opened;
  const { version, item } = opened.value;
  const { phi, _cs, _t, _upd, _aud, _del, _mv, _tx } = item;
  const isWhole =
    _t === expected.type &&
    typeof _upd === "number" &&
    typeof _aud === "string" &&
    (typeof phi === "string") !== (_del === true || _mv === true);
  if (!isWhole) throw new SealBroken("legend");
  return ok({
    type: expected.type,
    id: expected.id,
    dataClass: expected.dataClass,
    version,
    lastUpdatedMs: _upd,
    key,
    eventId: _aud,
    isMoved: _mv === true,
    ...(typeof phi === "string" && { text: phi }),
    ...(typeof _cs === "string" && { contentSecret: _cs }),
    ...(typeof _tx === "string" && { transactionId: _tx }),
  });
}

/** The resource as it is stored and answered: id, version and time are the server's, whatever came in. */
export function stampResource(
  resource: FhirResource,
  id: RecordId,
  version: number,
  lastUpdatedMs: number,
): FhirResource {
  const { resourceType, id: _id, meta, ...content } = resource;
  const stamped = { ...meta, versionId: String(version), lastUpdated: toInstant(lastUpdatedMs) };
  return copyLexemes(resource, { resourceType, id, meta: stamped, ...content }) as unknown as FhirResource;
}

export const textOf = (resource: FhirResource): string => stringifyJson(resource);

/** A version is judged, matched and answered: its text is parsed for the first of these alone. */
const parsedOnce = new WeakMap<StoredVersion, FhirResource>();
/** Beside the resource and not in it, so that nothing which writes a resource out can write this with it. */
const contentSecrets = new WeakMap<FhirResource, string>();

/** What opens the content of a document, in hex: known of the very resource that was read from its row. */
export const contentSecretOf = (resource: FhirResource): string | undefined => contentSecrets.get(resource);

/** The resource of a version that is no deletion. Throws SealBroken where the text is not the record that the row names. */
export function resourceOf(stored: StoredVersion): FhirResource {
  const known = parsedOnce.get(stored);
  if (known) return known;
  const parsed = parseJson(stored.text ?? "");
  const resource = parsed.ok ? (parsed.value as FhirResource) : undefined;
  const isIt =
    resource?.resourceType === stored.type &&
    resource.id === stored.id &&
    resource.meta?.["versionId"] === String(stored.version);
  if (!isIt) throw new SealBroken("frame");
  parsedOnce.set(stored, resource);
  if (stored.contentSecret !== undefined) contentSecrets.set(resource, stored.contentSecret);
  return resource;
}
