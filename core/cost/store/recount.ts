import { PLATFORM } from "../meters.ts";
import { hourOfMs } from "../period.ts";
import { formatFact, type StorageKind } from "../usage.ts";
import { FactKeeper } from "./facts.ts";
import type { CostFiles } from "./files.ts";
import type { HourBook } from "./hours.ts";
import { hourKey } from "./keys.ts";
import { readPacked } from "./keep.ts";

/**
 * Counts what is stored, from the side of whoever stores it. A tenant's objects are counted by their names' prefix, every version. A
 * table is nobody's to read whole, not even for its bill: what DynamoDB says that it holds is held against what the changes of all
 * clinics add up to, and what is more is the platform's.
 */
export interface StorageCounter {
  objects(tenantId: string, storage: "documents" | "audit"): Promise<bigint>;
  tables(): Promise<readonly TableCount[]>;
}

/** Bytes of a table or index, and the kinds that lie in it. */
export interface TableCount {
  readonly kinds: readonly StorageKind[];
  readonly bytes: bigint;
}

/** The source that recounts are kept under. */
export const RECOUNT = "recount";

export interface Recount {
  readonly week: string;
  /** `<tenant>/<kind>` counted this week. */
  readonly done: readonly string[];
  readonly tenants: readonly string[];
  readonly place: { readonly stage: string; readonly cell: string };
  readonly nowMs: number;
  /** The newest hour that is rolled up: whose levels tables are held against. */
  readonly rolled: string;
  readonly isTimeUp: () => boolean;
  /** Changes add up to more than there is: the platform cannot take back what clinics are asked for. */
  readonly onOver: (kind: StorageKind) => void;
}

/** DynamoDB's own count is hours old. */
const SLACK_BYTES = 1n << 20n;

export interface Recounted {
  readonly done: readonly string[];
  readonly isDone: boolean;
  /** Hours that have a new fact. */
  readonly hours: ReadonlySet<string>;
}

export async function recount(files: CostFiles, counter: StorageCounter, of: Recount): Promise<Recounted> {
  const { week, tenants, place, nowMs, isTimeUp } = of;
  const keeper = new FactKeeper(files, RECOUNT);
  const done = new Set(of.done);
  const say = async (tenant: string, storage: StorageKind, bytes: bigint): Promise<void> => {
    const id = `recount:${week}:${tenant}:${storage}`;
    const fact = {
      kind: "storage-recount.v1",
      id,
      at: nowMs,
      ...place,
      tenant,
      storage,
      bytes: Number(bytes),
    } as const;
    await keeper.keep([{ atMs: nowMs, text: formatFact(fact) }]);
    done.add(`${tenant}/${storage}`);
  };
  let isDone = true;
  for (const tenant of tenants)
    for (const storage of ["documents", "audit"] as const) {
      if (done.has(`${tenant}/${storage}`)) continue;
      if (isTimeUp()) isDone = false;
      else await say(tenant, storage, await counter.objects(tenant, storage));
    }
  if (isDone && !done.has(PLATFORM)) {
    const levels = (await readPacked<HourBook>(files, hourKey(of.rolled)))?.levels ?? [];
    for (const { kinds, bytes } of await counter.tables()) {
      const [kind] = kinds;
      const clinics = levels
        .filter(({ tenant, storage }) => tenant !== PLATFORM && kinds.includes(storage))
        .reduce((sum, level) => sum + (level.bytes > 0n ? level.bytes : 0n), 0n);
      if (kind !== undefined && clinics > bytes + bytes / 50n + SLACK_BYTES) of.onOver(kind);
      if (kind !== undefined) await say(PLATFORM, kind, bytes > clinics ? bytes - clinics : 0n);
    }
    done.add(PLATFORM);
  }
  return { done: [...done].toSorted(), isDone, hours: new Set(done.size > of.done.length ? [hourOfMs(nowMs)] : []) };
}
