import { type ArchiveStore, createArchiveStore } from "../../core/archive/store.ts";
import { ownS3 } from "./clients.ts";

/** The archive with the function's own credentials: its role may create objects, and the sealer's read them. */
export const ownArchive = (region: string, bucket: string): ArchiveStore => createArchiveStore(ownS3(region), bucket);
