import type { NoteLine, NoteState } from "../contract/index.ts";
import { type FhirResource, isJsonObject, type JsonObject, labelsOf, parseReference } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { NOTE_FORMAT, NOTE_LOCK, noteStateOf, resourceOf, type StoredVersion } from "../record/index.ts";
import { clinicianOf, referenceTo, type Signer, userOf } from "./clinician.ts";
import { bodyOf, bytesOf, hashOf, type NoteBody, plainTextOf } from "./note-body.ts";

/** A note, read from its DocumentReference. US Core 8, DocumentReference profile: a clinical note. */
export interface Note {
  readonly id: string;
  readonly version: number;
  readonly changedAt: string;
  readonly patientId: string;
  readonly encounterId?: string;
  readonly state: NoteState;
  readonly isAmended: boolean;
  readonly labels: readonly string[];
  readonly type: string;
  readonly startedAt: string;
  /** References, the first of whom began it. */
  readonly authors: readonly unknown[];
  readonly bytes: Uint8Array;
  readonly hash: string;
  /** Undefined where the bytes are no note any more: shown as broken, and never as empty. */
  readonly body?: NoteBody;
  readonly appendsTo?: string;
  /** Signed addenda, in their order. */
  readonly addenda: readonly string[];
  readonly resource: FhirResource;
}

const LOINC = "http://loinc.org";
/** LOINC 2.78, document types of US Core's clinical notes. */
export const NOTE_TYPE_CODES = {
  progress: { code: "11506-3", display: "Progress note" },
  history: { code: "34117-2", display: "History and physical note" },
  consultation: { code: "11488-4", display: "Consult note" },
  nurse: { code: "34746-8", display: "Nurse Note" },
  telephone: { code: "34748-4", display: "Telephone encounter Note" },
  procedure: { code: "28570-0", display: "Procedure note" },
} as const;
export type NoteType = keyof typeof NOTE_TYPE_CODES;

const CATEGORY = {
  coding: [
    {
      system: "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
      code: "clinical-note",
      display: "Clinical Note",
    },
  ],
};
const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

const listOf = (value: unknown): readonly JsonObject[] =>
  (Array.isArray(value) ? (value as unknown[]) : []).filter(isJsonObject);
const objectOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** The id that a relative Reference to a record of the type names. */
export function idOf(reference: unknown, type: string): string | undefined {
  const target = parseReference(textOf(objectOf(reference)["reference"]));
  return target.kind === "relative" && target.type === type ? target.id : undefined;
}

/** The two forms of a body: ours, and plain text for whoever knows no more. */
function contentOf(body: NoteBody, atMs: number): JsonObject[] {
  const creation = toInstant(atMs);
  return [
    { attachment: { contentType: NOTE_FORMAT, data: bytesOf(body).toString("base64"), creation } },
    {
      attachment: {
        contentType: "text/plain; charset=utf-8",
        data: Buffer.from(plainTextOf(body), "utf8").toString("base64"),
        creation,
      },
    },
  ];
}

/** A new note as its DocumentReference. Its title is its type: what it is about stands in the text alone. */
export const newNote = (facts: {
  readonly patientId: string;
  readonly encounterId: string;
  readonly type: NoteType;
  readonly body: NoteBody;
  readonly author: Signer;
  readonly nowMs: number;
  readonly label?: string;
  readonly appendsTo?: string;
}): JsonObject => {
  const { patientId, encounterId, type, body, author, nowMs, label, appendsTo } = facts;
  return {
    resourceType: "DocumentReference",
    ...(label !== undefined && { meta: { security: [{ system: ACT_CODE, code: label }] } }),
    status: "current",
    docStatus: "preliminary",
    type: { coding: [{ system: LOINC, ...NOTE_TYPE_CODES[type] }], text: NOTE_TYPE_CODES[type].display },
    category: [CATEGORY],
    subject: { reference: `Patient/${patientId}` },
    date: toInstant(nowMs),
    author: [referenceTo(author)],
    ...(appendsTo !== undefined && {
      relatesTo: [{ code: "appends", target: { reference: `DocumentReference/${appendsTo}` } }],
    }),
    content: contentOf(body, nowMs),
    context: { encounter: [{ reference: `Encounter/${encounterId}` }] },
  };
};

/** A note of ours; undefined for any other document. */
export function noteOf(stored: StoredVersion): Note | undefined {
  return stored.text === undefined ? undefined : noteIn(resourceOf(stored));
}

/** The same of a resource as a search gives it. */
export function noteIn(resource: FhirResource): Note | undefined {
  const state = noteStateOf(resource);
  const { id, meta } = resource;
  const patientId = idOf(resource["subject"], "Patient");
  if (state === undefined || id === undefined || patientId === undefined) return undefined;
  const attachment = listOf(resource["content"])
    .map((content) => objectOf(content["attachment"]))
    .find(({ contentType }) => contentType === NOTE_FORMAT);
  const bytes = Buffer.from(textOf(attachment?.["data"]), "base64");
  const body = bodyOf(bytes);
  const context = objectOf(resource["context"]);
  const encounterId = listOf(context["encounter"]).map((each) => idOf(each, "Encounter"))[0];
  const appendsTo = listOf(resource["relatesTo"])
    .filter(({ code }) => code === "appends")
    .map(({ target }) => idOf(target, "DocumentReference"))[0];
  return {
    id,
    version: Number(meta?.["versionId"]),
    changedAt: textOf(meta?.["lastUpdated"]),
    patientId,
    ...(encounterId !== undefined && { encounterId }),
    state,
    isAmended: resource["docStatus"] === "amended",
    labels: labelsOf(resource),
    type: textOf(objectOf(resource["type"])["text"]),
    startedAt: textOf(resource["date"]),
    authors: listOf(resource["author"]),
    bytes,
    hash: hashOf(bytes),
    ...(body && { body }),
    ...(appendsTo !== undefined && { appendsTo }),
    addenda: listOf(context["related"]).flatMap((each) => idOf(each, "DocumentReference") ?? []),
    resource,
  };
}

/** The next version's author list: who adds to a note is one of its authors. */
const withAuthor = (authors: readonly unknown[], author: Signer): readonly unknown[] =>
  authors.some((each) => userOf(each) === author.userId) ? authors : [...authors, referenceTo(author)];

/** The record with another text. */
export const withBody = (note: Note, body: NoteBody, author: Signer, nowMs: number): JsonObject => ({
  ...note.resource,
  // What was signed and is written on waits for a signature again.
  docStatus: "preliminary",
  content: contentOf(body, nowMs),
  author: withAuthor(note.authors, author),
});

/** The record as it is signed: by the first who does, and since then amended where it was open again. */
export const signedAs = (
  note: Note,
  body: NoteBody,
  author: Signer,
  { isLocking, nowMs }: { readonly isLocking: boolean; readonly nowMs: number },
): JsonObject => {
  const { authenticator, extension } = note.resource;
  const isAmended = note.isAmended || note.state === "reopened";
  const isSame = hashOf(bytesOf(body)) === note.hash;
  return {
    ...note.resource,
    docStatus: isAmended ? "amended" : "final",
    authenticator: authenticator ?? referenceTo(author),
    author: withAuthor(note.authors, author),
    ...(!isSame && { content: contentOf(body, nowMs) }),
    ...(isLocking && {
      extension: [...listOf(extension), { url: NOTE_LOCK, valueInstant: toInstant(nowMs) }],
    }),
  };
};

export const unlockedOf = ({ resource }: Note): JsonObject => {
  const { extension, ...rest } = resource;
  const kept = listOf(extension).filter(({ url }) => url !== NOTE_LOCK);
  return { ...rest, docStatus: "preliminary", ...(kept.length > 0 && { extension: kept }) };
};

export const discardedOf = ({ resource }: Note): JsonObject => ({
  ...resource,
  status: "entered-in-error",
  docStatus: "entered-in-error",
});

/** The original once an addendum to it is signed. Where it is open for change, it stays unsigned. */
export const amendedBy = ({ resource, state }: Note, addendumId: string): JsonObject => {
  const context = objectOf(resource["context"]);
  const reference = { reference: `DocumentReference/${addendumId}` };
  return {
    ...resource,
    ...(state !== "reopened" && { docStatus: "amended" }),
    context: { ...context, related: [...listOf(context["related"]), reference] },
  };
};

export const lineOf = (note: Note, me: Signer): NoteLine => ({
  id: note.id,
  patient: note.patientId,
  ...(note.encounterId !== undefined && { encounter: note.encounterId }),
  type: note.type,
  state: note.state,
  isAmended: note.isAmended,
  isAddendum: note.appendsTo !== undefined,
  labels: note.labels,
  authors: note.authors.map((author) => clinicianOf(author, me)),
  writtenAt: note.changedAt,
});
