import type { DisclosureReportView } from "../contract/govern.ts";
import type { AuditEvent } from "./event.ts";

/**
 * The accounting of disclosures of one patient's records: to whom, when, what and why, of six years.
 * 45 CFR 164.528.
 */

/** One of the clinic's recipients. Names and addresses are of organizations and officials, not of patients. */
export interface Recipient {
  readonly id: string;
  readonly name: string;
  readonly address?: string;
  /**
   * 164.528(a)(2): a health oversight agency or a law enforcement official may ask that the individual is not told for a
   * time. Milliseconds since the epoch; thirty days at most where the request was not in writing.
   */
  readonly suspendedUntilMs?: number;
}

type DisclosureLine = DisclosureReportView["lines"][number];
/** What the events tell; whether the trail was whole, who reads it says. */
type DisclosureReport = Omit<DisclosureReportView, "complete">;

export interface DisclosureQuery {
  readonly patient: string;
  readonly toMs: number;
  /** `patient`: what she is told, without what is suspended. `officer`: all of it. */
  readonly view: "patient" | "officer";
  /** Also for treatment, payment and operations, which 164.528(a)(1)(i) leaves out and 42 CFR Part 2 will ask for. */
  readonly withOperations?: boolean;
}

/** Six years before the request: 164.528(a)(1). */
const YEARS = 6;
/** Not to be accounted for: 164.528(a)(1)(i) treatment, payment, operations, and (ii) the individual herself. */
const EXEMPT: ReadonlySet<string> = new Set(["TREAT", "ETREAT", "HPAYMT", "HOPERAT", "PATRQT"]);

function yearsBefore(ms: number, years: number): number {
  const date = new Date(ms);
  date.setUTCFullYear(date.getUTCFullYear() - years);
  return date.getTime();
}

const describe = (events: readonly AuditEvent[]): string => {
  const counts = new Map<string, number>();
  for (const { type } of events.flatMap(({ entities }) => entities)) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([type, count]) => (count === 1 ? type : `${type} (${count})`))
    .join(", ");
};

/**
 * The accounting over a trail's events, which may come in any order and twice. Pure: who may see which view is policy's
 * to say, and the request for it leaves an event of its own.
 */
export function accountingOf(
  events: Iterable<AuditEvent>,
  registry: ReadonlyMap<string, Recipient>,
  { patient, toMs, view, withOperations = false }: DisclosureQuery,
): DisclosureReport {
  const fromMs = yearsBefore(toMs, YEARS);
  const found = new Map<string, AuditEvent>();
  for (const event of events) {
    const isDisclosure = event.recipient !== undefined && event.outcome === "success" && event.replay !== true;
    const isAsked = event.patient === patient && event.at >= fromMs && event.at <= toMs;
    if (isDisclosure && isAsked && (withOperations || !EXEMPT.has(event.purpose ?? ""))) found.set(event.id, event);
  }
  const sorted = [...found.values()].toSorted((left, right) => left.at - right.at || (left.id < right.id ? -1 : 1));
  const lines: DisclosureLine[] = [];
  const unnamed: string[] = [];
  for (const series of Map.groupBy(sorted, ({ recipient, purpose }) => `${recipient} ${purpose}`).values()) {
    const [first, last] = [series[0], series.at(-1)];
    if (first === undefined || last === undefined) continue;
    const known = registry.get(first.recipient ?? "");
    if (known === undefined) unnamed.push(...series.map(({ id }) => id));
    const isSuspended = known?.suspendedUntilMs !== undefined && known.suspendedUntilMs > toMs;
    if (isSuspended && view === "patient") continue;
    lines.push({
      recipient: {
        id: first.recipient ?? "",
        name: known?.name ?? "not in the register of recipients",
        ...(known?.address === undefined ? {} : { address: known.address }),
      },
      purpose: first.purpose ?? "",
      description: describe(series),
      firstMs: first.at,
      count: series.length,
      lastMs: last.at,
      eventIds: series.map(({ id }) => id),
      ...(isSuspended && known.suspendedUntilMs !== undefined ? { suspendedUntilMs: known.suspendedUntilMs } : {}),
    });
  }
  return { patient, fromMs, toMs, lines, unnamed: view === "officer" ? unnamed : [] };
}
