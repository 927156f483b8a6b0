import type { BilledUse, Cause } from "../billing/count.ts";
import type { Capacity, CapacityByTable } from "./capacity.ts";
import type { Table } from "./tables.ts";

interface Consumed {
  readonly kind: "read" | "write";
  readonly table: Table;
  readonly index: string | null;
  readonly units: number;
  readonly cause: Cause;
}

/** Every item of a transaction is written twice: prepared and committed. */
const FACTOR = 2;

/** Kilobytes of an item as a write is billed: whole ones, at least one. */
export const writeKilobytes = (sizeBytes: number): number => Math.max(1, Math.ceil(sizeBytes / 1024));

/**
 * What the operation under way consumes, whether its caller asks for it or not. Operations are synchronous, so there is one
 * at a time; the service takes the lines when it is over, also where it failed.
 */
export class Consumption {
  #lines: Consumed[] = [];

  read(capacity: Capacity | CapacityByTable): void {
    this.#add("read", capacity);
  }

  write(capacity: Capacity | CapacityByTable): void {
    this.#add("write", capacity);
  }

  /**
   * A write whose condition was not met is billed by the item that is there, at least one unit, and touches no index.
   * Source: Developer Guide, "Working with items and attributes", conditional writes.
   */
  failedWrite(table: Table, existingBytes: number): void {
    this.#lines.push({
      kind: "write",
      table,
      index: null,
      units: writeKilobytes(existingBytes),
      cause: "failed-condition",
    });
  }

  /**
   * A transaction that a condition cancels is billed as one that went through: twice for each item. That the elements whose
   * condition failed are billed by the item that is there, and no index by anything, is our reading.
   * Source: Developer Guide, "DynamoDB transactions: how it works", capacity management.
   */
  cancelled(prepared: readonly { readonly table: Table; readonly units: number }[]): void {
    // Without a condition that failed, the request was at fault, and nothing was prepared.
    if (this.#lines.length === 0) return;
    this.#lines = [
      ...this.#lines.map((line) => ({ ...line, units: line.units * FACTOR, cause: "cancelled" as const })),
      ...prepared.map(({ table, units }) => ({
        kind: "write" as const,
        table,
        index: null,
        units: units * FACTOR,
        cause: "cancelled" as const,
      })),
    ];
  }

  /** The lines since the last call, in half-units; none stay. */
  take(): BilledUse[] {
    return this.#lines.splice(0).map(({ kind, table, index, units, cause }) => ({
      sku: kind === "read" ? "dynamodb-rru" : "dynamodb-wru",
      resourceId: table.arn,
      detail: index,
      cause,
      units: BigInt(units * 2),
    }));
  }

  #add(kind: Consumed["kind"], capacity: Capacity | CapacityByTable): void {
    for (const { table, index, units } of capacity.parts())
      this.#lines.push({ kind, table, index, units, cause: "request" });
  }
}
