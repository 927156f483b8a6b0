import { type RouteName, routeNames, routes } from "../../../core/contract/index.ts";
import { FIRST_SETTINGS } from "../../../core/portal/settings.ts";
import type { Row } from "./rows.ts";
import type { Role } from "./scene.ts";

/** The patients' own portal is a browser's: a token is nobody in it. What a clinic sets for it is the administrator's. */
const OWN: readonly Row[] = routeNames
  .filter((name: RouteName) => routes[name].zone === "patient")
  .map((route) => ({
    route,
    on: "a token is no cookie",
    status: 200,
    roles: [],
    refused: 401,
    ask: (_scene, by) => {
      const { method, path, body } = routes[route];
      const at = path.replaceAll(/\{\w+\}/g, "x");
      return by.send(method, at, body === null ? {} : { body: {} });
    },
  }));

const ADMINISTRATOR: readonly Role[] = ["clinic-administrator"];
const VIEWERS: readonly Role[] = ["physician", "nurse", "front-desk", "billing", "patient", "integration"];

export const PORTAL: readonly Row[] = [
  ...OWN,
  {
    route: "readPortalSettings",
    on: "the clinic",
    status: 200,
    roles: ADMINISTRATOR,
    ask: (_scene, by) => by.send("GET", "/clinic/portal-settings"),
  },
  {
    route: "changePortalSettings",
    on: "the clinic",
    status: 200,
    roles: ADMINISTRATOR,
    ask: async (_scene, by) => {
      const { body } = await by.send("GET", "/clinic/portal-settings");
      const version = typeof body["version"] === "number" ? body["version"] : 0;
      return by.send("PUT", "/clinic/portal-settings", { body: { version, settings: FIRST_SETTINGS } });
    },
  },
  {
    route: "listSentForms",
    on: "the own patient",
    status: 200,
    roles: VIEWERS,
    ask: ({ own }, by) => by.send("GET", `/clinic/patients/${own}/forms`),
  },
];
