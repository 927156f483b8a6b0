import { createHash } from "node:crypto";
import { createKmsKeys, type KmsKeys } from "../../core/crypto/kms.ts";
import { createKeyring, type Keyring, type KeyScope } from "../../core/crypto/index.ts";
import { sessionPolicy, type Site } from "../../core/iam/index.ts";
import type { Clock } from "../../core/kernel/clock.ts";
import type { Grant } from "../../core/policy/grant.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter, loadKeyRows, type Meter, type Table } from "../../core/table/index.ts";
import { dynamoDb, kms } from "./clients.ts";
import type { RoleSession, Vend } from "./credentials.ts";
import { noteEmergency } from "./emergency-marker.ts";
import { log } from "./log.ts";
import { currentRequestId } from "./request-context.ts";

export interface ScopeConfig {
  readonly site: Site;
  readonly tenantRoleArn: string;
  readonly cellKeyArn: string;
  readonly dataTable: string;
  readonly outboxTable: string;
  readonly keysTable: string;
}

/** What one grant works with: a table and keys that reach its tenant and classes and nothing else. */
export interface TenantScope {
  readonly table: Table;
  readonly keyScope: KeyScope;
  readonly meter: Meter;
  /** Those of the grant: for files, which lie outside of the table. */
  readonly credentials: () => ReturnType<Vend>;
}

interface Reach {
  readonly table: Table;
  readonly keys: KmsKeys;
  readonly meter: Meter;
  readonly credentials: () => ReturnType<Vend>;
}

const REACH_MAX = 6_000;

/**
 * Opens the scope of a grant: STS credentials whose tag and session policy both name the tenant, clients that use them,
 * and the key scope that the keyring caches under. Two grants share a scope only where all of this is the same.
 */
export function createTenantScopes(
  config: ScopeConfig,
  vend: Vend,
  clock: Clock,
): { readonly keyring: Keyring; open(grant: Grant, epoch: number): TenantScope } {
  const reaches = new Map<string, Reach>();
  const { region } = config.site;

  function sessionOf(grant: Grant): RoleSession {
    return {
      roleArn: config.tenantRoleArn,
      sessionName: `u-${grant.userId}`,
      sourceIdentity: `u-${grant.userId}`,
      tags: { tenant: grant.tenantId, purpose: grant.purpose, role: grant.roles[0] ?? "none" },
      policy: sessionPolicy(
        config.site,
        { cell: config.cellKeyArn },
        {
          tenantId: grant.tenantId,
          classes: [...grant.classes, "X", "I"],
          purpose: grant.purpose,
          ...(grant.onlyPatientId !== undefined && { onlyPatientId: grant.onlyPatientId }),
        },
      ),
    };
  }

  function reach(id: string, grant: Grant): Reach {
    const known = reaches.get(id);
    if (known !== undefined) return known;
    const session = sessionOf(grant);
    const credentials = () => vend(session);
    const meter = createMeter();
    const opened: Reach = {
      table: createDynamoTable({
        client: dynamoDb(region, credentials),
        names: { data: config.dataTable, outbox: config.outboxTable, keys: config.keysTable },
        clock,
        meter,
      }),
      keys: createKmsKeys(kms(region, credentials), config.cellKeyArn),
      meter,
      credentials,
    };
    if (reaches.size >= REACH_MAX) reaches.clear();
    reaches.set(id, opened);
    return opened;
  }

  const grants = new Map<string, Grant>();
  const reachOf = (scope: KeyScope): Reach => {
    const grant = grants.get(scope.credentialsId);
    if (grant === undefined) throw new Error("a key scope was opened by its grant");
    return reach(scope.credentialsId, grant);
  };

  const keyring = createKeyring({
    cell: config.site.cell,
    clock,
    loadKeyRows: (scope, dataClass) => loadKeyRows(reachOf(scope).table, scope.tenantId, dataClass),
    kmsDecrypt: (scope, request) => reachOf(scope).keys.decrypt(request),
    onSignal: (signal) => log("warn", "alarm", { failure: `key-${signal.kind}` }),
  });

  return {
    keyring,
    open(grant, epoch) {
      if (grant.emergency !== undefined) noteEmergency(currentRequestId(), grant.emergency);
      const shape = [
        grant.tenantId,
        grant.userId,
        grant.purpose,
        grant.roles[0] ?? "",
        grant.onlyPatientId ?? "",
        [...grant.classes].toSorted((a, b) => (a < b ? -1 : 1)),
      ];
      const credentialsId = createHash("sha256").update(JSON.stringify(shape)).digest("hex");
      if (grants.size >= REACH_MAX) grants.clear();
      grants.set(credentialsId, grant);
      const { table, meter, credentials } = reach(credentialsId, grant);
      const keyScope: KeyScope = {
        tenantId: grant.tenantId,
        purpose: grant.purpose,
        credentialsId,
        classes: [...grant.classes, "X", "A"],
        epoch,
      };
      return { table, keyScope, meter, credentials };
    },
  };
}
