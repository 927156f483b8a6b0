import type { Row, Table, TableWrite } from "./table.ts";
import { invariant } from "../kernel/invariant.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { RegistryChange, RegistryRow, RegistryStore } from "../tenant/registry-store.ts";

/** The registry cannot answer: whoever asked fails closed with 503. */
export class RegistryUnavailable extends Error {
  override readonly name = "ServiceUnavailable";
}

function must<T>(result: Result<T, { readonly kind: string }>): T {
  if (result.ok) return result.value;
  // A refusal by IAM is a fault of ours: this store asks for nothing that its role may not do.
  invariant(result.error.kind !== "denied", "the registry's role permits what the registry store asks");
  throw new RegistryUnavailable(result.error.kind);
}

const defined = (row: RegistryRow): Row =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as Row;

const asRegistryRow = (row: Row): RegistryRow => row as unknown as RegistryRow;

const atRev = (rev: number) => ({ kind: "equals", attributes: { rev } }) as const;

function toWrite(change: RegistryChange): TableWrite {
  if (change.kind === "check") {
    const { pk, sk } = change.key;
    return { kind: "check", table: "registry", key: { pk, sk }, condition: atRev(change.rev) };
  }
  const put = { kind: "put", table: "registry", row: defined(change.row) } as const;
  switch (change.kind) {
    case "create":
      return { ...put, condition: { kind: "absent" } };
    case "replace":
      return { ...put, condition: atRev(change.rev) };
    case "put":
      return put;
  }
}

/** The registry over a table whose credentials are those of the zone's own role. */
export function createRegistryStore(table: Table): RegistryStore {
  return {
    async get(key) {
      const row = must(await table.get("registry", key, { isConsistent: true }));
      return row === undefined ? undefined : asRegistryRow(row);
    },
    async getMany(keys) {
      const rows = must(await table.getMany("registry", keys, { isConsistent: true }));
      return rows.flatMap((row) => (row === undefined ? [] : [asRegistryRow(row)]));
    },
    query: async (pk) => must(await table.queryAll("registry", { pk, isConsistent: true })).map(asRegistryRow),
    queryIndex: async (gpk) => must(await table.queryAll("registry", { pk: gpk, index: "gsi1" })).map(asRegistryRow),
    async write(changes) {
      const written = await table.transactWrite(changes.map(toWrite));
      if (!written.ok && (written.error.kind === "conflict" || written.error.kind === "contended"))
        return err({ kind: "conflict" });
      must(written);
      return ok(undefined);
    },
  };
}
