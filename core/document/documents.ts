import type { DescribeDocument, DocumentHistoryView, DocumentsView, DocumentView } from "../contract/document.ts";
import { isAdministrative, PART_BYTES } from "../contract/document.ts";
import { contentKid, openContent, SealBroken } from "../crypto/index.ts";
import { effectOf, made, searchAll } from "../encounter/desk.ts";
import { invariant } from "../kernel/invariant.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { keyFailure } from "../privacy/index.ts";
import type { StoredVersion } from "../record/index.ts";
import { privacyFailure } from "../record/failure.ts";
import { contentPlace } from "./content-place.ts";
import type { DocumentDesk } from "./desk.ts";
import {
  type Content,
  type Document,
  documentIn,
  documentOf,
  documentView,
  editionView,
  isSavable,
  withDescription,
  withdrawn,
  withFindings,
} from "./document-resource.ts";
import { broken, type DocumentFailure } from "./failure.ts";
import { stateOf } from "./scan/scanner.ts";
import { objectName } from "./store.ts";

type Answer<T> = Promise<Result<T, DocumentFailure>>;

export interface FoundDocument {
  readonly document: Document;
  readonly stored: StoredVersion;
}

/** The document of an id; `not-found` for any other record. */
export async function documentFor(desk: DocumentDesk, id: string): Answer<FoundDocument> {
  const stored = await desk.records.read(desk.grant, "DocumentReference", id);
  if (!stored.ok) return stored;
  const document = documentOf(stored.value);
  return document === undefined ? err({ kind: "not-found" }) : ok({ document, stored: stored.value });
}

const dayOf = ({ date, content }: Document): string => date ?? content.filedAt;

/** A patient's documents, the newest first: by the day that they are of, else by when they were filed. */
export async function listDocuments(
  desk: DocumentDesk,
  patientId: string,
  mayFile: DocumentsView["mayFile"],
): Answer<DocumentsView> {
  const found = await searchAll(desk, "DocumentReference", `patient=${patientId}`);
  if (!found.ok) return found;
  const documents = found.value.flatMap((resource) => documentIn(resource) ?? []);
  const ordered = documents.toSorted((left, right) => (dayOf(left) < dayOf(right) ? 1 : -1));
  return ok({ documents: ordered.map((document) => documentView(document, desk)), mayFile });
}

/** Every version of a document's record that still reads, newest first. */
async function versionsOf(desk: DocumentDesk, id: string): Answer<readonly [Document, ...Document[]]> {
  const found = await desk.records.history(desk.grant, "DocumentReference", id);
  if (!found.ok) return found;
  const [current, ...past] = found.value.versions.flatMap((stored) => documentOf(stored) ?? []);
  return current === undefined ? err({ kind: "not-found" }) : ok([current, ...past]);
}

/** Each content once, as it was left: the newest version that has it says what was found in it. */
const editionsIn = (versions: readonly Document[]): readonly Content[] => {
  const byEdition = new Map<number, Content>();
  for (const { content } of versions) if (!byEdition.has(content.edition)) byEdition.set(content.edition, content);
  return [...byEdition.values()];
};

/** A document with every content that it has had. */
export async function readDocument(desk: DocumentDesk, id: string): Answer<DocumentHistoryView> {
  const versions = await versionsOf(desk, id);
  if (!versions.ok) return versions;
  const [current] = versions.value;
  return ok({
    document: documentView(current, desk),
    editions: editionsIn(versions.value).map((content) => editionView(content, desk.me)),
  });
}

/** Sets title, type and date. What is the office's stays the office's: its content is sealed apart. */
export async function describeDocument(
  desk: DocumentDesk,
  id: string,
  { version, ...described }: DescribeDocument,
): Answer<DocumentView> {
  const found = await documentFor(desk, id);
  if (!found.ok) return found;
  const { document } = found.value;
  if (document.isWithdrawn) return broken("document-withdrawn");
  if (isAdministrative(document.type) !== isAdministrative(described.type)) return broken("document-kind");
  const options = { ifMatch: version, documentWrites: ["describe"], ...effectOf(desk) } as const;
  return written(desk, await desk.records.update(desk.grant, made(withDescription(document, described)), options));
}

/** Says that it was filed in error. Nothing is deleted: it is opened by nobody any more. */
export async function withdrawDocument(desk: DocumentDesk, id: string, version: number): Answer<DocumentView> {
  const found = await documentFor(desk, id);
  if (!found.ok) return found;
  const { document } = found.value;
  if (document.isWithdrawn && document.version === version + 1) return ok(documentView(document, desk));
  if (document.isWithdrawn) return broken("document-withdrawn");
  const options = { ifMatch: version, documentWrites: ["withdraw"], ...effectOf(desk) } as const;
  return written(desk, await desk.records.update(desk.grant, made(withdrawn(document)), options));
}

type Update = Awaited<ReturnType<DocumentDesk["records"]["update"]>>;

function written(desk: DocumentDesk, done: Update): Result<DocumentView, DocumentFailure> {
  if (!done.ok) return done;
  const document = documentOf(done.value.version);
  invariant(document !== undefined, "what was written as a document reads as one");
  return ok(documentView(document, desk));
}

/**
 * Looks for what is harmful in a document that waits for it. A scanner that cannot answer leaves it unopened and says so;
 * what was looked at already is answered as it is.
 */
export async function checkDocument(desk: DocumentDesk, id: string): Answer<DocumentView> {
  const found = await documentFor(desk, id);
  if (!found.ok) return found;
  const { document } = found.value;
  const { content } = document;
  if (document.isWithdrawn || (content.scan !== "pending" && content.scan !== "failed"))
    return ok(documentView(document, desk));
  const whole = await openParts(desk, document.id, content, 0, content.parts.length);
  if (!whole.ok) return whole;
  const file = { bytes: whole.value, mediaType: content.mediaType };
  const findings = await desk.scanner.scan(file).catch(() => undefined);
  const scan = findings === undefined ? "failed" : stateOf(findings);
  desk.say(scan);
  const next = made(withFindings(document, scan, findings ?? []));
  const options = { ifMatch: document.version, documentWrites: ["rule"] } as const;
  const done = await desk.records.update(desk.grant, next, options);
  // Somebody else has looked meanwhile.
  const isOvertaken = !done.ok && done.error.kind === "conflict" && done.error.reason === "version";
  if (!isOvertaken) return written(desk, done);
  const again = await documentFor(desk, id);
  return again.ok ? ok(documentView(again.value.document, desk)) : again;
}

/** Parts from one to before another, opened and joined. */
async function openParts(
  desk: DocumentDesk,
  id: string,
  content: Content,
  from: number,
  until: number,
): Answer<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let part = from; part < until; part += 1) {
    const one = await openPart(desk, id, content, part);
    if (!one.ok) return one;
    parts.push(one.value);
  }
  return ok(Buffer.concat(parts));
}

/** One sealed part, opened for its own record. A part that does not open, or is gone, is an alarm and one failure. */
export async function openPart(
  { rows, files }: { readonly rows: DocumentDesk["rows"]; readonly files: Pick<DocumentDesk["files"], "get"> },
  id: string,
  content: Content,
  part: number,
): Answer<Uint8Array> {
  const onAlarm = rows.onAlarm ?? (() => undefined);
  const name = content.parts[part];
  if (name === undefined) return err({ kind: "not-found" });
  const sealed = await files.get(objectName(content.sealedIn, name));
  try {
    if (sealed === undefined) throw new SealBroken("place");
    if (content.secret === undefined) throw new SealBroken("key");
    const key = await rows.keyring.openingKey(rows.keyScope, contentKid(sealed, content.sealedIn));
    if (!key.ok) return err(privacyFailure(keyFailure(key.error, onAlarm)));
    const at = { ...content, part, parts: content.parts.length };
    const place = contentPlace(rows.tenantId, id, content.sealedIn, at);
    return ok(openContent(sealed, place, key.value, Buffer.from(content.secret, "hex")));
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    onAlarm({ kind: "integrity", fault: error.fault });
    return err({ kind: "integrity" });
  }
}

/** Read at once: base64 makes 4 MiB of three, and a function answers with 6 MB. */
const PARTS_AT_ONCE = 3;

/** In how many answers a content is read. */
export const slicesOf = ({ sizeBytes }: Pick<Content, "sizeBytes">): number =>
  Math.ceil(Math.ceil(sizeBytes / PART_BYTES) / PARTS_AT_ONCE);

/** Which content of a document somebody wants, and what for. */
export interface ContentAsked {
  /** The newest where it is left out. */
  readonly edition?: number | undefined;
  /** The newest must be this one: what a ticket was made for is not what came after it. */
  readonly mustBe?: number | undefined;
  readonly use: "show" | "save";
}

/** A content that may be opened now. */
export interface OpenableContent {
  readonly document: Document;
  readonly content: Content;
}

/** The content that was asked for, where it was looked at and may be opened for that; leaves the event of a reading. */
export async function findContent(desk: DocumentDesk, id: string, asked: ContentAsked): Answer<OpenableContent> {
  const versions = asked.edition === undefined ? await newest(desk, id) : await versionsOf(desk, id);
  if (!versions.ok) return versions;
  const [document] = versions.value;
  const wanted = asked.edition ?? asked.mustBe ?? document.content.edition;
  const content = editionsIn(versions.value).find(({ edition }) => edition === wanted);
  if (content === undefined) return err({ kind: "not-found" });
  if (document.isWithdrawn) return broken("document-withdrawn");
  if (content.scan !== "clean") return broken(`document-${content.scan}`);
  // A label moved the record to a class that she holds, from one that she does not.
  if (!desk.grant.classes.includes(content.sealedIn)) return err({ kind: "forbidden" });
  if (asked.use === "save" && !isSavable(content)) return broken("document-preview-only");
  return ok({ document, content });
}

async function newest(desk: DocumentDesk, id: string): Answer<readonly [Document, ...Document[]]> {
  const found = await documentFor(desk, id);
  return found.ok ? ok([found.value.document]) : found;
}

export interface ReadContent extends OpenableContent {
  readonly bytes: Uint8Array;
}

/** One slice of a content that may be opened now: some parts at once, counted from 0. */
export async function readContent(
  desk: DocumentDesk,
  id: string,
  asked: ContentAsked & { readonly slice: number },
): Answer<ReadContent> {
  const found = await findContent(desk, id, asked);
  if (!found.ok) return found;
  const { content } = found.value;
  if (asked.slice >= slicesOf(content)) return err({ kind: "not-found" });
  const from = asked.slice * PARTS_AT_ONCE;
  const bytes = await openParts(desk, id, content, from, Math.min(from + PARTS_AT_ONCE, content.parts.length));
  return bytes.ok ? ok({ ...found.value, bytes: bytes.value }) : bytes;
}
