import type { Principal } from "../identity/principal.ts";
import type { Decision, Grant, Purpose } from "./grant.ts";

/**
 * Permission to keep the rows beside the charts - protections, emergencies, delegations, approvals - and to write events
 * about them. It reaches class D and with it no clinical record: what an act reads of a chart is asked of `authorize`.
 * @param decision That of `authorizeClinic`, which permitted the act.
 * @param under The emergency or delegation that the act stands on.
 */
export function grantForClinic(
  principal: Principal,
  decision: Decision,
  purpose: Purpose,
  under: Pick<Grant, "emergency" | "delegation"> = {},
): Grant {
  const { emergency, delegation } = under;
  const grant = {
    tenantId: principal.tenantId,
    userId: principal.userId,
    roles: principal.roles,
    purpose,
    classes: ["D"],
    decision,
    ...(principal.roles.includes("patient") && purpose === "PATRQT" && principal.patientId !== undefined
      ? { onlyPatientId: principal.patientId }
      : {}),
    consent: { state: "not-required", ids: [] },
    ...(emergency === undefined ? {} : { emergency }),
    ...(delegation === undefined ? {} : { delegation }),
  };
  return grant as unknown as Grant;
}
