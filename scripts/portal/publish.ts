import { ListObjectsV2Command, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { type PortalFile, readPortal } from "../local/edge/files.ts";

/**
 * Puts a built portal where CloudFront reads it: hashed files first and the page last, so that whoever comes meanwhile
 * finds every file that her page names. What is there stays, for the tabs that are open. CloudFront says how long a file
 * is kept, so that no object does.
 * @returns How many objects were put; a hashed file that is there already is the same.
 */
export async function publishPortal(s3: S3Client, bucket: string, folder: string): Promise<number> {
  const files = readPortal(folder);
  const present = await keysOf(s3, bucket);
  const order = ([name, { isHashed }]: readonly [string, PortalFile]): number =>
    name === "/app/index.html" ? 2 : isHashed ? 0 : 1;
  const wanted = [...files]
    .filter(([name, { isHashed }]) => !isHashed || !present.has(name.slice(1)))
    .toSorted((a, b) => order(a) - order(b));
  for (const [name, { bytes, contentType }] of wanted)
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: name.slice(1), Body: bytes, ContentType: contentType }));
  return wanted.length;
}

async function keysOf(s3: S3Client, bucket: string): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: "app/", ...(token && { ContinuationToken: token }) }),
    );
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.add(Key);
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return keys;
}
