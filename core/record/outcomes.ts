import type { BundleOperation } from "../fhir/index.ts";
import type { TransactionPlan } from "./bundle-plan.ts";
import type { WrittenReference } from "./idempotency.ts";
import { HEIR, type PlannedWrite } from "./planned-write.ts";
import type { StoredVersion } from "./stored.ts";

/** What became of one entry; `index` is its place in the bundle. */
export type EntryOutcome =
  | {
      readonly kind: "created" | "updated" | "deleted" | "unchanged";
      readonly index: number;
      readonly written: WrittenReference;
      readonly lastUpdatedMs: number;
    }
  /** Nothing was there to change. */
  | { readonly kind: "nothing"; readonly index: number }
  /** A GET: the caller answers it now, through the operations for reading, each with an event of its own. */
  | { readonly kind: "get"; readonly index: number; readonly operation: BundleOperation };

export interface TransactionResult {
  /** In the order of the entries. */
  readonly outcomes: readonly EntryOutcome[];
  readonly isReplay: boolean;
  readonly isStaged: boolean;
}

/** The written versions by the entries' places, with gaps where an entry wrote nothing. */
export function writtenOf({ outcomes }: TransactionResult): (WrittenReference | undefined)[] {
  return outcomes.map((outcome) => ("written" in outcome ? outcome.written : undefined));
}

const KINDS = { create: "created", update: "updated", delete: "deleted" } as const;

/** The answer, once `changes` have been written. */
export function resultOf(
  plan: TransactionPlan,
  changes: readonly { readonly planned: PlannedWrite; readonly result: StoredVersion }[],
  isStaged: boolean,
): TransactionResult {
  const entries = changes.filter(({ planned }) => planned.index !== HEIR);
  const outcomes: EntryOutcome[] = entries.map(({ planned, result }) => ({
    kind: KINDS[planned.kind],
    index: planned.index,
    written: { type: result.type, id: result.id, version: result.version },
    lastUpdatedMs: result.lastUpdatedMs,
  }));
  for (const { index, current } of plan.unchanged) {
    if (!current) {
      outcomes.push({ kind: "nothing", index });
      continue;
    }
    const { type, id, version, lastUpdatedMs } = current.stored;
    outcomes.push({ kind: "unchanged", index, written: { type, id, version }, lastUpdatedMs });
  }
  for (const operation of plan.reads) outcomes.push({ kind: "get", index: operation.index, operation });
  return { outcomes: outcomes.toSorted((left, right) => left.index - right.index), isReplay: false, isStaged };
}
