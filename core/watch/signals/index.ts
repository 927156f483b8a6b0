import type { SeenEvent, DataCall } from "../sightings.ts";
import type { Signal } from "../signal.ts";
import { crossTenantProbes } from "./probes.ts";
import { type ClinicHours, type Thresholds, THRESHOLDS } from "./thresholds.ts";
import { bulkViews, emergencies, offHours, repeatedDenials } from "./unusual.ts";

export { emergencies } from "./unusual.ts";
export type { ClinicHours, Thresholds } from "./thresholds.ts";

/** Everything unusual in one tenant's events. */
export const unusual = (
  tenant: string,
  events: readonly SeenEvent[],
  thresholds: Thresholds = THRESHOLDS,
  hours?: ClinicHours,
): Signal[] => [
  ...bulkViews(tenant, events, thresholds),
  ...repeatedDenials(tenant, events, thresholds),
  ...offHours(tenant, events, thresholds, hours),
  ...emergencies(tenant, events),
];

/** Attempts at rows of another tenant, told to the tenant whose session made them. */
export const probes = (calls: readonly DataCall[], events: readonly SeenEvent[]): Signal[] =>
  crossTenantProbes(calls, events);
