import { createPublicKey } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { GetPublicKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { logName, originOf } from "../../core/audit/checkpoint.ts";
import { parseCosignerKey } from "../../core/audit/cosignature.ts";
import { type Finding, WAY_OUT } from "../../core/audit/findings.ts";
import { type NoteKey, parseVerifierKey, rawEd25519 } from "../../core/audit/note.ts";
import { type ArchiveReader, verifyArchive, type VerifyInput, type VerifyReport } from "../../core/audit/verify.ts";
import { awsOptions } from "./archive-reader.ts";
import { CliFailure, EXIT } from "./failure.ts";
import type { Profile } from "./profile.ts";

export { archivedTenants, bucketReader, folderReader } from "./archive-reader.ts";

const textOf = (given: string): string => (existsSync(given) ? readFileSync(given, "utf8") : given);

/** The log's key of a verifier line, or of a file that holds one. */
export function readLogKey(given: string): NoteKey {
  const key = parseVerifierKey(textOf(given));
  if (key !== undefined) return key;
  throw new CliFailure("--log-key is a verifier key line (name+hash+key) or a file with one", EXIT.usage);
}

export function readWitnessKey(given: string): NoteKey {
  const key = parseCosignerKey(textOf(given));
  if (key !== undefined) return key;
  throw new CliFailure("--witness-key is the witness's line (name+hash+key) or a file with one", EXIT.usage);
}

/** The log's key as given, or as KMS gives it to who may ask. */
export async function loadLogKey(profile: Profile, given: string | undefined): Promise<NoteKey> {
  if (given !== undefined) return readLogKey(given);
  const alias = `alias/keyward-${profile.stage}-${profile.cell}-checkpoint`;
  const { PublicKey } = await new KMSClient(awsOptions(profile)).send(new GetPublicKeyCommand({ KeyId: alias }));
  if (PublicKey === undefined) throw new CliFailure("KMS gave no public key", EXIT.unreachable);
  const publicKey = createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" });
  return { name: logName(profile.stage, profile.cell), publicKey: rawEd25519(publicKey) };
}

/** Which stage and cell a log key is of, by its own name: so that a folder and a key are all that an auditor needs. */
export function siteOfLogKey({ name }: NoteKey): Pick<Profile, "stage" | "cell"> {
  const match = /^keyward-([a-z0-9]+)-([a-z0-9]+)$/.exec(name);
  if (match === null) throw new CliFailure("the log key is named keyward-<stage>-<cell>", EXIT.usage);
  return { stage: match[1] ?? "", cell: match[2] ?? "" };
}

/** A checkpoint that somebody kept, and the tenant that it is of. */
export interface Anchor {
  readonly name: string;
  readonly note: string;
  readonly tenantId: string;
}

export function readAnchor(file: string): Anchor {
  if (!existsSync(file)) throw new CliFailure(`${file} does not exist`, EXIT.usage);
  const note = readFileSync(file, "utf8");
  const tenantId = /^keyward\/[a-z0-9]+\/[a-z0-9]+\/([0-9a-z]{26})\n/.exec(note)?.[1];
  if (tenantId === undefined) throw new CliFailure(`${file} is no checkpoint of ours`, EXIT.usage);
  return { name: path.basename(file), note, tenantId };
}

export function verifyTenant(
  site: Pick<Profile, "stage" | "cell">,
  reader: ArchiveReader,
  logKey: NoteKey,
  tenantId: string,
  onProgress: (events: number) => void,
  more: Pick<VerifyInput, "witnessKey" | "anchors" | "examine"> = {},
): Promise<VerifyReport> {
  const origin = originOf(site.stage, site.cell, tenantId);
  return verifyArchive({ reader, tenantId, origin, logKey, onProgress, ...more });
}

/** A person is told the first places of each kind; `--json` has them all. */
const SHOWN = 10;

const findingLine = ({ kind, where, event, detail }: Finding): string =>
  `  ${kind}  ${where}${event === undefined ? "" : `  at event ${event}`}${detail === undefined ? "" : `  (${detail})`}`;

/** What was found, for a person: per clinic one line, the first bad place, and what to do about each kind. */
export function reportText(reports: readonly VerifyReport[]): string {
  if (reports.length === 0) return "the archive holds no events yet";
  const lines: string[] = [];
  for (const report of reports) {
    const { tenantId, events, objects, seals, writers, unsealed, witnessed, anchored, findings } = report;
    const vouched = [
      ...(witnessed === undefined ? [] : [`the witness vouches for ${witnessed}`]),
      ...(anchored === undefined ? [] : [`your anchor for ${anchored}`]),
      ...(unsealed === 0 ? [] : [`${unsealed} objects not sealed yet`]),
    ];
    const counts = [`${events} events, ${objects} objects, ${seals} seals, ${writers} writers`, ...vouched].join("; ");
    lines.push(`${findings.length === 0 ? "ok  " : "FAIL"} ${tenantId}  ${counts}`);
    const [first] = findings;
    if (first === undefined) continue;
    lines.push(`  first bad place: ${first.event ?? first.where}`);
    for (const [kind, found] of Map.groupBy(findings, (finding) => finding.kind)) {
      lines.push(...found.slice(0, SHOWN).map(findingLine));
      if (found.length > SHOWN) lines.push(`  and ${found.length - SHOWN} more; --json lists them`);
      lines.push(`    ${WAY_OUT[kind]}`);
    }
  }
  return lines.join("\n");
}
