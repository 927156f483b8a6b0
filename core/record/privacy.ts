import type { FhirResource, ResourceType } from "../fhir/index.ts";
import { authorOf, inlineLabelsOf, labelsOf, spanOf } from "../fhir/index.ts";
import type { RecordClass } from "../kernel/data-class.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { ConsentRuling } from "../policy/consent/index.ts";
import { redactLabelled } from "../policy/consent/index.ts";
import { isOfficeGrant } from "../policy/office.ts";
import type { PrivacyDeps, PrivacyFailure, Protection } from "../privacy/index.ts";
import { readProtection, readProtections } from "../privacy/index.ts";
import type { Judgement } from "./judgement.ts";
import { linkedProtections, narrowedBy } from "./linked.ts";
import type { Home, RecordId } from "../table/index.ts";
import { isProjected, isWithheldParameter, projected, withWithheld } from "../view/index.ts";
import { invariant } from "../kernel/invariant.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { privacyFailure } from "./failure.ts";
import { isDeletionTold, isReleased, type Release, type Released, withoutWaiting, withWaiting } from "./release.ts";
import type { StoredRow, StoredVersion } from "./stored.ts";
import { resourceOf, textOf } from "./stored.ts";

/** Where protections come from, and what they mean for who asks. Made for one request and never kept (POL-14). */
export interface Privacy {
  /** Reads protection rows with class D's credentials. */
  readonly rows: PrivacyDeps;
  /** Read in this request before it was authorized. */
  readonly known: readonly Protection[];
  /** `isListed` where she is one of a list of patients, of which nothing clinical is shown. */
  judge(protection: Protection, options?: { readonly isListed?: boolean }): Promise<Result<Judgement, PrivacyFailure>>;
  /** The clinic's rule of what shows to a patient herself; asked in a request of hers, whichever door it comes by. */
  readonly release: () => Promise<Result<Release, PrivacyFailure>>;
}

/** A patient as this request meets her. */
export interface PatientPrivacy extends Judgement {
  readonly protection: Protection;
  /** Of the other charts that were merged with hers: what they deny is denied here too. */
  readonly linked?: readonly Protection[];
}

export type PrivacyByPatient = Map<string, Promise<Result<PatientPrivacy, RecordFailure>>>;

/** One read for each patient and request, however many of her records are met. */
export function privacyOf(desk: Desk, patientId: RecordId): Promise<Result<PatientPrivacy, RecordFailure>> {
  const known = desk.privacyByPatient.get(patientId);
  if (known) return known;
  const reading = readPrivacy(desk, patientId);
  desk.privacyByPatient.set(patientId, reading);
  return reading;
}

async function readPrivacy(
  desk: Desk,
  patientId: RecordId,
  options: { readonly isListed?: boolean } = {},
): Promise<Result<PatientPrivacy, RecordFailure>> {
  const { rows, known } = desk.privacy;
  const here = known.find((protection) => protection.patientId === patientId);
  const protection = here ? ok(here) : await readProtection(rows, patientId);
  return protection.ok ? judged(desk, protection.value, options) : err(privacyFailure(protection.error));
}

async function judged(
  desk: Desk,
  protection: Protection,
  options: { readonly isListed?: boolean } = {},
): Promise<Result<PatientPrivacy, RecordFailure>> {
  const judgement = await desk.privacy.judge(protection, options);
  if (!judgement.ok) return err(privacyFailure(judgement.error));
  const own = { protection, ...judgement.value };
  if (!protection.merge) return ok(own);
  const linked = await linkedProtections(desk.privacy.rows, protection);
  if (!linked.ok) return err(privacyFailure(linked.error));
  let narrowed: Judgement = own;
  for (const other of linked.value) {
    const judged = await desk.privacy.judge(other, options);
    if (!judged.ok) return err(privacyFailure(judged.error));
    narrowed = narrowedBy(narrowed, { protection: other, ...judged.value });
  }
  return ok({ ...own, ...narrowed, linked: linked.value });
}

/** Of a home: undefined where no patient lives there. */
export async function privacyAt(desk: Desk, home: Home): Promise<Result<PatientPrivacy | undefined, RecordFailure>> {
  return "patientId" in home ? privacyOf(desk, home.patientId) : ok(undefined);
}

/**
 * Of every patient at once, for the list of them: one Query for those who have a protection, and one judgement for all
 * who have none, because nothing tells them apart.
 */
export async function privacyOfAll(
  desk: Desk,
): Promise<Result<(patientId: RecordId) => Promise<Result<PatientPrivacy, RecordFailure>>, RecordFailure>> {
  const found = await readProtections(desk.privacy.rows);
  if (!found.ok) return err(privacyFailure(found.error));
  let plain: ReturnType<typeof judged> | undefined;
  return ok((patientId) => {
    const protection = found.value.get(patientId);
    const none: Protection = { patientId, version: 0, consents: [] };
    plain ??= judged(desk, none, { isListed: true });
    const listed = protection ? judged(desk, protection, { isListed: true }) : plain.then((each) => ofHer(each, none));
    desk.privacyOfListed.set(patientId, listed);
    return listed;
  });
}

const ofHer = (
  judgement: Result<PatientPrivacy, RecordFailure>,
  protection: Protection,
): Result<PatientPrivacy, RecordFailure> => (judgement.ok ? ok({ ...judgement.value, protection }) : judgement);

/** Patients of whom a list shows something: each protection read, side by side where they are few, and judged as a list's. */
export async function meetListed(desk: Desk, patientIds: readonly RecordId[]): Promise<Result<void, RecordFailure>> {
  const unmet = patientIds.filter((id) => !desk.privacyByPatient.has(id));
  if (unmet.length > MAX_MET_ONE_BY_ONE) {
    const all = await privacyOfAll(desk);
    if (!all.ok) return all;
    for (const id of unmet) void all.value(id);
    keepListed(desk, unmet);
  } else {
    for (const id of unmet) desk.privacyByPatient.set(id, readPrivacy(desk, id, { isListed: true }));
  }
  for (const id of unmet) {
    const met = await privacyOf(desk, id);
    if (!met.ok) return met;
  }
  return ok(undefined);
}

/** From so many on, one Query for all protections of the tenant is cheaper than a read of each. */
const MAX_MET_ONE_BY_ONE = 25;

/** From here on the request works with what it read for the list: a page of a hundred patients asks for none of them again. */
export function keepListed(desk: Desk, patientIds: readonly string[]): void {
  for (const id of patientIds) {
    const listed = desk.privacyOfListed.get(id);
    if (listed && !desk.privacyByPatient.has(id)) desk.privacyByPatient.set(id, listed);
  }
}

/**
 * What this request sees of a version: undefined where it is hidden, without the elements that are masked, and for the
 * office without those that its work does not need. Of a past version the labels of the current one count too (`also`), so
 * that a label reaches back.
 */
export function viewOf(
  desk: Desk,
  patient: PatientPrivacy | undefined,
  stored: StoredRow,
  also: readonly string[] = [],
): StoredRow | undefined {
  const view = consentedView(desk, patient, stored, also);
  return view && isOwnView(desk, view) ? shown(desk, view) : undefined;
}

/** Invariant: no request of a patient's own sees a version of which nobody has said that it is released. */
function ownReleaseOf({ grant, ownRelease }: Desk): Released | undefined {
  invariant(
    grant.onlyPatientId === undefined || ownRelease !== undefined,
    "a patient's request knows what is released to her",
  );
  return ownRelease;
}

/** Of a deletion nobody can say any more whether what was there had ever shown. */
function isOwnView(desk: Desk, stored: StoredRow): boolean {
  const released = ownReleaseOf(desk);
  if (released === undefined) return true;
  const { type, id, text } = stored;
  return text === undefined ? isDeletionTold(released, type) : isReleased(released, type, id, resourceOf(stored));
}

/** A version as the office's projection leaves it, for a patient without what waits, and as it is for everybody else. */
export function shown<T extends StoredVersion>(desk: Desk, version: T): T {
  const { type, text } = version;
  const released = ownReleaseOf(desk);
  if (text !== undefined && released !== undefined) {
    const whole = resourceOf(version);
    const cut = withoutWaiting(released, whole);
    return cut === whole ? version : { ...version, text: textOf(cut) };
  }
  if (text === undefined || !isProjected(type) || !isOfficeGrant(desk.grant)) return version;
  return { ...version, text: textOf(projected(resourceOf(version))) };
}

/** What a record will hold that somebody writes over `before` who is not shown all of it: `redacted` where that is touched. */
export function unprojected(
  desk: Desk,
  resource: FhirResource,
  before: StoredVersion,
  path?: string,
): Result<FhirResource, RecordFailure> {
  const known = before.text === undefined ? undefined : resourceOf(before);
  const released = ownReleaseOf(desk);
  const whole =
    released && known
      ? withWaiting(released, resource, known)
      : isOfficeGrant(desk.grant)
        ? withWithheld(resource, known)
        : resource;
  return whole ? ok(whole) : err({ kind: "business-rule", rule: "redacted", ...(path !== undefined && { path }) });
}

/** Whether the answer to such a search would tell what the office is not shown. */
export const isWithheld = (desk: Desk, type: ResourceType, parameter: string): boolean =>
  isWithheldParameter(type, parameter) && isOfficeGrant(desk.grant);

/**
 * Records of a special category that belong to no patient have nobody who could consent, and are seen by nobody.
 */
function consentedView(
  desk: Desk,
  patient: PatientPrivacy | undefined,
  stored: StoredRow,
  also: readonly string[],
): StoredRow | undefined {
  if (!patient) return stored.dataClass === "S" ? undefined : stored;
  const { type, id, dataClass, text } = stored;
  if (!patient.classes.includes(dataClass)) return undefined;
  // Without consents and labels the class alone decides, and nothing has to be parsed for it.
  const { ruling, protection } = patient;
  const isPlain = dataClass !== "S" && protection.consents.length === 0 && !LABELLED.test(text ?? "");
  const resource = text === undefined || isPlain ? undefined : resourceOf(stored);
  if (!isPermitted(ruling, { type, id, dataClass }, resource, also)) return undefined;
  if (dataClass === "S") desk.released.set(protection.patientId, patient);
  const masked = resource && maskedView(ruling, resource);
  return masked === undefined || masked === resource ? stored : { ...stored, text: textOf(masked), isRedacted: true };
}

const LABELLED = /"security"|inline-sec-label/;

/** The same for a resource that is no row of its own, such as an entry of the directory. */
export const seenResource = (
  { classes, ruling }: PatientPrivacy,
  named: { readonly type: ResourceType; readonly id: RecordId; readonly dataClass: RecordClass },
  resource: FhirResource,
): FhirResource | undefined =>
  classes.includes(named.dataClass) && isPermitted(ruling, named, resource) ? maskedView(ruling, resource) : undefined;

function isPermitted(
  ruling: ConsentRuling,
  named: { readonly type: ResourceType; readonly id: RecordId; readonly dataClass: RecordClass },
  resource: FhirResource | undefined,
  also: readonly string[] = [],
): boolean {
  const author = resource && authorOf(resource);
  const span = resource && spanOf(resource);
  const labels = [...new Set([...(resource ? labelsOf(resource) : []), ...also])];
  // Where single elements alone are labelled, they are masked one by one: what is left is as clinical as its type.
  const isOpen = labels.length === 0 && resource !== undefined && inlineLabelsOf(resource).length > 0;
  return ruling.permits({
    ...named,
    dataClass: isOpen && named.dataClass === "S" ? "C" : named.dataClass,
    labels,
    ...(author !== undefined && { authorPractitionerId: author }),
    ...(span && { span }),
  });
}

const maskedView = (ruling: ConsentRuling, resource: FhirResource): FhirResource =>
  inlineLabelsOf(resource).length > 0 ? redactLabelled(resource, ruling) : resource;
