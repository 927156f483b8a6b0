import { GetPublicKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { createPublicKey } from "node:crypto";
import { createArchiveStore } from "../../core/archive/store.ts";
import { originOf } from "../../core/audit/checkpoint.ts";
import { eventsRoot } from "../../core/audit/layout.ts";
import { formatVerifierKey, type NoteKey, rawEd25519, signNote } from "../../core/audit/note.ts";
import { createSealer, type Sealer } from "../../core/audit/sealer.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { readConfig } from "../runtime/config.ts";
import { describeError, log } from "../runtime/log.ts";

/** The name in the note's signature line: which stage and cell's log key it is. */
const noteName = (stage: string, cell: string): string => `keyward-${stage}-${cell}`;

let starting: Promise<{ readonly sealer: Sealer; readonly tenants: () => Promise<string[]> }> | undefined;

async function start() {
  const config = readConfig(["AWS_REGION", "STAGE", "CELL", "ARCHIVE_BUCKET", "CHECKPOINT_KEY_ARN"]);
  const kms = new KMSClient({ region: config.AWS_REGION, maxAttempts: 3 });
  const store = createArchiveStore(new S3Client({ region: config.AWS_REGION, maxAttempts: 3 }), config.ARCHIVE_BUCKET);
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: config.CHECKPOINT_KEY_ARN }));
  invariant(PublicKey !== undefined, "KMS gives the checkpoint key's public half");
  const publicKey = rawEd25519(createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" }));
  const key: NoteKey = { name: noteName(config.STAGE, config.CELL), publicKey };
  const sign = (text: string) =>
    signNote(text, key, async (bytes) => {
      const answer = await kms.send(
        new SignCommand({
          KeyId: config.CHECKPOINT_KEY_ARN,
          Message: bytes,
          MessageType: "RAW",
          SigningAlgorithm: "ED25519_SHA_512",
        }),
      );
      invariant(answer.Signature !== undefined, "KMS signs or throws");
      return answer.Signature;
    });
  const sealer = createSealer({
    store,
    clock: systemClock,
    sign,
    originOf: (tenantId) => originOf(config.STAGE, config.CELL, tenantId),
  });
  // The verifier line is public; it stands in the archive for convenience, and an auditor keeps a copy elsewhere.
  await store.create("v1/log/verifier-key", `${formatVerifierKey(key)}\n`);
  return { sealer, tenants: () => store.folders(eventsRoot) };
}

/** Every minute: each tenant with new events gets a signed checkpoint. One tenant's fault does not stop the others. */
export async function handler(): Promise<{ readonly sealed: number; readonly failed: number }> {
  if (starting === undefined) {
    const started = start();
    started.catch(() => (starting = undefined));
    starting = started;
  }
  const { sealer, tenants } = await starting;
  let sealed = 0;
  let failed = 0;
  for (const tenantId of await tenants()) {
    try {
      const added = await sealer.seal(tenantId);
      if (added === 0) continue;
      sealed += 1;
      log("info", "sealed", { tenantId, count: added });
    } catch (error) {
      failed += 1;
      log("error", "alarm", { failure: "seal", tenantId, ...describeError(error) });
    }
  }
  return { sealed, failed };
}
