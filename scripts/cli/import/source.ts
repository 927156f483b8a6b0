import { createReadStream, readdirSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { Parser, type ReadEntry } from "tar";
import { CliFailure, EXIT } from "../failure.ts";

/** One piece of an import: a Bundle, a single resource, or the lines of an NDJSON file, with where it came from. */
export interface SourceFile {
  /** Path inside the directory or archive: for reports, never sent. */
  readonly name: string;
  readonly text: string;
}

const isData = (name: string): boolean => /\.(json|ndjson)$/i.test(name) && !path.basename(name).startsWith(".");
const isArchive = (name: string): boolean => /\.(tgz|tar\.gz|tar)$/i.test(name);

/** A tar archive's JSON files, one at a time: the parser waits while a file is worked on. */
async function* readArchive(file: string): AsyncGenerator<SourceFile> {
  const waiting: SourceFile[] = [];
  const parser = new Parser({ strict: true, filter: (name) => isData(name) });
  parser.on("entry", (entry: ReadEntry) => {
    const chunks: Buffer[] = [];
    entry.on("data", (chunk: Buffer) => chunks.push(chunk));
    entry.on("end", () => waiting.push({ name: entry.path, text: Buffer.concat(chunks).toString("utf8") }));
  });
  let failure: Error | undefined;
  parser.on("error", (error: Error) => (failure = error));
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) {
    if (!parser.write(chunk as Buffer)) await new Promise((resolve) => parser.once("drain", resolve));
    // Entries are read whole before they are given on; the loop holds the stream back meanwhile.
    while (waiting.length > 0) yield waiting.shift() as SourceFile;
  }
  const ended = new Promise((resolve) => parser.once("end", resolve));
  parser.end();
  if (failure === undefined) await ended;
  while (waiting.length > 0) yield waiting.shift() as SourceFile;
  if (failure !== undefined) throw new CliFailure(`${path.basename(file)} is not a whole tar archive`, EXIT.usage);
}

async function* readNdjson(file: string, name: string): AsyncGenerator<SourceFile> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() !== "") yield { name: `${name}:${number}`, text: line };
  }
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
  else if (/\.ndjson$/i.test(source)) yield* readNdjson(source, name);
  else if (/\.json$/i.test(source)) yield { name, text: await readFile(source, "utf8") };
  else
    throw new CliFailure(
      `${name}: an import takes .json, .ndjson, .tgz, .tar.gz, .tar or a directory of them`,
      EXIT.usage,
    );
}
