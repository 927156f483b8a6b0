/**
 * The tables, as data: stacks make them, the embedded AWS makes the same ones, and tests read the same rules.
 * How each key is spelled is in keys.ts; here stands what keeps tenants apart in it.
 */

/**
 * `tenant-first`: the partition key begins `T#<tenant>#<class>#`, so that dynamodb:LeadingKeys holds a session to its tenant.
 * `control-plane`: rows of all tenants share the key space; no tenant session reaches the table and no row holds PHI.
 */
export type TenantBoundary =
  | { readonly kind: "tenant-first" }
  | { readonly kind: "control-plane"; readonly reason: string };

/** An attribute of type S each. */
export interface KeySchema {
  readonly partitionKey: string;
  readonly sortKey: string;
  readonly boundary: TenantBoundary;
}

export interface IndexDefinition extends KeySchema {
  readonly name: string;
  readonly projection: "ALL" | "KEYS_ONLY";
}

export type StreamView = "KEYS_ONLY" | "NEW_AND_OLD_IMAGES";

export interface TableDefinition extends KeySchema {
  /** The name without its prefix: `keyward-<stage>-<cell>-data`. */
  readonly name: string;
  /** A cell's table is one of many with the same definition; a stage has one registry. */
  readonly scope: "cell" | "stage";
  readonly indexes: readonly IndexDefinition[];
  readonly stream: StreamView | null;
  /** The attribute that holds seconds since the epoch at which DynamoDB may delete the row. */
  readonly ttlAttribute: string | null;
  readonly pointInTimeRecovery: boolean;
  readonly phi: boolean;
}

const tenantFirst: TenantBoundary = { kind: "tenant-first" };
const controlPlane: TenantBoundary = { kind: "control-plane", reason: "control-plane, no PHI" };

export const tables = {
  data: {
    name: "data",
    scope: "cell",
    partitionKey: "pk",
    sortKey: "sk",
    boundary: tenantFirst,
    indexes: [{ name: "gsi1", partitionKey: "gpk", sortKey: "gsk", projection: "KEYS_ONLY", boundary: tenantFirst }],
    // What a change adds or takes is what its images differ by; both are sealed as the rows are.
    stream: "NEW_AND_OLD_IMAGES",
    ttlAttribute: null,
    pointInTimeRecovery: true,
    phi: true,
  },
  outbox: {
    name: "outbox",
    scope: "cell",
    partitionKey: "pk",
    sortKey: "sk",
    boundary: tenantFirst,
    indexes: [],
    stream: "NEW_AND_OLD_IMAGES",
    ttlAttribute: "ttl",
    pointInTimeRecovery: true,
    phi: true,
  },
  keys: {
    name: "keys",
    scope: "cell",
    partitionKey: "pk",
    sortKey: "sk",
    boundary: tenantFirst,
    indexes: [],
    stream: null,
    ttlAttribute: null,
    // A restored key table would bring shredded keys back to life.
    pointInTimeRecovery: false,
    phi: false,
  },
  /** Who did what to whom, for search: written from the outbox's stream, and made again from the archive when it is lost. */
  trail: {
    name: "trail",
    scope: "cell",
    partitionKey: "pk",
    sortKey: "sk",
    boundary: tenantFirst,
    indexes: [],
    stream: null,
    ttlAttribute: null,
    pointInTimeRecovery: true,
    phi: true,
  },
  registry: {
    name: "registry",
    scope: "stage",
    partitionKey: "pk",
    sortKey: "sk",
    boundary: controlPlane,
    indexes: [{ name: "gsi1", partitionKey: "gpk", sortKey: "gsk", projection: "ALL", boundary: controlPlane }],
    stream: null,
    ttlAttribute: "ttl",
    pointInTimeRecovery: true,
    phi: false,
  },
} as const satisfies Record<string, TableDefinition>;

export type TableName = keyof typeof tables;
export const tableNames = Object.keys(tables) as TableName[];

/** The attributes whose values begin with the tenant, wherever they are a key. */
const TENANT_FIRST_ATTRIBUTES: ReadonlySet<string> = new Set(["pk", "gpk"]);

/**
 * ISO-5: what is wrong with a table's tenant boundary, one sentence each; none for a sound one.
 * A table and each of its indexes declares how tenants are kept apart. On a tenant-first table every index must be
 * tenant-first too, by an attribute that keys.ts spells with the tenant in front; a table with PHI is never control-plane.
 */
export function boundaryViolations(table: TableDefinition): string[] {
  const found: string[] = [];
  if (table.phi && table.boundary.kind !== "tenant-first") {
    found.push(`table ${table.name} holds PHI without a tenant-first key`);
  }
  if (table.boundary.kind === "control-plane" && table.boundary.reason.trim() === "") {
    found.push(`table ${table.name} is control-plane without a reason`);
  }
  if (table.boundary.kind === "tenant-first" && !TENANT_FIRST_ATTRIBUTES.has(table.partitionKey)) {
    found.push(`table ${table.name} is keyed by ${table.partitionKey}, which does not begin with the tenant`);
  }
  for (const index of table.indexes) {
    const where = `index ${index.name} of table ${table.name}`;
    if (table.boundary.kind === "tenant-first" && index.boundary.kind !== "tenant-first") {
      found.push(`${where} leaves the tenant boundary of its table`);
    }
    if (index.boundary.kind === "tenant-first" && !TENANT_FIRST_ATTRIBUTES.has(index.partitionKey)) {
      found.push(`${where} is keyed by ${index.partitionKey}, which does not begin with the tenant`);
    }
  }
  return found;
}
