import { S3Client } from "@aws-sdk/client-s3";
import { type ArchiveStore, createArchiveStore } from "../../core/archive/store.ts";

/** The archive with the function's own credentials: its role may create objects, and the sealer's read them. */
export const ownArchive = (region: string, bucket: string): ArchiveStore =>
  createArchiveStore(new S3Client({ region, maxAttempts: 3 }), bucket);
