import { createHash } from "node:crypto";
import { documentIn, openPart } from "../document/index.ts";
import { classOf, type FhirResource, inlineLabelsOf, labelsOf } from "../fhir/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import { isPart2 } from "../policy/consent/index.ts";
import { type ExportFailure, fromDocument } from "./failure.ts";
import { type ExportFile, type JobFiles, seal, sha256 } from "./files.ts";
import type { ExportWorker } from "./worker.ts";

/** The bytes of what a record holds beside it; 0 for a record that is no document, or whose content nobody opens. */
export const contentSizeOf = (record: FhirResource): number => openable(record)?.content.sizeBytes ?? 0;

function openable(record: FhirResource): ReturnType<typeof documentIn> {
  const document = documentIn(record);
  return document?.isWithdrawn === false && document.content.scan === "clean" ? document : undefined;
}

/**
 * Writes the contents of the documents among the records: each sealed part is opened and sealed anew as one file of the
 * job, so that no more than one part is in memory. Its class is the record's, whatever it was filed under.
 */
export async function writeContents(
  contents: ExportWorker["contents"],
  { deps, jobId, store }: JobFiles,
  prefix: string,
  records: readonly FhirResource[],
): Promise<Result<readonly ExportFile[], ExportFailure>> {
  const files: ExportFile[] = [];
  for (const record of records) {
    const document = openable(record);
    if (document === undefined) continue;
    const { id, content } = document;
    const dataClass = classOf(record);
    const whole = createHash("sha256");
    const parts: Omit<ExportFile, "content">[] = [];
    for (let part = 0; part < content.parts.length; part += 1) {
      const opened = await openPart({ rows: deps, files: contents }, id, content, part);
      if (!opened.ok) return err(fromDocument(opened.error));
      const bytes = opened.value;
      whole.update(bytes);
      const name = `${prefix}-c${files.length + part}.Content.bin`;
      const sealed = await seal(deps, jobId, name, dataClass, bytes);
      if (!sealed.ok) return sealed;
      await store.put(name, sealed.value);
      parts.push({
        name,
        type: "Content",
        class: dataClass,
        count: 1,
        sizeBytes: bytes.byteLength,
        sha256: sha256(bytes),
        ...(isPart2([...labelsOf(record), ...inlineLabelsOf(record)]) && { isPartTwo: true as const }),
      });
    }
    const { fileName, mediaType, sizeBytes } = content;
    const about = { document: id, fileName, mediaType, sizeBytes, sha256: whole.digest("hex"), parts: parts.length };
    files.push(...parts.map((file, part) => ({ ...file, content: { ...about, part } })));
  }
  return ok(files);
}
