import type { RecordClass } from "../kernel/data-class.ts";

/**
 * Sealed parts of files, by opaque names. Each is written once; nobody lists them and nobody deletes one. What is never
 * kept is gone some days later, whatever became of who sent it.
 */
export interface ContentStore {
  put(name: string, sealed: Uint8Array): Promise<void>;
  /** From now on it stays: before a record names it. False where there is none any more. */
  keep(name: string): Promise<boolean>;
  /** Undefined where there is none, and where the credentials do not reach it. */
  get(name: string): Promise<Uint8Array | undefined>;
}

/** Below the tenant's prefix, which the store knows: the class lets credentials be narrowed to it. */
export const objectName = (dataClass: RecordClass, name: string): string => `${dataClass}/${name}`;
