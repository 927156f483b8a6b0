import { PurposeCode } from "../contract/purpose.ts";
import type { DataClass } from "../kernel/data-class.ts";
import type { TenantId, UserId } from "../kernel/ids.ts";
import type { DecisionInputs } from "./decision-inputs.ts";
import { policyVersion } from "./version.ts";

/**
 * HL7 v3 ActReason, PurposeOfUse: treatment, payment, operations, emergency treatment, the patient's own request,
 * research. MLTRAINING is ours, for the training of models: HL7 has no code that means this alone.
 */
export const PURPOSES = PurposeCode.options;
export type Purpose = PurposeCode;

export const isPurpose = (text: unknown): text is Purpose => PURPOSES.some((purpose) => purpose === text);

/** What consent said of a request. Each id is `<consent id>:<version>`. */
export interface ConsentState {
  readonly state: "not-required" | "permit" | "deny";
  readonly ids: readonly string[];
}

/** Why the policy engine said what it said: goes into the audit event, and is enough to decide again. */
export interface Decision {
  /** 32 hex: SHA-256 over policy version, inputs, answer, classes and rules. */
  readonly id: string;
  /** SHA-256 of the policy files and schema, hex. */
  readonly policyVersion: string;
  readonly ruleIds: readonly string[];
  readonly inputs: DecisionInputs;
}

/** A decision that no policy made, such as a sign-in: `id` and `ruleIds` say which rule of the code it was. */
export const notAsked = (id: string, ruleIds: readonly string[] = []): Decision => ({
  id,
  policyVersion,
  ruleIds,
  inputs: { ask: "none" },
});

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
  readonly consent: ConsentState;
  /** The break-glass under which an ETREAT request works. The grant is worth nothing after it. */
  readonly emergency?: { readonly id: string; readonly expiresAtMs: number };
  /** For whom an assistant acts. */
  readonly delegation?: { readonly id: string; readonly userId: UserId };
}
