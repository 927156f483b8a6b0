import * as z from "zod";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { ExportFailure } from "./failure.ts";
import { ExportFile, type JobFiles, readSealed, seal, sha256 } from "./files.ts";
import { FileName, type Progress } from "./job.ts";

const Link = z.strictObject({ name: FileName, sha256: z.string() });
export type Link = z.infer<typeof Link>;

/** What a patient's consents said when her records were taken, where they said anything. */
export const Taken = z.strictObject({
  patientId: z.string(),
  /** `<id>:<version>` of every consent that stood. */
  consents: z.array(z.string()),
  /** Letters of the classes that were open. */
  classes: z.string(),
  /** Nothing of hers was taken. */
  isLeftOut: z.boolean(),
});
export type Taken = z.infer<typeof Taken>;

/**
 * What one chunk wrote, sealed beside its files. Each names the one before and its hash, so that the job's row, which
 * names the newest, vouches for all of them and stays small.
 */
export const ChunkManifest = z.strictObject({
  previous: Link.optional(),
  files: z.array(ExportFile),
  /** Whose records are in the files. */
  patients: z.array(z.string()),
  taken: z.array(Taken),
});
export type ChunkManifest = z.infer<typeof ChunkManifest>;

/** A chunk's manifest names patients: it is of class D, which every job holds. */
const MANIFEST_CLASS = "D" as const;

export async function writeManifest(
  files: JobFiles,
  name: string,
  manifest: ChunkManifest,
): Promise<Result<Link, ExportFailure>> {
  const text = JSON.stringify(manifest);
  const sealed = await seal(files.deps, files.jobId, name, MANIFEST_CLASS, text);
  if (!sealed.ok) return sealed;
  await files.store.put(name, sealed.value);
  return ok({ name, sha256: sha256(text) });
}

export async function readManifest(
  files: JobFiles,
  { name, sha256: hash }: Link,
): Promise<Result<ChunkManifest, ExportFailure>> {
  const text = await readSealed(files, { name, dataClass: MANIFEST_CLASS, sha256: hash });
  if (!text.ok) return text;
  const parsed = ChunkManifest.safeParse(JSON.parse(text.value.toString("utf8")));
  return parsed.success ? ok(parsed.data) : err({ kind: "integrity" });
}

/** What was read in this run: a manifest never changes. */
export type KnownManifests = Map<string, ChunkManifest>;

export interface NamedManifest {
  readonly name: string;
  readonly manifest: ChunkManifest;
}

/** Every chunk's manifest, the oldest first. */
export async function readManifests(
  files: JobFiles,
  last: Progress["last"],
  known: KnownManifests,
): Promise<Result<readonly NamedManifest[], ExportFailure>> {
  const found: NamedManifest[] = [];
  for (let link: Link | undefined = last; link !== undefined;) {
    const kept = known.get(link.name);
    const read: Result<ChunkManifest, ExportFailure> = kept ? ok(kept) : await readManifest(files, link);
    if (!read.ok) return read;
    known.set(link.name, read.value);
    found.unshift({ name: link.name, manifest: read.value });
    link = read.value.previous;
  }
  return ok(found);
}
