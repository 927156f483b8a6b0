import type { FileStore } from "../../core/export/index.ts";
import { exportFolder, sessionPolicy, type Site } from "../../core/iam/index.ts";
import type { Grant } from "../../core/policy/grant.ts";
import { s3 } from "./clients.ts";
import type { Vend } from "./credentials.ts";
import { createExportFiles } from "./export-files.ts";

export interface ExportReaderConfig {
  readonly site: Site;
  readonly tenantRoleArn: string;
  readonly cellKeyArn: string;
  readonly attachmentBucket: string;
}

/**
 * The files of one export as a request fetches them: with a session that reads this job's folder and no row, no key and no
 * other object. Nothing of it is remembered for another request.
 */
export function createExportReader(
  { site, tenantRoleArn, cellKeyArn, attachmentBucket }: ExportReaderConfig,
  vend: Vend,
) {
  return (grant: Grant, jobId: string): Pick<FileStore, "get"> => {
    const { tenantId, userId, purpose } = grant;
    const session = {
      roleArn: tenantRoleArn,
      sessionName: `u-${userId}`,
      sourceIdentity: `u-${userId}`,
      tags: { tenant: tenantId, purpose, role: grant.roles[0] ?? "none" },
      policy: sessionPolicy(site, { cell: cellKeyArn }, { tenantId, classes: [], purpose, exportJobId: jobId }),
    };
    const client = s3(site.region, () => vend(session));
    return createExportFiles(client, attachmentBucket, exportFolder(tenantId, jobId));
  };
}
