export * from "./authorize.ts";
export { policyVersion } from "./engine.ts";
export * from "./grant.ts";
