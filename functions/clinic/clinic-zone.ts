import { readClinicTime } from "../../core/schedule/profile.ts";
import type { Exchange } from "../http/exchange.ts";
import { identityOf, zone } from "./context.ts";

/** In which zone the clinic's days are: its profile's, else that of the hours in its privacy settings, else UTC. */
export async function clinicZoneOf(exchange: Pick<Exchange, "identity">): Promise<string> {
  const { principal, privacy } = identityOf(exchange);
  const { timeZone = privacy.hours?.timeZone ?? "UTC" } = await readClinicTime(zone.registry, principal.tenantId);
  return timeZone;
}
