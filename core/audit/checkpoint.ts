import type { Hash } from "./merkle.ts";

/** C2SP tlog-checkpoint: what a log says it holds at a moment. */
export interface Checkpoint {
  /** Names the log: stage, cell and tenant, all opaque. */
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
  /** When it was sealed, milliseconds since the epoch: an extension line of ours. */
  readonly sealedAtMs: number;
}

/** The name in signature lines: which stage and cell the log key is of. */
export const logName = (stage: string, cell: string): string => `keyward-${stage}-${cell}`;

/** The witness of a cell in its signature lines. */
export const witnessName = (stage: string, cell: string): string => `keyward-${stage}-${cell}-witness`;

export const originOf = (stage: string, cell: string, tenantId: string): string =>
  `keyward/${stage}/${cell}/${tenantId}`;

export const formatCheckpoint = ({ origin, size, root, sealedAtMs }: Checkpoint): string =>
  `${origin}\n${size}\n${root.toString("base64")}\nsealed ${sealedAtMs}\n`;

/** Undefined for a text of any other form. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const match = /^(\S+)\n(0|[1-9]\d{0,14})\n([A-Za-z0-9+/]{43}=)\nsealed (\d{1,15})\n$/.exec(text);
  if (match === null) return undefined;
  const [, origin = "", size = "", root = "", sealedAtMs = ""] = match;
  return { origin, size: Number(size), root: Buffer.from(root, "base64"), sealedAtMs: Number(sealedAtMs) };
}
