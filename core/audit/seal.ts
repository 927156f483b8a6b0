import * as z from "zod";
import { formatCheckpoint } from "./checkpoint.ts";
import { type Hash, HASH_BYTES } from "./merkle.ts";
import { hashesOf } from "./tile.ts";
import type { GrowingTree } from "./tree.ts";

/**
 * What one sealing added: which objects, in which order, the leaf of each new event, and the signed checkpoint over
 * everything so far. Names and hashes make an altered, missing or moved object show, the leaves name the event, and the
 * checkpoint makes all before it stand.
 */
export const Seal = z.strictObject({
  v: z.literal(1),
  tenant: z.string(),
  /** The first seal of a log is 0. */
  number: z.int().min(0),
  /** Tree size before and after. */
  from: z.int().min(0),
  size: z.int().min(0),
  /** Milliseconds since the epoch. */
  sealedAt: z.int(),
  objects: z
    .array(
      z.strictObject({
        key: z.string(),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        /** How many of its lines were new: a batch that was cut again repeats some. */
        events: z.int().min(0),
      }),
    )
    .min(1),
  /** The leaf hashes of the new events, 32 bytes each, base64. */
  leaves: z.string(),
  /** C2SP signed note. */
  checkpoint: z.string(),
});
export type Seal = z.infer<typeof Seal>;

/** Undefined for bytes that are no seal, or whose leaves are not as many as it says. */
export function parseSeal(content: Uint8Array): Seal | undefined {
  try {
    const parsed = Seal.safeParse(JSON.parse(Buffer.from(content).toString("utf8")));
    if (!parsed.success) return undefined;
    const { from, size, leaves } = parsed.data;
    const bytes = Buffer.from(leaves, "base64");
    const isWhole = bytes.length === (size - from) * HASH_BYTES && bytes.toString("base64") === leaves;
    return isWhole ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export const leavesOf = (seal: Pick<Seal, "leaves">): Hash[] => hashesOf(Buffer.from(seal.leaves, "base64"));

/** The lines of a batch object. An object that does not end with a line feed is not one that we wrote. */
export function linesOf(content: Uint8Array): string[] | undefined {
  const text = Buffer.from(content).toString("utf8");
  return text.endsWith("\n") ? text.slice(0, -1).split("\n") : undefined;
}

/** The seal over a tree that has grown. `sign` makes the signed note of a checkpoint's text. */
export async function makeSeal(
  input: {
    readonly tenantId: string;
    readonly origin: string;
    readonly number: number;
    readonly from: number;
    readonly sealedAtMs: number;
    readonly objects: Seal["objects"];
    readonly leaves: readonly Hash[];
    /** With the leaves appended. */
    readonly tree: GrowingTree;
  },
  sign: (text: string) => Promise<string>,
): Promise<Seal> {
  const { tenantId, origin, number, from, sealedAtMs, objects, leaves, tree } = input;
  const checkpoint = formatCheckpoint({ origin, size: tree.size, root: tree.root(), sealedAtMs });
  return {
    v: 1,
    tenant: tenantId,
    number,
    from,
    size: tree.size,
    sealedAt: sealedAtMs,
    objects,
    leaves: Buffer.concat(leaves).toString("base64"),
    checkpoint: await sign(checkpoint),
  };
}
