import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Kms, PreparedUse, ServiceUse } from "../kms/index.ts";
import { ServiceError, type Call, type Check } from "../service.ts";
import { invalidArgument, notImplemented, S3Error } from "./errors.ts";
import type { BucketEncryption, Encryption } from "./model.ts";

/*
 * Server-side encryption. With aws:kms the stored bytes are IV (12) | tag (16) | ciphertext under a data key that only
 * KMS can unwrap, so a caller without kms:Decrypt reads nothing. AES256 stands for keys that are S3's own business:
 * it is recorded and answered, and the bytes stay as they are.
 */
const IV_BYTES = 12;
const TAG_BYTES = 16;

const SSE = "x-amz-server-side-encryption";
export const ENCRYPTION_HEADERS = [
  SSE,
  `${SSE}-aws-kms-key-id`,
  `${SSE}-context`,
  `${SSE}-bucket-key-enabled`,
] as const;

type Headers = Readonly<Record<string, string>>;

/** How an object's bytes are closed and opened, once its key is at hand. */
export interface Sealing {
  readonly encryption: Encryption;
  readonly seal: (bytes: Buffer) => Buffer;
  readonly open: (bytes: Buffer) => Buffer;
}

/** A sealing that still needs permissions of the caller. `unlock` may be called after the checks passed. */
export interface PreparedSealing {
  readonly checks: readonly Check[];
  unlock(): Sealing;
}

export interface Sealer {
  /** For a new object: what the headers ask for, else the bucket's default. `call` undefined: S3 writes for itself. */
  forNewObject(
    headers: Headers,
    place: { bucket: string; key: string },
    usual: BucketEncryption,
    call: Call | undefined,
  ): PreparedSealing;
  /** For the bytes of an object that is there. */
  forStored(encryption: Encryption, call: Call | undefined): PreparedSealing;
}

const plain: Sealing = { encryption: { algorithm: "AES256" }, seal: (bytes) => bytes, open: (bytes) => bytes };

function sealingWith(encryption: Encryption, dataKey: Buffer): Sealing {
  return {
    encryption,
    seal(bytes) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", dataKey, iv);
      const ciphertext = Buffer.concat([cipher.update(bytes), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]);
    },
    open(bytes) {
      const decipher = createDecipheriv("aes-256-gcm", dataKey, bytes.subarray(0, IV_BYTES));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    },
  };
}

/** S3 passes KMS's refusals on under their own names: `KMS.DisabledException`. */
function asS3<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof S3Error || !(error instanceof ServiceError)) throw error;
    throw new S3Error(`KMS.${error.code}`, error.status, error.message);
  }
}

/** The caller's own pairs: base64 of a JSON object of strings. Throws InvalidArgument. */
function contextOf(header: string | undefined): Readonly<Record<string, string>> {
  if (header === undefined) return {};
  try {
    const value: unknown = JSON.parse(Buffer.from(header, "base64").toString("utf8"));
    const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
    if (isMap && Object.values(value).every((text) => typeof text === "string")) return value as Record<string, string>;
  } catch {
    // Falls through to the same refusal as a JSON value of the wrong shape.
  }
  throw invalidArgument("The header was not correctly encoded", `${SSE}-context`);
}

/** What the request's headers and the bucket's default come to. */
function wanted(headers: Headers, usual: BucketEncryption): BucketEncryption {
  const algorithm = headers[SSE];
  const keyId = headers[`${SSE}-aws-kms-key-id`];
  const bucketKey = headers[`${SSE}-bucket-key-enabled`];
  if (algorithm === undefined) {
    if (keyId !== undefined) {
      throw invalidArgument(
        "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
        SSE,
      );
    }
    return bucketKey === undefined ? usual : { ...usual, bucketKey: bucketKey === "true" };
  }
  if (algorithm === "aws:kms:dsse") throw notImplemented("header");
  if (algorithm !== "AES256" && algorithm !== "aws:kms") {
    throw invalidArgument("The encryption method specified is not supported", SSE);
  }
  if (algorithm === "AES256") {
    if (keyId !== undefined) throw invalidArgument("A KMS key id needs the algorithm aws:kms", SSE);
    return { algorithm };
  }
  const inherited = usual.algorithm === "aws:kms" && keyId === undefined ? usual.keyId : keyId;
  const isBucketKey = bucketKey === undefined ? usual.bucketKey === true : bucketKey === "true";
  return { algorithm, bucketKey: isBucketKey, ...(inherited === undefined ? {} : { keyId: inherited }) };
}

/** `kms` undefined: SSE-KMS gets 501. */
export function createSealer(kms: Kms | undefined): Sealer {
  const use: ServiceUse | undefined = kms?.useForService("s3");
  const needed = (): ServiceUse => {
    if (use === undefined) throw notImplemented("header");
    return use;
  };
  return {
    forNewObject(headers, { bucket, key }, usual, call) {
      const choice = wanted(headers, usual);
      if (choice.algorithm === "AES256") return { checks: [], unlock: () => plain };
      const isBucketKey = choice.bucketKey === true;
      const arn = isBucketKey ? `arn:aws:s3:::${bucket}` : `arn:aws:s3:::${bucket}/${key}`;
      const context = { ...contextOf(headers[`${SSE}-context`]), "aws:s3:arn": arn };
      const prepared = asS3(() => needed().generateDataKey({ keyId: choice.keyId, context }, call));
      return {
        checks: prepared.checks,
        unlock() {
          const dataKey = asS3(() => prepared.run());
          const encryption: Encryption = {
            algorithm: "aws:kms",
            keyArn: dataKey.keyArn,
            bucketKey: isBucketKey,
            dataKey: dataKey.ciphertext.toString("base64"),
            context,
          };
          return sealingWith(encryption, dataKey.plaintext);
        },
      };
    },
    forStored(encryption, call) {
      if (encryption.algorithm === "AES256") return { checks: [], unlock: () => plain };
      const ciphertext = Buffer.from(encryption.dataKey, "base64");
      const prepared: PreparedUse<Buffer> = asS3(() =>
        needed().decrypt({ ciphertext, context: encryption.context }, call),
      );
      return {
        checks: prepared.checks,
        unlock: () =>
          sealingWith(
            encryption,
            asS3(() => prepared.run()),
          ),
      };
    },
  };
}

/** The headers that show how an object is encrypted. */
export const encryptionHeaders = (encryption: Encryption): Record<string, string> =>
  encryption.algorithm === "AES256"
    ? { [SSE]: "AES256" }
    : {
        [SSE]: "aws:kms",
        [`${SSE}-aws-kms-key-id`]: encryption.keyArn,
        ...(encryption.bucketKey ? { [`${SSE}-bucket-key-enabled`]: "true" } : {}),
      };
