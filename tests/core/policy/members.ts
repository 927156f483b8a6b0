import type { Principal } from "../../../core/identity/principal.ts";
import { RECORD_CLASSES, type RecordClass } from "../../../core/kernel/data-class.ts";
import type { TenantId, UserId } from "../../../core/kernel/ids.ts";
import {
  type Circumstances,
  type ClassConsent,
  consentOfAll,
  NEUTRAL,
  type Purpose,
} from "../../../core/policy/index.ts";
import type { Demand } from "../../../core/policy/index.ts";

export const USER = "01hxyzabcd0123456789abcdeg" as UserId;
export const OTHER_USER = "01hxyzabcd0123456789abcdeh" as UserId;

const CLIENTS = ["integration", "assistant", "referral-partner"];

/** Somebody with one role, signed in as that role signs in. */
export const member = (role: string, more: Partial<Principal> = {}): Principal => ({
  kind: CLIENTS.includes(role) ? "client" : "user",
  userId: USER,
  tenantId: "01hxyzabcd0123456789abcdef" as TenantId,
  roles: [role],
  assurance: CLIENTS.includes(role) ? "client" : "aal2",
  sessionId: "s",
  clientId: "portal",
  ...more,
});

export const ACTIONS = [
  "read",
  "vread",
  "history",
  "search",
  "everything",
  "export",
  "create",
  "update",
  "delete",
] as const;
export const TYPE: Record<RecordClass, string> = { C: "Observation", S: "Observation", B: "Claim", D: "Patient" };

export const demand = (action: Demand["action"], recordClass: RecordClass, patientId?: string): Demand => ({
  action,
  type: TYPE[recordClass],
  classes: [recordClass],
  patientId,
});

/** Circumstances of one patient, neutral but for what is said. */
export const given = (
  more: Partial<Omit<Circumstances, "consent">> & { consent?: ClassConsent } = {},
): Circumstances => {
  const { consent = "none", ...rest } = more;
  const ids = consent === "none" ? [] : ["p1.c1:3"];
  return { ...NEUTRAL, ...rest, consent: { byClass: consentOfAll(consent), ids } };
};

export const EMERGENCY = { id: "01hxyzabcd0123456789abcdej", expiresAtMs: 1_000 };

export const delegation = (
  roles: readonly string[] = ["physician"],
  purposes: readonly Purpose[] = ["TREAT"],
): NonNullable<Circumstances["delegation"]> => ({
  id: "01hxyzabcd0123456789abcdek",
  userId: OTHER_USER,
  roles,
  purposes,
});

export const CLASSES = RECORD_CLASSES;
