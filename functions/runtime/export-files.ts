import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import type { FileStore } from "../../core/export/index.ts";
import { invariant } from "../../core/kernel/invariant.ts";

import { objectDelta, tell } from "./storage-facts.ts";

export const isStatus = (error: unknown, ...statuses: readonly number[]): boolean =>
  error instanceof S3ServiceException && statuses.includes(error.$metadata.httpStatusCode ?? 0);

/**
 * Files of one export in the attachments' bucket. `folder` ends with a slash; a session reaches no other.
 * @param tagging What each new file is tagged with, as S3's header has it.
 */
export function createExportFiles(client: S3Client, bucket: string, folder: string, tagging?: string): FileStore {
  interface Version {
    readonly key: string;
    readonly versionId: string;
    /** 0 for a delete marker. */
    readonly bytes: number;
  }
  // `t/<tenant>/`, and for an export its folder below.
  const tenantId = folder.split("/")[1] ?? "";
  const store = (versionId: string, bytes: number): void =>
    tell(objectDelta(tenantId, "documents", { name: `${versionId}${bytes < 0 ? "-" : "+"}`, at: Date.now(), bytes }));

  /** Every version and every delete marker: what is destroyed leaves neither. */
  async function versions(): Promise<Version[]> {
    const found: Version[] = [];
    let markers: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
    while (markers !== undefined) {
      const page: Awaited<ReturnType<typeof listVersions>> = await listVersions(client, bucket, folder, markers);
      const sized = page.Versions ?? [];
      const marks = (page.DeleteMarkers ?? []).map((mark) => ({ ...mark, Size: 0 }));
      for (const { Key, VersionId, Size = 0 } of [...sized, ...marks]) {
        if (Key !== undefined && VersionId !== undefined) found.push({ key: Key, versionId: VersionId, bytes: Size });
      }
      const { NextKeyMarker, NextVersionIdMarker } = page;
      markers =
        page.IsTruncated === true && NextKeyMarker !== undefined
          ? {
              KeyMarker: NextKeyMarker,
              ...(NextVersionIdMarker !== undefined && { VersionIdMarker: NextVersionIdMarker }),
            }
          : undefined;
    }
    return found;
  }

  return {
    async put(name, content) {
      const tagged = tagging === undefined ? {} : { Tagging: tagging };
      const input = { Bucket: bucket, Key: folder + name, Body: content, IfNoneMatch: "*", ...tagged };
      const { VersionId } = await client.send(new PutObjectCommand(input));
      store(VersionId ?? folder + name, content.length);
    },

    async get(name) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: folder + name }));
        invariant(Body !== undefined, "GetObject answers with a body");
        return await Body.transformToByteArray();
      } catch (error) {
        // To a session that may not list, S3 says 403 of an object that is not there.
        if (isStatus(error, 403, 404)) return undefined;
        throw error;
      }
    },

    list: async () => [...new Set((await versions()).map(({ key }) => key.slice(folder.length)))],

    async destroy(names) {
      const doomed = new Set(names.map((name) => folder + name));
      if (doomed.size === 0) return;
      for (const { key, versionId, bytes } of await versions()) {
        if (!doomed.has(key)) continue;
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
        store(versionId, -bytes);
      }
    },
  };
}

const listVersions = (
  client: S3Client,
  bucket: string,
  folder: string,
  markers: { KeyMarker?: string; VersionIdMarker?: string },
) => client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: folder, ...markers }));
