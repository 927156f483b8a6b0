declare module "virtual:routes" {
  type Contract = typeof import("../../core/contract/routes.ts").routes;
  type RouteRow = import("../../core/contract/route.ts").Route;

  /** Method, path and idempotency of each route: `build/routes.ts` makes it of core/contract. */
  const table: Readonly<Record<keyof Contract, readonly [RouteRow["method"], string, RouteRow["idempotency"]]>>;
  export default table;
}

declare module "virtual:theme.css";
