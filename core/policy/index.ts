export * from "./authorize.ts";
export * from "./grant.ts";
export { policyVersion } from "./version.ts";
