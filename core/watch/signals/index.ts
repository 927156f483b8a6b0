import type { SeenEvent, DataCall } from "../sightings.ts";
import type { Signal } from "../signal.ts";
import { colleagueRecords, type Member } from "./colleagues.ts";
import { crossTenantProbes } from "./probes.ts";
import { type Thresholds, THRESHOLDS } from "./thresholds.ts";
import { bulkViews, emergencies, offHours, repeatedDenials } from "./unusual.ts";

export { isColleague, type Member } from "./colleagues.ts";
export { emergencies } from "./unusual.ts";
export type { Thresholds } from "./thresholds.ts";

/** The longest period in which a signal is told once: its id is of the period's beginning. */
export const PERIOD_MAX_MS = 86_400_000;

/** What the registry knows of a clinic, and the watch goes by. */
export interface ClinicFacts {
  /** Whether it works at an instant (milliseconds since the epoch). Undefined where the clinic never said on which clock. */
  readonly isOpen: ((atMs: number) => boolean) | undefined;
  /** Members who are patients of the clinic themselves. */
  readonly members: readonly Member[];
}

/** Everything unusual in one tenant's events. */
export const unusual = (
  tenant: string,
  events: readonly SeenEvent[],
  thresholds: Thresholds = THRESHOLDS,
  { isOpen, members }: ClinicFacts = { isOpen: undefined, members: [] },
): Signal[] => [
  ...bulkViews(tenant, events, thresholds),
  ...repeatedDenials(tenant, events, thresholds),
  ...offHours(tenant, events, thresholds, isOpen),
  ...colleagueRecords(tenant, events, members),
  ...emergencies(tenant, events),
];

/** Attempts at rows of another tenant, told to the tenant whose session made them. */
export const probes = (calls: readonly DataCall[], events: readonly SeenEvent[]): Signal[] =>
  crossTenantProbes(calls, events);
