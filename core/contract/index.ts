export * from "./clinic.ts";
export * from "./export.ts";
export * from "./platform.ts";
export * from "./purpose.ts";
export * from "./route.ts";
export * from "./routes.ts";
export * from "./session.ts";
