import { abilitiesHandlers } from "./admin/abilities.ts";
import { appsHandlers } from "./admin/apps.ts";
import { recordRefusal, zone } from "./admin/context.ts";
import { peopleHandlers } from "./admin/people.ts";
import { statementHandlers } from "./admin/statement.ts";
import { endpoint } from "./http/endpoint.ts";

/** A clinic's people and apps, kept by its administrator. */
export const handler = endpoint(
  "admin",
  { ...peopleHandlers, ...abilitiesHandlers, ...appsHandlers, ...statementHandlers },
  { identity: zone.authentication, onRefused: recordRefusal },
);
