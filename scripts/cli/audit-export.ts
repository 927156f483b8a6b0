import { createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { finished } from "node:stream/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { originOf } from "../../core/audit/checkpoint.ts";
import { type Format, fileNameOf, FORMATS } from "../../core/audit/rendition.ts";
import { renderSlice, SLICE_FOLDER, SLICE_PROOF, SliceProof, sliceOf, verifySlice } from "../../core/audit/slice.ts";
import { verifierKeyName } from "../../core/audit/layout.ts";
import { type NoteKey, parseVerifierKey } from "../../core/audit/note.ts";
import type { ArchiveReader } from "../../core/audit/verify.ts";
import { bucketReader, folderReader } from "./archive-reader.ts";
import { siteOfLogKey } from "./audit-verify.ts";
import { CliFailure, EXIT } from "./failure.ts";
import type { Output } from "./output.ts";
import { readProfile } from "./profile.ts";

const README = `An export of a clinic's audit trail

events.*            the events of the period, identifiers only; the CSV opens in a spreadsheet
verification.json   the part of the signed log that holds them
trail/              the archived objects and seals, as they are in the archive
keys.txt            the public keys as they are in the archive: compare them with those that you keep

To check it: keyward audit verify <this folder> --log-key <the log's key that you keep>
`;

function parseDay(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Date.parse(text);
  if (Number.isFinite(ms)) return ms;
  throw new InvalidArgumentError("a time is 2026-11-22 or 2026-11-22T08:00:00Z.");
}

function emptyFolder(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new CliFailure("--out is a folder that is not empty", EXIT.usage);
  mkdirSync(folder, { recursive: true });
}

function put(folder: string, name: string, content: Uint8Array | string): void {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}

interface ExportOptions {
  readonly tenant: string;
  readonly from: number;
  readonly to: number;
  readonly format: Format;
  readonly out: string;
}

async function exportTrail(reader: ArchiveReader, site: { stage: string; cell: string }, options: ExportOptions) {
  const { tenant: tenantId, from: fromMs, to: toMs, format } = options;
  const out = path.resolve(options.out);
  const origin = originOf(site.stage, site.cell, tenantId);
  const slice = await sliceOf(reader, { tenantId, origin, fromMs, toMs, format });
  if (slice === undefined) throw new CliFailure("no sealed event of this clinic lies in that period", EXIT.failed);
  emptyFolder(out);
  for (const key of slice.keys) {
    const content = await reader.get(key);
    if (content !== undefined) put(out, `${SLICE_FOLDER}${key}`, content);
  }
  const stream = createWriteStream(path.join(out, fileNameOf(format)));
  const { events, fault } = await renderSlice(reader, slice.proof, (text) => stream.write(text));
  stream.end();
  await finished(stream);
  if (fault !== undefined)
    throw new CliFailure(`${fault.where}: ${fault.what}; run keyward audit verify`, EXIT.findings);
  put(out, SLICE_PROOF, `${JSON.stringify(slice.proof, null, 2)}\n`);
  put(out, "README.txt", README);
  const logKey = await reader.get(verifierKeyName);
  if (logKey !== undefined) put(out, "keys.txt", logKey);
  return { tenantId, events, folder: out, file: fileNameOf(format) };
}

/** Of which stage and cell a copy is, by the key line in it: who checks the export compares with the key that they keep. */
async function siteOf(reader: ArchiveReader) {
  const line = await reader.get(verifierKeyName);
  const key = line === undefined ? undefined : parseVerifierKey(Buffer.from(line).toString("utf8"));
  if (key === undefined) throw new CliFailure(`the copy has no ${verifierKeyName}`, EXIT.usage);
  return siteOfLogKey(key);
}

export function registerAuditExport(audit: Command, print: Output["print"]): void {
  audit
    .command("export")
    .description("write a period of one clinic's trail for a reviewer, with what shows that it is the signed log")
    .argument("[dir]", "a copy of the archive; without it the buckets are read")
    .requiredOption("--tenant <id>", "the clinic")
    .requiredOption("--from <time>", "first moment, UTC", parseDay)
    .requiredOption("--to <time>", "end, not included", parseDay)
    .addOption(new Option("--format <format>", "of the events' file").choices([...FORMATS]).default("csv"))
    .requiredOption("--out <dir>", "an empty folder or a new one")
    .action(async (dir: string | undefined, options: ExportOptions) => {
      if (!/^[0-9a-z]{26}$/.test(options.tenant)) throw new CliFailure("--tenant is a clinic's id", EXIT.usage);
      if (options.from >= options.to) throw new CliFailure("--from is before --to", EXIT.usage);
      const profile = dir === undefined ? readProfile() : undefined;
      const reader = profile === undefined ? folderReader(path.resolve(dir ?? ".")) : bucketReader(profile);
      const done = await exportTrail(reader, profile ?? (await siteOf(reader)), options);
      print(done, `${done.events} events of ${done.tenantId} in ${path.join(done.folder, done.file)}`);
    });
}

/** The proof of an export in a folder; undefined for a folder that is none. */
export function readExport(folder: string): SliceProof | undefined {
  const file = path.join(folder, SLICE_PROOF);
  if (!existsSync(file)) return undefined;
  try {
    const parsed = SliceProof.safeParse(JSON.parse(readFileSync(file, "utf8")));
    if (parsed.success) return parsed.data;
  } catch {
    // The same sentence as for JSON of another shape.
  }
  throw new CliFailure(`${SLICE_PROOF} is not what an export carries`, EXIT.findings);
}

/** Checks an export with the auditor's own keys. */
export async function verifyExport(
  folder: string,
  proof: SliceProof,
  keys: { readonly logKey: NoteKey; readonly witnessKey?: NoteKey },
) {
  const file = path.join(folder, fileNameOf(proof.format));
  if (!existsSync(file)) throw new CliFailure(`${fileNameOf(proof.format)} is missing`, EXIT.findings);
  const { stage, cell } = siteOfLogKey(keys.logKey);
  if (proof.origin !== originOf(stage, cell, proof.tenant))
    throw new CliFailure("the export is of another log than that key's", EXIT.findings);
  const copies = path.join(folder, SLICE_FOLDER);
  if (!existsSync(copies)) throw new CliFailure(`${SLICE_FOLDER} is missing`, EXIT.findings);
  const reader = folderReader(copies);
  return { tenantId: proof.tenant, ...(await verifySlice(reader, proof, readFileSync(file), keys)) };
}
