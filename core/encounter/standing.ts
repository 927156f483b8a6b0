import type { NoteAct, NoteState } from "../contract/index.ts";
import { NOTE_ACTS } from "../contract/index.ts";
import { type Signer, userOf } from "./clinician.ts";
import type { Note } from "./note-resource.ts";
import type { Signature } from "./signature.ts";

/** What somebody is to a note. */
interface Relation {
  readonly isFirstAuthor: boolean;
  readonly isAuthor: boolean;
  readonly isPhysician: boolean;
  /** She has signed the text as it stands. */
  readonly hasSigned: boolean;
  /** Somebody has. */
  readonly isSigned: boolean;
  readonly isAddendum: boolean;
}

interface ActRule {
  readonly in: readonly NoteState[];
  readonly by: (relation: Relation) => boolean;
}

const OPEN: readonly NoteState[] = ["draft", "signed", "reopened"];
const anyClinician = (): boolean => true;

/**
 * Who may do what to a note in which state. Policy says which roles do it at all (`note.<act>`); this says to whose, and
 * core/record's table which change of state that is.
 */
export const NOTE_ACT_RULES: Readonly<Record<NoteAct, ActRule>> = {
  write: { in: OPEN, by: anyClinician },
  // Who has signed this very text signs it again only to lock it.
  sign: { in: OPEN, by: ({ hasSigned }) => !hasSigned },
  lock: { in: OPEN, by: anyClinician },
  cosign: {
    in: ["signed", "locked"],
    by: ({ isPhysician, isSigned, hasSigned }) => isPhysician && isSigned && !hasSigned,
  },
  addend: { in: ["locked"], by: ({ isAddendum }) => !isAddendum },
  // A physician opens any, and everybody else what she has written herself.
  unlock: { in: ["locked"], by: ({ isPhysician, isAuthor }) => isPhysician || isAuthor },
  discard: { in: ["draft"], by: ({ isFirstAuthor }) => isFirstAuthor },
};

function relationOf(note: Note, signatures: readonly Signature[], me: Signer): Relation {
  const current = signatures.filter(
    ({ statement: { kind, sha256 } }) => kind !== "unlock" && sha256 === note.hash && note.state !== "reopened",
  );
  return {
    isFirstAuthor: userOf(note.authors[0]) === me.userId,
    isAuthor: note.authors.some((author) => userOf(author) === me.userId),
    isPhysician: me.roles.includes("physician"),
    hasSigned: current.some(({ statement }) => statement.user === me.userId),
    isSigned: current.length > 0,
    isAddendum: note.appendsTo !== undefined,
  };
}

/** The acts that are hers now. `isPermitted` is what policy says of each. */
export function actsOf(
  note: Note,
  signatures: readonly Signature[],
  me: Signer,
  isPermitted: (act: NoteAct) => boolean = () => true,
): readonly NoteAct[] {
  // What cannot be read as a note is not written over.
  if (note.body === undefined) return [];
  const relation = relationOf(note, signatures, me);
  return NOTE_ACTS.filter((act) => {
    const rule = NOTE_ACT_RULES[act];
    return rule.in.includes(note.state) && rule.by(relation) && isPermitted(act);
  });
}
