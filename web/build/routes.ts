import type { Plugin } from "vite";
import { routes } from "../../core/contract/routes.ts";

const ID = "virtual:routes";

/** Method, path and idempotency of each route: what a caller needs, and no schema. */
const table = Object.fromEntries(
  Object.entries(routes).map(([name, { method, path, idempotency }]) => [name, [method, path, idempotency]]),
);

/** Gives the portal the route table of core/contract without the zod schemas that stand in it. */
export const routeTable = (): Plugin => ({
  name: "keyward:routes",
  resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
  load: (id) => (id === `\0${ID}` ? `export default ${JSON.stringify(table)};` : undefined),
});
