import { createHash } from "node:crypto";
import * as z from "zod";
import {
  BeginUpload,
  DOCUMENT_LABELS,
  DOCUMENT_TYPES,
  type DocumentView,
  isAdministrative,
  MEDIA_TYPES,
  PART_BYTES,
  type UploadView,
} from "../contract/document.ts";
import { CONTENT_SECRET_BYTES, sealContent } from "../crypto/index.ts";
import { made } from "../encounter/desk.ts";
import { patientOfId } from "../fhir/index.ts";
import { isId } from "../kernel/ids.ts";
import { RECORD_CLASSES, type RecordClass } from "../kernel/data-class.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { keyFailure } from "../privacy/index.ts";
import { type Opened, putOver, readAt } from "../privacy/rows.ts";
import type { RecordEvent } from "../record/index.ts";
import { documentUploadKey, parseRecordId, type RecordId } from "../table/index.ts";
import { contentPlace } from "./content-place.ts";
import type { DocumentDesk } from "./desk.ts";
import { type Content, documentView, instantOf, newDocument, withContent } from "./document-resource.ts";
import { documentFor } from "./documents.ts";
import { badFile, broken, type DocumentFailure } from "./failure.ts";
import { safeFileName } from "./file-name.ts";
import { mediaTypeOf } from "./media-types.ts";
import { privacyFailure } from "../record/failure.ts";
import { sniff } from "./sniff.ts";
import { objectName } from "./store.ts";

type Answer<T> = Promise<Result<T, DocumentFailure>>;

/** A file that is not filed within a day is begun anew: its parts stay sealed under names that nothing tells. */
export const UPLOAD_LIFETIME_MS = 24 * 3_600_000;

const Upload = z.strictObject({
  document: z.string(),
  patient: z.string(),
  edition: z.int().min(1),
  dataClass: z.enum(RECORD_CLASSES),
  type: z.enum(DOCUMENT_TYPES),
  title: z.string(),
  date: z.string().optional(),
  label: z.enum(DOCUMENT_LABELS).optional(),
  fileName: z.string(),
  mediaType: z.enum(MEDIA_TYPES),
  sizeBytes: z.int().min(1),
  by: z.string(),
  expiresAtMs: z.int(),
  parts: z.array(z.strictObject({ name: z.string(), sha256: z.string() })),
  /** What opens the content beside the key of its class, in hex. */
  secret: z.string(),
});
type Upload = z.infer<typeof Upload>;

/**
 * What is left of an upload once its record is there: enough to answer the same request again. What it knew of the file
 * is the record's alone from then on, and goes with it to another class.
 */
const Filed = z.strictObject({ document: z.string(), by: z.string(), expiresAtMs: z.int(), filed: z.string() });
type Filed = z.infer<typeof Filed>;
const UploadRow = z.union([Upload, Filed]);

const partsOf = (sizeBytes: number): number => Math.ceil(sizeBytes / PART_BYTES);

const viewOf = (id: string, upload: Upload): UploadView => ({
  id,
  document: upload.document,
  fileName: upload.fileName,
  mediaType: upload.mediaType,
  sizeBytes: upload.sizeBytes,
  partBytes: PART_BYTES,
  parts: partsOf(upload.sizeBytes),
  received: upload.parts.length,
  expiresAt: instantOf(upload.expiresAtMs),
});

interface Place {
  readonly patientId: RecordId;
  readonly uploadId: string;
}

/** Of an id in the server's form: `<patient>.<upload>`. */
function placeOf(id: string): Place | undefined {
  const patientId = parseRecordId(patientOfId(id));
  const [, uploadId = ""] = id.split(".");
  return patientId === undefined ? undefined : { patientId, uploadId };
}

const keyOf = (desk: DocumentDesk, dataClass: RecordClass, { patientId, uploadId }: Place) =>
  documentUploadKey(desk.rows.tenantId, dataClass, patientId, uploadId);

/** Writes the row of an upload over the one that was read, with its event in one transaction. */
async function keep(desk: DocumentDesk, place: Place, upload: Upload, before: number): Answer<void> {
  const event: RecordEvent = {
    interaction: "document.upload",
    outcome: "success",
    patientId: place.patientId,
    entities: [{ type: "DocumentReference", id: upload.document }],
    classes: [upload.dataClass],
  };
  const drafted = await desk.audit.draft(desk.grant, event);
  if (!drafted.ok) return drafted;
  const { eventId, write, settle } = drafted.value;
  const deps = { ...desk.rows, dataClass: upload.dataClass };
  const row = await putOver(deps, "document-upload", keyOf(desk, upload.dataClass, place), upload, before, { eventId });
  if (!row.ok) {
    settle("refused");
    return err(privacyFailure(row.error));
  }
  const done = await desk.rows.table.transactWrite([row.value, write]);
  settle(done.ok ? "stored" : done.error.kind === "unavailable" ? "unknown" : "refused");
  if (done.ok) return ok(undefined);
  const { kind } = done.error;
  if (kind === "conflict" || kind === "contended") return err({ kind: "conflict", reason: "contended" });
  return err({ kind: kind === "throttled" || kind === "too-long" ? kind : "unavailable" });
}

/**
 * Begins an upload. What will be its record's class is decided here, by type and label, because every part is sealed for
 * it: of a new content it is the class that the record is in.
 */
export async function beginUpload(desk: DocumentDesk, asked: BeginUpload): Answer<UploadView> {
  const patientId = parseRecordId(asked.patient);
  if (patientId === undefined) return err({ kind: "not-found" });
  if (!isId(patientId)) return broken("document-patient");
  const mediaType = mediaTypeOf(asked.file.type);
  if (mediaType === undefined) return badFile("document-media-type");
  const nowMs = desk.clock.now();
  const target = await targetOf(desk, asked, patientId, nowMs);
  if (!target.ok) return target;
  const { type, title, date, label } = asked;
  const place = { patientId, uploadId: desk.newId(nowMs) };
  const upload: Upload = {
    ...target.value,
    patient: patientId,
    type,
    title,
    ...(date !== undefined && { date }),
    ...(label !== undefined && { label }),
    fileName: safeFileName(asked.file.name, mediaType),
    mediaType,
    sizeBytes: asked.file.sizeBytes,
    by: desk.me.userId,
    expiresAtMs: nowMs + UPLOAD_LIFETIME_MS,
    parts: [],
    secret: desk.random(CONTENT_SECRET_BYTES).toString("hex"),
  };
  const kept = await keep(desk, place, upload, 0);
  return kept.ok ? ok(viewOf(`${patientId}.${place.uploadId}`, upload)) : kept;
}

type Target = Pick<Upload, "document" | "edition" | "dataClass">;

async function targetOf(desk: DocumentDesk, asked: BeginUpload, patientId: RecordId, nowMs: number): Answer<Target> {
  const { replaces, label, type } = asked;
  if (replaces === undefined) {
    if (label !== undefined && isAdministrative(type)) return broken("document-label");
    const dataClass = label !== undefined ? "S" : isAdministrative(type) ? "D" : "C";
    return ok({ document: `${patientId}.${desk.newId(nowMs)}`, edition: 1, dataClass });
  }
  if (label !== undefined) return broken("document-label");
  const found = await documentFor(desk, replaces.document);
  if (!found.ok) return found;
  const { document, stored } = found.value;
  if (document.patientId !== patientId) return err({ kind: "not-found" });
  if (document.version !== replaces.version) return err({ kind: "conflict", reason: "version" });
  if (document.isWithdrawn) return broken("document-withdrawn");
  if (isAdministrative(document.type) !== isAdministrative(type)) return broken("document-kind");
  return ok({ document: document.id, edition: document.content.edition + 1, dataClass: stored.dataClass });
}

interface Found<T> extends Opened<T> {
  readonly place: Place;
  readonly dataClass: RecordClass;
}

/** The caller's own upload that is still open. Somebody else's, and one that was filed, are as unknown as one that never was. */
async function find(desk: DocumentDesk, id: string): Answer<Found<Upload>> {
  const found = await findAny(desk, id);
  if (!found.ok) return found;
  const { value, ...rest } = found.value;
  return "filed" in value ? err({ kind: "not-found" }) : ok({ ...rest, value });
}

async function findAny(desk: DocumentDesk, id: string): Answer<Found<Upload | Filed>> {
  const place = placeOf(id);
  if (place === undefined) return err({ kind: "not-found" });
  const classes = RECORD_CLASSES.filter((letter) => letter !== "B" && desk.grant.classes.includes(letter));
  for (const dataClass of classes) {
    const deps = { ...desk.rows, dataClass };
    const found = await readAt(deps, "document-upload", keyOf(desk, dataClass, place), UploadRow);
    if (!found.ok) return err(privacyFailure(found.error));
    if (found.value?.value.by !== desk.me.userId) continue;
    if (desk.clock.now() >= found.value.value.expiresAtMs) return broken("upload-expired");
    return ok({ ...found.value, place, dataClass });
  }
  return err({ kind: "not-found" });
}

/** How much of a file has arrived; leaves its event. */
export async function readUpload(desk: DocumentDesk, id: string): Answer<UploadView> {
  const found = await find(desk, id);
  const upload = found.ok ? found.value.value : undefined;
  const place = placeOf(id);
  const told = await desk.audit.record(desk.grant, {
    interaction: "document.upload",
    outcome: found.ok ? "success" : "denied",
    entities: upload === undefined ? [] : [{ type: "DocumentReference", id: upload.document }],
    classes: upload === undefined ? [] : [upload.dataClass],
    ...(place !== undefined && { patientId: place.patientId }),
  });
  if (!told.ok) return err({ kind: "unavailable" });
  return upload === undefined ? (found as Extract<typeof found, { ok: false }>) : ok(viewOf(id, upload));
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/**
 * Seals and keeps the next part. A part that is sent again with the same bytes is answered as the first time. The first
 * one says what the file is: what is not what was claimed is refused before the rest is sent.
 */
export async function sendPart(desk: DocumentDesk, id: string, part: number, bytes: Uint8Array): Answer<UploadView> {
  const found = await find(desk, id);
  if (!found.ok) return found;
  const { value: upload, version, place } = found.value;
  const digest = sha256(bytes);
  const known = upload.parts[part];
  if (known !== undefined) return known.sha256 === digest ? ok(viewOf(id, upload)) : broken("upload-part");
  const parts = partsOf(upload.sizeBytes);
  if (part !== upload.parts.length || part >= parts) return broken("upload-part");
  const expected = part === parts - 1 ? upload.sizeBytes - part * PART_BYTES : PART_BYTES;
  if (bytes.length !== expected) return badFile("document-size");
  if (part === 0 && (await sniff(bytes, parts === 1)) !== upload.mediaType) return badFile("document-type-mismatch");
  const key = await desk.rows.keyring.sealingKey(desk.rows.keyScope, upload.dataClass);
  if (!key.ok) return err(privacyFailure(keyFailure(key.error, desk.rows.onAlarm ?? (() => undefined))));
  const sealed = sealContent(
    bytes,
    contentPlace(desk.rows.tenantId, upload.document, upload.dataClass, { ...upload, parts, part }),
    key.value,
    Buffer.from(upload.secret, "hex"),
  );
  // A name for each attempt: one that was broken off leaves bytes behind that nothing names.
  const name = desk.random(32).toString("hex");
  await desk.files.put(objectName(upload.dataClass, name), sealed);
  const next = { ...upload, parts: [...upload.parts, { name, sha256: digest }] };
  const kept = await keep(desk, place, next, version);
  return kept.ok ? ok(viewOf(id, next)) : kept;
}

/**
 * Files what was sent. Nothing of it is opened before it was looked at.
 * @param forChange The same desk under what a change of a record asks for: a next content is one, a new document is none.
 */
export async function commitUpload(
  desk: DocumentDesk,
  id: string,
  forChange: () => Promise<DocumentDesk>,
): Answer<DocumentView> {
  const any = await findAny(desk, id);
  if (!any.ok) return any;
  const { value: upload } = any.value;
  if ("filed" in upload) return filed(desk, upload);
  const found = { ...any.value, value: upload };
  if (upload.parts.length < partsOf(upload.sizeBytes)) return broken("upload-incomplete");
  const content: Content = {
    edition: upload.edition,
    fileName: upload.fileName,
    mediaType: upload.mediaType,
    sizeBytes: upload.sizeBytes,
    parts: upload.parts.map(({ name }) => name),
    sealedIn: upload.dataClass,
    scan: "pending",
    findings: [],
    filedAt: instantOf(desk.clock.now()),
    author: undefined,
  };
  if (upload.edition > 1) return replace(await forChange(), found, content);
  if (!(await keepParts(desk, content))) return broken("upload-expired");
  const resource = made(newDocument({ ...upload, patientId: upload.patient }, content, desk.me));
  const options = { id: upload.document, documentWrites: ["file"], ...contentOptions(desk, found, content) } as const;
  const written = await desk.records.create(desk.grant, resource, options);
  const isThere = !written.ok && written.error.kind === "conflict" && written.error.reason === "exists";
  if (!written.ok && !isThere) return written;
  return filed(desk, filedOf(upload, content));
}

async function replace(desk: DocumentDesk, found: Found<Upload>, content: Content): Answer<DocumentView> {
  const upload = found.value;
  const current = await documentFor(desk, upload.document);
  if (!current.ok) return current;
  const { document } = current.value;
  if (digestOf(document.content) === digestOf(content)) return ok(documentView(document, desk));
  if (document.isWithdrawn) return broken("document-withdrawn");
  if (document.content.edition !== upload.edition - 1) return broken("document-replaced");
  // A label that came meanwhile moved the record: what was sent was sealed for where it stood.
  if (current.value.stored.dataClass !== upload.dataClass) return broken("document-replaced");
  if (!(await keepParts(desk, content))) return broken("upload-expired");
  const next = made(withContent(document, upload, content, desk.me));
  const options = {
    ifMatch: document.version,
    documentWrites: ["replace"],
    ...contentOptions(desk, found, content),
  } as const;
  const written = await desk.records.update(desk.grant, next, options);
  return written.ok ? filed(desk, filedOf(upload, content)) : written;
}

/** Ahead of the record that names them: one that is broken off here leaves parts which stay, and never a record without. */
async function keepParts({ files }: DocumentDesk, { parts, sealedIn }: Content): Promise<boolean> {
  const kept = await Promise.all(parts.map((name) => files.keep(objectName(sealedIn, name))));
  return kept.every(Boolean);
}

/** The document as it stands, where this very content is what was filed. */
async function filed(desk: DocumentDesk, upload: Filed): Answer<DocumentView> {
  const found = await documentFor(desk, upload.document);
  if (!found.ok) return found;
  const { document } = found.value;
  return digestOf(document.content) === upload.filed ? ok(documentView(document, desk)) : broken("document-replaced");
}

const digestOf = ({ parts }: Content): string => sha256(Buffer.from(parts.join(), "utf8"));

const filedOf = ({ document, by, expiresAtMs }: Upload, content: Content): Filed => ({
  document,
  by,
  expiresAtMs,
  filed: digestOf(content),
});

/** What goes with the record of a new content: its secret, and in one transaction the upload's forgetting of it. */
const contentOptions = (desk: DocumentDesk, { value, version, place, dataClass }: Found<Upload>, content: Content) => ({
  contentSecret: value.secret,
  beside: async (eventId: string) => {
    const key = keyOf(desk, dataClass, place);
    const deps = { ...desk.rows, dataClass };
    const row = await putOver(deps, "document-upload", key, filedOf(value, content), version, { eventId });
    return row.ok ? ok([row.value]) : err(privacyFailure(row.error));
  },
});
