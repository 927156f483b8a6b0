import { createHash, createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { err, ok, type Result } from "../../../core/kernel/result.ts";

/** One log file as a digest names it. Hashes are of the content before compression. */
export interface DigestLogFile {
  readonly s3Bucket: string;
  readonly s3Object: string;
  readonly hashValue: string;
  readonly hashAlgorithm: "SHA-256";
  readonly newestEventTime: string;
  readonly oldestEventTime: string;
}

/** Source: CloudTrail User Guide, "CloudTrail digest file structure". */
export interface Digest {
  readonly awsAccountId: string;
  readonly digestStartTime: string;
  readonly digestEndTime: string;
  readonly digestS3Bucket: string;
  readonly digestS3Object: string;
  readonly digestPublicKeyFingerprint: string;
  readonly digestSignatureAlgorithm: "SHA256withRSA";
  readonly newestEventTime: string | null;
  readonly oldestEventTime: string | null;
  readonly previousDigestS3Bucket: string | null;
  readonly previousDigestS3Object: string | null;
  readonly previousDigestHashValue: string | null;
  readonly previousDigestHashAlgorithm: "SHA-256" | null;
  readonly previousDigestSignature: string | null;
  readonly logFiles: readonly DigestLogFile[];
}

/** A file of the bucket: gzip bytes, and user metadata without the `x-amz-meta-` prefix. */
export interface TrailFile {
  readonly bytes: Buffer;
  readonly metadata: Readonly<Record<string, string>>;
}

export const hashHex = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");

export const packJson = (text: string): Buffer => gzipSync(text);

/** The content of a gzip file, or undefined when it is not one. */
export function unpack(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: 512 * 1024 * 1024 });
  } catch {
    return undefined;
  }
}

/** What the signature covers. Source: CloudTrail User Guide, "Custom implementations of CloudTrail log file integrity validation". */
const signedText = (digest: Digest, contentHash: string): string =>
  [
    digest.digestEndTime,
    `${digest.digestS3Bucket}/${digest.digestS3Object}`,
    contentHash,
    digest.previousDigestSignature ?? "null",
  ].join("\n");

/** The digest as it is stored, with its signature in the metadata as AWS keeps it. */
export function signDigest(
  digest: Digest,
  privateKey: KeyObject,
): TrailFile & { readonly signature: string; readonly contentHash: string } {
  const text = JSON.stringify(digest);
  const contentHash = hashHex(text);
  const signature = sign("sha256", Buffer.from(signedText(digest, contentHash)), privateKey).toString("hex");
  return {
    bytes: packJson(text),
    metadata: { signature, "signature-algorithm": "SHA256withRSA" },
    signature,
    contentHash,
  };
}

export const fingerprintOf = (publicKeyPem: string): string =>
  createHash("sha256")
    .update(createPublicKey(publicKeyPem).export({ type: "spki", format: "der" }))
    .digest("hex")
    .slice(0, 32);

export type TrailProblem =
  | { readonly kind: "digest-missing"; readonly key: string }
  | { readonly kind: "digest-unreadable"; readonly key: string }
  | { readonly kind: "digest-moved"; readonly key: string }
  | { readonly kind: "signature-invalid"; readonly key: string }
  | { readonly kind: "chain-broken"; readonly key: string }
  | { readonly kind: "log-missing"; readonly key: string }
  | { readonly kind: "log-altered"; readonly key: string };

export interface VerifiedTrail {
  readonly digests: number;
  readonly logFiles: number;
  readonly records: number;
}

/**
 * Walks the digests from `newestKey` back to the first, checks every signature and link, and every log file they name.
 * Gives all problems, not only the first. What was cut off after `newestKey` cannot be seen: keep that key elsewhere.
 */
export async function verifyTrail(options: {
  readonly read: (key: string) => TrailFile | undefined | Promise<TrailFile | undefined>;
  readonly publicKeyPem: string;
  readonly newestKey: string;
}): Promise<Result<VerifiedTrail, readonly TrailProblem[]>> {
  const publicKey = createPublicKey(options.publicKeyPem);
  const problems: TrailProblem[] = [];
  const counts = { digests: 0, logFiles: 0, records: 0 };
  const seen = new Set<string>();
  let key: string | null = options.newestKey;
  let expected: { readonly hash: string | null; readonly signature: string | null } | undefined;

  while (key !== null) {
    if (seen.has(key)) {
      problems.push({ kind: "chain-broken", key });
      break;
    }
    seen.add(key);
    const file: TrailFile | undefined = await options.read(key);
    if (file === undefined) {
      problems.push({ kind: "digest-missing", key });
      break;
    }
    const content = unpack(file.bytes);
    const digest = content && parseDigest(content);
    if (content === undefined || digest === undefined) {
      problems.push({ kind: "digest-unreadable", key });
      break;
    }
    counts.digests += 1;
    const contentHash = hashHex(content);
    const signature = file.metadata["signature"] ?? "";
    if (digest.digestS3Object !== key) problems.push({ kind: "digest-moved", key });
    if (!verify("sha256", Buffer.from(signedText(digest, contentHash)), publicKey, Buffer.from(signature, "hex"))) {
      problems.push({ kind: "signature-invalid", key });
    }
    if (expected !== undefined && (expected.hash !== contentHash || expected.signature !== signature)) {
      problems.push({ kind: "chain-broken", key });
    }
    for (const logFile of digest.logFiles) {
      const log = await options.read(logFile.s3Object);
      const logContent = log && unpack(log.bytes);
      if (log === undefined) problems.push({ kind: "log-missing", key: logFile.s3Object });
      else if (logContent === undefined || hashHex(logContent) !== logFile.hashValue) {
        problems.push({ kind: "log-altered", key: logFile.s3Object });
      } else {
        counts.logFiles += 1;
        counts.records += countRecords(logContent);
      }
    }
    expected = { hash: digest.previousDigestHashValue, signature: digest.previousDigestSignature };
    key = digest.previousDigestS3Object;
  }
  return problems.length === 0 ? ok(counts) : err(problems);
}

function parseDigest(content: Buffer): Digest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(content.toString());
  } catch {
    return undefined;
  }
  return isDigest(value) ? value : undefined;
}

/** The members that the walk stands on. */
function isDigest(value: unknown): value is Digest {
  if (!isRecord(value)) return false;
  const { digestS3Object, digestEndTime, previousDigestS3Object, logFiles } = value;
  return (
    typeof digestS3Object === "string" &&
    typeof digestEndTime === "string" &&
    (previousDigestS3Object === null || typeof previousDigestS3Object === "string") &&
    Array.isArray(logFiles) &&
    logFiles.every(
      (file: unknown) =>
        isRecord(file) && typeof file["s3Object"] === "string" && typeof file["hashValue"] === "string",
    )
  );
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const countRecords = (content: Buffer): number =>
  (JSON.parse(content.toString()) as { readonly Records: readonly unknown[] }).Records.length;
