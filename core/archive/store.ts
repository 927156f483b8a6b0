import {
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { invariant } from "../kernel/invariant.ts";

/** The archive bucket: objects are created once and never change. Retention is the bucket's, and nobody's to name. */
export interface ArchiveStore {
  /** `exists` where an object of that name stands already: names carry their content's hash, so it is the same. */
  create(key: string, content: Uint8Array | string): Promise<"created" | "exists">;
  get(key: string): Promise<Uint8Array | undefined>;
  /** Keys with the prefix in byte order, at most `limit`, those after `after` only. */
  list(prefix: string, limit?: number, after?: string): Promise<string[]>;
  /** The next path segments under the prefix. */
  folders(prefix: string): Promise<string[]>;
}

const isStatus = (error: unknown, ...statuses: readonly number[]): boolean =>
  error instanceof S3ServiceException && statuses.includes(error.$metadata.httpStatusCode ?? 0);

async function readBody(body: { transformToByteArray(): Promise<Uint8Array> } | undefined): Promise<Uint8Array> {
  invariant(body !== undefined, "GetObject answers with a body");
  return body.transformToByteArray();
}

async function pages<T>(
  next: (token: string | undefined) => Promise<{ readonly found: readonly T[]; readonly token: string | undefined }>,
  limit: number,
): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const page = await next(token);
    all.push(...page.found);
    token = page.token;
  } while (token !== undefined && all.length < limit);
  return all.slice(0, limit);
}

export function createArchiveStore(client: S3Client, bucket: string): ArchiveStore {
  const listing = (prefix: string, limit: number, delimiter?: string, after?: string) =>
    pages(async (token) => {
      const answer = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          MaxKeys: Math.min(limit, 1000),
          ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
          ...(after === undefined ? {} : { StartAfter: after }),
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      );
      const found =
        delimiter === undefined
          ? (answer.Contents ?? []).map(({ Key }) => Key ?? "")
          : (answer.CommonPrefixes ?? []).map(({ Prefix }) => (Prefix ?? "").slice(prefix.length, -1));
      return { found, token: answer.NextContinuationToken };
    }, limit);

  return {
    async create(key, content) {
      try {
        // Said by us, because the SDK takes an empty text for a stream and warns of it in the log.
        const ContentLength = Buffer.byteLength(content);
        const input = { Bucket: bucket, Key: key, Body: content, ContentLength, IfNoneMatch: "*" };
        await client.send(new PutObjectCommand(input));
        return "created";
      } catch (error) {
        if (isStatus(error, 412)) return "exists";
        throw error;
      }
    },

    async get(key) {
      try {
        const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return await readBody(answer.Body);
      } catch (error) {
        if (isStatus(error, 404)) return undefined;
        // Who may list by prefix alone is told of a name that is not there that it may not be read: so it is listed.
        if (isStatus(error, 403) && (await listing(key, 1))[0] !== key) return undefined;
        throw error;
      }
    },

    list: (prefix, limit = Infinity, after) => listing(prefix, limit, undefined, after),
    folders: (prefix) => listing(prefix, Infinity, "/"),
  };
}

/**
 * The archive as an auditor reads it: of each key its oldest version, whatever was put or deleted over it later.
 * Object Lock protects versions, not names (notes on S3: a delete marker hides, and a second put shadows).
 */
export function createVersionReader(client: S3Client, bucket: string) {
  const oldest = new Map<string, string>();
  async function* list(prefix: string): AsyncIterable<string> {
    const found = new Map<string, { readonly id: string; readonly at: number }>();
    let markers: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
    while (markers !== undefined) {
      const answer: Awaited<ReturnType<typeof listVersions>> = await listVersions(client, bucket, prefix, markers);
      for (const { Key = "", VersionId = "", LastModified } of answer.Versions ?? []) {
        const at = LastModified?.getTime() ?? 0;
        const known = found.get(Key);
        // Versions of a key come newest first, so that of equal times the later one is older.
        if (known === undefined || at <= known.at) found.set(Key, { id: VersionId, at });
      }
      const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = answer;
      markers =
        IsTruncated === true && NextKeyMarker !== undefined
          ? {
              KeyMarker: NextKeyMarker,
              ...(NextVersionIdMarker === undefined ? {} : { VersionIdMarker: NextVersionIdMarker }),
            }
          : undefined;
    }
    for (const [key, { id }] of found) {
      oldest.set(key, id);
      yield key;
    }
  }

  return {
    list,

    async get(key: string): Promise<Uint8Array | undefined> {
      if (!oldest.has(key)) for await (const found of list(key)) if (found === key) break;
      const versionId = oldest.get(key);
      try {
        const answer = await client.send(
          new GetObjectCommand({
            Bucket: bucket,
            Key: key,
            ...(versionId === undefined ? {} : { VersionId: versionId }),
          }),
        );
        return await readBody(answer.Body);
      } catch (error) {
        if (isStatus(error, 404, 405)) return undefined;
        throw error;
      }
    },
  };
}

const listVersions = (
  client: S3Client,
  bucket: string,
  prefix: string,
  markers: { KeyMarker?: string; VersionIdMarker?: string },
) => client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...markers }));
