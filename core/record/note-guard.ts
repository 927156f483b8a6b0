import { isDeepStrictEqual } from "node:util";
import type { NoteState } from "../contract/index.ts";
import type { FhirResource } from "../fhir/index.ts";
import { isJsonObject, labelsOf, type JsonObject } from "../fhir/index.ts";
import { isOnlyRelabelled } from "./relabelled.ts";

/*
 * Notes and their signatures are written by core/encounter alone, by the table below; every other door, FHIR's own
 * among them, reads them. What holds here holds for each write of each transaction, whoever asked for it.
 */

/** The attachment that is a note of ours: its sections, as JSON. */
export const NOTE_FORMAT = "application/vnd.keyward.note+json";
/** What a signature of ours says, as JSON. */
export const SIGNATURE_FORMAT = "application/vnd.keyward.note-signature+json";
/** On a DocumentReference: locked since `valueInstant`. */
export const NOTE_LOCK = "urn:keyward:note-lock";

/** What is done to a note's record; a signature is written with it, or for `attest` alone. */
export type NoteWrite = "start" | "write" | "sign" | "lock" | "attest" | "amend" | "unlock" | "discard";

type Before = NoteState | "none";
interface NoteRule {
  readonly states: Partial<Record<Before, NoteState>>;
  /** Whether the text may be another one afterwards. */
  readonly hasNewContent: boolean;
}

/** Every change of a note that there is: from which state, to which, and whether its text may change. */
export const NOTE_WRITES: Readonly<Record<NoteWrite, NoteRule>> = {
  start: { states: { none: "draft" }, hasNewContent: true },
  write: { states: { draft: "draft", signed: "reopened", reopened: "reopened" }, hasNewContent: true },
  sign: { states: { draft: "signed", signed: "signed", reopened: "signed" }, hasNewContent: true },
  lock: { states: { draft: "locked", signed: "locked", reopened: "locked" }, hasNewContent: true },
  attest: { states: {}, hasNewContent: false },
  amend: { states: { signed: "signed", locked: "locked", reopened: "reopened" }, hasNewContent: false },
  unlock: { states: { locked: "reopened" }, hasNewContent: false },
  discard: { states: { draft: "entered-in-error" }, hasNewContent: false },
};

const listOf = (value: unknown): readonly JsonObject[] =>
  (Array.isArray(value) ? (value as unknown[]) : []).filter(isJsonObject);

export const isNote = (resource: FhirResource): boolean =>
  resource.resourceType === "DocumentReference" &&
  listOf(resource["content"]).some(({ attachment }) => isJsonObject(attachment) && isFormat(attachment, NOTE_FORMAT));

const isFormat = ({ contentType }: JsonObject, format: string): boolean =>
  typeof contentType === "string" && contentType.split(";")[0]?.trim().toLowerCase() === format;

export const isNoteSignature = (resource: FhirResource): boolean =>
  resource.resourceType === "Provenance" &&
  listOf(resource["signature"]).some(
    ({ sigFormat }) => typeof sigFormat === "string" && sigFormat.trim().toLowerCase() === SIGNATURE_FORMAT,
  );

const isLocked = (resource: FhirResource): boolean =>
  listOf(resource["extension"]).some(({ url }) => url === NOTE_LOCK);

/** The state of a note, by the elements that R4 has for it and the lock; undefined for what is none. */
export function noteStateOf(resource: FhirResource): NoteState | undefined {
  if (!isNote(resource)) return undefined;
  const { status, docStatus, authenticator } = resource;
  if (status === "entered-in-error") return "entered-in-error";
  // The lock speaks for itself: no other element takes it away.
  if (isLocked(resource)) return "locked";
  if (docStatus === "final" || docStatus === "amended") return "signed";
  return authenticator === undefined ? "draft" : "reopened";
}

/** One record as it was and as it will be; absent where there is none. */
export interface NoteChange {
  readonly before?: FhirResource;
  readonly after?: FhirResource;
}

/**
 * Whether a write is one that the table permits. A label alone may reach a note or a signature by any door, because what
 * is labelled around it takes it along; it changes no word, and from what is locked none is taken away.
 */
export function isNoteWritePermitted(writes: readonly NoteWrite[] = [], { before, after }: NoteChange): boolean {
  const isGoverned = [before, after].some((one) => one !== undefined && (isNote(one) || isNoteSignature(one)));
  if (!isGoverned) return true;
  // Nothing of them is ever taken away: what was written in error says so and stays.
  if (after === undefined) return false;
  if (before !== undefined && isRelabelled(before, after)) return true;
  if (isNoteSignature(after)) return before === undefined && writes.some((write) => IS_ATTESTED.has(write));
  const state = noteStateOf(after);
  if (state === undefined) return false;
  return writes.some((write) => isByTable(NOTE_WRITES[write], state, before, after));
}

const IS_ATTESTED: ReadonlySet<NoteWrite> = new Set(["sign", "lock", "attest", "unlock"]);

function isByTable(rule: NoteRule, state: NoteState, before: FhirResource | undefined, after: FhirResource): boolean {
  if (before === undefined) return rule.states.none === state;
  const from = noteStateOf(before);
  if (from === undefined || rule.states[from] !== state) return false;
  if (!isDeepStrictEqual(before["subject"], after["subject"])) return false;
  return rule.hasNewContent || isDeepStrictEqual(before["content"], after["content"]);
}

/** The same but for labels; of what is locked or signed every label stays. */
function isRelabelled(before: FhirResource, after: FhirResource): boolean {
  if (!isOnlyRelabelled(before, after)) return false;
  const kept = new Set(labelsOf(after));
  const isOpen = isNote(before) && noteStateOf(before) !== "locked";
  return isOpen || labelsOf(before).every((label) => kept.has(label));
}
