import { type ArchiveStore, createArchiveStore } from "../../core/archive/store.ts";
import { auditDetailKid, keyContext, openAuditDetail } from "../../core/crypto/index.ts";
import { createKmsKeys } from "../../core/crypto/kms.ts";
import type { PolicyDocument } from "../../core/iam/document.ts";
import type { Clock } from "../../core/kernel/clock.ts";
import type { TenantId, UserId } from "../../core/kernel/ids.ts";
import type { Purpose } from "../../core/policy/grant.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter, loadKeyRows, type Table } from "../../core/table/index.ts";
import { dynamoDb, kms, s3 } from "./clients.ts";
import type { Vend } from "./credentials.ts";

export interface AuditReadConfig {
  readonly AWS_REGION: string;
  readonly CELL: string;
  readonly TRAIL_TABLE: string;
  readonly KEYS_TABLE: string;
  readonly ARCHIVE_BUCKET: string;
  readonly WITNESS_BUCKET: string;
  readonly CELL_KEY_ARN: string;
  readonly AUDIT_READ_ROLE_ARN: string;
}

/** Who reads the trail of her own clinic, and what for. */
export interface TrailReader {
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly roles: readonly string[];
  readonly purpose: Purpose;
  /** What the session is narrowed to: for a patient, who reads of herself alone. */
  readonly policy?: PolicyDocument;
}

/** What one reader of a trail works with: her clinic's index, archive and audit key, and nothing else of any clinic. */
export interface AuditReadScope {
  readonly table: Table;
  readonly archive: ArchiveStore;
  readonly witness: ArchiveStore;
  /** The sealed detail of an event, opened. Undefined where its key cannot be had. Throws SealBroken. */
  openDetail(eventId: string, detail: string): Promise<string | undefined>;
}

const OPEN_MAX = 1_000;

/** STS sessions of the role that reads trails, one for each reader and purpose: CloudTrail names the person. */
export function createAuditReadScopes(config: AuditReadConfig, vend: Vend, clock: Clock) {
  const scopes = new Map<string, AuditReadScope>();
  const { AWS_REGION: region } = config;

  function make({ tenantId, userId, roles, purpose, policy }: TrailReader): AuditReadScope {
    const session = {
      roleArn: config.AUDIT_READ_ROLE_ARN,
      sessionName: `u-${userId}`,
      sourceIdentity: `u-${userId}`,
      tags: { tenant: tenantId, purpose, role: roles[0] ?? "none" },
      ...(policy !== undefined && { policy }),
    };
    const credentials = () => vend(session);
    const table = createDynamoTable({
      client: dynamoDb(region, credentials),
      names: { trail: config.TRAIL_TABLE, keys: config.KEYS_TABLE },
      clock,
      meter: createMeter(),
    });
    const keys = createKmsKeys(kms(region, credentials), config.CELL_KEY_ARN);
    const objects = s3(region, credentials);
    return {
      table,
      archive: createArchiveStore(objects, config.ARCHIVE_BUCKET),
      witness: createArchiveStore(objects, config.WITNESS_BUCKET),
      async openDetail(eventId, detail) {
        const sealed = Buffer.from(detail, "base64");
        const kid = auditDetailKid(sealed);
        const rows = await loadKeyRows(table, tenantId, "A");
        if (!rows.ok) return undefined;
        const version = rows.value.find(
          (row) => row.slot === "version" && kid.endsWith(String(row.kver).padStart(6, "0")),
        );
        if (version?.slot !== "version" || version.state === "SUSPENDED" || version.state === "SHREDDED")
          return undefined;
        const { kver, enc } = version;
        // Unwrapped for this one event and forgotten: a private key is not kept in a zone that anybody can call.
        const unwrapped = await keys.decrypt({ enc, context: keyContext(tenantId, config.CELL, "A", kver) });
        if (!unwrapped.ok) return undefined;
        try {
          return openAuditDetail(sealed, { tenantId, eventId }, { kver, privateKey: unwrapped.value });
        } finally {
          unwrapped.value.fill(0);
        }
      },
    };
  }

  return function open(reader: TrailReader): AuditReadScope {
    const id = JSON.stringify([reader.tenantId, reader.userId, reader.roles[0], reader.purpose, reader.policy]);
    const known = scopes.get(id);
    if (known !== undefined) return known;
    if (scopes.size >= OPEN_MAX) scopes.clear();
    const made = make(reader);
    scopes.set(id, made);
    return made;
  };
}
