import type { KeyedClass, PartitionClass, RecordClass } from "../kernel/data-class.ts";
import { PARTITION_CLASSES } from "../kernel/data-class.ts";
import type { Branded, TenantId, UserId } from "../kernel/ids.ts";
import { isId, parseTenantId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import type { ResourceType } from "../fhir/supported-types.ts";
import { isResourceType } from "../fhir/supported-types.ts";

/**
 * The one place where keys are spelled. Every partition key begins `T#<tenant>#<class>#`: fixed length and delimiters,
 * so that IAM's leading keys cannot be met by a tenant or a class that is only a prefix of another.
 */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** A FHIR logical id: letters, digits, `-` and `.`, at most 64. It holds no delimiter of ours. */
export type RecordId = Branded<string, "RecordId">;

/** FHIR R4 datatypes.html#id */
const RECORD_ID = /^[A-Za-z0-9\-.]{1,64}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const HEX_128 = /^[0-9a-f]{32}$/;
const HEX_256 = /^[0-9a-f]{64}$/;
const FORM_ID = /^[a-z][a-z0-9-]{0,39}$/;
const SEARCH_PARAMETER = /^[a-z][a-z-]{0,63}$/;
export const MAX_VERSION = 9_999_999_999;

export const parseRecordId = (text: unknown): RecordId | undefined =>
  typeof text === "string" && RECORD_ID.test(text) ? (text as RecordId) : undefined;

// Brands are promises of the type checker alone: a key is built from nothing that was not looked at here.
function tenantPrefix(tenantId: TenantId, dataClass: PartitionClass): string {
  invariant(isId(tenantId), "a key begins with a tenant id");
  invariant(PARTITION_CLASSES.includes(dataClass), "a key names a data class");
  return `T#${tenantId}#${dataClass}#`;
}

function idPart(id: RecordId): string {
  invariant(RECORD_ID.test(id), "a record id in a key follows the FHIR grammar");
  return id;
}

function typePart(type: ResourceType): string {
  invariant(isResourceType(type), "a key names a resource type that is stored");
  return type;
}

/** Where a record lives: with its patient, or with its type where it has none. */
export type Home = { readonly patientId: RecordId } | { readonly type: ResourceType };

/** The partition of a patient's records of one class, or of the records of a type that have no patient. */
export const homePartition = (tenantId: TenantId, dataClass: RecordClass, home: Home): string =>
  tenantPrefix(tenantId, dataClass) +
  ("patientId" in home ? `P#${idPart(home.patientId)}` : `R#${typePart(home.type)}`);

/** The current version of a record. */
export const currentSort = (type: ResourceType, id: RecordId): string => `R#${typePart(type)}#${idPart(id)}`;
/** All current records of a partition, or of one type in it. */
export const currentPrefix = (type?: ResourceType): string => (type === undefined ? "R#" : `R#${typePart(type)}#`);

/** One version of a record, sorting by its number. */
export function historySort(type: ResourceType, id: RecordId, version: number): string {
  invariant(Number.isInteger(version) && version >= 1 && version <= MAX_VERSION, "a version is 1 to 9999999999");
  return historyPrefix(type, id) + String(version).padStart(10, "0");
}
export const historyPrefix = (type: ResourceType, id: RecordId): string => `H#${typePart(type)}#${idPart(id)}#`;

/** An author's unsigned text of a note, beside the note: no prefix of a record begins so, and no chart reads it. */
export const noteDraftKey = (tenantId: TenantId, patientId: RecordId, noteId: RecordId, userId: UserId): Key => ({
  pk: homePartition(tenantId, "C", { patientId }),
  sk: `W#${typePart("DocumentReference")}#${idPart(noteId)}#${ownIdPart(userId)}`,
});

/** A file that is being sent, beside the record that it will be: no prefix of a record begins so, and no chart reads it. */
export const documentUploadKey = (
  tenantId: TenantId,
  dataClass: RecordClass,
  patientId: RecordId,
  uploadId: string,
): Key => ({ pk: homePartition(tenantId, dataClass, { patientId }), sk: `U#${ownIdPart(uploadId)}` });

/** The previews that a member has open: one row each member, written over. */
export const documentTicketsKey = (tenantId: TenantId, userId: UserId): Key => ({
  pk: `${tenantPrefix(tenantId, "I")}DT#${ownIdPart(userId)}`,
  sk: "T",
});

/** What a clinic writes its notes with: templates and snippets, in one row. */
export const noteTemplatesKey = (tenantId: TenantId): Key => ({ pk: `${tenantPrefix(tenantId, "D")}TPL`, sk: "NOTES" });

/** What a clinic's patients' portal offers, in one row. */
export const portalSettingsKey = (tenantId: TenantId): Key => ({
  pk: `${tenantPrefix(tenantId, "D")}TPL`,
  sk: "PORTAL",
});

/** A form that a patient has begun in her portal: beside her records, and no chart reads it. */
export function formDraftKey(tenantId: TenantId, patientId: RecordId, form: string): Key {
  invariant(FORM_ID.test(form), "a form in a key follows its grammar");
  return { pk: homePartition(tenantId, "C", { patientId }), sk: `W#QuestionnaireResponse#${form}` };
}

/** When a patient has taken her record along, for the limit of a day. */
export const portalDownloadsKey = (tenantId: TenantId, patientId: RecordId): Key => ({
  pk: homePartition(tenantId, "D", { patientId }),
  sk: "W#DOWNLOADS",
});

export const LOCATOR_SORT = "L";
/** Says where a record with a client-assigned id lives. */
export const locatorKey = (tenantId: TenantId, type: ResourceType, id: RecordId): Key => ({
  pk: `${tenantPrefix(tenantId, "D")}L#${typePart(type)}#${idPart(id)}`,
  sk: LOCATOR_SORT,
});

/** The tenant's patient directory: one sealed row per patient, `sk` the patient's id. */
export const directoryPartition = (tenantId: TenantId): string => `${tenantPrefix(tenantId, "D")}DIR`;
export const directoryKey = (tenantId: TenantId, patientId: RecordId): Key => ({
  pk: directoryPartition(tenantId),
  sk: idPart(patientId),
});

function ownIdPart(id: string): string {
  invariant(isId(id), "an id of ours in a key follows its grammar");
  return id;
}

/** What protects each patient of the tenant: compiled consents and legal hold, one sealed row per patient who has any. */
export const protectionPartition = (tenantId: TenantId): string => `${tenantPrefix(tenantId, "D")}PRV`;
export const protectionKey = (tenantId: TenantId, patientId: RecordId): Key => ({
  pk: protectionPartition(tenantId),
  sk: idPart(patientId),
});

/** Break-glass: an episode's row is `<user>#<patient>#<id>`, and `<user>#<patient>` says which one is open. */
export const breakGlassPartition = (tenantId: TenantId): string => `${tenantPrefix(tenantId, "D")}BG`;
export const breakGlassKey = (tenantId: TenantId, userId: UserId, patientId: RecordId, id: string): Key => ({
  pk: breakGlassPartition(tenantId),
  sk: `${ownIdPart(userId)}#${idPart(patientId)}#${ownIdPart(id)}`,
});
export const openBreakGlassKey = (tenantId: TenantId, userId: UserId, patientId: RecordId): Key => ({
  pk: breakGlassPartition(tenantId),
  sk: `${ownIdPart(userId)}#${idPart(patientId)}`,
});

/** What clinicians have handed to an assistant: `sk` begins with the assistant's client id. */
export const delegationPartition = (tenantId: TenantId): string => `${tenantPrefix(tenantId, "D")}DLG`;
export const delegationPrefix = (clientId: string): string => `${ownIdPart(clientId)}#`;
export const delegationKey = (tenantId: TenantId, clientId: string, id: string): Key => ({
  pk: delegationPartition(tenantId),
  sk: delegationPrefix(clientId) + ownIdPart(id),
});

/** What waits for a second person, or was decided by one. */
export const approvalPartition = (tenantId: TenantId): string => `${tenantPrefix(tenantId, "D")}APR`;
export const approvalKey = (tenantId: TenantId, id: string): Key => ({
  pk: approvalPartition(tenantId),
  sk: ownIdPart(id),
});

/** When a participant of appointments is taken: one sealed row for each UTC day on which it is, `sk` the day. */
export function calendarKey(tenantId: TenantId, type: ResourceType, id: RecordId, day: string): Key {
  invariant(DAY.test(day), "a calendar row names a day");
  return { pk: `${tenantPrefix(tenantId, "D")}CAL#${typePart(type)}#${idPart(id)}`, sk: day };
}

/** Export jobs of the tenant. */
export const exportJobPartition = (tenantId: TenantId): string => `${tenantPrefix(tenantId, "D")}JOB`;
export const exportJobKey = (tenantId: TenantId, id: string): Key => ({
  pk: exportJobPartition(tenantId),
  sk: ownIdPart(id),
});
/** Which of them are not done with. No id reads so. */
export const openExportsKey = (tenantId: TenantId): Key => ({ pk: exportJobPartition(tenantId), sk: "OPEN" });

/** The last record number (MRN) that the clinic gave out. */
export const recordNumberKey = (tenantId: TenantId): Key => ({
  pk: `${tenantPrefix(tenantId, "D")}NUM`,
  sk: "PATIENT",
});

/** The patients whom a member opened last. */
export const recentPatientsKey = (tenantId: TenantId, userId: UserId): Key => ({
  pk: `${tenantPrefix(tenantId, "D")}RCT`,
  sk: ownIdPart(userId),
});

/** All records that carry a search token. `token` is 32 hexadecimal digits from `searchToken`. */
export function tokenPartition(tenantId: TenantId, type: ResourceType, parameter: string, token: string): string {
  invariant(SEARCH_PARAMETER.test(parameter) && HEX_128.test(token), "a search key names a parameter and a token");
  return `${tenantPrefix(tenantId, "X")}${typePart(type)}#${parameter}#${token}`;
}
export const tokenSort = (type: ResourceType, id: RecordId): string => `${typePart(type)}#${idPart(id)}`;

/** `digest`: SHA-256 of user and idempotency key, hex. */
export function idempotencyKey(tenantId: TenantId, digest: string): Key {
  invariant(HEX_256.test(digest), "an idempotency key is a SHA-256");
  return { pk: `${tenantPrefix(tenantId, "I")}K#${digest}`, sk: "I" };
}

/** The marker of a staged transaction: rows that name it count only once it says so. */
export function transactionKey(tenantId: TenantId, transactionId: string): Key {
  invariant(isId(transactionId), "a transaction id is one of ours");
  return { pk: `${tenantPrefix(tenantId, "I")}TX#${transactionId}`, sk: "M" };
}

/** Audit events of one UTC day. `day` is `yyyy-mm-dd`. */
export function outboxPartition(tenantId: TenantId, day: string): string {
  invariant(DAY.test(day), "an outbox partition names a day");
  return tenantPrefix(tenantId, "A") + day;
}
export function outboxKey(tenantId: TenantId, day: string, eventId: string): Key {
  invariant(isId(eventId), "an event id is one of ours");
  return { pk: outboxPartition(tenantId, day), sk: eventId };
}

/** Searchable parts of an event; a partition of the index holds those of one scope, action and outcome. */
export type TrailAction = "C" | "R" | "U" | "D" | "E";
export type TrailOutcome = "success" | "denied" | "failure";
/** Whose events: a patient's, an actor's, one actor's with one patient, or all of the tenant. Names are opaque. */
export interface TrailScope {
  readonly patient?: string;
  readonly actor?: string;
}
const TRAIL_NAME = /^(?:[A-Za-z0-9.-]{1,64}|~[0-9a-f]{32})$/;

/** Index rows of one scope, action and outcome, sorting by event id and so by time. */
export function trailPartition(
  tenantId: TenantId,
  { patient, actor }: TrailScope,
  action: TrailAction,
  outcome: TrailOutcome,
): string {
  invariant(patient === undefined || TRAIL_NAME.test(patient), "a patient in the index has an opaque name");
  invariant(actor === undefined || isId(actor), "an actor in the index is one of ours");
  const whose = `${patient === undefined ? "" : `P#${patient}#`}${actor === undefined ? "" : `U#${actor}#`}`;
  return `${tenantPrefix(tenantId, "A")}I#${whose}${action}#${outcome}`;
}

/** Signals and incidents of a tenant, sorting by time. */
export const signalPartition = (tenantId: TenantId): string => `${tenantPrefix(tenantId, "A")}S`;
/** Who acknowledged which signal. */
export const acknowledgementPartition = (tenantId: TenantId): string => `${tenantPrefix(tenantId, "A")}K`;

/** The wrapped keys of a class. */
export const keyPartition = (tenantId: TenantId, dataClass: KeyedClass): string =>
  `${tenantPrefix(tenantId, dataClass)}K`;
export const ACTIVE_SORT = "ACTIVE";
export function keyVersionSort(kver: number): string {
  invariant(Number.isInteger(kver) && kver >= 1 && kver <= 999_999, "a key version is 1 to 999999");
  return `v#${String(kver).padStart(6, "0")}`;
}

/** Whose and of which class a partition is, for stream consumers: undefined for a key that is not spelled here. */
export function parsePartition(
  pk: string,
): { tenantId: TenantId; dataClass: PartitionClass; rest: string } | undefined {
  const [head, tenant, letter, ...rest] = pk.split("#");
  const tenantId = parseTenantId(tenant);
  const dataClass = PARTITION_CLASSES.find((known) => known === letter);
  if (head !== "T" || tenantId === undefined || dataClass === undefined || rest.length === 0) return undefined;
  return { tenantId, dataClass, rest: rest.join("#") };
}

/** The record that a sort key names, with its version for a history row; undefined for any other row. */
export function parseRecordSort(sk: string): { type: ResourceType; id: RecordId; version?: number } | undefined {
  const [kind, type, text, digits, ...more] = sk.split("#");
  const id = parseRecordId(text);
  if (!isResourceType(type) || id === undefined || more.length > 0) return undefined;
  if (kind === "R" && digits === undefined) return { type, id };
  if (kind !== "H" || !/^\d{10}$/.test(digits ?? "")) return undefined;
  return { type, id, version: Number(digits) };
}

/** The tenant and event of an outbox row; undefined for any other key. */
export function parseOutboxKey(key: Key): { tenantId: TenantId; day: string; eventId: string } | undefined {
  const partition = parsePartition(key.pk);
  if (partition?.dataClass !== "A" || !DAY.test(partition.rest) || !isId(key.sk)) return undefined;
  return { tenantId: partition.tenantId, day: partition.rest, eventId: key.sk };
}
