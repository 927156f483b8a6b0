import type { StandingPurpose } from "../contract/purpose.ts";
import type { TenantId, UserId } from "../kernel/ids.ts";

/** `aal2` is two factors (NIST SP 800-63B-4 2.2); `client` is a registered system that proved its private key. */
export type Assurance = "aal1" | "aal2" | "client";

/** Who is asking, from a verified token or session and from the registry as it is now: never from path, header or body. */
export interface Principal {
  readonly kind: "user" | "client";
  readonly userId: UserId;
  readonly tenantId: TenantId;
  readonly roles: readonly string[];
  readonly assurance: Assurance;
  /** The Patient this user is, when the membership says so. */
  readonly patientId?: string;
  /** The Practitioner this user is, when the membership says so. */
  readonly practitionerId?: string;
  /** What the session was declared to be for at sign-in, or the system when it was registered. */
  readonly purpose?: StandingPurpose;
  /** What the app or system that asks was registered for; undefined where it was registered for nothing less. */
  readonly purposes?: readonly StandingPurpose[];
  /** When both factors were last shown again in this session, milliseconds since the epoch. */
  readonly steppedUpAtMs?: number;
  /** The one request that they were shown for, as the hash of `actText`; undefined where it was for whatever comes. */
  readonly steppedUpFor?: string;
  /** Opaque id of the session or token, for the audit event. */
  readonly sessionId: string;
  readonly clientId: string;
}

/** A patient and nothing else here: what a colleague is who is a patient too depends on what she works for. */
export const isPatientAlone = ({ roles }: Pick<Principal, "roles">): boolean =>
  roles.length > 0 && roles.every((role) => role === "patient");

const STAFF: ReadonlySet<string> = new Set(["platform-operator", "support", "finance"]);

/** Somebody who works for the platform and for no clinic. */
export const isPlatformStaff = ({ roles }: Pick<Principal, "roles">): boolean =>
  roles.length > 0 && roles.every((role) => STAFF.has(role));
