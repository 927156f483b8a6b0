export { createCloud, CloudStartError, type Cloud, type CloudOptions } from "./cloud.ts";
export { createSystemClock, createVirtualClock, type VirtualClock } from "./clock.ts";
export type { FaultKind, FaultPlan } from "./faults.ts";
