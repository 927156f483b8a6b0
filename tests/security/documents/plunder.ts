import { GetObjectCommand, S3ServiceException } from "@aws-sdk/client-s3";
import { openContent, openItem, SealBroken, sealedUnder, type SealedRow } from "../../../core/crypto/index.ts";
import { contentPlace } from "../../../core/document/content-place.ts";
import { attachmentBucketName } from "../../../core/iam/index.ts";
import { invariant } from "../../../core/kernel/invariant.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import { homePartition, type RecordId } from "../../../core/table/index.ts";
import { handsOf } from "../aws.ts";
import { buildLayers } from "../layers.ts";
import { SITE, type World } from "../world.ts";

export interface Plunder {
  /** What every row of class C in the patient's chart holds, opened. */
  readonly rows: string;
  /** Sealed parts that S3 gave. */
  readonly objects: number;
  /** Those of them that opened. */
  readonly contents: readonly string[];
}

/**
 * Whoever stole a session of class C: opens every row of a patient's chart that it reaches, asks S3 for each name that is
 * in one, or that she remembers, and tries every secret on what she gets.
 */
export async function plunder(
  world: World,
  tenantId: TenantId,
  about: {
    readonly patient: string;
    readonly document: string;
    readonly sizeBytes: number;
    readonly remembers?: string;
  },
): Promise<Plunder> {
  const credentials = await world.credentials({ tenantId, classes: ["C", "X", "I"] });
  const hands = handsOf(world, credentials);
  const layers = buildLayers(world, { grantOf: tenantId, credentials });
  const keyOf = async (row: SealedRow) => {
    const key = await layers.keyring.openingKey(layers.keyScope, sealedUnder(row, "C"));
    invariant(key.ok, "a session of class C unwraps its key");
    return key.value;
  };
  const pk = homePartition(tenantId, "C", { patientId: about.patient as RecordId });
  const found = await layers.table.queryAll("data", { pk, isConsistent: true });
  invariant(found.ok && found.value.length > 0, "a session of class C reads rows of class C");
  const opened: string[] = [];
  for (const row of found.value as readonly (SealedRow & { readonly pk: string; readonly sk: string })[]) {
    const place = { tenantId, table: "data", dataClass: "C", pk, sk: row.sk } as const;
    opened.push(JSON.stringify(openItem(row, place, await keyOf(row)).item));
  }
  const rows = opened.join("\n");
  const words = new Set(`${rows}\n${about.remembers ?? ""}`.match(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g));
  const [anyRow] = found.value as readonly SealedRow[];
  invariant(anyRow !== undefined, "there is a row");
  const key = await keyOf(anyRow);
  const at = { edition: 1, part: 0, parts: 1, sizeBytes: about.sizeBytes };
  let objects = 0;
  const contents: string[] = [];
  for (const name of words) {
    const sealed = await hands.s3
      .send(new GetObjectCommand({ Bucket: attachmentBucketName(SITE), Key: `t/${tenantId}/C/${name}` }))
      .then(({ Body }) => Body?.transformToByteArray())
      .catch((error: unknown) => {
        if (error instanceof S3ServiceException) return undefined;
        throw error;
      });
    if (sealed === undefined) continue;
    objects += 1;
    for (const secret of words) {
      try {
        const place = contentPlace(tenantId, about.document, "C", at);
        contents.push(Buffer.from(openContent(sealed, place, key, Buffer.from(secret, "hex"))).toString("latin1"));
      } catch (error) {
        if (!(error instanceof SealBroken)) throw error;
      }
    }
  }
  layers.destroy();
  hands.destroy();
  return { rows, objects, contents };
}
