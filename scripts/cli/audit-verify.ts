import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { GetPublicKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { createPublicKey } from "node:crypto";
import { createVersionReader } from "../../core/archive/store.ts";
import { logName, originOf } from "../../core/audit/checkpoint.ts";
import { eventsRoot } from "../../core/audit/layout.ts";
import { type NoteKey, parseVerifierKey, rawEd25519 } from "../../core/audit/note.ts";
import { type ArchiveReader, type VerifyReport, verifyArchive } from "../../core/audit/verify.ts";
import { CliFailure, EXIT } from "./failure.ts";
import type { Profile } from "./profile.ts";

/** A copy of the archive in a folder, as `aws s3 sync` leaves one. */
export function folderReader(folder: string): ArchiveReader {
  if (!existsSync(folder)) throw new CliFailure("that folder does not exist", EXIT.usage);
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
    .toSorted();
  return {
    async *list(prefix) {
      for (const key of all) if (key.startsWith(prefix)) yield await Promise.resolve(key);
    },
    get: (key) => Promise.resolve(all.includes(key) ? readFileSync(path.join(folder, key)) : undefined),
  };
}

const awsOptions = ({ region, aws }: Profile) =>
  aws === undefined
    ? { region }
    : {
        region,
        endpoint: aws.endpoint,
        forcePathStyle: true,
        credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey },
      };

/** The archive bucket itself: of every key its oldest version. */
export const bucketReader = (profile: Profile): ArchiveReader =>
  createVersionReader(new S3Client(awsOptions(profile)), profile.archiveBucket);

/** The verifier key of a line, of a file that holds one, or as KMS gives it to who may ask. */
export async function loadLogKey(profile: Profile, given: string | undefined): Promise<NoteKey> {
  if (given !== undefined) {
    const key = parseVerifierKey(existsSync(given) ? readFileSync(given, "utf8") : given);
    if (key === undefined)
      throw new CliFailure("--log-key is a verifier key line (name+hash+key) or a file with one", EXIT.usage);
    return key;
  }
  const alias = `alias/keyward-${profile.stage}-${profile.cell}-checkpoint`;
  const { PublicKey } = await new KMSClient(awsOptions(profile)).send(new GetPublicKeyCommand({ KeyId: alias }));
  if (PublicKey === undefined) throw new CliFailure("KMS gave no public key", EXIT.unreachable);
  const publicKey = createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" });
  return { name: logName(profile.stage, profile.cell), publicKey: rawEd25519(publicKey) };
}

/** Every tenant that the archive holds events or seals of. */
export async function archivedTenants(reader: ArchiveReader): Promise<string[]> {
  const tenants = new Set<string>();
  for (const root of [eventsRoot, "v1/log/t/"]) {
    for await (const key of reader.list(root)) tenants.add(key.slice(root.length).split("/")[0] ?? "");
  }
  return [...tenants].toSorted();
}

export function verifyTenant(
  profile: Pick<Profile, "stage" | "cell">,
  reader: ArchiveReader,
  logKey: NoteKey,
  tenantId: string,
  onProgress: (events: number) => void,
): Promise<VerifyReport> {
  return verifyArchive({
    reader,
    tenantId,
    origin: originOf(profile.stage, profile.cell, tenantId),
    logKey,
    onProgress,
  });
}
