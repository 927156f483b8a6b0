import { createHash } from "node:crypto";
import * as z from "zod";
import { SealBroken } from "../crypto/index.ts";
import { classOf, type FhirResource, inlineLabelsOf, labelsOf, stringifyJson } from "../fhir/index.ts";
import { RECORD_CLASSES, type RecordClass } from "../kernel/data-class.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import { isPart2 } from "../policy/consent/index.ts";
import type { PrivacyDeps } from "../privacy/index.ts";
import { type ExportFailure, fromKey } from "./failure.ts";
import { fileKid, FILE_MAX_BYTES, openFile, sealFile } from "./file-seal.ts";
import { FileName } from "./job.ts";

/** Objects under the prefix of one job, and nowhere else. Throws where the store cannot answer. */
export interface FileStore {
  /** A name is written once. */
  put(name: string, content: Uint8Array): Promise<void>;
  get(name: string): Promise<Uint8Array | undefined>;
  /** Names, of every version that there is. */
  list(): Promise<readonly string[]>;
  /** Every version of them is gone when this returns. */
  destroy(names: readonly string[]): Promise<void>;
}

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A file as its manifest tells it. */
export const ExportFile = z.strictObject({
  name: FileName,
  type: z.string(),
  class: z.enum(RECORD_CLASSES),
  count: z.int().min(1),
  sizeBytes: z.int().min(0),
  /** SHA-256 of the file as it is handed out, hex. */
  sha256: Sha256,
  /** Of a part of a document's content: which record it is of, and the whole that its parts make in their order. */
  content: z
    .strictObject({
      document: z.string(),
      fileName: z.string(),
      mediaType: z.string(),
      sizeBytes: z.int().min(1),
      sha256: Sha256,
      part: z.int().min(0),
      parts: z.int().min(1),
    })
    .optional(),
  /** It holds records of 42 CFR Part 2, and goes nowhere without the notice. */
  isPartTwo: z.literal(true).optional(),
});
export type ExportFile = z.infer<typeof ExportFile>;

export const sha256 = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");

interface Batch {
  readonly type: string;
  readonly dataClass: RecordClass;
  readonly lines: string[];
  sizeBytes: number;
  isPartTwo: boolean;
}

/** Records by type and class, in batches that fit a file. NDJSON: one resource a line, as FHIR Bulk Data writes it. */
function batchesOf(records: readonly FhirResource[]): Batch[] {
  const batches: Batch[] = [];
  const open = new Map<string, Batch>();
  for (const record of records) {
    const dataClass = classOf(record);
    const line = stringifyJson(record);
    const size = Buffer.byteLength(line) + 1;
    const key = `${record.resourceType} ${dataClass}`;
    let batch = open.get(key);
    if (batch === undefined || batch.sizeBytes + size > FILE_MAX_BYTES) {
      batch = { type: record.resourceType, dataClass, lines: [], sizeBytes: 0, isPartTwo: false };
      batches.push(batch);
      open.set(key, batch);
    }
    batch.lines.push(line);
    batch.sizeBytes += size;
    batch.isPartTwo ||= isPart2([...labelsOf(record), ...inlineLabelsOf(record)]);
  }
  return batches;
}

export interface JobFiles {
  readonly deps: PrivacyDeps;
  readonly jobId: string;
  readonly store: FileStore;
}

/** Writes records into sealed files of one chunk. `prefix` is new for each attempt, so that no name is ever used twice. */
export async function writeFiles(
  { deps, jobId, store }: JobFiles,
  prefix: string,
  records: readonly FhirResource[],
): Promise<Result<readonly ExportFile[], ExportFailure>> {
  const files: ExportFile[] = [];
  for (const [index, batch] of batchesOf(records).entries()) {
    const { type, dataClass, lines } = batch;
    const text = lines.join("\n");
    const name = `${prefix}-${index}.${type}.ndjson`;
    const sealed = await seal(deps, jobId, name, dataClass, text);
    if (!sealed.ok) return sealed;
    await store.put(name, sealed.value);
    files.push({
      name,
      type,
      class: dataClass,
      count: lines.length,
      sizeBytes: Buffer.byteLength(text),
      sha256: sha256(text),
      ...(batch.isPartTwo && { isPartTwo: true as const }),
    });
  }
  return ok(files);
}

/** Seals a file of ours under the data key of the class. */
export async function seal(
  deps: PrivacyDeps,
  jobId: string,
  name: string,
  dataClass: RecordClass,
  content: string | Uint8Array,
): Promise<Result<Uint8Array, ExportFailure>> {
  const key = await deps.keyring.sealingKey(deps.keyScope, dataClass);
  if (!key.ok) return err(fromKey(key.error));
  return ok(sealFile(content, { tenantId: deps.tenantId, jobId, name, dataClass }, key.value));
}

/** What a file holds. `not-found` where the object is gone; `integrity`, with an alarm, where it is not what was written. */
export async function readSealed(
  { deps, jobId, store }: JobFiles,
  { name, dataClass, sha256: expected }: { name: string; dataClass: RecordClass; sha256: string },
): Promise<Result<Buffer, ExportFailure>> {
  const sealed = await store.get(name);
  if (sealed === undefined) return err({ kind: "not-found" });
  try {
    const key = await deps.keyring.openingKey(deps.keyScope, fileKid(sealed, dataClass));
    if (!key.ok) return err(key.error.kind === "forbidden" ? { kind: "forbidden" } : fromKey(key.error));
    const content = openFile(sealed, { tenantId: deps.tenantId, jobId, name, dataClass }, key.value);
    if (sha256(content) !== expected) throw new SealBroken("frame");
    return ok(content);
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    deps.onAlarm?.({ kind: "integrity", fault: error.fault });
    return err({ kind: "integrity" });
  }
}
