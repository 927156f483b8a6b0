import type { KeyedClass } from "../kernel/data-class.ts";
import { isPairClass, KEYED_CLASSES } from "../kernel/data-class.ts";
import type { TenantId } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { ok } from "../kernel/result.ts";
import type { KeyContext, KeyRow } from "./key-rows.ts";
import { keyContext } from "./key-rows.ts";

export type MintFailure = { readonly kind: "forbidden" | "throttled" | "unavailable" };

/** Makes wrapped keys that the maker cannot read: the plaintext never leaves KMS. */
export interface KeyMint {
  generateWrapped(context: KeyContext): Promise<Result<{ readonly enc: Uint8Array }, MintFailure>>;
  generateWrappedPair(
    context: KeyContext,
  ): Promise<Result<{ readonly enc: Uint8Array; readonly publicKey: Uint8Array }, MintFailure>>;
}

export interface MintDeps {
  readonly kms: KeyMint;
  /** Puts all rows in one transaction, each on the condition that it does not exist; `conflict` when one does. */
  readonly createRows: (rows: readonly KeyRow[]) => Promise<Result<void, MintFailure | { readonly kind: "conflict" }>>;
}

export interface MintInput {
  readonly tenantId: TenantId;
  readonly cell: string;
  readonly epoch: number;
  readonly nowMs: number;
  readonly classes?: readonly KeyedClass[];
}

/**
 * Mints version 1 of every class key of a new tenant: symmetric for C, S, B, D and X, a P-256 pair for A and U.
 * Nothing that exists is overwritten: a class that has its rows is kept, so that a broken-off run is run again.
 */
export async function mintTenantKeys(
  input: MintInput,
  deps: MintDeps,
): Promise<Result<{ readonly minted: readonly KeyedClass[]; readonly kept: readonly KeyedClass[] }, MintFailure>> {
  const minted: KeyedClass[] = [];
  const kept: KeyedClass[] = [];
  for (const dataClass of input.classes ?? KEYED_CLASSES) {
    const rows = await mintVersion(input, dataClass, 1, deps.kms);
    if (!rows.ok) return rows;
    const created = await deps.createRows(rows.value);
    if (created.ok) minted.push(dataClass);
    else if (created.error.kind === "conflict") kept.push(dataClass);
    else return { ok: false, error: created.error };
  }
  return ok({ minted, kept });
}

/** The two rows of a key version: the wrapped key, and the pointer that makes it the one that seals. */
export async function mintVersion(
  { tenantId, cell, epoch, nowMs }: MintInput,
  dataClass: KeyedClass,
  kver: number,
  kms: KeyMint,
): Promise<Result<readonly [version: KeyRow, active: KeyRow], MintFailure>> {
  const context = keyContext(tenantId, cell, dataClass, kver);
  const wrapped = isPairClass(dataClass) ? await kms.generateWrappedPair(context) : await kms.generateWrapped(context);
  if (!wrapped.ok) return wrapped;
  const base = { tenantId, dataClass, kver, epoch };
  return ok([
    { ...base, slot: "version", state: "DECRYPT_ONLY", createdAtMs: nowMs, ...wrapped.value },
    { ...base, slot: "active", state: "ACTIVE" },
  ]);
}
