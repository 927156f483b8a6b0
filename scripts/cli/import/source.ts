import { createReadStream, readdirSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Parser, type ReadEntry } from "tar";
import { CliFailure, EXIT } from "../failure.ts";

/** One piece of an import: a Bundle, a single resource, or the lines of an NDJSON file, with where it came from. */
export interface SourceFile {
  /** Path inside the directory or archive: for reports, never sent. */
  readonly name: string;
  /** Bytes where they come from a file: text that is not UTF-8 must be refused, not mended. */
  readonly text: string | Uint8Array;
}

const isData = (name: string): boolean => /\.(json|ndjson)$/i.test(name) && !path.basename(name).startsWith(".");
const isNdjson = (name: string): boolean => /\.ndjson$/i.test(name);
const isArchive = (name: string): boolean => /\.(tgz|tar\.gz|tar)$/i.test(name);

/** A tar archive's JSON files, one at a time: the parser waits while a file is worked on. */
async function* readArchive(file: string): AsyncGenerator<SourceFile> {
  const waiting: { readonly name: string; readonly bytes: Buffer }[] = [];
  const parser = new Parser({ strict: true, filter: (name) => isData(name) });
  parser.on("entry", (entry: ReadEntry) => {
    const chunks: Buffer[] = [];
    entry.on("data", (chunk: Buffer) => chunks.push(chunk));
    entry.on("end", () => waiting.push({ name: entry.path, bytes: Buffer.concat(chunks) }));
  });
  let failure: Error | undefined;
  parser.on("error", (error: Error) => (failure = error));
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) {
    if (!parser.write(chunk as Buffer)) await new Promise((resolve) => parser.once("drain", resolve));
    // Entries are read whole before they are given on; the loop holds the stream back meanwhile.
    for (const { name, bytes } of waiting.splice(0)) yield* piecesOf(name, bytes);
  }
  const ended = new Promise((resolve) => parser.once("end", resolve));
  parser.end();
  if (failure === undefined) await ended;
  for (const { name, bytes } of waiting.splice(0)) yield* piecesOf(name, bytes);
  if (failure !== undefined) throw new CliFailure(`${path.basename(file)} is not a whole tar archive`, EXIT.usage);
}

async function* piecesOf(name: string, bytes: Buffer): AsyncGenerator<SourceFile> {
  if (isNdjson(name)) yield* readNdjson([bytes], name);
  else yield { name, text: bytes };
}

const LINE_FEED = 0x0a;

async function* readNdjson(chunks: AsyncIterable<Buffer> | Iterable<Buffer>, name: string): AsyncGenerator<SourceFile> {
  let number = 0;
  let begun: Buffer[] = [];
  const piece = (end: Buffer): SourceFile | undefined => {
    const text = Buffer.concat([...begun, end]);
    begun = [];
    number += 1;
    return /^[ \t\r]*$/.test(text.toString("latin1")) ? undefined : { name: `${name}:${number}`, text };
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
      const line = piece(chunk.subarray(from, at));
      from = at + 1;
      if (line !== undefined) yield line;
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
  }
  const last = piece(Buffer.alloc(0));
  if (last !== undefined) yield last;
}

/** Every piece of a file, directory or archive, in the order of names. Throws CliFailure for what cannot be read. */
export async function* readSource(source: string, name = path.basename(source)): AsyncGenerator<SourceFile> {
  let stats;
  try {
    stats = statSync(source);
  } catch {
    throw new CliFailure(`${source} cannot be read: is the path right?`, EXIT.usage);
  }
  if (stats.isDirectory()) {
    for (const child of readdirSync(source).toSorted()) {
      const full = path.join(source, child);
      if (statSync(full).isDirectory() || isData(child) || isArchive(child))
        yield* readSource(full, path.join(name, child));
    }
  } else if (isArchive(source)) yield* readArchive(source);
  else if (isNdjson(source)) yield* readNdjson(createReadStream(source) as AsyncIterable<Buffer>, name);
  else if (/\.json$/i.test(source)) yield { name, text: await readFile(source) };
  else
    throw new CliFailure(
      `${name}: an import takes .json, .ndjson, .tgz, .tar.gz, .tar or a directory of them`,
      EXIT.usage,
    );
}
