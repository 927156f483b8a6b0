import { randomBytes } from "node:crypto";

/** A long-lived key pair, or with `sessionToken` a temporary one. The shape that SDK clients take. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface SessionCredentials extends AccessKey {
  readonly sessionToken: string;
  readonly expiration: Date;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Random characters after a prefix that tells the kind, as AWS does it: 16 for keys, 17 for roles and users. */
export function uniqueId(prefix: "AKIA" | "ASIA" | "AROA" | "AIDA"): string {
  const length = prefix === "AKIA" || prefix === "ASIA" ? 16 : 17;
  return prefix + Array.from(randomBytes(length), (byte) => ALPHABET[byte & 31]).join("");
}

/** 40 characters, 240 random bits. */
export const newSecret = (): string => randomBytes(30).toString("base64");

/** Opaque: what the session may do stays on the server, only a hash of the token is kept. */
export const newSessionToken = (): string => randomBytes(120).toString("base64");
