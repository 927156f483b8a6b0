import { createHash } from "node:crypto";
import type { Principal } from "../identity/principal.ts";
import { RECORD_CLASSES, type RecordClass } from "../kernel/data-class.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { decide, type Verdict } from "./engine.ts";
import { PURPOSES, type Decision, type Grant, type Purpose } from "./grant.ts";
import { policyVersion } from "./version.ts";

/** One thing that a request wants to do to one type of record. */
export interface Demand {
  readonly action: "read" | "vread" | "history" | "search" | "everything" | "create" | "update" | "delete";
  readonly type: string;
  /** The classes in which the record can lie: exact for a write, the type's candidates for a read. */
  readonly classes: readonly RecordClass[];
  /** The compartment, where the request names it. */
  readonly patientId?: string | undefined;
}

export type Refusal =
  | { readonly kind: "forbidden"; readonly decision: Decision }
  /** The purpose header names no purpose that we know. */
  | { readonly kind: "invalid-purpose" };

const DEFAULT_PURPOSE: Readonly<Record<string, Purpose>> = { physician: "TREAT", nurse: "TREAT", billing: "HPAYMT" };

/** The purpose that a request states, or what its roles work for by default; undefined for an unknown one. */
export function purposeOf(principal: Principal, stated: string | undefined): Purpose | undefined {
  if (stated !== undefined) return PURPOSES.find((purpose) => purpose === stated);
  for (const role of principal.roles) {
    const purpose = DEFAULT_PURPOSE[role];
    if (purpose !== undefined) return purpose;
  }
  return "HOPERAT";
}

const remembered = new Map<string, Verdict>();
const REMEMBERED_MAX = 4096;

function ask(
  principal: Principal,
  purpose: Purpose,
  demand: Demand,
  action: string,
  recordClass: RecordClass,
): Verdict {
  // Of the compartment only equality matters, so that the memory does not grow with patients.
  const patient =
    demand.patientId === undefined ? undefined : demand.patientId === principal.patientId ? "own" : "other";
  const memberPatient = principal.patientId === undefined ? undefined : "own";
  const key = JSON.stringify([
    principal.roles,
    principal.assurance,
    memberPatient,
    purpose,
    action,
    demand.type,
    recordClass,
    patient,
  ]);
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const verdict = decide({
    memberTenant: principal.tenantId,
    roles: principal.roles,
    assurance: principal.assurance,
    memberPatient,
    action,
    purpose,
    resource: { kind: "records", tenant: principal.tenantId, class: recordClass, type: demand.type, patient },
  });
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(key, verdict);
  return verdict;
}

function decisionOf(inputs: unknown, ruleIds: Iterable<string>): Decision {
  const rules = [...new Set(ruleIds)].toSorted();
  const id = createHash("sha256")
    .update(JSON.stringify([policyVersion, inputs, rules]))
    .digest("hex")
    .slice(0, 32);
  return { id, policyVersion, ruleIds: rules };
}

/**
 * Decides every demand of a request; one refusal refuses the request.
 * The grant's classes are those demanded and allowed, with D where the roles may read it, and for a write all that they
 * may read, because the references of a record are checked before it is written.
 * @param statedPurpose HL7 v3 PurposeOfUse of the request, if it states one.
 */
export function authorize(
  principal: Principal,
  demands: readonly Demand[],
  statedPurpose?: string,
): Result<Grant, Refusal> {
  const purpose = purposeOf(principal, statedPurpose);
  if (purpose === undefined) return err({ kind: "invalid-purpose" });
  const classes = new Set<RecordClass>();
  const allowedBy: string[] = [];
  const refusedBy: string[] = [];
  let isRefused = demands.length === 0;
  for (const demand of demands) {
    const permitted = demand.classes.filter((recordClass) => {
      const verdict = ask(principal, purpose, demand, demand.action, recordClass);
      (verdict.allowed ? allowedBy : refusedBy).push(...verdict.ruleIds);
      return verdict.allowed;
    });
    if (permitted.length === 0) isRefused = true;
    for (const recordClass of permitted) classes.add(recordClass);
    // Page links are sealed under the key of class D, so every reader holds it who may.
    const further = ["create", "update", "delete"].includes(demand.action) ? RECORD_CLASSES : (["D"] as const);
    for (const recordClass of further) {
      if (ask(principal, purpose, demand, "read", recordClass).allowed) classes.add(recordClass);
    }
  }
  const inputs = [
    principal.roles,
    principal.assurance,
    purpose,
    demands.map(({ action, type, classes: asked }) => [action, type, asked]),
  ];
  if (isRefused) return err({ kind: "forbidden", decision: decisionOf(inputs, refusedBy) });
  const grant = {
    tenantId: principal.tenantId,
    userId: principal.userId,
    roles: principal.roles,
    purpose,
    classes: RECORD_CLASSES.filter((recordClass) => classes.has(recordClass)),
    ...(principal.roles.includes("patient") && principal.patientId !== undefined
      ? { onlyPatientId: principal.patientId }
      : {}),
    decision: decisionOf(inputs, allowedBy),
  };
  return ok(grant as unknown as Grant);
}

/**
 * A grant that reaches no record at all: with it a refusal is written into the tenant's audit trail.
 * @param refused What `authorize` answered.
 */
export function grantForRefusal(principal: Principal, refused: Refusal): Grant {
  const decision = refused.kind === "forbidden" ? refused.decision : decisionOf(["invalid-purpose"], []);
  const grant = {
    tenantId: principal.tenantId,
    userId: principal.userId,
    roles: principal.roles,
    purpose: purposeOf(principal, undefined) ?? "HOPERAT",
    classes: [],
    decision,
  };
  return grant as unknown as Grant;
}

/** Whether the principal may do `action` to the platform itself (tenants, members, keys). */
export function authorizePlatform(principal: Principal, action: string): Result<Decision, Refusal> {
  const verdict = decide({
    memberTenant: principal.tenantId,
    roles: principal.roles,
    assurance: principal.assurance,
    action,
    purpose: "HOPERAT",
    resource: { kind: "platform" },
  });
  const decision = decisionOf([principal.roles, principal.assurance, action], verdict.ruleIds);
  return verdict.allowed ? ok(decision) : err({ kind: "forbidden", decision });
}
