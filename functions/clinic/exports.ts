import type { StartExport } from "../../core/contract/index.ts";
import {
  APPROVAL_LIVE_MS,
  approveJob,
  cancelJob,
  checkLimits,
  classesInScope,
  type ExportFailure,
  type ExportFile,
  type ExportJob,
  type ExportStanding,
  fetchFile,
  isCancellable,
  listFiles,
  NO_PROGRESS,
  type OpenExport,
  type Opened,
  readJob,
  readOpenExports,
  type ScopeFailure,
  startJob,
} from "../../core/export/index.ts";
import { systemClock, toInstant } from "../../core/kernel/clock.ts";
import { isId, newId } from "../../core/kernel/ids.ts";
import { err } from "../../core/kernel/result.ts";
import { REDISCLOSURE_NOTICE } from "../../core/policy/consent/index.ts";
import { authorizeClinic } from "../../core/policy/index.ts";
import type { PrivacyFailure } from "../../core/privacy/index.ts";
import { type Answer, type Exchange, json, identityOf } from "../http/exchange.ts";
import { fail, type Failure } from "../http/failure.ts";
import { readConfig } from "../runtime/config.ts";
import { createExportReader } from "../runtime/export-reader.ts";
import { actOnce, failTold, tell, type Told } from "./act.ts";
import { type Affair, config, openAffair, openScope, refuse, site, standingOptions, zone } from "./context.ts";
import { namesOf } from "./people.ts";

const filesOf = createExportReader(
  {
    site,
    tenantRoleArn: config.TENANT_ROLE_ARN,
    cellKeyArn: config.CELL_KEY_ARN,
    attachmentBucket: readConfig(["ATTACHMENT_BUCKET"]).ATTACHMENT_BUCKET,
  },
  zone.vend,
);

/** What an export is answered as. It names patients to those alone who may read the job. */
function view(job: ExportJob, files?: readonly ExportFile[]) {
  const { phase: _phase, after: _after, last: _last, telling: _telling, ...counts } = job.progress;
  return {
    id: job.id,
    state: job.state,
    purpose: job.purpose,
    ...job.scope,
    classes: job.classes,
    reason: job.reason,
    requestedBy: job.requestedBy,
    requestedAt: toInstant(job.requestedAtMs),
    ...(job.approvedBy === undefined ? {} : { approvedBy: job.approvedBy }),
    ...(job.finishedAtMs === undefined ? {} : { finishedAt: toInstant(job.finishedAtMs) }),
    ...(job.endedAtMs === undefined ? {} : { endedAt: toInstant(job.endedAtMs) }),
    expiresAt: toInstant(job.expiresAtMs),
    progress: counts,
    ...(files === undefined ? {} : { format: "application/fhir+ndjson", notice: REDISCLOSURE_NOTICE, files }),
  };
}

function failureOf(failure: ExportFailure): Failure {
  switch (failure.kind) {
    case "business-rule":
      return { kind: "business-rule", rule: failure.rule };
    case "throttled":
      return { kind: "throttled", retryAfterMs: 1000 };
    case "integrity":
      return { kind: "exception" };
    case "suspended":
      return { kind: "forbidden" };
    case "not-found":
    case "forbidden":
    case "conflict":
    case "unavailable":
      return { kind: failure.kind };
  }
}

/** An id that is no id of ours can be anything, a name or a number: the trail keeps none of it. */
const about = (id: string): NonNullable<Told["entities"]> => [{ type: "ExportJob", ...(isId(id) && { id }) }];

const standingOf = ({ principal, identity }: Affair): ExportStanding => ({ principal, privacy: identity.privacy });

/** Where a treatment relationship is asked for, it stands in care teams and encounters, which are of class C. */
const judging = (affair: Affair) =>
  affair.identity.privacy.relationship === "required" && affair.purpose === "TREAT"
    ? openScope(affair.exchange, { ...affair.grant, classes: ["C", "D"] }).privacy
    : affair.privacy;

const isPatientsOwn = ({ identity }: Pick<Exchange, "identity">): string | undefined =>
  identityOf({ identity }).principal.patientId;

async function refuseScope(affair: Affair, told: Told, failure: ScopeFailure, patientId?: string): Promise<never> {
  if (failure.kind === "refused") return refuse(affair.exchange, failure.refusal, patientId);
  if (failure.kind === "forbidden") return failTold(affair, told, { kind: "forbidden", rule: "export-scope" });
  return failTold(affair, told, failureOf(failure));
}

/** POST /clinic/exports: asks for an export, and for the second person without whom nothing happens. */
export async function startExport(exchange: Exchange): Promise<Answer> {
  const { purpose, reason, patients, types, recipient } = exchange.body as StartExport;
  const patientId = patients?.[0];
  const affair = await openAffair(exchange, { patientId });
  const { principal, privacy } = affair;
  const nowMs = systemClock.now();
  const id = newId(nowMs);
  const told: Told = {
    entities: about(id),
    stage: "start",
    reason: reason.code,
    detail: { reason: reason.text },
    ...(recipient === undefined ? {} : { recipientId: recipient }),
    ...(patients?.length === 1 && patientId !== undefined && isId(patientId) ? { patientId } : {}),
  };
  if (purpose !== affair.purpose) return failTold(affair, told, { kind: "structure", rule: "purpose" });
  const scope = {
    ...(patients !== undefined && { patients }),
    ...(types !== undefined && { types }),
    ...(recipient !== undefined && { recipient }),
  };
  const held = await classesInScope(judging(affair), standingOf(affair), purpose, scope);
  if (!held.ok) return refuseScope(affair, told, held.error, patientId);
  const job: ExportJob = {
    id,
    state: "requested",
    requestedBy: principal.userId,
    clientId: principal.clientId,
    kind: principal.kind,
    purpose,
    scope,
    classes: [...held.value.classes],
    reason,
    requestedAtMs: nowMs,
    expiresAtMs: nowMs + APPROVAL_LIVE_MS,
    progress: NO_PROGRESS,
    isSwept: false,
  };
  return actOnce(affair, {
    told,
    change: async (marks) => {
      const open = await readOpenExports(privacy);
      if (!open.ok) return err(asPrivacy(open.error));
      const limit = checkLimits(open.value.value, principal.userId);
      return limit.ok ? startJob(privacy, job, open.value, principal, marks) : err({ kind: "throttled" });
    },
    reference: id,
    answer: async (known) => json(202, view((await find(affair, known)).value)),
  });
}

const asPrivacy = ({ kind }: ExportFailure): PrivacyFailure =>
  kind === "suspended" || kind === "throttled" || kind === "integrity" ? { kind } : { kind: "unavailable" };

/**
 * The job, for one who may know of it: who asked for it, and those who keep the clinic's exports. To everybody else it is
 * not there, as another clinic's is not.
 */
async function find(affair: Affair, id: string): Promise<Opened<ExportJob>> {
  const found = await readJob(affair.privacy, id);
  if (!found.ok) return failTold(affair, { entities: about(id) }, failureOf(found.error));
  return mayKnow(affair, found.value.value)
    ? found.value
    : failTold(affair, { entities: about(id) }, { kind: "not-found" });
}

function mayKnow({ principal, identity, purpose }: Affair, job: ExportJob): boolean {
  const isKeeper =
    purpose === "HOPERAT" &&
    (principal.roles.includes("clinic-administrator") || identity.privacy.privacyOfficers.includes(principal.userId));
  return isKeeper || job.requestedBy === principal.userId;
}

async function openList(affair: Affair, id: string): Promise<Opened<readonly OpenExport[]>> {
  const open = await readOpenExports(affair.privacy);
  return open.ok ? open.value : failTold(affair, { entities: about(id) }, failureOf(open.error));
}

const toldOf = ({ value }: Opened<ExportJob>): Told => ({
  entities: about(value.id),
  reason: value.reason.code,
  ...(value.scope.recipient === undefined ? {} : { recipientId: value.scope.recipient }),
});

/** POST /clinic/exports/{id}/approve: what is approved is the job as it was asked for, by anybody but who asked. */
export async function approveExport(exchange: Exchange): Promise<Answer> {
  const id = exchange.path["id"] ?? "";
  const affair = await openAffair(exchange);
  const { principal, privacy } = affair;
  const found = await find(affair, id);
  const open = await openList(affair, id);
  return actOnce(affair, {
    told: { ...toldOf(found), stage: "approve", approverId: principal.userId },
    change: async (marks) => {
      const { state, approvedBy } = found.value;
      const isWaiting = state === "requested" || approvedBy !== undefined;
      if (!isWaiting) return err({ kind: "business-rule", rule: "approval-expired" });
      return approveJob(privacy, found, open, principal, marks);
    },
    reference: id,
    answer: async (known) => json(200, view((await find(affair, known)).value)),
  });
}

/** DELETE /clinic/exports/{id}: from this answer on nobody reaches a file of it. */
export async function cancelExport(exchange: Exchange): Promise<Answer> {
  const id = exchange.path["id"] ?? "";
  const affair = await openAffair(exchange, { patientId: isPatientsOwn(exchange) });
  const found = await find(affair, id);
  const open = await openList(affair, id);
  return actOnce(affair, {
    told: { ...toldOf(found), stage: "finish" },
    change: (marks) =>
      isCancellable(found.value)
        ? cancelJob(affair.privacy, found, open, marks)
        : Promise.resolve(err({ kind: "business-rule", rule: "approval-expired" })),
    reference: id,
    answer: async (known) => json(200, view((await find(affair, known)).value)),
  });
}

/** GET /clinic/exports/{id}: how far it is, and once it is finished its files with their hashes. */
export async function readExport(exchange: Exchange): Promise<Answer> {
  const id = exchange.path["id"] ?? "";
  const affair = await openAffair(exchange, { patientId: isPatientsOwn(exchange) });
  const found = await find(affair, id);
  const { value: job } = found;
  const reader = { privacy: affair.privacy, store: filesOf(affair.grant, job.id), classes: [] };
  const files = await listFiles(reader, job);
  if (!files.ok && files.error.kind !== "not-found") return failTold(affair, toldOf(found), failureOf(files.error));
  await tell(affair, { ...toldOf(found), ...(files.ok && { count: files.value.length }) });
  return json(200, view(job, files.ok ? files.value : undefined));
}

/** The ids of jobs that are not done with: open ones, and finished ones whose files still stand. */
async function listed(affair: Affair): Promise<readonly string[]> {
  const open = await readOpenExports(affair.privacy);
  return open.ok ? open.value.value.map(({ id }) => id) : fail(failureOf(open.error));
}

/** GET /clinic/exports: one's own, and all of the clinic's for who keeps them. */
export async function listExports(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange, { patientId: isPatientsOwn(exchange) });
  const { userId } = affair.principal;
  const jobs: ExportJob[] = [];
  for (const id of await listed(affair)) {
    const found = await readJob(affair.privacy, id);
    if (!found.ok && found.error.kind !== "not-found") return fail(failureOf(found.error));
    if (found.ok && mayKnow(affair, found.value.value)) jobs.push(found.value.value);
  }
  await tell(affair, { entities: [{ type: "ExportJob" }], count: jobs.length });
  const people = await namesOf(
    affair,
    jobs.flatMap(({ requestedBy, approvedBy }) => [requestedBy, approvedBy]),
  );
  const isApprover = authorizeClinic(affair.principal, "export.approve", {
    ...standingOptions(exchange),
    steppedUp: true,
  });
  return json(200, {
    exports: jobs.map((job) => ({
      ...view(job),
      isOwn: job.requestedBy === userId,
      mayApprove: isApprover.ok && job.state === "requested" && job.requestedBy !== userId,
    })),
    people,
  });
}

const NDJSON = "application/fhir+ndjson; charset=utf-8";

/**
 * GET /clinic/exports/{id}/files/{file}: to who asked for it and to nobody else, as roles and consents are now. The event
 * commits only while everyone in the file still protects her records as was read.
 */
export async function readExportFile(exchange: Exchange): Promise<Answer> {
  const { id = "", file: name = "" } = exchange.path;
  const affair = await openAffair(exchange, { patientId: isPatientsOwn(exchange) });
  const found = await find(affair, id);
  const { value: job } = found;
  const told = toldOf(found);
  const isHers = job.requestedBy === affair.principal.userId && job.purpose === affair.purpose;
  if (!isHers) return failTold(affair, told, { kind: "not-found" });
  const standing = standingOf(affair);
  const held = await classesInScope(judging(affair), standing, job.purpose, job.scope);
  if (!held.ok) return failTold(affair, told, { kind: "not-found" });
  const classes = job.classes.filter((letter) => held.value.classes.includes(letter));
  const scope = openScope(exchange, { ...held.value.grant, classes: [...new Set([...classes, "D" as const])] });
  const reader = { privacy: scope.privacy, store: filesOf(affair.grant, job.id), classes };
  const fetched = await fetchFile(reader, job, standing, name);
  if (!fetched.ok) return failTold(affair, told, failureOf(fetched.error));
  const { file, bytes, guards } = fetched.value;
  const event = {
    interaction: "export.read",
    outcome: "success",
    ...told,
    entities: [...(told.entities ?? []), { type: "ExportFile", id: file.name }],
    classes: [file.class],
    count: file.count,
  } as const;
  const recorded = await scope.audit.record(scope.grant, event, guards);
  if (!recorded.ok) return fail(recorded.error.kind === "conflict" ? { kind: "not-found" } : { kind: "unavailable" });
  return {
    status: 200,
    headers: {
      // What a document holds is saved, and never shown by where it comes from.
      "content-type": file.content === undefined ? NDJSON : "application/octet-stream",
      "content-disposition": `attachment; filename="${file.name}"`,
      ...(file.isPartTwo === true && { "x-redisclosure-notice": REDISCLOSURE_NOTICE }),
    },
    ...(file.content === undefined ? { body: Buffer.from(bytes).toString("utf8") } : { bytes }),
  };
}
