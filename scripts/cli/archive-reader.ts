import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { createVersionReader } from "../../core/archive/store.ts";
import { eventsRoot, logsRoot } from "../../core/audit/layout.ts";
import type { ArchiveReader } from "../../core/audit/verify.ts";
import { CliFailure, EXIT } from "./failure.ts";
import type { Profile } from "./profile.ts";

/** Names as S3 orders them: by their bytes, a folder like its name with a slash. */
const inOrder = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));

/** The files under a folder, as keys that begin with `prefix`; one folder in memory at a time. */
function* walk(folder: string, at: string, prefix: string): Generator<string> {
  const entries = readdirSync(path.join(folder, at), { withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => `${at}${entry.name}${entry.isDirectory() ? "/" : ""}`)
    .filter((name) => name.startsWith(prefix) || prefix.startsWith(name))
    .sort(inOrder);
  for (const name of entries) {
    if (name.endsWith("/")) yield* walk(folder, name, prefix);
    else yield name;
  }
}

/** A copy of the archive, and of the witness's bucket, in one folder, as `aws s3 sync` leaves one. */
export function folderReader(folder: string): ArchiveReader {
  if (!existsSync(folder)) throw new CliFailure("that folder does not exist", EXIT.usage);
  return {
    async *list(prefix) {
      const at = prefix.slice(0, prefix.lastIndexOf("/") + 1);
      if (!existsSync(path.join(folder, at))) return;
      for (const key of walk(folder, at, prefix)) yield await Promise.resolve(key);
    },
    async get(key) {
      const file = path.resolve(folder, key);
      // Names stand in files that anybody may have written.
      if (!file.startsWith(`${path.resolve(folder)}${path.sep}`)) return undefined;
      try {
        return await readFile(file);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
        throw error;
      }
    },
  };
}

/** How the profile's stage is reached: the embedded AWS, or AWS as the SDK finds it. */
export const awsOptions = ({ region, aws }: Profile) =>
  aws === undefined
    ? { region }
    : {
        region,
        endpoint: aws.endpoint,
        forcePathStyle: true,
        credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey },
      };

/** What several readers hold, the first that has a name before the others. */
function joined(readers: readonly ArchiveReader[]): ArchiveReader {
  return {
    async *list(prefix) {
      const seen = new Set<string>();
      for (const reader of readers) {
        for await (const key of reader.list(prefix)) {
          if (readers.length > 1 && (seen.has(key) || !seen.add(key))) continue;
          yield key;
        }
      }
    },
    async get(key) {
      for (const reader of readers) {
        const content = await reader.get(key);
        if (content !== undefined) return content;
      }
      return undefined;
    },
  };
}

/** The archive bucket itself and the witness's: of every key its oldest version. */
export function bucketReader(profile: Profile): ArchiveReader {
  const client = new S3Client(awsOptions(profile));
  const { archiveBucket, witnessBucket } = profile;
  const buckets = witnessBucket === undefined ? [archiveBucket] : [archiveBucket, witnessBucket];
  return joined(buckets.map((bucket) => createVersionReader(client, bucket)));
}

/** Every tenant that the archive holds events or seals of. */
export async function archivedTenants(reader: ArchiveReader): Promise<string[]> {
  const tenants = new Set<string>();
  for (const root of [eventsRoot, logsRoot]) {
    for await (const key of reader.list(root)) tenants.add(key.slice(root.length).split("/")[0] ?? "");
  }
  return [...tenants].toSorted();
}
