import type { FhirResource } from "../fhir/index.ts";
import { classOf } from "../fhir/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { CompiledConsent } from "../policy/consent/index.ts";
import { compileConsent, withConsent, withoutConsent } from "../policy/consent/index.ts";
import type { Protection } from "../privacy/index.ts";
import { protectionCheck, protectionWrite } from "../privacy/index.ts";
import type { Home, RecordId, TableWrite } from "../table/index.ts";
import { placeOf } from "./changes.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { privacyFailure } from "./failure.ts";
import { stampResource } from "./stored.ts";
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

/** The protections that a transaction was judged by, and the consents that it leaves behind. */
export interface Guarding {
  readonly patients: readonly { readonly protection: Protection; readonly consents?: readonly CompiledConsent[] }[];
}

/**
 * A hold refuses the whole where one write would change what it keeps, and so does a Consent that cannot be computed.
 * `consent` has its path.
 */
export async function guardingOf(
  desk: Desk,
  touches: readonly Touch[],
  nowMs: number,
): Promise<Result<Guarding, RecordFailure>> {
  const patients: Guarding["patients"][number][] = [];
  for (const patientId of patientsTouched(touches)) {
    const patient = await privacyOf(desk, patientId);
    if (!patient.ok) return patient;
    const { protection } = patient.value;
    const hers = touches.filter(({ home }) => isOf(home, patientId));
    if (!isKept(desk, patient.value, hers)) return err({ kind: "locked" });
    const own = hers.filter(({ type }) => type === "Consent");
    const consents = own.length === 0 ? ok(undefined) : consentsAfter(protection.consents, own, nowMs);
    if (!consents.ok) return consents;
    patients.push({ protection, ...(consents.value && { consents: consents.value }) });
  }
  return ok({ patients });
}

/**
 * A hold keeps what is there: new records are written beside it, and nothing is replaced, deleted or given a label, not
 * even for the sake of a new record. One that restricts takes new records in an emergency alone, as policy says.
 */
function isKept(desk: Desk, { protection, classes }: PatientPrivacy, touches: readonly Touch[]): boolean {
  if (!protection.hold) return true;
  const isAdded = touches.every(({ version }) => version === 1);
  if (protection.hold.mode === "frozen") return isAdded;
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
  for (const { protection, consents } of patients) {
    if (!consents) {
      writes.push(protectionCheck(desk.privacy.rows, protection));
      continue;
    }
    const write = await protectionWrite(desk.privacy.rows, protection, { consents }, { eventId });
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
