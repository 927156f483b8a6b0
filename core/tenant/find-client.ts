import type { RegistryStore } from "./registry-store.ts";
import { clientIndex, clientKey, ClientRow, parseRow } from "./rows.ts";

/**
 * The system behind an id that says nothing of a clinic, as where a token is asked for. The index says which clinic it is
 * of, and the row itself what holds now: a suspension is never late, a registration may be for a moment.
 */
export async function findClient(store: RegistryStore, clientId: string): Promise<ClientRow | undefined> {
  const [listed] = await store.queryIndex(clientIndex(clientId));
  if (listed === undefined) return undefined;
  const row = await store.get(clientKey(clientId, parseRow(ClientRow, listed).tenantId));
  return row === undefined ? undefined : parseRow(ClientRow, row);
}
