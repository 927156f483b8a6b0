import type { FhirResource, ResourceType } from "../fhir/index.ts";
import {
  hasPatientHome,
  isInCompartment,
  isResourceType,
  parseSearch,
  patientOf,
  RESOURCE_TYPES,
} from "../fhir/index.ts";
import { classesOfType } from "../fhir/index.ts";
import { invariant } from "../kernel/invariant.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Grant } from "../policy/index.ts";
import { type Protection, protectionCheck, readProtections } from "../privacy/index.ts";
import type { AuditSink, RecordEvent } from "../record/index.ts";
import { createRecords, type Records } from "../record/index.ts";
import { directoryPartition, parseRecordId, type RecordId } from "../table/index.ts";
import { type ExportFailure, fromPrivacy, fromRecord, fromTable } from "./failure.ts";
import { contentSizeOf, writeContents } from "./contents.ts";
import { type ExportFile, writeFiles } from "./files.ts";
import type { ExportJob, Progress } from "./job.ts";
import type { Opened } from "./job-rows.ts";
import { authorizeAll, type ExportStanding, judgePatient, type PatientVerdict, stillStands, takenOf } from "./judge.ts";
import { readManifests, type Taken, writeManifest } from "./manifest.ts";
import { type Acting, commit, type ExportWorker } from "./worker.ts";

/** One transaction holds the job, its event and a check of each patient's protection: at most a hundred writes. */
const PATIENTS_PER_CHUNK = 20;
/** Contents of documents that one chunk takes along before it ends: a piece of work is to be done in seconds. */
const CONTENT_BYTES_PER_CHUNK = 32 * 1024 * 1024;
const PAGE = 1_000;

export type ChunkEnd =
  | { readonly kind: "done"; readonly job: Opened<ExportJob> }
  /** A patient takes back what the job stands on. */
  | { readonly kind: "consent-lost" };

const isWanted = ({ scope }: ExportJob, type: ResourceType): boolean =>
  scope.types === undefined || scope.types.includes(type);

/** Events of the record layer, told as those of an export: each patient's own log shows that she was in it. */
const exportSink = (sink: AuditSink, jobId: string): AuditSink => {
  const told = (event: RecordEvent): RecordEvent => ({
    ...event,
    interaction: "export",
    entities: [...event.entities, { type: "ExportJob", id: jobId }],
  });
  return {
    draft: (grant, event) => sink.draft(grant, told(event)),
    record: (grant, event, guards) => sink.record(grant, told(event), guards),
  };
};

interface Taking {
  readonly worker: ExportWorker;
  readonly job: ExportJob;
  readonly standing: ExportStanding;
  readonly acting: Acting;
}

function recordsFor({ worker, job, standing, acting }: Taking, known: readonly Protection[]): Records {
  const { privacy } = worker;
  return createRecords({
    table: privacy.table,
    keyring: privacy.keyring,
    keyScope: privacy.keyScope,
    audit: exportSink(worker.audit(acting.principal), job.id),
    clock: privacy.clock,
    newId: worker.newId,
    onAlarm: worker.onAlarm,
    committed: worker.committed,
    privacy: {
      rows: privacy,
      known,
      release: () => worker.release(),
      async judge(protection) {
        const verdict = await judgePatient(privacy, standing, job, protection);
        return verdict.ok ? verdict : err({ kind: "unavailable" });
      },
    },
  });
}

/** Never more than the job was approved for. */
const narrowed = (grant: Grant, { classes }: ExportJob): Grant => ({
  ...grant,
  classes: grant.classes.filter((letter) => classes.some((held) => held === letter)),
});

/** The next patients in the order of their ids. */
async function nextPatients(worker: ExportWorker, job: ExportJob): Promise<Result<readonly RecordId[], ExportFailure>> {
  const { after } = job.progress;
  const count = worker.patientsPerChunk ?? PATIENTS_PER_CHUNK;
  const { patients } = job.scope;
  if (patients !== undefined) {
    const ids = [...new Set(patients)].toSorted().filter((id) => after === undefined || id > after);
    return ok(ids.slice(0, count).flatMap((id) => parseRecordId(id) ?? []));
  }
  const { table, tenantId } = worker.privacy;
  // `~` sorts behind every character of an id.
  const between = [after ?? "", "~"] as const;
  const page = await table.query("data", {
    pk: directoryPartition(tenantId),
    ...(after !== undefined && { between }),
    limit: count + 1,
    isConsistent: true,
  });
  if (!page.ok) return err(fromTable(page.error));
  const ids = page.value.rows.flatMap(({ sk }) => parseRecordId(sk) ?? []).filter((id) => id !== after);
  return ok(ids.slice(0, count));
}

/** Whether every patient who was taken so far would be taken as she was. */
export async function takenStillStands(
  worker: Pick<ExportWorker, "privacy" | "store" | "manifests">,
  job: ExportJob,
  standing: ExportStanding,
  protections: ReadonlyMap<string, Protection>,
): Promise<Result<boolean, ExportFailure>> {
  const { privacy } = worker;
  const files = { deps: privacy, jobId: job.id, store: worker.store };
  const manifests = await readManifests(files, job.progress.last, worker.manifests);
  if (!manifests.ok) return manifests;
  const included = new Set(manifests.value.flatMap(({ manifest }) => manifest.patients));
  const taken = new Map(manifests.value.flatMap(({ manifest }) => manifest.taken.map((one) => [one.patientId, one])));
  for (const patientId of included) {
    const protection = protections.get(patientId);
    const before: Taken | undefined = taken.get(patientId);
    // Nobody has said anything about her, then or now.
    if (protection === undefined && before === undefined) continue;
    const now = protection ?? { patientId: patientId as RecordId, version: 0, consents: [] };
    const verdict = await judgePatient(privacy, standing, job, now, true);
    if (!verdict.ok) return verdict;
    const was = before ?? { consents: [], classes: "" };
    if (verdict.value.classes.length === 0 || !stillStands(was, now, verdict.value)) return ok(false);
  }
  return ok(true);
}

/**
 * One chunk of an export: checks again everyone who was taken before, takes the next patients, writes their files, and
 * commits all of it in one transaction that holds only while the protections of these patients are those that were read.
 * What a chunk wrote that did not commit is named by no manifest, opens for nobody and is destroyed at the end.
 */
export async function runChunk(
  worker: ExportWorker,
  before: Opened<ExportJob>,
  standing: ExportStanding,
  acting: Acting,
): Promise<Result<ChunkEnd, ExportFailure>> {
  const job = before.value;
  const taking: Taking = { worker, job, standing, acting };
  const read = await readProtections(worker.privacy);
  if (!read.ok) return err(fromPrivacy(read.error));
  const stands = await takenStillStands(worker, job, standing, read.value);
  if (!stands.ok) return stands;
  if (!stands.value) return ok({ kind: "consent-lost" });
  if (job.progress.phase === "directory" && job.scope.patients === undefined) return takeDirectory(taking, before);
  const patients = await nextPatients(worker, job);
  if (!patients.ok) return patients;
  if (patients.value.length === 0) return moveOn(taking, before);
  return takePatients(taking, before, patients.value, read.value);
}

/** All patients are worked off: what is left is to tell who receives it. */
async function moveOn(
  { worker, job, acting }: Taking,
  before: Opened<ExportJob>,
): Promise<Result<ChunkEnd, ExportFailure>> {
  const { progress, scope } = job;
  const phase = scope.recipient === undefined ? "done" : "disclosures";
  const telling = phase === "disclosures" && progress.last !== undefined ? { telling: progress.last } : {};
  const next = { ...job, state: "running" as const, progress: { ...progress, phase, ...telling } as Progress };
  const done = await commit(worker, before, next, acting, { count: progress.records });
  return done.ok ? ok({ kind: "done", job: done.value }) : done;
}

interface Chunk {
  readonly records: readonly FhirResource[];
  readonly patients: readonly string[];
  readonly taken: readonly Taken[];
  readonly leftOut: number;
  readonly after?: string;
  readonly checks: readonly Protection[];
}

async function takePatients(
  taking: Taking,
  before: Opened<ExportJob>,
  ids: readonly RecordId[],
  protections: ReadonlyMap<string, Protection>,
): Promise<Result<ChunkEnd, ExportFailure>> {
  const { worker, job, standing } = taking;
  const found = new Map<string, FhirResource>();
  const patients: string[] = [];
  const taken: Taken[] = [];
  const checks: Protection[] = [];
  let leftOut = 0;
  let contentBytes = 0;
  let after: RecordId | undefined;
  for (const patientId of ids) {
    if (contentBytes >= CONTENT_BYTES_PER_CHUNK) break;
    after = patientId;
    const protection = protections.get(patientId) ?? { patientId, version: 0, consents: [] };
    const verdict = await judgePatient(worker.privacy, standing, job, protection);
    if (!verdict.ok) return verdict;
    const isTaken = verdict.value.granted.ok && verdict.value.classes.length > 0;
    // Who was named and may not be taken any more ends the export; of a whole clinic she is left out.
    if (!isTaken && job.scope.patients !== undefined) return ok({ kind: "consent-lost" });
    const chart = isTaken ? await chartOf(taking, patientId, protection, verdict.value) : ok(undefined);
    if (!chart.ok) return chart;
    checks.push(protection);
    if (protection.version > 0)
      taken.push({ ...takenOf(protection, verdict.value), isLeftOut: chart.value === undefined });
    if (chart.value === undefined) {
      leftOut += 1;
      continue;
    }
    patients.push(patientId);
    for (const record of chart.value) found.set(`${record.resourceType}/${record.id ?? ""}`, record);
    contentBytes += chart.value.reduce((sum, record) => sum + contentSizeOf(record), 0);
  }
  invariant(after !== undefined, "a chunk has a patient");
  return finishChunk(taking, before, { records: [...found.values()], patients, taken, leftOut, after, checks });
}

/** Everything of one patient that may be taken; undefined where there is no such patient any more. */
async function chartOf(
  taking: Taking,
  patientId: RecordId,
  protection: Protection,
  { granted }: PatientVerdict,
): Promise<Result<readonly FhirResource[] | undefined, ExportFailure>> {
  const { job } = taking;
  if (!granted.ok) return ok(undefined);
  const grant = narrowed(granted.value, job);
  const records = recordsFor(taking, [protection]);
  const found: FhirResource[] = [];
  let cursor: string | undefined;
  do {
    const page = await records.everything(grant, patientId, { count: PAGE, ...(cursor !== undefined && { cursor }) });
    if (!page.ok) {
      const isGone = page.error.kind === "not-found" || page.error.kind === "deleted";
      return isGone ? ok(undefined) : err(fromRecord(page.error));
    }
    found.push(...page.value.resources);
    cursor = page.value.next;
  } while (cursor !== undefined);
  // Of a whole clinic, what belongs to no patient is taken once and not with each.
  // And what was merged into a chart is taken with its own.
  const isHers = (record: FhirResource): boolean => {
    if (job.scope.patients !== undefined) return true;
    const owner = record.resourceType === "Patient" ? ok(record.id) : patientOf(record);
    if (owner.ok && owner.value !== undefined) return owner.value === patientId;
    return hasPatientHome(record.resourceType) || isInCompartment(record, patientId);
  };
  return ok(found.filter((record) => isWanted(job, record.resourceType) && isHers(record)));
}

/** Practitioners, organizations, medications and the like: the records of a clinic that belong to no patient. */
async function takeDirectory(taking: Taking, before: Opened<ExportJob>): Promise<Result<ChunkEnd, ExportFailure>> {
  const { job, standing } = taking;
  const granted = authorizeAll(standing, job.purpose);
  const grant = granted.ok ? narrowed(granted.value, job) : undefined;
  const records = recordsFor(taking, []);
  const found: FhirResource[] = [];
  for (const type of RESOURCE_TYPES) {
    const isHeld = grant !== undefined && classesOfType(type).some((letter) => grant.classes.includes(letter));
    if (!isHeld || hasPatientHome(type) || !isWanted(job, type)) continue;
    const all = await everyOf(records, grant, type);
    if (!all.ok) return all;
    found.push(...all.value);
  }
  return finishChunk(taking, before, { records: found, patients: [], taken: [], leftOut: 0, checks: [] });
}

async function everyOf(
  records: Records,
  grant: Grant,
  type: ResourceType,
): Promise<Result<readonly FhirResource[], ExportFailure>> {
  const query = parseSearch(type, `_count=${PAGE}`);
  invariant(query.ok && isResourceType(type), "a search for a type without conditions is one");
  const found: FhirResource[] = [];
  let cursor: string | undefined;
  do {
    const page = await records.search(grant, query.value, cursor === undefined ? {} : { cursor });
    if (!page.ok) return err(fromRecord(page.error));
    found.push(...page.value.matches);
    cursor = page.value.next;
  } while (cursor !== undefined);
  return ok(found);
}

async function finishChunk(
  { worker, job, acting }: Taking,
  before: Opened<ExportJob>,
  chunk: Chunk,
): Promise<Result<ChunkEnd, ExportFailure>> {
  const { privacy } = worker;
  const { progress } = job;
  const target = { deps: privacy, jobId: job.id, store: worker.store };
  const attempt = worker.newId(privacy.clock.now()).slice(-8);
  const prefix = `${String(progress.chunks).padStart(5, "0")}-${attempt}`;
  const written = await writeFiles(target, prefix, chunk.records);
  if (!written.ok) return written;
  const contents = await writeContents(worker.contents, target, prefix, chunk.records);
  if (!contents.ok) return contents;
  const files = [...written.value, ...contents.value];
  const manifest = {
    ...(progress.last && { previous: progress.last }),
    files,
    patients: [...chunk.patients],
    taken: [...chunk.taken],
  };
  const last = await writeManifest(target, `${prefix}.manifest`, manifest);
  if (!last.ok) return last;
  const next: ExportJob = {
    ...job,
    state: "running",
    progress: progressAfter(progress, chunk, files, last.value),
  };
  const guards = chunk.checks.map((protection) => protectionCheck(privacy, protection));
  const done = await commit(worker, before, next, acting, { count: chunk.records.length }, guards);
  if (done.ok) return ok({ kind: "done", job: done.value });
  // Not ours to keep: a consent changed meanwhile, or another worker was faster.
  if (done.error.kind === "conflict") {
    await worker.store.destroy([...files.map(({ name }) => name), last.value.name]);
  }
  return done;
}

const progressAfter = (
  progress: Progress,
  { patients, leftOut, records, after }: Chunk,
  files: readonly ExportFile[],
  last: Progress["last"],
): Progress => ({
  ...progress,
  phase: "patients",
  ...(after !== undefined && { after }),
  ...(last && { last }),
  chunks: progress.chunks + 1,
  patients: progress.patients + patients.length,
  leftOut: progress.leftOut + leftOut,
  records: progress.records + records.length,
  files: progress.files + files.length,
  sizeBytes: progress.sizeBytes + files.reduce((total, { sizeBytes }) => total + sizeBytes, 0),
});
