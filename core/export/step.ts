import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import { readProtections } from "../privacy/index.ts";
import { runChunk, takenStillStands } from "./chunk.ts";
import { type ExportFailure, fromPrivacy } from "./failure.ts";
import { type ExportJob, FILES_LIVE_MS, isOver } from "./job.ts";
import { type Opened, readJob } from "./job-rows.ts";
import { type ExportStanding, mayExport } from "./judge.ts";
import { readManifest, readManifests } from "./manifest.ts";
import { type Acting, commit, end, type ExportWorker, nobody, sweep } from "./worker.ts";

/** `again`: there is more to do at once. `idle`: it waits for somebody, or for time. `over`: nothing is left of it. */
export type StepEnd = "again" | "idle" | "over";

/**
 * Does the next piece of a job, whatever it is, and gives how it stands: a chunk, a disclosure, an end. Every step reads
 * the job anew and commits over what it read, so that it can be stopped anywhere, by a crash too, and done again.
 */
export async function stepExport(worker: ExportWorker, jobId: string): Promise<Result<StepEnd, ExportFailure>> {
  const found = await readJob(worker.privacy, jobId);
  if (!found.ok) return found;
  const opened = found.value;
  const job = opened.value;
  if (job.isSwept) return ok("over");
  if (isOver(job.state)) return cleanUp(worker, opened);
  const standing = await worker.standing(job);
  if (!standing.ok) {
    if (standing.error.kind === "unavailable") return err({ kind: "unavailable" });
    return over(end(worker, opened, "destroyed-standing", nobody(worker, job)));
  }
  const decided = mayExport(standing.value, job);
  const { principal } = standing.value;
  if (!decided.ok) return over(end(worker, opened, "destroyed-standing", nobody(worker, job)));
  const acting: Acting = { principal, decision: decided.value };
  const isLate = worker.privacy.clock.now() >= job.expiresAtMs;
  if (isLate && (job.state === "requested" || job.state === "finished")) {
    return over(end(worker, opened, "expired", acting));
  }
  if (job.state === "requested") return ok("idle");
  if (job.state === "finished") return watchOver(worker, opened, standing.value, acting);
  return work(worker, opened, standing.value, acting);
}

const over = async (ended: Promise<Result<unknown, ExportFailure>>): Promise<Result<StepEnd, ExportFailure>> => {
  const done = await ended;
  return done.ok ? ok("over") : done;
};

/** Somebody cancelled it: nobody reaches its files since, and now they go. */
async function cleanUp(worker: ExportWorker, opened: Opened<ExportJob>): Promise<Result<StepEnd, ExportFailure>> {
  await sweep(worker);
  const job = { ...opened.value, isSwept: true };
  return over(commit(worker, opened, job, nobody(worker, job), { detail: { state: "swept" } }));
}

/** A finished export whose ground has gone is destroyed as one that runs. */
async function watchOver(
  worker: ExportWorker,
  opened: Opened<ExportJob>,
  standing: ExportStanding,
  acting: Acting,
): Promise<Result<StepEnd, ExportFailure>> {
  const protections = await readProtections(worker.privacy);
  if (!protections.ok) return err(fromPrivacy(protections.error));
  const stands = await takenStillStands(worker, opened.value, standing, protections.value);
  if (!stands.ok) return stands;
  return stands.value ? ok("idle") : over(end(worker, opened, "destroyed-consent", acting));
}

async function work(
  worker: ExportWorker,
  opened: Opened<ExportJob>,
  standing: ExportStanding,
  acting: Acting,
): Promise<Result<StepEnd, ExportFailure>> {
  const { phase } = opened.value.progress;
  if (phase === "disclosures" && opened.value.progress.telling !== undefined) return tell(worker, opened, acting);
  if (phase === "disclosures" || phase === "done") return finish(worker, opened, standing, acting);
  const ended = await runChunk(worker, opened, standing, acting);
  if (!ended.ok) {
    // What does not open will not open the next time either.
    if (ended.error.kind === "integrity") return over(end(worker, opened, "failed", acting));
    return ended.error.kind === "conflict" ? ok("again") : ended;
  }
  if (ended.value.kind === "consent-lost") return over(end(worker, opened, "destroyed-consent", acting));
  return ok("again");
}

/** 45 CFR 164.528: each patient's accounting shows to whom her records go, before they can. */
async function tell(
  worker: ExportWorker,
  opened: Opened<ExportJob>,
  acting: Acting,
): Promise<Result<StepEnd, ExportFailure>> {
  const job = opened.value;
  const { telling: link, ...progress } = job.progress;
  const files = { deps: worker.privacy, jobId: job.id, store: worker.store };
  const manifest = link === undefined ? undefined : await readManifest(files, link);
  if (manifest === undefined || !manifest.ok) return manifest ?? ok("again");
  const { previous, patients } = manifest.value;
  const next = { ...job, progress: { ...progress, ...(previous && { telling: previous }) } };
  const [only, ...others] = patients;
  const done = await commit(worker, opened, next, acting, {
    entities: patients.map((id) => ({ type: "Patient", id })),
    ...(only !== undefined && others.length === 0 && { patientId: only }),
    ...(patients.length > 0 && job.scope.recipient !== undefined && { recipientId: job.scope.recipient }),
    count: patients.length,
  });
  return done.ok || done.error.kind === "conflict" ? ok("again") : done;
}

/** Files that no manifest names are leftovers of a chunk that broke off. Then it can be fetched. */
async function finish(
  worker: ExportWorker,
  opened: Opened<ExportJob>,
  standing: ExportStanding,
  acting: Acting,
): Promise<Result<StepEnd, ExportFailure>> {
  const job = opened.value;
  const protections = await readProtections(worker.privacy);
  if (!protections.ok) return err(fromPrivacy(protections.error));
  const stands = await takenStillStands(worker, job, standing, protections.value);
  if (!stands.ok) return stands;
  if (!stands.value) return over(end(worker, opened, "destroyed-consent", acting));
  const files = { deps: worker.privacy, jobId: job.id, store: worker.store };
  const manifests = await readManifests(files, job.progress.last, worker.manifests);
  if (!manifests.ok) return manifests;
  const kept = new Set(
    manifests.value.flatMap(({ name, manifest }) => [name, ...manifest.files.map((file) => file.name)]),
  );
  await worker.store.destroy((await worker.store.list()).filter((name) => !kept.has(name)));
  const nowMs = worker.privacy.clock.now();
  const done = await commit(
    worker,
    opened,
    { ...job, state: "finished", finishedAtMs: nowMs, expiresAtMs: nowMs + FILES_LIVE_MS },
    acting,
    {
      stage: "finish",
      count: job.progress.records,
      ...(job.scope.recipient !== undefined && { recipientId: job.scope.recipient }),
      detail: { state: "finished", manifest: job.progress.last?.sha256 ?? "" },
    },
  );
  if (!done.ok) return done.error.kind === "conflict" ? ok("again") : done;
  return ok("idle");
}
