import { createPublicKey } from "node:crypto";
import { GetPublicKeyCommand, SignCommand } from "@aws-sdk/client-kms";
import { formatVerifierKey, type NoteKey, rawEd25519, signNote } from "../../core/audit/note.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { ownKms } from "./clients.ts";

export interface SigningKey {
  readonly noteKey: NoteKey;
  /** 64 bytes of Ed25519. */
  signBytes(bytes: Uint8Array): Promise<Uint8Array>;
}

export interface CheckpointKey extends SigningKey {
  /** `name+hash+key`: what an auditor keeps. */
  readonly verifierLine: string;
  /** The signed note of a checkpoint's text. */
  sign(text: string): Promise<string>;
}

/** An Ed25519 key in KMS. `name` says whose it is, and stands in every signature line. */
export async function loadSigningKey(region: string, keyArn: string, name: string): Promise<SigningKey> {
  const kms = ownKms(region);
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: keyArn }));
  invariant(PublicKey !== undefined, "KMS gives a signing key's public half");
  const publicKey = rawEd25519(createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" }));
  return {
    noteKey: { name, publicKey },
    async signBytes(bytes) {
      const command = new SignCommand({
        KeyId: keyArn,
        Message: bytes,
        MessageType: "RAW",
        SigningAlgorithm: "ED25519_SHA_512",
      });
      const { Signature } = await kms.send(command);
      invariant(Signature !== undefined, "KMS signs or throws");
      return Signature;
    },
  };
}

/** The log's key. */
export async function loadCheckpointKey(region: string, keyArn: string, name: string): Promise<CheckpointKey> {
  const key = await loadSigningKey(region, keyArn, name);
  return {
    ...key,
    verifierLine: formatVerifierKey(key.noteKey),
    sign: (text) => signNote(text, key.noteKey, (bytes) => key.signBytes(bytes)),
  };
}
