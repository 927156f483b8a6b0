import { createPublicKey } from "node:crypto";
import { GetPublicKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { formatVerifierKey, type NoteKey, rawEd25519, signNote } from "../../core/audit/note.ts";
import { invariant } from "../../core/kernel/invariant.ts";

export interface CheckpointKey {
  /** `name+hash+key`: what an auditor keeps. */
  readonly verifierLine: string;
  /** The signed note of a checkpoint's text. */
  sign(text: string): Promise<string>;
}

/** The log's Ed25519 key in KMS. `name` says which stage and cell it is of, and stands in every signature line. */
export async function loadCheckpointKey(region: string, keyArn: string, name: string): Promise<CheckpointKey> {
  const kms = new KMSClient({ region, maxAttempts: 3 });
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: keyArn }));
  invariant(PublicKey !== undefined, "KMS gives the checkpoint key's public half");
  const publicKey = rawEd25519(createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" }));
  const key: NoteKey = { name, publicKey };
  return {
    verifierLine: formatVerifierKey(key),
    sign: (text) =>
      signNote(text, key, async (bytes) => {
        const command = new SignCommand({
          KeyId: keyArn,
          Message: bytes,
          MessageType: "RAW",
          SigningAlgorithm: "ED25519_SHA_512",
        });
        const { Signature } = await kms.send(command);
        invariant(Signature !== undefined, "KMS signs or throws");
        return Signature;
      }),
  };
}
