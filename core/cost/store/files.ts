/** A file of the cost bucket, with the tag that its replacement must name: S3's ETag. */
export interface CostFile {
  readonly bytes: Uint8Array;
  readonly tag: string;
}

/**
 * The cost bucket. Facts, inputs and closed months are created once and never change; what is made of them is replaced, and
 * only by who has seen what stands there.
 */
export interface CostFiles {
  read(key: string): Promise<CostFile | undefined>;
  /** Keys with the prefix in byte order. */
  list(prefix: string): Promise<string[]>;
  /** `exists` where a file of that name stands already, whatever it holds. */
  create(key: string, bytes: Uint8Array): Promise<"created" | "exists">;
  /** `conflict` where not `ifMatch` stands there; null asks that nothing does. */
  replace(key: string, bytes: Uint8Array, ifMatch: string | null): Promise<"replaced" | "conflict">;
}
