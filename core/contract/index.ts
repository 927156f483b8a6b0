export * from "./platform.ts";
export * from "./route.ts";
export * from "./routes.ts";
export * from "./session.ts";
