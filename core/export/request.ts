import { classesOfType, isResourceType } from "../fhir/index.ts";
import { RECORD_CLASSES, type RecordClass } from "../kernel/data-class.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Grant, Refusal } from "../policy/index.ts";
import {
  approve,
  type Change,
  findApproval,
  type Person,
  type PrivacyDeps,
  type PrivacyFailure,
  type Protection,
  readProtection,
  readProtections,
  requestApproval,
} from "../privacy/index.ts";
import { directoryKey, parseRecordId } from "../table/index.ts";
import { type ExportFailure, fromPrivacy, fromTable } from "./failure.ts";
import {
  approvalSubject,
  canBecome,
  EXPORT_APPROVAL,
  type ExportJob,
  type ExportScope,
  isOpen,
  OPEN_PER_MEMBER,
  OPEN_PER_TENANT,
} from "./job.ts";
import { changeJob, type OpenExport, type Opened } from "./job-rows.ts";
import { authorizeAll, type ExportStanding, judgePatient } from "./judge.ts";

export type ScopeFailure = ExportFailure | { readonly kind: "refused"; readonly refusal: Refusal };

/** What may be taken now. The grant holds every class that policy gave for one of the patients, each asked for by herself. */
export interface Held {
  readonly classes: readonly RecordClass[];
  readonly grant: Grant;
}

/**
 * The classes that an export of this scope may hold: of each named patient what policy and her consents give now, or what
 * the role gives for all patients at once. `refused` where one of them may not be taken, or a type is asked for that no
 * class of it holds; `not-found` where one is no patient of the clinic.
 */
export async function classesInScope(
  deps: PrivacyDeps,
  standing: ExportStanding,
  purpose: ExportJob["purpose"],
  scope: ExportScope,
): Promise<Result<Held, ScopeFailure>> {
  const held =
    scope.patients === undefined
      ? classesOfAll(standing, purpose)
      : await classesOfEach(deps, standing, purpose, scope, scope.patients);
  if (!held.ok) return held;
  const isWider = (scope.types ?? []).some(
    (type) => !isResourceType(type) || !classesOfType(type).some((letter) => held.value.classes.includes(letter)),
  );
  return isWider ? err({ kind: "forbidden" }) : held;
}

function classesOfAll(standing: ExportStanding, purpose: ExportJob["purpose"]): Result<Held, ScopeFailure> {
  const granted = authorizeAll(standing, purpose);
  if (!granted.ok) return err({ kind: "refused", refusal: granted.error });
  const grant = granted.value;
  return ok({ classes: RECORD_CLASSES.filter((letter) => grant.classes.includes(letter)), grant });
}

async function classesOfEach(
  deps: PrivacyDeps,
  standing: ExportStanding,
  purpose: ExportJob["purpose"],
  scope: ExportScope,
  patients: readonly string[],
): Promise<Result<Held, ScopeFailure>> {
  const ids = [...new Set(patients)].flatMap((id) => parseRecordId(id) ?? []);
  const rows = await deps.table.getMany(
    "data",
    ids.map((id) => directoryKey(deps.tenantId, id)),
    { isConsistent: true },
  );
  if (!rows.ok) return err(fromTable(rows.error));
  if (rows.value.length === 0 || rows.value.includes(undefined)) return err({ kind: "not-found" });
  const found = await protectionsOf(deps, ids);
  if (!found.ok) return found;
  const held = new Set<RecordClass>();
  let grant: Grant | undefined;
  for (const patientId of ids) {
    const protection = found.value.get(patientId) ?? { patientId, version: 0, consents: [] };
    const verdict = await judgePatient(deps, standing, { purpose, scope, classes: [...RECORD_CLASSES] }, protection);
    if (!verdict.ok) return verdict;
    const { granted } = verdict.value;
    if (!granted.ok) return err({ kind: "refused", refusal: granted.error });
    if (verdict.value.classes.length === 0) {
      return err({ kind: "refused", refusal: { kind: "forbidden", decision: granted.value.decision } });
    }
    grant ??= granted.value;
    for (const letter of verdict.value.classes) held.add(letter);
  }
  const classes = RECORD_CLASSES.filter((letter) => held.has(letter));
  return grant === undefined ? err({ kind: "not-found" }) : ok({ classes, grant: { ...grant, classes } });
}

async function protectionsOf(
  deps: PrivacyDeps,
  ids: readonly string[],
): Promise<Result<ReadonlyMap<string, Protection>, ExportFailure>> {
  const [only = "", ...others] = ids;
  if (others.length > 0) {
    const all = await readProtections(deps);
    return all.ok ? all : err(fromPrivacy(all.error));
  }
  const one = await readProtection(deps, only);
  return one.ok ? ok(new Map([[only, one.value]])) : err(fromPrivacy(one.error));
}

/** Whether a member may open one more: `export-limit` says that others have to end first. */
export function checkLimits(open: readonly OpenExport[], userId: string): Result<void, ExportFailure> {
  const counted = open.filter(({ state }) => isOpen(state));
  const isFull =
    counted.length >= OPEN_PER_TENANT || counted.filter(({ by }) => by === userId).length >= OPEN_PER_MEMBER;
  return isFull ? err({ kind: "business-rule", rule: "export-limit" }) : ok(undefined);
}

type Marks = { readonly eventId: string };
type Changed = Promise<Result<Change<ExportJob>, PrivacyFailure>>;

/** Core/privacy's failures are those that a handler of the clinic zone knows; what is ours is checked before. */
const toPrivacy = (failure: ExportFailure): PrivacyFailure =>
  failure.kind === "suspended" || failure.kind === "throttled" || failure.kind === "integrity"
    ? { kind: failure.kind }
    : { kind: "unavailable" };

/** The writes that ask for an export: the job, its place among the open ones, and the request for a second person. */
export async function startJob(
  deps: PrivacyDeps,
  job: ExportJob,
  open: Opened<readonly OpenExport[]>,
  by: Person,
  marks: Marks,
): Changed {
  const subject = approvalSubject(job);
  const asked = await requestApproval(deps, { id: job.id, action: EXPORT_APPROVAL, subject, by }, marks);
  if (!asked.ok) return asked;
  const writes = await changeJob(deps, undefined, job, open, marks.eventId);
  if (!writes.ok) return err(toPrivacy(writes.error));
  return ok({ value: job, writes: [...writes.value, ...asked.value.writes] });
}

/** The second person's word: what she approves is the job as it stands, byte for byte. */
export async function approveJob(
  deps: PrivacyDeps,
  { value, version }: Opened<ExportJob>,
  open: Opened<readonly OpenExport[]>,
  by: Person,
  marks: Marks,
): Changed {
  const asked = await findApproval(deps, value.id);
  if (!asked.ok) return asked;
  const subject = approvalSubject(value);
  const given = await approve(deps, asked.value, { action: EXPORT_APPROVAL, subject, by }, marks);
  if (!given.ok) return given;
  const job: ExportJob = { ...value, state: "approved", approvedBy: by.userId, approvedAtMs: deps.clock.now() };
  const writes = await changeJob(deps, { value, version }, job, open, marks.eventId);
  if (!writes.ok) return err(toPrivacy(writes.error));
  return ok({ value: job, writes: [...writes.value, ...given.value.writes] });
}

/** From this write on nobody reaches a file of it; the worker destroys them within its next round. */
export async function cancelJob(
  deps: PrivacyDeps,
  { value, version }: Opened<ExportJob>,
  open: Opened<readonly OpenExport[]>,
  marks: Marks,
): Changed {
  const job: ExportJob = { ...value, state: "cancelled", endedAtMs: deps.clock.now() };
  const writes = await changeJob(deps, { value, version }, job, open, marks.eventId);
  return writes.ok ? ok({ value: job, writes: writes.value }) : err(toPrivacy(writes.error));
}

export const isCancellable = ({ state }: ExportJob): boolean => canBecome(state, "cancelled");
