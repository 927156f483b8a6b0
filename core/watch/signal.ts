import * as z from "zod";
import type { TenantId } from "../kernel/ids.ts";
import { type Row, signalPartition } from "../table/index.ts";
import { idOf } from "./event-time.ts";

/**
 * `incident`: the trail and what happened do not agree; somebody looks now. `alert`: a person is told at once.
 * `notice`: something unusual that has its events.
 */
export const SEVERITIES = ["incident", "alert", "notice"] as const;

export const SIGNAL_KINDS = [
  "silent-read",
  "unexplained-read",
  "unexplained-key-use",
  "unaudited-write",
  "rolled-back",
  "writer-gap",
  "writer-fork",
  "not-archived",
  "not-sealed",
  "expired-early",
  "expiring-unsealed",
  "break-glass",
  "bulk-views",
  "off-hours",
  "repeated-denials",
  "colleague-record",
  "own-record",
  "cross-tenant-probe",
] as const;
export type SignalKind = (typeof SIGNAL_KINDS)[number];

/** Something that somebody should know. Words of ours, opaque ids and counts: no PHI. */
export const Signal = z.strictObject({
  id: z.string(),
  tenant: z.string(),
  /** When it happened, milliseconds since the epoch. */
  at: z.int(),
  kind: z.enum(SIGNAL_KINDS),
  severity: z.enum(SEVERITIES),
  /** The route or function that did it; for a call from elsewhere its role. */
  handler: z.string().optional(),
  /** What was touched: `nameTouch`. */
  record: z.string().optional(),
  request: z.string().optional(),
  user: z.string().optional(),
  patient: z.string().optional(),
  count: z.int().optional(),
  /** Events that show it, newest first. */
  evidence: z.array(z.string()),
});
export type Signal = z.infer<typeof Signal>;

export const EVIDENCE_MAX = 20;

const SEVERITY_OF: Readonly<Partial<Record<SignalKind, Signal["severity"]>>> = {
  "break-glass": "alert",
  "cross-tenant-probe": "alert",
  "bulk-views": "notice",
  "off-hours": "notice",
  "repeated-denials": "notice",
  "colleague-record": "notice",
  "own-record": "notice",
};

/**
 * A signal under an id that the same finding gives again, so that it is written once, however often it is found.
 * `parts` is what makes it this finding and no other; `idAtMs` the time in its id, where a later look may tell another
 * moment of the same thing.
 */
export function makeSignal(
  facts: Omit<Signal, "id" | "severity" | "evidence"> & { readonly evidence?: readonly string[] },
  parts: readonly string[],
  idAtMs: number = facts.at,
): Signal {
  const { tenant, kind, evidence = [] } = facts;
  return {
    ...facts,
    id: idOf(idAtMs, [tenant, kind, ...parts]),
    severity: SEVERITY_OF[kind] ?? "incident",
    evidence: evidence.slice(0, EVIDENCE_MAX),
  };
}

export const signalRow = ({ id, tenant, evidence, ...rest }: Signal): Row => ({
  pk: signalPartition(tenant as TenantId),
  sk: id,
  ...(Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as Record<
    string,
    string | number
  >),
  evidence: evidence.join(" "),
});

/** Throws for a row that is no signal: one that does not parse is not left out. */
export function readSignalRow(tenant: string, { pk: _pk, sk, evidence, attempt: _attempt, ...rest }: Row): Signal {
  const ids = typeof evidence === "string" && evidence !== "" ? evidence.split(" ") : [];
  return Signal.parse({ ...rest, id: sk, tenant, evidence: ids });
}
