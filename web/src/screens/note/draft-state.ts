import type { Attestation, NoteSavedView, NoteSection, NoteView } from "../../../../core/contract/index.ts";

/** What somebody has written, as the editor holds it. */
export interface Writing {
  readonly sections: readonly NoteSection[];
  readonly attested: readonly Attestation[];
}

export type Theirs = Extract<NoteSavedView, { readonly state: "conflict" }>["theirs"];

/**
 * How far the text has got. `offline`, `failed`, `waiting` (for a sign-in): it is tried again by itself. `conflict`: a
 * choice is asked for. `refused`: the note is closed to her.
 */
export type DraftStatus =
  | "unchanged"
  | "saved"
  | "dirty"
  | "saving"
  | "offline"
  | "failed"
  | "waiting"
  | "conflict"
  | "refused";

export interface DraftState {
  readonly writing: Writing;
  /** What the next saving goes on from. */
  readonly held: { readonly version: number; readonly draft: number };
  readonly status: DraftStatus;
  readonly savedAt?: string;
  readonly theirs?: Theirs;
  /** Raised by each change: a saving that was begun before it has not saved it. */
  readonly change: number;
}

export type DraftEvent =
  | { readonly kind: "written"; readonly writing: Writing }
  | { readonly kind: "sent" }
  | { readonly kind: "answered"; readonly answer: NoteSavedView; readonly change: number }
  | { readonly kind: "failed"; readonly as: "offline" | "failed" | "waiting" | "refused" }
  | { readonly kind: "merged"; readonly writing: Writing }
  | { readonly kind: "versioned"; readonly version: number };

/** Statuses in which nothing is lost if the page goes. */
export const isKept = (status: DraftStatus): boolean => status === "unchanged" || status === "saved";

const textsOf = ({ sections, attested }: NoteView): Writing => ({
  sections: sections.map(({ key, title, text, carried }) => ({ key, title, text, ...(carried && { carried }) })),
  attested,
});

const essence = ({ sections, attested }: Writing): string =>
  JSON.stringify([
    sections.map(({ key, text, carried }) => [key, text, carried?.isConfirmed]),
    [...attested].toSorted(),
  ]);
export const isSame = (left: Writing, right: Writing): boolean => essence(left) === essence(right);

/** The text that an editor begins with: the author's own draft, unless the note has gone on without it. */
export function begin(note: NoteView): DraftState {
  const current = textsOf(note);
  const { draft } = note;
  if (draft === undefined) {
    return { writing: current, held: { version: note.version, draft: note.drafts }, status: "unchanged", change: 0 };
  }
  const writing = { sections: draft.sections, attested: draft.attested };
  const held = { version: note.version, draft: draft.draft };
  if (draft.version === note.version) return { writing, held, status: "saved", savedAt: draft.savedAt, change: 0 };
  const by = note.authors.at(-1) ?? { name: "", isMe: false };
  const theirs = { version: note.version, draft: draft.draft, savedAt: note.writtenAt, by, ...current };
  return { writing, held, status: "conflict", theirs, change: 0 };
}

/** What becomes of the editor's text with everything that happens to it. Pure. */
export function next(state: DraftState, event: DraftEvent): DraftState {
  switch (event.kind) {
    case "written": {
      const status = state.status === "conflict" || state.status === "refused" ? state.status : "dirty";
      return { ...state, writing: event.writing, status, change: state.change + 1 };
    }
    case "sent":
      return { ...state, status: "saving" };
    case "answered":
      return answered(state, event.answer, event.change === state.change);
    case "failed":
      return { ...state, status: event.as };
    case "merged": {
      const { theirs, ...rest } = state;
      const held = theirs === undefined ? state.held : { version: theirs.version, draft: theirs.draft };
      return { ...rest, held, writing: event.writing, status: "dirty", change: state.change + 1 };
    }
    case "versioned":
      return { ...state, held: { ...state.held, version: event.version } };
  }
}

function answered(state: DraftState, answer: NoteSavedView, isLatest: boolean): DraftState {
  if (answer.state === "saved") {
    const { version, draft, savedAt } = answer;
    return { ...state, held: { version, draft }, savedAt, status: isLatest ? "saved" : "dirty" };
  }
  const { theirs } = answer;
  // The other window wrote the very same: there is nothing to choose.
  if (isSame(theirs, state.writing)) {
    return {
      ...state,
      held: { version: theirs.version, draft: theirs.draft },
      savedAt: theirs.savedAt,
      status: "saved",
    };
  }
  return { ...state, status: "conflict", theirs };
}
