import * as z from "zod";
import { type Checkpoint, formatCheckpoint } from "./checkpoint.ts";
import { append, EMPTY_FRONTIER, type Frontier, type Hash, leafHash, rootOf } from "./merkle.ts";
import { appendToTiles, EMPTY_EDGE, type Tile, type TileEdge } from "./tile.ts";

const hex = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * What one sealing added: which objects, in which order, and the signed checkpoint over everything so far.
 * Object names and hashes make an altered, missing or moved object show; the checkpoint makes all before it stand.
 */
export const Seal = z.strictObject({
  v: z.literal(1),
  tenant: z.string(),
  /** Tree size before and after. */
  from: z.int().min(0),
  size: z.int().min(1),
  sealedAt: z.int(),
  objects: z.array(z.strictObject({ key: z.string(), sha256: hex, events: z.int().min(0) })).min(1),
  frontier: z.array(hex),
  edge: z.array(z.array(hex)),
  /** C2SP signed note. */
  checkpoint: z.string(),
});
export type Seal = z.infer<typeof Seal>;

export interface LogState {
  readonly frontier: Frontier;
  readonly edge: TileEdge;
}

export const EMPTY_LOG: LogState = { frontier: EMPTY_FRONTIER, edge: EMPTY_EDGE };

const toHash = (text: string): Hash => Buffer.from(text, "hex");

/** The state that a seal left behind. */
export const stateOf = (seal: Seal): LogState => ({
  frontier: { size: seal.size, hashes: seal.frontier.map(toHash) },
  edge: { size: seal.size, levels: seal.edge.map((hashes) => hashes.map(toHash)) },
});

/** The lines of a batch object. An object that does not end with a line feed is not one that we wrote. */
export function linesOf(content: Uint8Array): string[] | undefined {
  const text = Buffer.from(content).toString("utf8");
  return text.endsWith("\n") ? text.slice(0, -1).split("\n") : undefined;
}

export interface NewObject {
  readonly key: string;
  readonly sha256: string;
  readonly lines: readonly string[];
}

export interface Sealing {
  readonly state: LogState;
  readonly tiles: readonly Tile[];
  readonly objects: Seal["objects"];
  readonly leaves: readonly Hash[];
}

/** Appends each line once: `isKnown` says which leaves the log has already (a re-cut batch repeats events). Changes nothing. */
export function addObjects(
  state: LogState,
  objects: readonly NewObject[],
  isKnown: (leafHex: string) => boolean,
): Sealing {
  const leaves: Hash[] = [];
  const added = new Set<string>();
  let { frontier } = state;
  const listed = objects.map(({ key, sha256, lines }) => {
    let events = 0;
    for (const line of lines) {
      const leaf = leafHash(Buffer.from(line));
      const name = leaf.toString("hex");
      if (added.has(name) || isKnown(name)) continue;
      added.add(name);
      leaves.push(leaf);
      frontier = append(frontier, leaf);
      events += 1;
    }
    return { key, sha256, events };
  });
  const { edge, tiles } = appendToTiles(state.edge, leaves);
  return { state: { frontier, edge }, tiles, objects: listed, leaves };
}

/** The seal of a sealing that added something. `sign` makes the signed note of a checkpoint's text. */
export async function makeSeal(
  input: {
    readonly tenantId: string;
    readonly origin: string;
    readonly from: number;
    readonly sealedAtMs: number;
    readonly sealing: Sealing;
  },
  sign: (text: string) => Promise<string>,
): Promise<Seal> {
  const { tenantId, origin, from, sealedAtMs, sealing } = input;
  const { frontier, edge } = sealing.state;
  const checkpoint: Checkpoint = { origin, size: frontier.size, root: rootOf(frontier), sealedAtMs };
  return {
    v: 1,
    tenant: tenantId,
    from,
    size: frontier.size,
    sealedAt: sealedAtMs,
    objects: [...sealing.objects],
    frontier: frontier.hashes.map((hash) => hash.toString("hex")),
    edge: edge.levels.map((hashes) => hashes.map((hash) => hash.toString("hex"))),
    checkpoint: await sign(formatCheckpoint(checkpoint)),
  };
}
