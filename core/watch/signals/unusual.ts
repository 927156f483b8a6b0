import { patientsOf } from "../index-row.ts";
import type { WatchedEvent } from "../coverage.ts";
import { makeSignal, type Signal } from "../signal.ts";
import type { Thresholds } from "./thresholds.ts";

/** Events in which a person opened charts. */
const views = (events: readonly WatchedEvent[]): WatchedEvent[] =>
  events.filter(
    ({ actor, outcome, interaction, action }) =>
      actor.kind === "user" &&
      outcome === "success" &&
      (action === "R" || interaction === "search") &&
      !interaction.startsWith("audit."),
  );

const byUser = (events: readonly WatchedEvent[]): Map<string, WatchedEvent[]> =>
  Map.groupBy(
    events.toSorted((left, right) => left.at - right.at),
    ({ actor }) => actor.user,
  );

const newestFirst = (events: readonly WatchedEvent[]): string[] => events.map(({ id }) => id).toReversed();

type Facts = Parameters<typeof makeSignal>[0];

/** Keeps one signal for each person and period, whichever moment of it a look comes upon. */
function oncePerPeriod(found: Map<string, Signal>, facts: Facts, periodMs: number): void {
  const startMs = Math.floor(facts.at / periodMs) * periodMs;
  const signal = makeSignal(facts, [facts.user ?? ""], startMs);
  if (!found.has(signal.id)) found.set(signal.id, signal);
}

/**
 * People who open many charts in a short time. The window slides; a person is told of once for each period of the
 * window's length, at the event by which the threshold was met.
 */
export function bulkViews(tenant: string, events: readonly WatchedEvent[], { bulkViews: rule }: Thresholds): Signal[] {
  const found = new Map<string, Signal>();
  for (const [user, own] of byUser(views(events))) {
    let start = 0;
    const seen = new Map<string, number>();
    for (const event of own) {
      for (const patient of patientsOf(event)) seen.set(patient, (seen.get(patient) ?? 0) + 1);
      for (; (own[start]?.at ?? event.at) <= event.at - rule.withinMs; start += 1) {
        const left = own[start];
        for (const patient of left === undefined ? [] : patientsOf(left)) {
          const rest = (seen.get(patient) ?? 1) - 1;
          if (rest === 0) seen.delete(patient);
          else seen.set(patient, rest);
        }
      }
      if (seen.size < rule.patients) continue;
      const evidence = newestFirst(own.slice(start, own.indexOf(event) + 1));
      const facts = { tenant, at: event.at, kind: "bulk-views", user, count: seen.size, evidence } as const;
      oncePerPeriod(found, facts, rule.withinMs);
    }
  }
  return [...found.values()];
}

/** People who are refused again and again: one who tries doors. */
export function repeatedDenials(tenant: string, events: readonly WatchedEvent[], { denials }: Thresholds): Signal[] {
  const found = new Map<string, Signal>();
  for (const [user, own] of byUser(events.filter(({ outcome }) => outcome === "denied"))) {
    for (const [index, event] of own.entries()) {
      const first = own[index - denials.count + 1];
      if (first === undefined || event.at - first.at >= denials.withinMs) continue;
      const evidence = newestFirst(own.slice(index - denials.count + 1, index + 1));
      const facts = { tenant, at: event.at, kind: "repeated-denials", user, count: denials.count, evidence } as const;
      oncePerPeriod(found, facts, denials.withinMs);
    }
  }
  return [...found.values()];
}

const HOUR_MS = 3_600_000;

/** People who open charts while the clinic is closed. Nothing is told of a clinic whose hours are not known. */
export function offHours(
  tenant: string,
  events: readonly WatchedEvent[],
  { offHours: rule }: Thresholds,
  isOpen: ((atMs: number) => boolean) | undefined,
): Signal[] {
  if (isOpen === undefined) return [];
  const found = new Map<string, Signal>();
  const closed = views(events).filter(({ at, emergency }) => emergency === undefined && !isOpen(at));
  for (const [user, own] of byUser(closed)) {
    for (const within of Map.groupBy(own, ({ at }) => Math.floor(at / HOUR_MS)).values()) {
      const patients = new Set<string>();
      for (const event of within) {
        for (const patient of patientsOf(event)) patients.add(patient);
        if (patients.size < rule.patients) continue;
        const evidence = newestFirst(within.slice(0, within.indexOf(event) + 1));
        const facts = { tenant, at: event.at, kind: "off-hours", user, count: patients.size, evidence } as const;
        oncePerPeriod(found, facts, HOUR_MS);
        break;
      }
    }
  }
  return [...found.values()];
}

/** Emergencies, for the clinic's privacy officers, the moment they begin. */
export function emergencies(tenant: string, events: readonly WatchedEvent[]): Signal[] {
  return events
    .filter(({ interaction, outcome }) => interaction === "break-glass.begin" && outcome === "success")
    .map((event) => {
      const [patient] = patientsOf(event);
      const { at, actor, request, service: handler, id } = event;
      const facts = { tenant, at, kind: "break-glass", handler, user: actor.user, request } as const;
      return makeSignal({ ...facts, ...(patient !== undefined && { patient }), evidence: [id] }, [id]);
    });
}
