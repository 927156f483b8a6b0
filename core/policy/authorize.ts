import type { Principal } from "../identity/principal.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { type Answer, answerOf } from "./answer.ts";
import { type Circumstances, consentOfAll, NEUTRAL } from "./circumstances.ts";
import type { DecisionInputs } from "./decision-inputs.ts";
import { decisionOf } from "./decision.ts";
import {
  type CircumstancesGiven,
  type Demand,
  isOfMany,
  recordedCircumstances,
  recordedDemands,
  standingOf,
} from "./demands.ts";
import { type ConsentState, type Decision, type Grant, isPurpose, notAsked, type Purpose, PURPOSES } from "./grant.ts";
import { policyVersion } from "./version.ts";

export type Refusal =
  /** `lacks` where one thing alone is missing that the member can bring: both factors again. */
  | { readonly kind: "forbidden"; readonly decision: Decision; readonly lacks?: "step-up" }
  /** A legal hold stands against it, and nothing else does. */
  | { readonly kind: "locked"; readonly decision: Decision }
  /** The header names no purpose that we know. */
  | { readonly kind: "invalid-purpose" }
  /** Neither the request nor the session says what it is for (POL-3). */
  | { readonly kind: "purpose-required" };

export interface AuthorizeOptions {
  /** The `x-purpose-of-use` header, which comes before what the session declared. */
  readonly purpose?: string | undefined;
  /** By default neutral ones: whoever knows of a patient says so. */
  readonly circumstances?: CircumstancesGiven;
  /** Whether the token's scope reaches the route. By default true. */
  readonly isInScope?: boolean;
  /** Whether the clinic's settings name the member as a privacy officer. */
  readonly isPrivacyOfficer?: boolean;
  /** Whether the clinic was made with a checklist that it has not done with yet. */
  readonly isGated?: boolean;
}

export interface ClinicOptions extends Omit<AuthorizeOptions, "circumstances"> {
  readonly circumstances?: Circumstances;
  /** The patient that the act is about, where it is about one. */
  readonly patientId?: string | undefined;
  /** Whether both factors were shown again moments ago; how long that lasts is for the session zone to say. */
  readonly steppedUp?: boolean;
}

/** The purpose that a request works for: what it states, else what the session was declared to be for. */
export function purposeOf(
  principal: Principal,
  stated: string | undefined,
): Result<Purpose, Extract<Refusal, { kind: "invalid-purpose" | "purpose-required" }>> {
  const purpose = stated ?? principal.purpose;
  if (purpose === undefined) return err({ kind: "purpose-required" });
  // An emergency is treatment: an app that is for it works in it too.
  const registered = purpose === "ETREAT" ? "TREAT" : purpose;
  if (principal.purposes?.some((known) => known === registered) === false) return err({ kind: "invalid-purpose" });
  return isPurpose(purpose) ? ok(purpose) : err({ kind: "invalid-purpose" });
}

const whoOf = ({ roles, assurance }: Principal, { isInScope = true }: AuthorizeOptions | ClinicOptions) => ({
  roles: [...new Set(roles)].toSorted(),
  assurance,
  ...(isInScope ? {} : { scoped: false as const }),
});

const settingsOf = ({ isPrivacyOfficer = false, isGated = false }: AuthorizeOptions | ClinicOptions) => ({
  ...(isPrivacyOfficer ? { officer: true as const } : {}),
  ...(isGated ? { gated: true as const } : {}),
});

/** What is asked of policy for demands of records. */
export function recordsInputs(
  principal: Principal,
  demands: readonly Demand[],
  purpose: Purpose,
  options: AuthorizeOptions,
): Extract<DecisionInputs, { ask: "records" }> {
  const given = options.circumstances ?? NEUTRAL;
  const { demands: recorded, circumstances } = recordedDemands(demands, given, principal.patientId);
  return {
    ask: "records",
    ...whoOf(principal, options),
    purpose,
    ...settingsOf(options),
    demands: recorded,
    ...(circumstances.length === 0 ? {} : { circumstances }),
  };
}

/** What is asked of policy for an act in the clinic. */
export function clinicInputs(
  principal: Principal,
  action: string,
  purpose: Purpose,
  options: ClinicOptions,
): Extract<DecisionInputs, { ask: "clinic" }> {
  const circumstances = recordedCircumstances(options.circumstances ?? NEUTRAL);
  return {
    ask: "clinic",
    ...whoOf(principal, options),
    purpose,
    ...settingsOf(options),
    action,
    patient: standingOf(principal.patientId, options.patientId),
    ...(options.steppedUp === true ? { steppedUp: true as const } : {}),
    ...(circumstances === undefined ? {} : { circumstances: [circumstances] }),
  };
}

/** What consent said, as far as it had a say: a permit that a granted class rests on, a refusal that stood in the way. */
function consentStateOf(inputs: DecisionInputs, answer: Answer): ConsentState {
  const given = inputs.ask === "records" || inputs.ask === "clinic" ? (inputs.circumstances ?? []) : [];
  const consents = given.flatMap(({ consent }) => (consent === undefined ? [] : [consent]));
  const ids = [...new Set(consents.flatMap((consent) => consent.ids))].toSorted().slice(0, 16);
  const isPermitUsed = answer.classes.some((recordClass) =>
    consents.some((consent) => consent[recordClass] === "permit"),
  );
  if (answer.outcome === "permit") return { state: isPermitUsed ? "permit" : "not-required", ids };
  const isDenied = answer.ruleIds.some((rule) => rule.endsWith("consent-denied") || rule.endsWith("consent-segmented"));
  return { state: isDenied ? "deny" : "not-required", ids };
}

const eachOf = (given: CircumstancesGiven): readonly Circumstances[] =>
  isOfMany(given) ? [...given.values()] : [given];

/** Of several emergencies the one that ends first: the grant is worth nothing after it. */
const emergencyOf = (given: CircumstancesGiven): Circumstances["emergency"] =>
  eachOf(given)
    .flatMap(({ emergency }) => (emergency === undefined ? [] : [emergency]))
    .toSorted((left, right) => left.expiresAtMs - right.expiresAtMs)[0];

function grantOf(
  principal: Principal,
  purpose: Purpose,
  given: CircumstancesGiven,
  consent: ConsentState,
  decision: Decision,
  classes: Answer["classes"],
): Grant {
  const emergency = purpose === "ETREAT" ? emergencyOf(given) : undefined;
  const delegation = eachOf(given).find((circumstances) => circumstances.delegation !== undefined)?.delegation;
  const grant = {
    tenantId: principal.tenantId,
    userId: principal.userId,
    roles: principal.roles,
    purpose,
    classes,
    // A colleague who is a patient too works in another purpose than her own request.
    ...(principal.roles.includes("patient") && purpose === "PATRQT" && principal.patientId !== undefined
      ? { onlyPatientId: principal.patientId }
      : {}),
    decision,
    consent,
    ...(emergency === undefined ? {} : { emergency }),
    ...(delegation === undefined ? {} : { delegation: { id: delegation.id, userId: delegation.userId } }),
  };
  return grant as unknown as Grant;
}

/**
 * Decides every demand of a request; one refusal refuses the request.
 * The grant's classes are those demanded and allowed, with D where the roles may read it, and for a write all that they
 * may read, because the references of a record are checked before it is written.
 * @param options.circumstances Of the one patient that the demands name, or of each. What is known of one patient never
 * serves for another; a patient of whom a map says nothing is refused.
 */
export function authorize(
  principal: Principal,
  demands: readonly Demand[],
  options: AuthorizeOptions = {},
): Result<Grant, Refusal> {
  const stated = purposeOf(principal, options.purpose);
  if (!stated.ok) return stated;
  const given = options.circumstances ?? NEUTRAL;
  const inputs = recordsInputs(principal, demands, stated.value, options);
  const answer = answerOf(inputs);
  const decision = decisionOf(policyVersion, inputs, answer);
  if (answer.outcome === "permit") {
    return ok(grantOf(principal, stated.value, given, consentStateOf(inputs, answer), decision, answer.classes));
  }
  return err({ kind: answer.outcome === "locked" ? "locked" : "forbidden", decision });
}

export interface AtBestOptions extends Omit<AuthorizeOptions, "circumstances"> {
  /** Whether a demand that names no patient may still be about one, as a record under a client's own id can be. */
  readonly isPatientUnknown?: boolean;
}

/**
 * Whether a request could be permitted in the best of circumstances: with every consent, in an emergency, treated by the
 * member, without a hold. Asked first, so that a role that never may is refused before anything of the patient is read.
 * The refusal's decision records these circumstances. What is permitted here is worth nothing: `authorize` decides.
 */
export function authorizeAtBest(
  principal: Principal,
  demands: readonly Demand[],
  { isPatientUnknown = false, ...options }: AtBestOptions = {},
): Result<undefined, Refusal> {
  const supposed = isPatientUnknown ? [principal.patientId, SUPPOSED] : [undefined];
  const answers = supposed.map((patientId) => {
    const named = demands.map((demand) => ({ ...demand, patientId: demand.patientId ?? patientId }));
    return authorize(principal, named, { ...options, circumstances: bestFor(principal, named) });
  });
  const [refusal] = answers.flatMap((answer) => (answer.ok ? [] : [answer.error]));
  return refusal === undefined || answers.some(({ ok: isOk }) => isOk) ? ok(undefined) : err(refusal);
}

/** Ids of nothing: circumstances that are supposed, not found. */
export const SUPPOSED = "supposed";
const CLINICAL_ROLES = ["nurse", "physician"];

/** The best circumstances of the patients that demands name: every consent, an emergency, treated, without a hold. */
export function bestFor(principal: Principal, demands: readonly Demand[]): CircumstancesGiven {
  const best: Circumstances = {
    consent: { byClass: consentOfAll("permit"), ids: [] },
    relationship: "present",
    hold: "none",
    emergency: { id: SUPPOSED, expiresAtMs: 0 },
    ...(principal.roles.includes("assistant")
      ? { delegation: { id: SUPPOSED, userId: principal.userId, roles: CLINICAL_ROLES, purposes: PURPOSES } }
      : {}),
  };
  const patients = demands.flatMap(({ patientId }) => (patientId === undefined ? [] : [patientId]));
  return patients.length === 0
    ? { ...best, relationship: "open" }
    : new Map(patients.map((patientId) => [patientId, { ...best, patientId }]));
}

/** The decision that a refusal came from; one that no policy made where it was refused before it was asked. */
export const decisionOfRefusal = (refused: Refusal): Decision =>
  "decision" in refused ? refused.decision : notAsked(refused.kind, [refused.kind]);

/**
 * A grant that reaches no record at all: with it a refusal is written into the tenant's audit trail.
 * @param refused What `authorize` answered.
 */
export function grantForRefusal(principal: Principal, refused: Refusal): Grant {
  const decision = decisionOfRefusal(refused);
  const { inputs } = decision;
  const purpose = "purpose" in inputs ? inputs.purpose : (principal.purpose ?? "HOPERAT");
  const consent = consentStateOf(inputs, { outcome: "refuse", classes: [], ruleIds: decision.ruleIds });
  return grantOf(principal, purpose, NEUTRAL, consent, decision, []);
}

/**
 * Whether the principal may do `action` in its own clinic: emergencies, holds, delegations, settings, the trail, exports.
 * It opens no record; what an action reads of a chart is asked of `authorize`.
 */
export function authorizeClinic(
  principal: Principal,
  action: string,
  options: ClinicOptions = {},
): Result<Decision, Refusal> {
  const stated = purposeOf(principal, options.purpose);
  if (!stated.ok) return stated;
  const inputs = clinicInputs(principal, action, stated.value, options);
  const answer = answerOf(inputs);
  const decision = decisionOf(policyVersion, inputs, answer);
  if (answer.outcome === "permit") return ok(decision);
  return err({ kind: "forbidden", decision, ...(answer.lacks === undefined ? {} : { lacks: answer.lacks }) });
}

/** Whether the principal may do `action` to the platform itself (tenants, members, keys, its books). */
export function authorizePlatform(
  principal: Principal,
  action: string,
  options: Pick<ClinicOptions, "isInScope" | "steppedUp"> = {},
): Result<Decision, Extract<Refusal, { kind: "forbidden" }>> {
  const inputs: DecisionInputs = {
    ask: "platform",
    ...whoOf(principal, options),
    action,
    ...(options.steppedUp === true ? { steppedUp: true as const } : {}),
  };
  const answer = answerOf(inputs);
  const decision = decisionOf(policyVersion, inputs, answer);
  if (answer.outcome === "permit") return ok(decision);
  return err({ kind: "forbidden", decision, ...(answer.lacks === undefined ? {} : { lacks: answer.lacks }) });
}
