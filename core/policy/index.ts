export * from "./authorize.ts";
export * from "./circumstances.ts";
export { grantForClinic } from "./clinic-grant.ts";
export { DecisionInputs } from "./decision-inputs.ts";
export type { Demand } from "./demands.ts";
export * from "./grant.ts";
export { isOfficeGrant } from "./office.ts";
export { policyBundle, policyVersion } from "./version.ts";
