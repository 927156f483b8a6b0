import type { RecordClass } from "../kernel/data-class.ts";

/** Sealed parts of files, by opaque names. Each is written once; nobody lists them and nobody deletes one. */
export interface ContentStore {
  put(name: string, sealed: Uint8Array): Promise<void>;
  /** Undefined where there is none, and where the credentials do not reach it. */
  get(name: string): Promise<Uint8Array | undefined>;
}

/** Below the tenant's prefix, which the store knows: the class lets credentials be narrowed to it. */
export const objectName = (dataClass: RecordClass, name: string): string => `${dataClass}/${name}`;
