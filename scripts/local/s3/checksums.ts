import { createHash } from "node:crypto";
import { crc32Bytes, crc32cBytes, crc64nvmeBytes } from "./crc.ts";
import { invalidArgument, invalidRequest, S3Error } from "./errors.ts";

/** Source: Amazon S3 User Guide, "Checking object integrity". Header names are `x-amz-checksum-<name>`. */
export const CHECKSUM_ALGORITHMS = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";

/** A checksum as S3 keeps it: base64, for a composite with `-<number of parts>` after it. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
  readonly value: string;
}

export const CHECKSUM_HEADERS = CHECKSUM_ALGORITHMS.map((algorithm) => `x-amz-checksum-${algorithm}`);

export function checksumBytes(algorithm: ChecksumAlgorithm, body: Buffer): Buffer {
  switch (algorithm) {
    case "crc32":
      return crc32Bytes(body);
    case "crc32c":
      return crc32cBytes(body);
    case "crc64nvme":
      return crc64nvmeBytes(body);
    case "sha1":
    case "sha256":
      return createHash(algorithm).update(body).digest();
  }
}

/** What the body was checked against and found to be. */
export interface VerifiedBody {
  readonly md5: Buffer;
  /** The checksum that the client sent, if it sent one. */
  readonly checksum: Checksum | undefined;
}

type Headers = Readonly<Record<string, string>>;

/** The algorithm of an `x-amz-...-algorithm` header. Throws InvalidRequest. */
export function namedAlgorithm(text: string | undefined): ChecksumAlgorithm | undefined {
  if (text === undefined) return undefined;
  const found = CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === text.toLowerCase());
  if (found === undefined) {
    throw invalidRequest("Checksum algorithm provided is unsupported. Please try again with any of the valid types.");
  }
  return found;
}

/** The algorithm whose header is present; at most one may be. Throws InvalidRequest. */
export function sentAlgorithm(headers: Headers): ChecksumAlgorithm | undefined {
  const sent = CHECKSUM_ALGORITHMS.filter((algorithm) => headers[`x-amz-checksum-${algorithm}`] !== undefined);
  if (sent.length > 1) {
    throw invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  }
  const announced = namedAlgorithm(headers["x-amz-sdk-checksum-algorithm"]);
  if (announced !== undefined && announced !== sent[0]) {
    throw invalidRequest(
      "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
    );
  }
  return sent[0];
}

function verifyMd5(headers: Headers, md5: Buffer): void {
  const sent = headers["content-md5"];
  if (sent === undefined) return;
  const bytes = Buffer.from(sent, "base64");
  if (bytes.length !== 16 || bytes.toString("base64") !== sent) {
    throw new S3Error("InvalidDigest", 400, "The Content-MD5 you specified is not valid.");
  }
  if (!bytes.equals(md5)) {
    throw new S3Error("BadDigest", 400, "The Content-MD5 you specified did not match what we received.");
  }
}

function verifySha256(headers: Headers, body: Buffer): void {
  const sent = headers["x-amz-content-sha256"];
  if (sent === undefined || !/^[0-9a-f]{64}$/.test(sent)) return;
  if (createHash("sha256").update(body).digest("hex") === sent) return;
  const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
  throw new S3Error("XAmzContentSHA256Mismatch", 400, message);
}

/**
 * Checks a body against every digest its headers carry: Content-MD5, x-amz-content-sha256 and one x-amz-checksum-*.
 * Throws BadDigest, InvalidDigest, XAmzContentSHA256Mismatch, InvalidRequest.
 */
export function verifyBody(headers: Headers, body: Buffer): VerifiedBody {
  const md5 = createHash("md5").update(body).digest();
  verifyMd5(headers, md5);
  verifySha256(headers, body);
  const algorithm = sentAlgorithm(headers);
  if (algorithm === undefined) return { md5, checksum: undefined };
  const value = headers[`x-amz-checksum-${algorithm}`] ?? "";
  const expected = checksumBytes(algorithm, body);
  const sent = Buffer.from(value, "base64");
  if (sent.length !== expected.length || sent.toString("base64") !== value) {
    throw invalidRequest(`Value for x-amz-checksum-${algorithm} header is invalid.`);
  }
  if (!sent.equals(expected)) {
    const name = algorithm.toUpperCase();
    throw new S3Error("BadDigest", 400, `The ${name} you specified did not match the calculated checksum.`);
  }
  return { md5, checksum: { algorithm, type: "FULL_OBJECT", value } };
}

/** S3 gives every object a checksum: where the client sent none, CRC-64/NVME over the whole. */
export const fullObjectChecksum = (body: Buffer, algorithm: ChecksumAlgorithm = "crc64nvme"): Checksum => ({
  algorithm,
  type: "FULL_OBJECT",
  value: checksumBytes(algorithm, body).toString("base64"),
});

/** The checksum of the parts' checksums, as multipart uploads have it. */
export function compositeChecksum(algorithm: ChecksumAlgorithm, parts: readonly string[]): Checksum {
  const joined = Buffer.concat(parts.map((part) => Buffer.from(part, "base64")));
  const value = `${checksumBytes(algorithm, joined).toString("base64")}-${parts.length}`;
  return { algorithm, type: "COMPOSITE", value };
}

/** COMPOSITE or FULL_OBJECT for a multipart upload, by AWS's table of what each algorithm can do. */
export function checksumType(algorithm: ChecksumAlgorithm, asked: string | undefined): ChecksumType {
  const usual = algorithm === "crc64nvme" ? "FULL_OBJECT" : "COMPOSITE";
  if (asked === undefined || asked === usual) return usual;
  if (asked === "FULL_OBJECT" && (algorithm === "crc32" || algorithm === "crc32c")) return "FULL_OBJECT";
  throw invalidArgument(`The ${asked} checksum type cannot be used with the ${algorithm} checksum algorithm.`);
}

/** The headers that show a stored checksum. */
export const checksumHeaders = (checksum: Checksum): Record<string, string> => ({
  [`x-amz-checksum-${checksum.algorithm}`]: checksum.value,
  "x-amz-checksum-type": checksum.type,
});
