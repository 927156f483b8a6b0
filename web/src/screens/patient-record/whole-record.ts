import type { OwnDocument } from "../../../../core/contract/index.ts";
import { call } from "../../api/client.ts";
import type { SavedFile } from "../../ui/index.ts";
import { type Archived, archiveOf } from "./archive.ts";

async function contentOf({ id, slices }: OwnDocument): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let slice = 0; slice < slices; slice += 1) {
    parts.push(await call("readOwnContent", { path: { id }, query: { slice: String(slice) } }));
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function lineOf({ name, bytes }: Archived) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { name, sizeBytes: bytes.length, sha256 };
}

/**
 * The record with the files that belong to it, and a list of them with their digests. A document that cannot be had is a
 * failure of all: what is kept must not lack something.
 * @throws {Problem}
 */
export async function wholeRecord(
  record: Omit<SavedFile, "content"> & { readonly content: string },
  documents: readonly OwnDocument[],
): Promise<SavedFile> {
  const files: Archived[] = [{ name: record.name, bytes: new TextEncoder().encode(record.content) }];
  for (const [index, document] of documents.entries()) {
    const name = `documents/${String(index + 1).padStart(2, "0")}-${document.fileName}`;
    files.push({ name, bytes: await contentOf(document) });
  }
  const lines = await Promise.all(files.map(lineOf));
  const manifest = {
    name: "manifest.json",
    bytes: new TextEncoder().encode(JSON.stringify({ files: lines }, undefined, 2)),
  };
  return { name: "health-record.zip", mediaType: "application/zip", content: archiveOf([...files, manifest]) };
}
