import type { ContentStore } from "../document/index.ts";
import type { Principal } from "../identity/principal.ts";
import type { TenantId, UserId } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import { type Decision, type Grant, grantForClinic, notAsked } from "../policy/index.ts";
import type { PrivacyDeps } from "../privacy/index.ts";
import type { AuditSink, CommittedTransactions, Privacy, RecordAlarm, RecordEvent } from "../record/index.ts";
import type { TableWrite } from "../table/index.ts";
import { type ExportFailure, fromTable } from "./failure.ts";
import type { FileStore } from "./files.ts";
import { canBecome, type ExportJob, type JobState } from "./job.ts";
import { changeJob, type Opened, readOpenExports } from "./job-rows.ts";
import type { ExportStanding } from "./judge.ts";
import type { KnownManifests } from "./manifest.ts";

/** Why the member who asked for an export cannot be asked any more. */
export type StandingLost = { readonly kind: "gone" | "suspended" | "unavailable" };

/** What one job works with: the session of that job, and nothing that reaches another's. */
export interface ExportWorker {
  readonly privacy: PrivacyDeps;
  readonly store: FileStore;
  readonly newId: (nowMs: number) => string;
  readonly onAlarm: (alarm: RecordAlarm) => void;
  readonly committed: CommittedTransactions;
  readonly manifests: KnownManifests;
  /** The requester as the registry has her now, without a session: she may have signed out. */
  standing(job: ExportJob): Promise<Result<ExportStanding, StandingLost>>;
  /** Where events go, told as the requester's. */
  audit(principal: Principal): AuditSink;
  /** What documents hold, by the objects' names; reached in the job's own classes. */
  readonly contents: Pick<ContentStore, "get">;
  /** What the clinic shows to a patient herself now: an export that she asked for holds no more. */
  release(): ReturnType<Privacy["release"]>;
  readonly patientsPerChunk?: number;
}

/** Whose work it is, where nobody stands behind it any more. */
const formerRequester = (tenantId: TenantId, job: ExportJob): Principal => ({
  kind: job.kind,
  userId: job.requestedBy as UserId,
  tenantId,
  roles: [],
  assurance: "aal1",
  sessionId: job.id,
  clientId: job.clientId,
});

/** Who does the next step, and by which decision of policy. */
export interface Acting {
  readonly principal: Principal;
  readonly decision: Decision;
}

export const nobody = ({ privacy }: ExportWorker, job: ExportJob): Acting => ({
  principal: formerRequester(privacy.tenantId, job),
  decision: notAsked("export-end"),
});

const jobEvent = (job: ExportJob, event: Partial<RecordEvent>): RecordEvent => ({
  interaction: "export",
  outcome: "success",
  entities: [{ type: "ExportJob", id: job.id }, ...(event.entities ?? [])],
  classes: job.classes,
  reason: job.reason.code,
  ...(job.approvedBy !== undefined && { approverId: job.approvedBy }),
  ...Object.fromEntries(Object.entries(event).filter(([name]) => name !== "entities")),
});

/**
 * Writes the job's next version with its event and whatever must still hold, all or nothing. `conflict` where somebody
 * changed the job, the list of open jobs or a patient's protection in the meantime: read again, and decide again.
 */
export async function commit(
  worker: ExportWorker,
  before: Opened<ExportJob>,
  job: ExportJob,
  { principal, decision }: Acting,
  event: Partial<RecordEvent>,
  guards: readonly TableWrite[] = [],
): Promise<Result<Opened<ExportJob>, ExportFailure>> {
  const { privacy } = worker;
  const grant: Grant = grantForClinic(principal, decision, job.purpose);
  const open = await readOpenExports(privacy);
  if (!open.ok) return open;
  const draft = await worker.audit(principal).draft(grant, jobEvent(job, event));
  if (!draft.ok) return draft;
  const writes = await changeJob(privacy, before, job, open.value, draft.value.eventId);
  if (!writes.ok) {
    draft.value.settle("refused");
    return writes;
  }
  const done = await privacy.table.transactWrite([draft.value.write, ...writes.value, ...guards]);
  if (done.ok) {
    draft.value.settle("stored");
    return ok({ value: job, version: before.version + 1 });
  }
  const isCertain = done.error.kind === "conflict" || done.error.kind === "contended" || done.error.kind === "denied";
  draft.value.settle(isCertain ? "refused" : "unknown");
  return err(fromTable(done.error));
}

/** Everything that the job wrote is gone when this returns, also what no manifest names. */
export async function sweep({ store }: ExportWorker): Promise<void> {
  await store.destroy(await store.list());
}

const OUTCOMES: Readonly<Partial<Record<JobState, RecordEvent["outcome"]>>> = {
  "destroyed-consent": "denied",
  "destroyed-standing": "denied",
  failed: "failure",
};

/** Destroys the files, and then says so: a job that cannot write its end any more has nothing left to hand out. */
export async function end(
  worker: ExportWorker,
  before: Opened<ExportJob>,
  state: JobState,
  acting: Acting,
): Promise<Result<Opened<ExportJob>, ExportFailure>> {
  if (!canBecome(before.value.state, state)) return err({ kind: "conflict" });
  await sweep(worker);
  const job = { ...before.value, state, endedAtMs: worker.privacy.clock.now(), isSwept: true };
  return commit(worker, before, job, acting, {
    outcome: OUTCOMES[state] ?? "success",
    stage: "finish",
    detail: { state },
  });
}
