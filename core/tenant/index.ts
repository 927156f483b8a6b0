export * from "./members.ts";
export type * from "./registry-store.ts";
export * from "./rows.ts";
export * from "./tiers.ts";
