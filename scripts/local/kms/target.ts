import { ServiceError } from "../service.ts";
import { readHeader } from "./envelope.ts";
import { keyNotFound, kmsError } from "./errors.ts";
import type { Keyring } from "./keyring.ts";
import type { Key } from "./store.ts";

/** What a request's KeyId stands for. An unknown key still has an ARN to ask permission for. */
export interface Target {
  readonly key: Key | undefined;
  readonly arn: string;
  /** `alias/NAME`, when the request named the key by an alias. */
  readonly requestAlias: string | undefined;
  /** The key, or the NotFoundException that AWS would give. */
  require(): Key;
}

const ALIAS = /^alias\/[A-Za-z0-9/_-]+$/;
const ARN = /^arn:aws:kms:([a-z0-9-]+):(\d{12}):(?:key\/([^/]+)|(alias\/.+))$/;

function target(
  keyring: Keyring,
  key: Key | undefined,
  arn: string,
  missing: ServiceError,
  requestAlias?: string,
): Target {
  return {
    key,
    arn: key === undefined ? arn : keyring.arn(key.id),
    requestAlias,
    require() {
      if (key === undefined) throw missing;
      return key;
    },
  };
}

function byAlias(keyring: Keyring, name: string): Target {
  const arn = keyring.aliasArn(name);
  const alias = keyring.store.alias(name);
  const key = alias && keyring.find(alias.keyId);
  return target(keyring, key, arn, kmsError("NotFoundException", `Alias ${arn} is not found.`), name);
}

function byId(keyring: Keyring, keyId: string): Target {
  const arn = keyring.arn(keyId);
  return target(keyring, keyring.find(keyId), arn, keyNotFound(arn));
}

/**
 * Resolves a key id, key ARN, alias name or alias ARN. `reference` is the caller's word.
 * An ARN of another account or Region names nothing here. Source: KMS Developer Guide, "Key identifiers (KeyId)".
 */
export function resolveTarget(keyring: Keyring, reference: string): Target {
  if (ALIAS.test(reference)) return byAlias(keyring, reference);
  const parts = ARN.exec(reference);
  if (parts === null) {
    if (reference.startsWith("arn:")) throw kmsError("InvalidArnException", "The key ARN is not valid");
    return byId(keyring, reference);
  }
  const [, , , keyId, alias = ""] = parts;
  const own = keyId === undefined ? keyring.aliasArn(alias) : keyring.arn(keyId);
  if (reference !== own) return target(keyring, undefined, reference, keyNotFound(reference));
  return keyId === undefined ? byAlias(keyring, alias) : byId(keyring, keyId);
}

/** For operations that take no alias: AWS then knows no such key. */
export function resolveKeyOnly(keyring: Keyring, reference: string): Target {
  if (ALIAS.test(reference) || reference.includes(":alias/")) {
    throw kmsError("NotFoundException", "Invalid keyId: an alias cannot be used here");
  }
  return resolveTarget(keyring, reference);
}

/** The key that a blob says it was made under, for Decrypt without KeyId. Throws InvalidCiphertextException for no blob. */
export function targetOfBlob(keyring: Keyring, blob: Buffer): Target {
  const { keyId } = readHeader(blob);
  return target(keyring, keyring.find(keyId), keyring.arn(keyId), kmsError("InvalidCiphertextException"));
}
