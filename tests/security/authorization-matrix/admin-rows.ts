import { type RouteName, routeNames, routes } from "../../../core/contract/index.ts";
import type { Row } from "./rows.ts";
import { ROLES } from "./scene.ts";

/**
 * A clinic's administration is a browser's, with both factors again for each change: a token is nobody in it, whoever's it
 * is; the platform's books the same. What each role gets with a cookie is in `people-and-apps.test.ts` and `finance.test.ts`.
 */
const OFFICE: readonly Row[] = routeNames
  .filter((name: RouteName) => routes[name].zone === "admin" || routes[name].zone === "finance")
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

/** Who enrols is nobody yet: the code decides, whatever comes along. */
const DOORS = ["lookAtEnrolment", "enrol", "enrolmentPasskeyOptions", "enrolPasskey"] as const;

export const ADMINISTRATION: readonly Row[] = [
  ...OFFICE,
  ...DOORS.map((route): Row => ({
    route,
    on: "without a code",
    status: 400,
    roles: ROLES,
    ask: (_scene, by) => by.send("POST", routes[route].path, { body: {} }),
  })),
];
