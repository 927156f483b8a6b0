import { METERS, partOfResource } from "../../core/cost/meters.ts";
import type { UsageRow } from "../../core/cost/roll-up.ts";
import type { Replayed } from "./run.ts";
import { AWS, type BilledRow, OUTSIDE } from "../local/billing/index.ts";

/** Why something is on AWS's bill that no meter in a function could have counted. */
const BEYOND = {
  estimated: "conditions that failed: the answer says nothing of what they cost",
  accessLog: "the API's own access log",
  service: "what S3 asks of KMS, and the files that CloudTrail puts",
  edge: "requests as the edge counts them, the portal's own among them",
  elsewhere: "the witness, in an account of its own whose logs the stage may not read",
  standing: "what is there by the hour: keys, and tables and buckets that hold no clinic's data",
} as const;
export type Beyond = keyof typeof BEYOND;
export const beyondText = (why: Beyond): string => BEYOND[why];

/** A SKU in one of its parts: what both counted, and what only AWS could. */
export interface Compared {
  readonly sku: string;
  /** `data/gsi1`, `clinic`, `archive`; null where the SKU is counted as a whole. */
  readonly part: string | null;
  readonly metered: bigint;
  /** Billed for what functions asked for, and for their starts. */
  readonly billed: bigint;
  readonly beyond: ReadonlyMap<Beyond, bigint>;
  /** `within`: the difference is no more than what the estimate of failed conditions may be off by. */
  readonly verdict: "equal" | "within" | "beyond" | "differs";
}

/** SKUs that have no part in the meter. */
const WHOLE: ReadonlySet<string> = new Set(
  Object.values(METERS).flatMap(({ sku, by }) => (sku !== null && by === "whole" ? [sku] : [])),
);
/** AssumeRole is free: the bill's count of it has a name and no price. */
const STS = "sts-requests";
const STORED = new Set(["dynamodb-storage", "dynamodb-pitr", "s3-standard", "kms-keys"]);

const partOf = ({ sku, resourceId, detail }: BilledRow): string | null => {
  if (WHOLE.has(sku) || sku === STS || resourceId === null) return null;
  const part = partOfResource(resourceId);
  return detail === null ? part : `${part}/${detail}`;
};

function beyondOf({ sku, cause, by, accountId }: BilledRow, replayed: Counted): Beyond | undefined {
  if (accountId !== replayed.accountId || replayed.elsewhere.has(by)) return "elsewhere";
  if (cause === "failed-condition" || cause === "cancelled") return "estimated";
  if (cause === "service") return "service";
  if (sku === "cloudfront-requests") return "edge";
  if (sku === "logs-ingest" && by === AWS) return "accessLog";
  return cause === "stored" ? "standing" : undefined;
}

type Counted = Pick<Replayed, "billed" | "accountId" | "elsewhere">;

interface Sums {
  readonly sku: string;
  readonly part: string | null;
  metered: bigint;
  billed: bigint;
  readonly beyond: Map<Beyond, bigint>;
}

/**
 * The product's meter against the embedded AWS's count, SKU by SKU and part by part. What no function did is left out.
 */
export function compareUnits(rows: readonly UsageRow[], replayed: Counted): readonly Compared[] {
  const sums = new Map<string, Sums>();
  const of = (sku: string, part: string | null): Sums => {
    const key = `${sku} ${part ?? ""}`;
    const known = sums.get(key) ?? { sku, part, metered: 0n, billed: 0n, beyond: new Map<Beyond, bigint>() };
    sums.set(key, known);
    return known;
  };
  for (const { meter, part, units } of rows) {
    const { sku, base } = METERS[meter];
    if (base !== "byte-hours" && base !== "hours")
      of(sku ?? STS, sku === null || WHOLE.has(sku) ? null : part).metered += units;
  }
  for (const row of replayed.billed) {
    if (row.by === OUTSIDE || STORED.has(row.sku)) continue;
    const sum = of(row.sku, partOf(row));
    const why = beyondOf(row, replayed);
    if (why === undefined) sum.billed += row.units;
    else sum.beyond.set(why, (sum.beyond.get(why) ?? 0n) + row.units);
  }
  return [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => ({ ...sum, verdict: verdictOf(sum) }));
}

/** Byte-hours of a place: what the clinics' changes add up to, and what AWS bills for it. */
export interface ComparedStored {
  readonly sku: string;
  readonly part: string | null;
  readonly metered: bigint;
  readonly billed: bigint;
}

/** What lies there by kind of storage, backups among it. A level is rounded by the hour, and tables of no clinic's are in it. */
export function compareStored(rows: readonly UsageRow[], { billed, accountId }: Counted): readonly ComparedStored[] {
  const sums = new Map<string, ComparedStored>();
  const add = (sku: string, part: string | null, more: Pick<ComparedStored, "metered" | "billed">): void => {
    const key = `${sku} ${part ?? ""}`;
    const { metered = 0n, billed: of = 0n } = sums.get(key) ?? {};
    sums.set(key, { sku, part, metered: metered + more.metered, billed: of + more.billed });
  };
  for (const { meter, part, units } of rows) add(METERS[meter].sku ?? "", part, { metered: units, billed: 0n });
  for (const row of billed)
    if (STORED.has(row.sku) && row.sku !== "kms-keys" && row.accountId === accountId)
      add(row.sku, partOf(row), { metered: 0n, billed: row.units });
  return [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}

function verdictOf({ metered, billed, beyond }: Sums): Compared["verdict"] {
  if (metered === billed) return metered === 0n && beyond.size > 0 ? "beyond" : "equal";
  const most = billed + (beyond.get("estimated") ?? 0n);
  return metered > billed && metered <= most ? "within" : "differs";
}
