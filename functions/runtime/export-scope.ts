import { createKmsKeys } from "../../core/crypto/kms.ts";
import { createKeyring, type Keyring, type KeyScope } from "../../core/crypto/index.ts";
import type { FileStore, OpenExport } from "../../core/export/index.ts";
import { exportFolder, exportSessionPolicy, QUEUE_JOB, type Site } from "../../core/iam/index.ts";
import type { Clock } from "../../core/kernel/clock.ts";
import type { DataClass } from "../../core/kernel/data-class.ts";
import type { TenantId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter, loadKeyRows, type Table } from "../../core/table/index.ts";
import { dynamoDb, kms, s3 } from "./clients.ts";
import { createExportFiles } from "./export-files.ts";
import type { RoleSession, Vend } from "./credentials.ts";
import { log } from "./log.ts";

export interface ExportScopeConfig {
  readonly site: Site;
  readonly exportRoleArn: string;
  readonly cellKeyArn: string;
  readonly dataTable: string;
  readonly outboxTable: string;
  readonly keysTable: string;
  readonly attachmentBucket: string;
}

/** What one job works with: its tenant's rows of its classes, its own folder, and nothing of any other job. */
export interface ExportScope {
  readonly table: Table;
  readonly keyScope: KeyScope;
  readonly store: FileStore;
  /** What documents of the job's classes hold, by the objects' names. */
  readonly contents: Pick<FileStore, "get">;
}

/**
 * Sessions of the export role. One for each job, whose tag and session policy both name it; and one for each tenant that
 * only sees whether there is work.
 */
export function createExportScopes(config: ExportScopeConfig, vend: Vend, clock: Clock) {
  const { site, cellKeyArn } = config;
  const names = { data: config.dataTable, outbox: config.outboxTable, keys: config.keysTable };
  const known = new Map<string, ReturnType<typeof reach>>();

  const sessionOf = (
    tenantId: TenantId,
    jobId: string,
    holderId: string,
    purpose: OpenExport["purpose"],
    classes: readonly DataClass[],
  ): RoleSession => ({
    roleArn: config.exportRoleArn,
    sessionName: `u-${holderId}`,
    sourceIdentity: `u-${holderId}`,
    tags: { tenant: tenantId, purpose, role: "export", job: jobId },
    policy: exportSessionPolicy(site, { cell: cellKeyArn }, { tenantId, jobId, purpose, classes }),
  });

  const tableOf = (session: RoleSession): Table =>
    createDynamoTable({
      client: dynamoDb(site.region, () => vend(session)),
      names,
      clock,
      meter: createMeter(),
    });

  function reach(session: RoleSession, tenantId: TenantId, folder: string) {
    const credentials = () => vend(session);
    const files = s3(site.region, credentials);
    return {
      table: tableOf(session),
      keys: createKmsKeys(kms(site.region, credentials), cellKeyArn),
      store: createExportFiles(files, config.attachmentBucket, folder),
      contents: createExportFiles(files, config.attachmentBucket, `t/${tenantId}/`),
    };
  }

  const reachOf = ({ credentialsId }: KeyScope) => {
    const found = known.get(credentialsId);
    invariant(found !== undefined, "a key scope was opened by its job");
    return found;
  };

  const keyring: Keyring = createKeyring({
    cell: site.cell,
    clock,
    loadKeyRows: (scope, dataClass) => loadKeyRows(reachOf(scope).table, scope.tenantId, dataClass),
    kmsDecrypt: (scope, request) => reachOf(scope).keys.decrypt(request),
    onSignal: (signal) => log("warn", "alarm", { failure: `key-${signal.kind}` }),
  });

  return {
    keyring,

    /** Sees a tenant's list of open jobs and nothing else: no key, no record, no file. */
    queue: (tenantId: TenantId): Table => tableOf(sessionOf(tenantId, QUEUE_JOB, tenantId, "HOPERAT", [])),

    /** `entry` is a hint until the job's own row has been opened under it. */
    open(tenantId: TenantId, entry: OpenExport, epoch: number): ExportScope {
      // D holds the job, the directory and the protections; I says which staged transactions count.
      const classes = [...new Set<DataClass>([...entry.classes, "D", "I"])].toSorted();
      const credentialsId = JSON.stringify([tenantId, entry.id, entry.by, entry.purpose, classes]);
      const found =
        known.get(credentialsId) ??
        reach(
          sessionOf(tenantId, entry.id, entry.by, entry.purpose, classes),
          tenantId,
          exportFolder(tenantId, entry.id),
        );
      known.set(credentialsId, found);
      const keyScope = { tenantId, purpose: entry.purpose, credentialsId, classes: [...classes, "A" as const], epoch };
      return { table: found.table, keyScope, store: found.store, contents: found.contents };
    },
  };
}
