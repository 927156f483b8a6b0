import type { Clock } from "../../core/kernel/clock.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter } from "../../core/table/index.ts";
import { createRegistryStore } from "../../core/table/registry-store.ts";
import { parseRow, TENANTS_INDEX, TenantRow } from "../../core/tenant/index.ts";
import { ownDynamoDb } from "./clients.ts";

/** Every tenant of a cell, with the function's own credentials: the list is the one thing that its role lets it read. */
export function ownTenants(
  region: string,
  registryTable: string,
  cell: string,
  clock: Clock,
): () => Promise<TenantRow[]> {
  const registry = createRegistryStore(
    createDynamoTable({
      client: ownDynamoDb(region, { maxAttempts: 1 }),
      names: { registry: registryTable },
      clock,
      meter: createMeter(),
    }),
  );
  return async () => {
    const rows = await registry.queryIndex(TENANTS_INDEX);
    return rows.map((row) => parseRow(TenantRow, row) as TenantRow).filter((tenant) => tenant.cell === cell);
  };
}
