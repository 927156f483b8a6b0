import type { Principal } from "../identity/principal.ts";
import type { UserId } from "../kernel/ids.ts";
import type { Circumstances } from "../policy/circumstances.ts";
import type { ConsentAction, ConsentRuling } from "../policy/consent/index.ts";
import { ruleOn } from "../policy/consent/index.ts";
import type { Purpose } from "../policy/grant.ts";
import { type Delegation, isStanding } from "./delegations.ts";
import type { Protection } from "./protection.ts";

/** What the request and its reads say besides the protection row. What is left out is not so, or not known. */
export interface CircumstanceFacts {
  readonly purpose: Purpose;
  /** `access` for what is read, `collect` for what is written, `disclose` for what leaves to another organization. */
  readonly action: ConsentAction;
  readonly nowMs: number;
  /** `open` where the clinic does not ask for one. */
  readonly relationship: Circumstances["relationship"];
  /** What `activeBreakGlass` gave for this member and this patient. It counts for the purpose ETREAT alone. */
  readonly emergency?: Circumstances["emergency"] | undefined;
  /** The delegation that an assistant acts under, with what the clinician may do now, as the registry tells. */
  readonly delegation?:
    | {
        readonly delegation: Delegation;
        readonly roles: readonly string[];
        readonly practitionerId?: string | undefined;
      }
    | undefined;
  /** Every CareTeam, Group and PractitionerRole of the member, as `Type/id`; undefined where they were not read. */
  readonly affiliations?: readonly string[] | undefined;
  /** Id of the Organization for which a system acts, where it is not the clinic. */
  readonly onBehalfOf?: string | undefined;
}

/** Between one member and one patient, at one moment: for `authorize`, and for the record layer. */
export interface Standing {
  readonly circumstances: Circumstances;
  readonly ruling: ConsentRuling;
}

/**
 * Brings together what is so between a member and a patient. Nothing of it is kept for another request (POL-14).
 * A delegation counts only where it is this assistant's, stands, and reaches this patient; an emergency only where it has
 * not ended.
 */
export function circumstancesOf(protection: Protection, principal: Principal, facts: CircumstanceFacts): Standing {
  const { purpose, action, nowMs, relationship } = facts;
  const { patientId, hold } = protection;
  const emergency =
    purpose === "ETREAT" && facts.emergency && nowMs < facts.emergency.expiresAtMs ? facts.emergency : undefined;
  const isPatient = principal.roles.includes("patient") && principal.patientId === patientId;
  const delegated = delegationFor(facts, principal, patientId);
  const ruling = ruleOn(protection.consents, {
    tenantId: principal.tenantId,
    userId: principal.userId,
    roles: principal.roles,
    practitionerId: principal.practitionerId,
    clientId: principal.kind === "client" ? principal.clientId : undefined,
    onBehalfOf: facts.onBehalfOf,
    affiliations: facts.affiliations,
    purpose,
    action,
    nowMs,
    isPatient,
    isEmergency: emergency !== undefined,
    ...(delegated && {
      delegator: {
        userId: delegated.delegation.userId as UserId,
        roles: delegated.roles,
        practitionerId: delegated.practitionerId,
      },
    }),
  });
  const circumstances: Circumstances = {
    patientId,
    consent: { byClass: ruling.byClass, ids: ruling.ids },
    relationship,
    hold: hold?.mode ?? "none",
    ...(emergency && { emergency }),
    ...(delegated && {
      delegation: {
        id: delegated.delegation.id,
        userId: delegated.delegation.userId as UserId,
        roles: delegated.roles,
        purposes: delegated.delegation.purposes,
      },
    }),
  };
  return { circumstances, ruling };
}

function delegationFor(
  { delegation: facts, nowMs }: CircumstanceFacts,
  { clientId, kind }: Principal,
  patientId: string,
): CircumstanceFacts["delegation"] {
  if (!facts || kind !== "client") return undefined;
  const { delegation } = facts;
  const isAboutHer = delegation.patientIds === undefined || delegation.patientIds.includes(patientId);
  return delegation.clientId === clientId && isStanding(delegation, nowMs) && isAboutHer ? facts : undefined;
}
