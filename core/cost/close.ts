import { createHash } from "node:crypto";
import { err, ok, type Result } from "../kernel/result.ts";
import type { ClinicCharge, MethodId, SplitCharge } from "./ledger.ts";
import { formatUsd, minus, NOTHING, type PicoUsd, pico } from "./money.ts";
import { HOUR_MS, type Month, msOf, periodOfMonth, toSecond } from "./period.ts";

/** Hours after a month's end in which late records still come into it. */
export const GRACE_HOURS = 72;

export interface MonthStatus {
  readonly month: Month;
  /** `open` while it runs, `grace` until late records are in, `due` until somebody closes it, `closed` for ever. */
  readonly status: "open" | "grace" | "due" | "closed";
  /** The instant from which it can be closed. */
  readonly closesAt: string;
}

export function monthStatus(
  month: Month,
  nowMs: number,
  manifest: Manifest | undefined,
  graceHours = GRACE_HOURS,
): MonthStatus {
  const end = msOf(periodOfMonth(month).end);
  const closesMs = end + graceHours * HOUR_MS;
  const status = manifest !== undefined ? "closed" : nowMs < end ? "open" : nowMs < closesMs ? "grace" : "due";
  return { month, status, closesAt: toSecond(closesMs) };
}

/** A file of the close, as its writer made it. */
export interface ClosedFile {
  readonly name: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly rows: number;
}

export interface Manifest {
  readonly schema: "keyward.month/v1";
  readonly month: Month;
  readonly closedAt: string;
  /** By name. */
  readonly files: readonly ClosedFile[];
  /** USD with twelve places: exact, as text. */
  readonly totals: {
    readonly bill: string;
    readonly tenants: string;
    readonly unallocated: string;
    readonly charged: string;
  };
  readonly providerRows: number;
  readonly clinicRows: number;
  readonly priceListIds: readonly string[];
  readonly allocationPolicyId: string;
  readonly methodIds: readonly MethodId[];
  readonly planIds: readonly string[];
  readonly codeVersion: string;
  /** SHA-256 of the manifest of the month before; null for the first. */
  readonly previous: string | null;
}

export type CloseRefusal =
  /** The month runs or its grace does. */
  | { readonly kind: "business-rule"; readonly rule: "in-grace"; readonly closesAt: string }
  /** A closed month is closed: later facts are corrections in the current one. */
  | { readonly kind: "conflict"; readonly rule: "closed" }
  | { readonly kind: "business-rule"; readonly rule: "unreconciled"; readonly lines: number }
  | { readonly kind: "business-rule"; readonly rule: "another-month"; readonly lines: number }
  /** Shares do not sum to the bill. */
  | { readonly kind: "business-rule"; readonly rule: "sum"; readonly difference: PicoUsd };

/** What the lines of a month that closes say of themselves, counted part by part: no close holds them all. */
export class CloseTally {
  readonly #month: Month;
  providerRows = 0;
  clinicRows = 0;
  estimatedRows = 0;
  /** Of another month. */
  strayRows = 0;
  billed: PicoUsd = NOTHING;
  unallocated: PicoUsd = NOTHING;
  charged: PicoUsd = NOTHING;
  readonly priceListIds = new Set<string>();
  readonly methodIds = new Set<MethodId>();
  readonly planIds = new Set<string>();

  constructor(month: Month) {
    this.#month = month;
  }

  addShares(lines: readonly SplitCharge[]): this {
    this.providerRows += lines.length;
    for (const { origin, tenant, state, billedCost, priceListId, method } of lines) {
      if (origin.billingMonth !== this.#month) this.strayRows += 1;
      if (state === "estimated") this.estimatedRows += 1;
      this.billed = plus(this.billed, billedCost);
      if (tenant === null) this.unallocated = plus(this.unallocated, billedCost);
      if (priceListId !== null) this.priceListIds.add(priceListId);
      if (method !== null) this.methodIds.add(method);
    }
    return this;
  }

  addCharges(lines: readonly ClinicCharge[]): this {
    this.clinicRows += lines.length;
    for (const { billingMonth, amount, planId } of lines) {
      if (billingMonth !== this.#month) this.strayRows += 1;
      this.charged = plus(this.charged, amount);
      this.planIds.add(planId);
    }
    return this;
  }
}

const plus = (a: PicoUsd, b: PicoUsd): PicoUsd => pico(a + b);

export interface CloseInput {
  readonly month: Month;
  readonly nowMs: number;
  readonly graceHours?: number;
  readonly manifest: Manifest | undefined;
  readonly tally: CloseTally;
  /** AWS's bill and our internal rows, added up without the split: what the split is held against. */
  readonly bill: PicoUsd;
  readonly files: readonly ClosedFile[];
  readonly allocationPolicyId: string;
  readonly codeVersion: string;
  readonly previous: string | null;
}

export interface Closed {
  readonly manifest: Manifest;
  /** What is written under a lock: canonical, one line feed at its end. */
  readonly text: string;
  readonly sha256: string;
}

/**
 * Closes a month: the manifest that can be written once. Files are made from lines whose state is `closed` (`closedLines`), so
 * that what is locked says so itself. Nothing here opens a month again, and nothing else does.
 */
export function closeMonth(input: CloseInput): Result<Closed, CloseRefusal> {
  const { month, nowMs, manifest, tally, bill } = input;
  const { status, closesAt } = monthStatus(month, nowMs, manifest, input.graceHours);
  if (status === "closed") return err({ kind: "conflict", rule: "closed" });
  if (status !== "due") return err({ kind: "business-rule", rule: "in-grace", closesAt });
  const { billed, unallocated, estimatedRows, strayRows } = tally;
  if (strayRows > 0) return err({ kind: "business-rule", rule: "another-month", lines: strayRows });
  if (estimatedRows > 0) return err({ kind: "business-rule", rule: "unreconciled", lines: estimatedRows });
  if (billed !== bill) return err({ kind: "business-rule", rule: "sum", difference: minus(billed, bill) });
  const made: Manifest = {
    schema: "keyward.month/v1",
    month,
    closedAt: toSecond(nowMs),
    files: input.files.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    totals: {
      bill: formatUsd(bill),
      tenants: formatUsd(minus(bill, unallocated)),
      unallocated: formatUsd(unallocated),
      charged: formatUsd(tally.charged),
    },
    providerRows: tally.providerRows,
    clinicRows: tally.clinicRows,
    priceListIds: [...tally.priceListIds].toSorted(),
    allocationPolicyId: input.allocationPolicyId,
    methodIds: [...tally.methodIds].toSorted(),
    planIds: [...tally.planIds].toSorted(),
    codeVersion: input.codeVersion,
    previous: input.previous,
  };
  const text = `${JSON.stringify(made, null, 2)}\n`;
  return ok({ manifest: made, text, sha256: createHash("sha256").update(text).digest("hex") });
}

/** The lines of a month as its files hold them. */
export const closedLines = <T extends SplitCharge | ClinicCharge>(lines: readonly T[]): T[] =>
  lines.map((line) => ({ ...line, state: "closed" }));
