import { S3Client } from "@aws-sdk/client-s3";
import type { ContentStore } from "../../core/document/index.ts";
import type { TenantId } from "../../core/kernel/ids.ts";
import { namesRequests } from "./clients.ts";
import { createExportFiles } from "./export-files.ts";
import type { TenantScope } from "./tenant-scope.ts";

const clients = new WeakMap<TenantScope["credentials"], S3Client>();

/** Sealed files of one tenant, with the credentials of one scope: what these do not reach is not there. */
export function createAttachments(
  region: string,
  bucket: string,
  tenantId: TenantId,
  credentials: TenantScope["credentials"],
): ContentStore {
  const client = clients.get(credentials) ?? namesRequests(new S3Client({ region, credentials, maxAttempts: 3 }));
  clients.set(credentials, client);
  return createExportFiles(client, bucket, `t/${tenantId}/`);
}
