import type { DataClass } from "../kernel/data-class.ts";
import type { TenantId, UserId } from "../kernel/ids.ts";

/** HL7 v3 PurposeOfUse: treatment, payment, operations, emergency treatment. */
export const PURPOSES = ["TREAT", "HPAYMT", "HOPERAT", "ETREAT"] as const;
export type Purpose = (typeof PURPOSES)[number];

/** Why the policy engine said what it said: goes into the audit event. */
export interface Decision {
  readonly id: string;
  /** SHA-256 of the policy files and schema, hex. */
  readonly policyVersion: string;
  readonly ruleIds: readonly string[];
}

declare const granted: unique symbol;

/**
 * Permission that one holds. Only `authorize` makes one; repositories build every key from `tenantId` alone.
 * `classes` are the record classes this grant reaches, without X and I, which the session policy adds.
 */
export interface Grant {
  readonly [granted]: true;
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly roles: readonly string[];
  readonly purpose: Purpose;
  readonly classes: readonly DataClass[];
  /** For the patient role: the only patient compartment that this grant reaches. */
  readonly onlyPatientId?: string;
  readonly decision: Decision;
}
