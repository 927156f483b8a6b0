import type { KMSClient } from "@aws-sdk/client-kms";
import {
  DecryptCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  GenerateDataKeyWithoutPlaintextCommand,
} from "@aws-sdk/client-kms";
import { invariant } from "../kernel/invariant.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { KeyContext } from "./key-rows.ts";
import type { UnwrapFailure } from "./keyring.ts";
import type { KeyMint, MintFailure } from "./mint.ts";

/** KMS over the AWS SDK. Loaded on the first unwrap of a process, so this file is not behind the folder's door. */
export interface KmsKeys extends KeyMint {
  /** kms:Decrypt of a wrapped key under the KEK that the caller names. */
  decrypt(request: {
    readonly enc: Uint8Array;
    readonly context: KeyContext;
  }): Promise<Result<Uint8Array, UnwrapFailure>>;
}

/** `keyId` is the ARN of the KEK from configuration or registry: a wrapped key from any other KMS key is refused by KMS. */
export function createKmsKeys(client: Pick<KMSClient, "send">, keyId: string): KmsKeys {
  return {
    async decrypt({ enc, context }) {
      try {
        const { Plaintext } = await client.send(
          new DecryptCommand({ KeyId: keyId, CiphertextBlob: enc, EncryptionContext: { ...context } }),
        );
        invariant(Plaintext, "kms:Decrypt answers with a plaintext");
        return ok(Plaintext);
      } catch (error) {
        return err({ kind: unwrapFailureOf(error) });
      }
    },

    async generateWrapped(context) {
      try {
        const { CiphertextBlob } = await client.send(
          new GenerateDataKeyWithoutPlaintextCommand({
            KeyId: keyId,
            KeySpec: "AES_256",
            EncryptionContext: { ...context },
          }),
        );
        invariant(CiphertextBlob, "kms:GenerateDataKeyWithoutPlaintext answers with a wrapped key");
        return ok({ enc: CiphertextBlob });
      } catch (error) {
        return err({ kind: mintFailureOf(error) });
      }
    },

    async generateWrappedPair(context) {
      try {
        const { PrivateKeyCiphertextBlob, PublicKey } = await client.send(
          new GenerateDataKeyPairWithoutPlaintextCommand({
            KeyId: keyId,
            KeyPairSpec: "ECC_NIST_P256",
            EncryptionContext: { ...context },
          }),
        );
        invariant(PrivateKeyCiphertextBlob && PublicKey, "kms:GenerateDataKeyPairWithoutPlaintext answers with a pair");
        return ok({ enc: PrivateKeyCiphertextBlob, publicKey: PublicKey });
      } catch (error) {
        return err({ kind: mintFailureOf(error) });
      }
    },
  };
}

/** KMS API Reference, "Decrypt", Errors. What KMS calls an invalid ciphertext is one with another context or another key. */
const FAILURES: Readonly<Record<string, UnwrapFailure["kind"]>> = {
  AccessDeniedException: "forbidden",
  InvalidCiphertextException: "integrity",
  IncorrectKeyException: "integrity",
  ThrottlingException: "throttled",
  LimitExceededException: "throttled",
  RequestLimitExceeded: "throttled",
};

const unwrapFailureOf = (error: unknown): UnwrapFailure["kind"] =>
  (error instanceof Error ? FAILURES[error.name] : undefined) ?? "unavailable";

function mintFailureOf(error: unknown): MintFailure["kind"] {
  const kind = unwrapFailureOf(error);
  return kind === "integrity" ? "unavailable" : kind;
}
