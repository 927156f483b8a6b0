import {
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { invariant } from "../kernel/invariant.ts";

const isStatus = (error: unknown, ...statuses: readonly number[]): boolean =>
  error instanceof S3ServiceException && statuses.includes(error.$metadata.httpStatusCode ?? 0);

export interface ConditionalFiles {
  read(key: string): Promise<{ readonly bytes: Uint8Array; readonly tag: string } | undefined>;
  list(prefix: string): Promise<string[]>;
  create(key: string, bytes: Uint8Array): Promise<"created" | "exists">;
  replace(key: string, bytes: Uint8Array, ifMatch: string | null): Promise<"replaced" | "conflict">;
}

/** A bucket through S3's conditional writes (S3 User Guide, "Conditional writes": If-None-Match, If-Match). */
export function createConditionalFiles(client: S3Client, bucket: string): ConditionalFiles {
  /** 409 is S3's answer to two conditional writes at one moment: the other one has won. */
  async function put(Key: string, Body: Uint8Array, condition: { IfNoneMatch?: string; IfMatch?: string }) {
    try {
      const input = { Bucket: bucket, Key, Body, ContentLength: Body.length, ...condition };
      await client.send(new PutObjectCommand(input));
      return true;
    } catch (error) {
      if (isStatus(error, 404, 409, 412)) return false;
      throw error;
    }
  }

  return {
    async read(key) {
      try {
        const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        invariant(Body !== undefined && ETag !== undefined, "GetObject answers with a body and its tag");
        return { bytes: await Body.transformToByteArray(), tag: ETag };
      } catch (error) {
        if (isStatus(error, 404)) return undefined;
        throw error;
      }
    },

    async list(prefix) {
      const keys: string[] = [];
      let token: string | undefined;
      do {
        const page: ListObjectsV2CommandOutput = await client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
        );
        keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
        token = page.NextContinuationToken;
      } while (token !== undefined);
      return keys;
    },

    create: async (key, bytes) => ((await put(key, bytes, { IfNoneMatch: "*" })) ? "created" : "exists"),

    async replace(key, bytes, ifMatch) {
      const condition = ifMatch === null ? { IfNoneMatch: "*" } : { IfMatch: ifMatch };
      return (await put(key, bytes, condition)) ? "replaced" : "conflict";
    },
  };
}
