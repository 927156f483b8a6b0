import { randomBytes } from "node:crypto";
import type { Call, Check } from "../service.ts";
import { encryptionContextKeys, keyCheck } from "./authorization.ts";
import type { EncryptionContext } from "./input.ts";
import type { Keyring } from "./keyring.ts";
import { decryptBlob, decryptionTarget, usableKey } from "./operations/encryption.ts";
import { managedKeyPolicy } from "./policy.ts";
import { resolveTarget } from "./target.ts";

export interface DataKey {
  readonly keyArn: string;
  readonly plaintext: Buffer;
  readonly ciphertext: Buffer;
}

/** A use of a key that is prepared: `checks` are the caller's to pass, then `run` may be called, once or often. */
export interface PreparedUse<T> {
  readonly keyArn: string;
  readonly checks: readonly Check[];
  run(): T;
}

/**
 * Another service's use of keys in its caller's name: the caller needs the permission, and policies see kms:ViaService.
 * `call` undefined: the service acts for itself (log delivery) and nobody's permission is asked.
 */
export interface ServiceUse {
  /** `keyId` undefined: the AWS managed key of the service, made when first used. */
  generateDataKey(
    input: { readonly keyId: string | undefined; readonly context: EncryptionContext },
    call: Call | undefined,
  ): PreparedUse<DataKey>;
  decrypt(
    input: { readonly ciphertext: Buffer; readonly context: EncryptionContext },
    call: Call | undefined,
  ): PreparedUse<Buffer>;
}

export type OnServiceUse = (use: {
  readonly keyArn: string;
  readonly context: EncryptionContext;
  readonly call?: Call | undefined;
}) => void;

const DATA_KEY_BYTES = 32;

/** `service` is the name in kms:ViaService before the Region: `s3`. */
export function serviceUse(
  keyring: Keyring,
  place: {
    readonly service: string;
    readonly region: string;
    readonly accountId: string;
    readonly onUse?: OnServiceUse | undefined;
  },
): ServiceUse {
  const viaService = `${place.service}.${place.region}.amazonaws.com`;
  const managedAlias = `alias/aws/${place.service}`;

  const managedKey = (): string => {
    if (keyring.store.alias(managedAlias) === undefined) {
      const key = keyring.create({
        spec: "SYMMETRIC_DEFAULT",
        description: `Default key that protects my objects when no other key is defined (${place.service})`,
        policy: managedKeyPolicy(place.accountId, viaService),
        tags: {},
        manager: "AWS",
      });
      const nowMs = keyring.nowMs();
      keyring.store.putAlias({ name: managedAlias, keyId: key.id, createdAtMs: nowMs, updatedAtMs: nowMs });
    }
    return managedAlias;
  };

  const keys = (context: EncryptionContext) => ({
    "kms:ViaService": viaService,
    "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    ...encryptionContextKeys(context),
  });

  return {
    generateDataKey({ keyId, context }, call) {
      const target = resolveTarget(keyring, keyId ?? managedKey());
      return {
        keyArn: target.arn,
        checks: call === undefined ? [] : [keyCheck(keyring, call, "GenerateDataKey", target, keys(context))],
        run() {
          place.onUse?.({ keyArn: target.arn, context, call });
          const key = usableKey(keyring, target, "GenerateDataKey");
          const plaintext = randomBytes(DATA_KEY_BYTES);
          return { keyArn: target.arn, plaintext, ciphertext: keyring.encrypt(key, plaintext, context) };
        },
      };
    },
    decrypt({ ciphertext, context }, call) {
      const target = decryptionTarget(keyring, undefined, ciphertext);
      return {
        keyArn: target.arn,
        checks: call === undefined ? [] : [keyCheck(keyring, call, "Decrypt", target, keys(context))],
        run() {
          place.onUse?.({ keyArn: target.arn, context, call });
          return decryptBlob(keyring, target, ciphertext, context);
        },
      };
    },
  };
}
