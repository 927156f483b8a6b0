import {
  DeleteObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorName } from "../kms/clients.ts";
import { s3Bench, type S3Bench } from "./bench.ts";

let bench: S3Bench;
let s3: S3Client;
let count = 0;

beforeAll(async () => {
  bench = await s3Bench();
  s3 = bench.client();
});
afterAll(() => bench.close());

const newBucket = (): string => {
  count += 1;
  const name = `listing-${count}`;
  bench.s3.putBucket({ name, versioning: "Enabled" });
  return name;
};
const byBytes = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));

/** What a whole listing holds, told without paging: the model that every page must add up to. */
function expectedListing(keys: readonly string[], prefix: string, delimiter: string | undefined) {
  const found = keys.filter((key) => key.startsWith(prefix)).toSorted(byBytes);
  const shared = (key: string): string | undefined => {
    const index = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
    return index < 0 ? undefined : key.slice(0, index + (delimiter ?? "").length);
  };
  return {
    keys: found.filter((key) => shared(key) === undefined),
    prefixes: [...new Set(found.map(shared).filter((common) => common !== undefined))],
  };
}

interface Listing {
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
}
type Query = {
  readonly Bucket: string;
  readonly Prefix: string;
  readonly Delimiter: string | undefined;
  readonly MaxKeys: number;
};

async function allByV2(query: Query): Promise<Listing> {
  const keys: string[] = [];
  const prefixes: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page: Awaited<ReturnType<typeof listV2>> = await listV2({ ...query, ContinuationToken });
    expect((page.Contents ?? []).length + (page.CommonPrefixes ?? []).length).toBe(page.KeyCount);
    expect(page.KeyCount).toBeLessThanOrEqual(query.MaxKeys);
    keys.push(...(page.Contents ?? []).map((entry) => entry.Key ?? ""));
    prefixes.push(...(page.CommonPrefixes ?? []).map((entry) => entry.Prefix ?? ""));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return { keys, prefixes };
}
const listV2 = (input: Query & { readonly ContinuationToken: string | undefined }) =>
  s3.send(new ListObjectsV2Command(input));

async function allByV1(query: Query): Promise<Listing> {
  const keys: string[] = [];
  const prefixes: string[] = [];
  let Marker: string | undefined;
  for (;;) {
    const page: Awaited<ReturnType<typeof listV1>> = await listV1({ ...query, Marker });
    keys.push(...(page.Contents ?? []).map((entry) => entry.Key ?? ""));
    prefixes.push(...(page.CommonPrefixes ?? []).map((entry) => entry.Prefix ?? ""));
    if (page.IsTruncated !== true) return { keys, prefixes };
    Marker = page.NextMarker ?? page.Contents?.at(-1)?.Key;
  }
}
const listV1 = (input: Query & { readonly Marker: string | undefined }) => s3.send(new ListObjectsCommand(input));

const segment = fc.constantFrom("a", "b", "é", "z", "ab", "\u{1F600}", "~", "&", "-");
const key = fc
  .array(segment, { minLength: 1, maxLength: 3 })
  .chain((parts) => fc.constantFrom(parts.join("/"), parts.join(""), `${parts.join("/")}/`));

describe("pages", () => {
  it("of ListObjectsV2 and ListObjects add up to the whole, in the order of the bytes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key, { maxLength: 14 }),
        fc.uniqueArray(key, { maxLength: 3 }),
        fc.constantFrom("", "a", "a/", "é"),
        fc.constantFrom(undefined, "/", "b"),
        fc.integer({ min: 1, max: 5 }),
        async (keys, deleted, Prefix, Delimiter, MaxKeys) => {
          const Bucket = newBucket();
          for (const name of keys) bench.s3.putObjectInternal(Bucket, name, Buffer.from(name));
          for (const name of deleted) await s3.send(new DeleteObjectCommand({ Bucket, Key: name }));
          const present = keys.filter((name) => !deleted.includes(name));
          const expected = expectedListing(present, Prefix, Delimiter);
          const query = { Bucket, Prefix, Delimiter, MaxKeys };
          expect(await allByV2(query)).toEqual(expected);
          expect(await allByV1(query)).toEqual(expected);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("of ListObjectVersions add up to every version and marker, newest first", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(key, fc.boolean()), { maxLength: 14 }),
        fc.integer({ min: 1, max: 4 }),
        async (writes, MaxKeys) => {
          const Bucket = newBucket();
          const made: { key: string; id: string; marker: boolean }[] = [];
          for (const [name, isDelete] of writes) {
            const id = isDelete
              ? ((await s3.send(new DeleteObjectCommand({ Bucket, Key: name }))).VersionId ?? "")
              : bench.s3.putObjectInternal(Bucket, name, Buffer.from("x")).versionId;
            made.unshift({ key: name, id, marker: isDelete });
          }
          const seen: { key: string; id: string; marker: boolean }[] = [];
          let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
          for (;;) {
            const page = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys, ...markers }));
            const entries = [
              ...(page.Versions ?? []).map((entry) => ({
                key: entry.Key ?? "",
                id: entry.VersionId ?? "",
                marker: false,
              })),
              ...(page.DeleteMarkers ?? []).map((entry) => ({
                key: entry.Key ?? "",
                id: entry.VersionId ?? "",
                marker: true,
              })),
            ];
            expect(entries.length).toBeLessThanOrEqual(MaxKeys);
            seen.push(...entries);
            if (page.IsTruncated !== true) break;
            markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
          }
          const order = (list: typeof made) =>
            list.toSorted((left, right) => byBytes(left.key, right.key) || byBytes(right.id, left.id));
          expect(order(seen)).toEqual(order(made));
        },
      ),
      { numRuns: 15 },
    );
  });

  it("of versions go on after one that was deleted meanwhile", async () => {
    const Bucket = newBucket();
    const ids = Array.from(
      { length: 5 },
      () => bench.s3.putObjectInternal(Bucket, "k", Buffer.from("x")).versionId,
    ).toReversed();
    const first = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2 }));
    for (const version of first.Versions ?? [])
      await s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: version.VersionId }));
    const second = await s3.send(
      new ListObjectVersionsCommand({
        Bucket,
        KeyMarker: first.NextKeyMarker,
        VersionIdMarker: first.NextVersionIdMarker,
      }),
    );
    expect(second.Versions?.map((version) => version.VersionId)).toEqual(ids.slice(2));
  });

  it("come more than a thousand keys deep", async () => {
    const Bucket = newBucket();
    for (let index = 0; index < 1203; index += 1)
      bench.s3.putObjectInternal(Bucket, `k${String(index).padStart(5, "0")}`, Buffer.from("x"));
    const listing = await allByV2({ Bucket, Prefix: "", Delimiter: undefined, MaxKeys: 1000 });
    expect(listing.keys).toHaveLength(1203);
  });
});

describe("listings", () => {
  it("show again what a deleted version or marker had covered", async () => {
    const Bucket = newBucket();
    const list = async () => (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.map((entry) => entry.Size);
    bench.s3.putObjectInternal(Bucket, "k", Buffer.from("1"));
    const second = bench.s3.putObjectInternal(Bucket, "k", Buffer.from("22"));
    const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    expect(await list()).toBeUndefined();
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: marker.VersionId }));
    expect(await list()).toEqual([2]);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: second.versionId }));
    expect(await list()).toEqual([1]);
    const versions = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect(versions.Versions?.map((version) => version.IsLatest)).toEqual([true]);
  });

  it("start after a key, give nothing for no keys, and encode when asked", async () => {
    const Bucket = newBucket();
    for (const name of ["a", "b&<c>", "d"]) await s3.send(new PutObjectCommand({ Bucket, Key: name, Body: "x" }));
    const list = (input: object) => s3.send(new ListObjectsV2Command({ Bucket, ...input }));
    expect((await list({ StartAfter: "a" })).Contents?.map((entry) => entry.Key)).toEqual(["b&<c>", "d"]);
    expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
    expect((await list({ EncodingType: "url" })).Contents?.map((entry) => entry.Key)).toEqual([
      "a",
      "b%26%3Cc%3E",
      "d",
    ]);
    const owned = (await list({ FetchOwner: true })).Contents?.[0];
    expect([owned?.Size, owned?.Owner?.ID, owned?.ChecksumAlgorithm]).toEqual([1, "111122223333", ["CRC32"]]);
  });

  it.each([
    ["a token of its own making", { ContinuationToken: "tampered" }],
    ["a negative number of keys", { MaxKeys: -1 }],
  ])("refuse %s", async (_name, input) => {
    expect(await errorName(s3.send(new ListObjectsV2Command({ Bucket: newBucket(), ...input })))).toBe(
      "InvalidArgument",
    );
  });

  it("tell IAM what they are about", async () => {
    const Bucket = newBucket();
    await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "t/", Delimiter: "/", MaxKeys: 7 }));
    expect(bench.server.prepared.at(-1)?.checks[0]).toMatchObject({
      action: "s3:ListBucket",
      resource: `arn:aws:s3:::${Bucket}`,
      context: { "s3:prefix": "t/", "s3:delimiter": "/", "s3:max-keys": 7 },
    });
    await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: "t/" }));
    expect(bench.server.prepared.at(-1)?.checks[0]).toMatchObject({
      action: "s3:ListBucketVersions",
      context: { "s3:prefix": "t/" },
    });
  });
});
