import { readClinicTime } from "../../core/schedule/profile.ts";
import { type Exchange, identityOf } from "../http/exchange.ts";
import { zone } from "./context.ts";

/** In which zone the clinic's days are: that of its profile, and UTC until somebody chose one. */
export async function clinicZoneOf(exchange: Pick<Exchange, "identity">): Promise<string> {
  const { timeZone = "UTC" } = await readClinicTime(zone.registry, identityOf(exchange).principal.tenantId);
  return timeZone;
}
