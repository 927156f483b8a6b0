import * as z from "zod";
import { PLAIN_TEXT } from "./plain-text.ts";

/** Requests and answers of visits, notes and their templates. */

/** FHIR R4 datatypes.html#id. */
const recordId = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/);
const version = z.int().min(1);
const line = z.string().trim().min(1).max(120);

/** FHIR R4 valueset-encounter-status: those that a visit of a clinic goes through. */
export const VISIT_STATES = ["planned", "arrived", "in-progress", "finished", "cancelled", "entered-in-error"] as const;
export type VisitState = (typeof VISIT_STATES)[number];

/** Where the visit takes place. http://terminology.hl7.org/CodeSystem/v3-ActCode */
export const VISIT_CLASSES = ["AMB", "VR", "HH"] as const;

/** A visit of a patient who is here: of an appointment, or of somebody who walked in. Opened again, it is the same visit. */
export const OpenVisit = z.strictObject({
  patient: recordId,
  appointment: recordId.optional(),
  class: z.enum(VISIT_CLASSES).default("AMB"),
  reason: line.optional(),
});
export type OpenVisit = z.infer<typeof OpenVisit>;

export const ChangeVisit = z.strictObject({ to: z.enum(VISIT_STATES), version });
export type ChangeVisit = z.infer<typeof ChangeVisit>;

/** Somebody of the clinic, by what a record says of her. */
export interface Clinician {
  readonly user?: string;
  readonly name: string;
  readonly isMe: boolean;
}

export interface VisitView {
  readonly id: string;
  readonly version: number;
  readonly patient: string;
  readonly state: VisitState;
  readonly class: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly reason?: string;
  readonly appointment?: string;
  readonly participants: readonly Clinician[];
  /** The states that the caller may take it to. */
  readonly may: readonly VisitState[];
  readonly notes: readonly NoteLine[];
}

export interface VisitsView {
  readonly visits: readonly VisitView[];
  /** Notes of no visit that stands here. */
  readonly loose: readonly NoteLine[];
}

/**
 * `signed`: attested and still open, so that another clinician may add and sign too. `locked`: closed to every change.
 * `reopened`: was signed, and its text waits for a signature again.
 */
export const NOTE_STATES = ["draft", "signed", "locked", "reopened", "entered-in-error"] as const;
export type NoteState = (typeof NOTE_STATES)[number];

/** What somebody does to a note. Each is an action of policy, `note.<act>`. */
export const NOTE_ACTS = ["write", "sign", "lock", "cosign", "addend", "unlock", "discard"] as const;
export type NoteAct = (typeof NOTE_ACTS)[number];

/** A note in a list. */
export interface NoteLine {
  readonly id: string;
  readonly patient: string;
  readonly encounter?: string;
  readonly type: string;
  readonly state: NoteState;
  readonly isAmended: boolean;
  readonly isAddendum: boolean;
  readonly labels: readonly string[];
  readonly authors: readonly Clinician[];
  readonly writtenAt: string;
}

/** Letters and digits of ours, so that a key can stand in an address of the page. */
const slug = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);
const SECTION_TEXT_MAX = 20_000;
export const SECTIONS_MAX = 30;
/** All of a note's texts together, in characters. */
export const NOTE_TEXT_MAX = 60_000;
const plainText = z.string().max(SECTION_TEXT_MAX).regex(PLAIN_TEXT);

/** What a section was carried from. Until its author has confirmed it, the note is not ready to be signed. */
export const CarriedFrom = z.strictObject({
  note: recordId,
  version,
  /** When that note was signed. */
  at: z.iso.datetime(),
  by: z.string().max(200),
  isConfirmed: z.boolean(),
});
export type CarriedFrom = z.infer<typeof CarriedFrom>;

export const NoteSection = z.strictObject({
  key: slug,
  title: line,
  text: plainText,
  carried: CarriedFrom.optional(),
});
export type NoteSection = z.infer<typeof NoteSection>;

export const ATTESTATIONS = ["allergies-reviewed"] as const;
export type Attestation = (typeof ATTESTATIONS)[number];

/** What the editor holds of a note's body. */
const body = {
  sections: z
    .array(NoteSection)
    .min(1)
    .max(SECTIONS_MAX)
    .refine((all) => new Set(all.map(({ key }) => key)).size === all.length)
    .refine((all) => all.reduce((sum, { text }) => sum + text.length, 0) <= NOTE_TEXT_MAX),
  attested: z.array(z.enum(ATTESTATIONS)).max(ATTESTATIONS.length).default([]),
};

/** Labels that a note can be given when it is begun, by who may write there. */
export const NOTE_LABELS = ["PSYTHPN", "42CFRPart2", "PSY", "SEX", "SDV", "HIV"] as const;

export const StartNote = z.strictObject({
  encounter: recordId,
  template: slug,
  /** Takes over, marked, what the last signed note of this patient and template said. */
  carryForward: z.boolean().default(false),
  label: z.enum(NOTE_LABELS).optional(),
});
export type StartNote = z.infer<typeof StartNote>;

/** What the editor has in hand: the version that it began from, and the draft that it saved last (0: none). */
const held = { version, draft: z.int().min(0) };

/** Keeps the author's text without making a version. */
export const SaveDraft = z.strictObject({ ...held, ...body });
export type SaveDraft = z.infer<typeof SaveDraft>;

/** Makes a version of the author's draft, for others to read and go on with. */
export const SaveNote = z.strictObject(held);
export type SaveNote = z.infer<typeof SaveNote>;

/** Signs what the server holds: the version and the draft that the signer has before her. */
export const SignNote = z.strictObject({
  ...held,
  isLocking: z.boolean(),
  /** Warnings of the pre-sign checks that the signer has read and signs over, by rule. */
  acknowledged: z.array(slug).max(20).default([]),
});
export type SignNote = z.infer<typeof SignNote>;

export const CoSignNote = z.strictObject({ version });
export type CoSignNote = z.infer<typeof CoSignNote>;

export const UNLOCK_REASONS = ["correction", "wrong-patient", "missing-content", "signed-too-early", "other"] as const;
export const UnlockNote = z.strictObject({
  version,
  reason: z.strictObject({ code: z.enum(UNLOCK_REASONS), text: z.string().trim().min(10).max(500) }),
});
export type UnlockNote = z.infer<typeof UnlockNote>;

export const AddendNote = z.strictObject({ version });
export type AddendNote = z.infer<typeof AddendNote>;

export const DISCARD_REASONS = ["wrong-patient", "wrong-visit", "not-needed"] as const;
export const DiscardNote = z.strictObject({ version, reason: z.enum(DISCARD_REASONS) });
export type DiscardNote = z.infer<typeof DiscardNote>;

/** `differs`: what stands under the signature is not what was signed. */
export type SignatureCheck = "matches" | "differs" | "unavailable";
export const SIGNATURE_KINDS = ["author", "co-signature", "addendum", "modification", "unlock"] as const;
export type SignatureKind = (typeof SIGNATURE_KINDS)[number];

export interface NoteSignatureView {
  readonly id: string;
  readonly kind: SignatureKind;
  readonly by: Clinician;
  readonly at: string;
  readonly version: number;
  /** SHA-256 of the signed content, hex. */
  readonly hash: string;
  readonly check: SignatureCheck;
  /** Whether it covers the text as it stands. */
  readonly isCurrent: boolean;
  readonly isLocking: boolean;
  readonly reason?: { readonly code: string; readonly text: string };
}

export interface NoteDraftView {
  readonly draft: number;
  /** The version that it goes on from. */
  readonly version: number;
  readonly savedAt: string;
  readonly sections: readonly NoteSection[];
  readonly attested: readonly Attestation[];
}

export interface NoteView extends NoteLine {
  readonly version: number;
  /** SHA-256 of the content as it stands, hex: over the bytes of the attachment. */
  readonly hash: string;
  readonly template: { readonly id: string; readonly name: string };
  readonly startedAt: string;
  readonly sections: readonly (NoteSection & { readonly prompt?: string; readonly isRequired: boolean })[];
  readonly attested: readonly Attestation[];
  readonly asksAllergies: boolean;
  readonly signatures: readonly NoteSignatureView[];
  readonly addenda: readonly NoteView[];
  readonly appendsTo?: string;
  /** The caller's own, where it holds more than the version. */
  readonly draft?: NoteDraftView;
  /** How often the caller has kept a draft of it: what the next saving goes on from. */
  readonly drafts: number;
  /** What the caller may do to it now. */
  readonly may: readonly NoteAct[];
  /** As whom the caller would sign: always who is signed in. */
  readonly signingAs: { readonly user: string; readonly name: string };
}

/** How a version came about. */
export interface NoteVersionView {
  readonly version: number;
  readonly at: string;
  readonly state: NoteState;
  readonly by: Clinician;
  readonly sections: readonly NoteSection[];
}
export interface NoteVersionsView {
  readonly versions: readonly NoteVersionView[];
}

/**
 * What became of a saving. `conflict`: somebody else, or another window of hers, has saved meanwhile; nothing was
 * overwritten, and `theirs` is what stands there.
 */
export type NoteSavedView =
  | { readonly state: "saved"; readonly version: number; readonly draft: number; readonly savedAt: string }
  | {
      readonly state: "conflict";
      readonly theirs: {
        readonly version: number;
        readonly draft: number;
        readonly savedAt: string;
        readonly by: Clinician;
        readonly sections: readonly NoteSection[];
        readonly attested: readonly Attestation[];
      };
    };

export const CHECK_RULES = [
  "required-section",
  "carried-unconfirmed",
  "placeholder-left",
  "nothing-written",
  "vitals-missing",
  "allergies-not-recorded",
  "allergies-not-reviewed",
] as const;
export type CheckRule = (typeof CHECK_RULES)[number];

/** `must`: nobody signs over it. `should`: who signs says that she has read it. */
export interface NoteCheckView {
  readonly rule: CheckRule;
  readonly weight: "must" | "should";
  /** Where to go to mend it: a section of the note, or a tab of the chart. */
  readonly at: { readonly section: string; readonly title: string } | { readonly tab: "vitals" | "allergies" };
}
export interface NoteChecksView {
  readonly version: number;
  readonly draft: number;
  readonly checks: readonly NoteCheckView[];
}

export interface UnsignedNotesView {
  readonly notes: readonly NoteLine[];
}

export const TemplateSection = z.strictObject({
  key: slug,
  title: line,
  /** Shown in the empty field, and never part of the note. */
  prompt: z.string().trim().max(300).optional(),
  /** What the section begins with. */
  starter: plainText.max(2_000).optional(),
  isRequired: z.boolean().default(false),
  isCarried: z.boolean().default(false),
});
export type TemplateSection = z.infer<typeof TemplateSection>;

const ask = z.enum(["no", "should", "must"]);
export const NOTE_TYPES = ["progress", "history", "consultation", "nurse", "telephone", "procedure"] as const;
export const NoteTemplate = z.strictObject({
  id: slug,
  name: line,
  type: z.enum(NOTE_TYPES),
  sections: z
    .array(TemplateSection)
    .min(1)
    .max(SECTIONS_MAX)
    .refine((all) => new Set(all.map(({ key }) => key)).size === all.length),
  asks: z.strictObject({ vitals: ask, allergies: ask }),
});
export type NoteTemplate = z.infer<typeof NoteTemplate>;

/** Text that is put in for a word that begins with a dot. `***` in it is a place still to be filled. */
export const Snippet = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9]{0,19}$/),
  text: plainText.min(1).max(4_000),
});
export type Snippet = z.infer<typeof Snippet>;

const distinct = <T>(all: readonly T[], nameOf: (one: T) => string): boolean =>
  new Set(all.map(nameOf)).size === all.length;
export const NoteTemplates = z.strictObject({
  templates: z
    .array(NoteTemplate)
    .min(1)
    .max(40)
    .refine((all) => distinct(all, ({ id }) => id)),
  snippets: z
    .array(Snippet)
    .max(200)
    .refine((all) => distinct(all, ({ name }) => name)),
});
export type NoteTemplates = z.infer<typeof NoteTemplates>;

export const ChangeTemplates = NoteTemplates.extend({ version: z.int().min(0) });
export type ChangeTemplates = z.infer<typeof ChangeTemplates>;
/** `version` 0: the clinic has not made any of its own yet, and these are those that every clinic begins with. */
export type NoteTemplatesView = NoteTemplates & { readonly version: number };

export interface EncounterAnswers {
  readonly openVisit: VisitView;
  readonly readVisit: VisitView;
  readonly changeVisit: VisitView;
  readonly listVisits: VisitsView;
  readonly startNote: NoteView;
  readonly readNote: NoteView;
  readonly listNoteVersions: NoteVersionsView;
  readonly checkNote: NoteChecksView;
  readonly saveDraft: NoteSavedView;
  readonly saveNote: NoteSavedView;
  readonly signNote: NoteView;
  readonly coSignNote: NoteView;
  readonly addendNote: NoteView;
  readonly unlockNote: NoteView;
  readonly discardNote: NoteView;
  readonly listUnsigned: UnsignedNotesView;
  readonly readTemplates: NoteTemplatesView;
  readonly changeTemplates: NoteTemplatesView;
}
