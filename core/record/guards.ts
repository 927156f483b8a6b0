import type { FhirResource } from "../fhir/index.ts";
import { classOf } from "../fhir/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { CompiledConsent } from "../policy/consent/index.ts";
import { compileConsent, withConsent, withoutConsent } from "../policy/consent/index.ts";
import type { Merge, Protection } from "../privacy/index.ts";
import { protectionCheck, protectionWrite } from "../privacy/index.ts";
import type { Home, RecordId, TableWrite } from "../table/index.ts";
import { placeOf } from "./changes.ts";
import type { Desk } from "./desk.ts";
import { isDocumentWritePermitted, leavesContent } from "./document-guard.ts";
import type { RecordFailure } from "./failure.ts";
import { privacyFailure } from "./failure.ts";
import { isInboxWritePermitted } from "./inbox-guard.ts";
import { isNoteWritePermitted, noteStateOf } from "./note-guard.ts";
import type { StoredVersion } from "./stored.ts";
import { resourceOf, stampResource } from "./stored.ts";
import type { PlannedWrite } from "./planned-write.ts";
import type { PatientPrivacy } from "./privacy.ts";
import { privacyOf } from "./privacy.ts";

/** One record that a transaction changes, as its guards see it. */
export interface Touch {
  readonly home: Home;
  readonly id: RecordId;
  readonly version: number;
  readonly type: string;
  /** What will be there; absent for a deletion. */
  readonly resource?: FhirResource;
  /** What is there; absent where nothing is, or a deletion. */
  readonly before?: StoredVersion;
  /** True for a Patient that this very transaction makes: nobody has a protection before she is there. */
  readonly isNewPatient: boolean;
}

/** The patients whose protection a transaction has to meet, each once. */
export function patientsTouched(touches: readonly Touch[]): readonly RecordId[] {
  const fresh = new Set(touches.filter(({ isNewPatient }) => isNewPatient).map(({ id }) => id));
  const homes = touches.flatMap(({ home }) => ("patientId" in home ? [home.patientId] : []));
  return [...new Set(homes)].filter((id) => !fresh.has(id) || hasConsent(touches, id));
}

const hasConsent = (touches: readonly Touch[], patientId: RecordId): boolean =>
  touches.some(({ type, home }) => type === "Consent" && "patientId" in home && home.patientId === patientId);

interface GuardedPatient {
  readonly protection: Protection;
  readonly consents?: readonly CompiledConsent[];
  /** What the transaction makes of the patient's merge; null where it undoes it. */
  readonly merge?: Merge | null;
}

/** The protections that a transaction was judged by, and the consents that it leaves behind. */
export interface Guarding {
  readonly patients: readonly GuardedPatient[];
}

/**
 * A hold refuses the whole where one write would change what it keeps, and so does a Consent that cannot be computed, and
 * a note that is not written as notes are. `consent` has its path.
 */
export async function guardingOf(
  desk: Desk,
  touches: readonly Touch[],
  nowMs: number,
): Promise<Result<Guarding, RecordFailure>> {
  const note = touches
    .map((touch) => noteRefusal(desk, touch) ?? documentRefusal(desk, touch) ?? inboxRefusal(desk, touch))
    .find((refusal) => refusal !== undefined);
  if (note) return err(note);
  const patients: GuardedPatient[] = [];
  const linked: Protection[] = [];
  for (const patientId of patientsTouched(touches)) {
    const patient = await privacyOf(desk, patientId);
    if (!patient.ok) return patient;
    const { protection } = patient.value;
    const hers = touches.filter(({ home }) => isOf(home, patientId));
    if (!isKept(desk, patient.value, hers)) return err({ kind: "locked" });
    if (!isReachedThroughAll(patient.value, hers)) return err({ kind: "forbidden" });
    linked.push(...(patient.value.linked ?? []));
    const own = hers.filter(({ type }) => type === "Consent");
    const consents = own.length === 0 ? ok(undefined) : consentsAfter(protection.consents, own, nowMs);
    if (!consents.ok) return consents;
    patients.push({ protection, ...(consents.value && { consents: consents.value }) });
  }
  const known = new Set(patients.map(({ protection }) => protection.patientId));
  for (const protection of linked) {
    if (known.has(protection.patientId)) continue;
    known.add(protection.patientId);
    patients.push({ protection });
  }
  return ok({ patients });
}

/** Of merged charts, what one of them denies the writer is not written into another. */
function isReachedThroughAll({ linked, classes }: PatientPrivacy, touches: readonly Touch[]): boolean {
  if (!linked) return true;
  return touches.every(({ resource }) => resource === undefined || classes.includes(classOf(resource)));
}

const GOVERNED: ReadonlySet<string> = new Set(["DocumentReference", "Provenance"]);

/**
 * Invariant: what is locked is not written over: every write stands under the condition that its record is still at the
 * version that was judged here, so that a lock which comes between refuses it.
 */
function noteRefusal(desk: Desk, { type, before, resource }: Touch): RecordFailure | undefined {
  if (!GOVERNED.has(type)) return undefined;
  const was = before === undefined ? undefined : resourceOf(before);
  const change = { ...(was && { before: was }), ...(resource && { after: resource }) };
  if (isNoteWritePermitted(desk.noteWrites, change)) return undefined;
  const isLocked = was !== undefined && noteStateOf(was) === "locked";
  return { kind: "business-rule", rule: isLocked ? "note-locked" : "note-door" };
}

function documentRefusal(desk: Desk, { type, before, resource }: Touch): RecordFailure | undefined {
  if (type !== "DocumentReference") return undefined;
  const was = before === undefined ? undefined : resourceOf(before);
  const change = { ...(was && { before: was }), ...(resource && { after: resource }) };
  if (isDocumentWritePermitted(desk.documentWrites, change)) return undefined;
  return { kind: "business-rule", rule: leavesContent(change) ? "document-sealed" : "document-door" };
}

const OF_INBOX: ReadonlySet<string> = new Set(["Communication", "Task", "DiagnosticReport", "Observation"]);

function inboxRefusal(desk: Desk, { type, before, resource }: Touch): RecordFailure | undefined {
  if (!OF_INBOX.has(type)) return undefined;
  const was = before === undefined ? undefined : resourceOf(before);
  const change = { ...(was && { before: was }), ...(resource && { after: resource }) };
  const isPermitted = isInboxWritePermitted(change, desk.isInboxWrite === true);
  return isPermitted ? undefined : { kind: "business-rule", rule: "inbox-door" };
}

/**
 * A hold keeps what is there: new records are written beside it, and nothing is replaced, deleted or given a label, not
 * even for the sake of a new record. One that restricts takes new records in an emergency alone, as policy says.
 */
function isKept(desk: Desk, patient: PatientPrivacy, touches: readonly Touch[]): boolean {
  const { protection, classes, linked = [] } = patient;
  const holds = [protection, ...linked].flatMap(({ hold }) => hold ?? []);
  if (holds.length === 0) return true;
  const isAdded = touches.every(({ version }) => version === 1);
  if (holds.every(({ mode }) => mode === "frozen")) return isAdded;
  const isReached = touches.every(({ resource }) => resource !== undefined && classes.includes(classOf(resource)));
  return isAdded && isReached && desk.grant.emergency !== undefined;
}

/**
 * What goes into the transaction beside its records, one row for each patient: the condition that her protection is still
 * the one that policy saw, or with a Consent the protection that follows from it.
 *
 * Invariant: no record is written under a consent or a hold other than those it was judged by.
 */
export async function guardWrites(
  desk: Desk,
  { patients }: Guarding,
  eventId: string,
): Promise<Result<readonly TableWrite[], RecordFailure>> {
  const writes: TableWrite[] = [];
  for (const { protection, consents, merge } of patients) {
    if (!consents && merge === undefined) {
      writes.push(protectionCheck(desk.privacy.rows, protection));
      continue;
    }
    const change = { ...(consents && { consents }), ...(merge !== undefined && { merge }) };
    const write = await protectionWrite(desk.privacy.rows, protection, change, { eventId });
    if (!write.ok) return err(privacyFailure(write.error));
    writes.push(write.value);
  }
  return ok(writes);
}

const isOf = (home: Home, patientId: RecordId): boolean => "patientId" in home && home.patientId === patientId;

function consentsAfter(
  before: readonly CompiledConsent[],
  touches: readonly Touch[],
  nowMs: number,
): Result<readonly CompiledConsent[], RecordFailure> {
  let consents = before;
  for (const { id, version, resource } of touches) {
    if (!resource) {
      consents = withoutConsent(consents, id);
      continue;
    }
    const compiled = compileConsent(stampResource(resource, id, version, nowMs), version);
    if (!compiled.ok) return err({ kind: "consent", rule: compiled.error.rule, path: compiled.error.path });
    consents = withConsent(consents, compiled.value);
  }
  return ok(consents);
}

/** A planned write as its guards see it. `home` is where a creation will live. */
export function touchOf(write: PlannedWrite, home: Home): Touch {
  if (write.kind === "create") {
    const { resource, id } = write;
    const type = resource.resourceType;
    return { home, id, version: 1, type, resource, isNewPatient: type === "Patient" };
  }
  const { whole, spot } = write.current;
  return {
    home: spot.home,
    id: whole.id,
    version: whole.version + 1,
    type: whole.type,
    isNewPatient: false,
    ...(whole.text !== undefined && { before: whole }),
    ...(write.kind === "update" && { resource: write.resource }),
  };
}

/** One whose place cannot be told is refused by its own change. */
export const touchesOf = (desk: Desk, writes: readonly PlannedWrite[]): readonly Touch[] =>
  writes.flatMap((write) => {
    if (write.kind !== "create") return [touchOf(write, write.current.spot.home)];
    const spot = placeOf(desk, write.resource, write.id);
    return spot.ok ? [touchOf(write, spot.value.home)] : [];
  });
