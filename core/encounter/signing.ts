import type { CoSignNote, NoteChecksView, NoteView, SignatureKind, SignNote, UnlockNote } from "../contract/index.ts";
import { type JsonObject, readBundle } from "../fhir/index.ts";
import { invariant } from "../kernel/invariant.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { NoteWrite } from "../record/index.ts";
import { type CheckFacts, checksOf, isReady } from "./checks.ts";
import { effectOf, type EncounterDesk, made, searchAll } from "./desk.ts";
import { broken, type EncounterFailure } from "./failure.ts";
import { bytesOf, hashOf } from "./note-body.ts";
import { type NoteFile, readFile, readNote, viewOf } from "./note-reading.ts";
import { amendedBy, type Note, signedAs, unlockedOf } from "./note-resource.ts";
import { signatureOf } from "./signature.ts";
import { actsOf } from "./standing.ts";
import { takeDraft } from "./writing.ts";

type Answer<T> = Promise<Result<T, EncounterFailure>>;

const HOUR_MS = 3_600_000;
/** Vitals are taken before the physician opens the note, and belong to its visit. */
const BEFORE_NOTE_MS = 12 * HOUR_MS;

/** What the chart says that the note is checked against. */
async function factsOf(desk: EncounterDesk, note: Note): Answer<CheckFacts> {
  const asks = note.body?.asks ?? { vitals: "no", allergies: "no" };
  const since = new Date(Date.parse(note.startedAt) - BEFORE_NOTE_MS).toISOString();
  const vitals =
    asks.vitals === "no"
      ? ok([])
      : await searchAll(desk, "Observation", `patient=${note.patientId}&category=vital-signs&date=ge${since}`);
  if (!vitals.ok) return vitals;
  const allergies =
    asks.allergies === "no" ? ok([]) : await searchAll(desk, "AllergyIntolerance", `patient=${note.patientId}`);
  if (!allergies.ok) return allergies;
  const standing = (resource: JsonObject): boolean => resource["status"] !== "entered-in-error";
  const isSaid = (resource: JsonObject): boolean =>
    !JSON.stringify(resource["verificationStatus"] ?? "").includes("entered-in-error");
  return ok({ hasVitals: vitals.value.some(standing), hasAllergies: allergies.value.some(isSaid) });
}

/** What stands between the text that the server holds for the caller, and a signature. */
export async function checkNote(desk: EncounterDesk, id: string): Answer<NoteChecksView> {
  const file = await readFile(desk, id);
  if (!file.ok) return file;
  const { note } = file.value;
  const taken = await takeDraft(desk, note, { version: note.version, draft: 0 });
  if (!taken.ok) return taken;
  const facts = await factsOf(desk, note);
  if (!facts.ok) return facts;
  const { body, draft } = taken.value;
  return ok({ version: note.version, draft: draft?.draft ?? 0, checks: checksOf(body, facts.value) });
}

/**
 * Signs the text that the signer has before her, as who is signed in. Version and signature are one transaction: there is
 * no signed note without its signature, and no signature of a version that was never written.
 */
export async function signNote(desk: EncounterDesk, id: string, asked: SignNote): Answer<NoteView> {
  const file = await readFile(desk, id);
  if (!file.ok) return file;
  const { note } = file.value;
  const { isLocking, acknowledged } = asked;
  if (isDone(file.value, desk, asked.version + 1, { isLocking })) return viewOf(desk, file.value);
  const taken = await takeDraft(desk, note, asked);
  if (!taken.ok) return taken;
  if (taken.value.conflict) return err({ kind: "conflict", reason: "version" });
  const { body, isNew } = taken.value;
  // With new words the text is another one: who has signed the former signs this one too.
  const acts = actsOf(note, isNew ? [] : file.value.signatures, desk.me, desk.isPermitted);
  if (!acts.includes(isLocking ? "lock" : "sign")) return broken("note-act");
  const facts = await factsOf(desk, note);
  if (!facts.ok) return facts;
  if (!isReady(checksOf(body, facts.value), acknowledged)) return broken("note-checks");
  const nowMs = desk.clock.now();
  const signed = signedAs(note, body, desk.me, { isLocking, nowMs });
  const original = note.appendsTo === undefined ? undefined : await readFile(desk, note.appendsTo);
  if (original && !original.ok) return original;
  const signature = signatureOf(
    desk.me,
    { note: id, version: note.version + 1, sha256: hashOf(bytesOf(body)), kind: kindOf(file.value), isLocking },
    nowMs,
  );
  const isFirst = original !== undefined && !original.value.note.addenda.includes(id);
  const entries = [
    replacing(note, signed),
    adding(signature),
    ...(isFirst ? [replacing(original.value.note, amendedBy(original.value.note, id))] : []),
  ];
  return commit(desk, id, entries, [isLocking ? "lock" : "sign", ...(isFirst ? (["amend"] as const) : [])]);
}

/** Whether the request had its effect before, and its answer was lost on the way: hers, over the version it would make. */
const isDone = (
  { note, signatures }: NoteFile,
  { me }: EncounterDesk,
  version: number,
  made: { readonly isLocking?: boolean; readonly kind?: SignatureKind },
): boolean =>
  note.version >= version &&
  signatures.some(
    ({ statement }) =>
      statement.version === version &&
      statement.user === me.userId &&
      statement.sha256 === note.hash &&
      (made.kind === undefined ? statement.kind !== "unlock" : statement.kind === made.kind) &&
      (made.isLocking === undefined || statement.isLocking === made.isLocking),
  );

/** As what the note is signed now. */
function kindOf({ note, signatures }: NoteFile): SignatureKind {
  if (signatures.some(({ statement }) => statement.kind !== "unlock"))
    return note.state === "signed" ? "author" : "modification";
  return note.appendsTo === undefined ? "author" : "addendum";
}

const replacing = ({ id, version }: Note, resource: JsonObject): JsonObject => ({
  resource: made(resource),
  request: { method: "PUT", url: `DocumentReference/${id}`, ifMatch: `W/"${version}"` },
});
const adding = (provenance: JsonObject): JsonObject => ({
  resource: made(provenance),
  request: { method: "POST", url: "Provenance" },
});

async function commit(
  desk: EncounterDesk,
  id: string,
  entry: readonly JsonObject[],
  noteWrites: readonly NoteWrite[],
): Answer<NoteView> {
  const bundle = readBundle({ resourceType: "Bundle", type: "transaction", entry });
  invariant(bundle.ok, "a transaction that is made here can be read");
  const done = await desk.records.transaction(desk.grant, bundle.value, { noteWrites, ...effectOf(desk) });
  return done.ok ? readNote(desk, id) : done;
}

/** The file, where the caller has its version before her and may do this to it. */
export function fileFor(
  desk: EncounterDesk,
  file: NoteFile,
  version: number,
  act: "cosign" | "addend" | "unlock" | "discard",
): Result<NoteFile, EncounterFailure> {
  const { note, signatures } = file;
  if (note.version !== version) return err({ kind: "conflict", reason: "version" });
  return actsOf(note, signatures, desk.me, desk.isPermitted).includes(act) ? ok(file) : broken("note-act");
}

/** Adds a physician's name to what somebody else has signed. It covers the version that it names, whatever comes after. */
export async function coSignNote(desk: EncounterDesk, id: string, { version }: CoSignNote): Answer<NoteView> {
  const known = await readFile(desk, id);
  if (!known.ok) return known;
  if (isDone(known.value, desk, version, { kind: "co-signature" })) return viewOf(desk, known.value);
  const file = fileFor(desk, known.value, version, "cosign");
  if (!file.ok) return file;
  const { hash } = file.value.note;
  const said = { note: id, version, sha256: hash, kind: "co-signature", isLocking: false } as const;
  const signature = made(signatureOf(desk.me, said, desk.clock.now()));
  const written = await desk.records.create(desk.grant, signature, { noteWrites: ["attest"], ...effectOf(desk) });
  return written.ok ? readNote(desk, id) : written;
}

/** Opens a locked note. Who did it, when and why stands beside the signatures from then on. */
export async function unlockNote(desk: EncounterDesk, id: string, { version, reason }: UnlockNote): Answer<NoteView> {
  const known = await readFile(desk, id);
  if (!known.ok) return known;
  if (isDone(known.value, desk, version + 1, { kind: "unlock" })) return viewOf(desk, known.value);
  const file = fileFor(desk, known.value, version, "unlock");
  if (!file.ok) return file;
  const { note } = file.value;
  const said = {
    note: id,
    version: note.version + 1,
    sha256: note.hash,
    kind: "unlock",
    isLocking: false,
    reason,
  } as const;
  const entries = [replacing(note, unlockedOf(note)), adding(signatureOf(desk.me, said, desk.clock.now()))];
  return commit(desk, id, entries, ["unlock"]);
}
