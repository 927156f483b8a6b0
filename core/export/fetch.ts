import type { RecordClass } from "../kernel/data-class.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import { type PrivacyDeps, protectionCheck, readProtections } from "../privacy/index.ts";
import { parseRecordId, type TableWrite } from "../table/index.ts";
import { takenStillStands } from "./chunk.ts";
import { type ExportFailure, fromPrivacy } from "./failure.ts";
import { type ExportFile, type FileStore, readSealed } from "./files.ts";
import type { ExportJob } from "./job.ts";
import type { ExportStanding } from "./judge.ts";
import { type KnownManifests, readManifests } from "./manifest.ts";

/** What one request for a finished export works with: the requester's own session, which reads this job's files. */
export interface ExportReader {
  readonly privacy: PrivacyDeps;
  readonly store: Pick<FileStore, "get">;
  /** The classes that the requester holds at this moment. */
  readonly classes: readonly RecordClass[];
}

const filesOf = ({ privacy, store }: ExportReader, jobId: string) => ({
  deps: privacy,
  jobId,
  store: { ...store, put: never, list: never, destroy: never },
});
const never = (): Promise<never> => Promise.reject(new Error("who fetches an export writes nothing"));

const isOutOfTime = ({ privacy }: ExportReader, job: ExportJob): boolean =>
  job.state !== "finished" || privacy.clock.now() >= job.expiresAtMs;

/** The files of a finished export; `not-found` for any other, and once it is past its time. */
export async function listFiles(
  reader: ExportReader,
  job: ExportJob,
): Promise<Result<readonly ExportFile[], ExportFailure>> {
  if (isOutOfTime(reader, job)) return err({ kind: "not-found" });
  const manifests = await readManifests(filesOf(reader, job.id), job.progress.last, new Map());
  return manifests.ok ? ok(manifests.value.flatMap(({ manifest }) => manifest.files)) : manifests;
}

export interface FetchedFile {
  readonly file: ExportFile;
  readonly bytes: Uint8Array;
  /** What must still hold when the event of the fetch is written: the protections of everyone in the file. */
  readonly guards: readonly TableWrite[];
}

/**
 * What one file holds, under the permissions of this moment: the job is finished and in time, everyone in it still
 * consents, and the requester holds the file's class. A file that does not exist, or is not hers any more, is `not-found`.
 */
export async function fetchFile(
  reader: ExportReader,
  job: ExportJob,
  standing: ExportStanding,
  name: string,
): Promise<Result<FetchedFile, ExportFailure>> {
  if (isOutOfTime(reader, job)) return err({ kind: "not-found" });
  const manifests: KnownManifests = new Map();
  const chunks = await readManifests(filesOf(reader, job.id), job.progress.last, manifests);
  if (!chunks.ok) return chunks;
  const chunk = chunks.value.find(({ manifest }) => manifest.files.some((file) => file.name === name))?.manifest;
  const file = chunk?.files.find((one) => one.name === name);
  if (chunk === undefined || file === undefined || !reader.classes.includes(file.class))
    return err({ kind: "not-found" });
  const protections = await readProtections(reader.privacy);
  if (!protections.ok) return err(fromPrivacy(protections.error));
  const worker = { privacy: reader.privacy, store: filesOf(reader, job.id).store, manifests };
  const stands = await takenStillStands(worker, job, standing, protections.value);
  if (!stands.ok) return stands;
  if (!stands.value) return err({ kind: "not-found" });
  const bytes = await readSealed(filesOf(reader, job.id), { name, dataClass: file.class, sha256: file.sha256 });
  if (!bytes.ok) return bytes;
  const guards = chunk.patients.flatMap((patientId) => {
    const id = parseRecordId(patientId);
    const none = id === undefined ? [] : [{ patientId: id, version: 0, consents: [] }];
    return [protections.value.get(patientId) ?? none].flat().map((one) => protectionCheck(reader.privacy, one));
  });
  return ok({ file, bytes: bytes.value, guards });
}
