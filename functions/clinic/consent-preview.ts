import type { ConsentEffect, PreviewConsent, RoleName } from "../../core/contract/index.ts";
import { validateResource } from "../../core/fhir/index.ts";
import type { Principal } from "../../core/identity/principal.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { RECORD_CLASSES, type RecordClass } from "../../core/kernel/data-class.ts";
import type { TenantId, UserId } from "../../core/kernel/ids.ts";
import { compileConsent, describeEffect, type EffectLine, withConsent } from "../../core/policy/consent/index.ts";
import { authorize, NEUTRAL, type Purpose, PURPOSES } from "../../core/policy/index.ts";
import { readProtection } from "../../core/privacy/index.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { failTold, tell } from "./act.ts";
import { openAffair } from "./context.ts";
import { failureOf } from "./failures.ts";
import { checkPatient } from "./patients.ts";

const ROLES = ["physician", "nurse", "front-desk", "billing", "integration", "patient"] as const satisfies RoleName[];
/** A type that lies in the class, so that policy is asked about something that there is. */
const TYPE_OF: Readonly<Record<RecordClass, string>> = { C: "Observation", S: "Observation", B: "Claim", D: "Patient" };
const NOBODY = "00000000000000000000000000" as UserId;

/** A member of whom nothing is known but the role. The patient is herself, every other somebody else. */
const memberOf = (role: (typeof ROLES)[number], tenantId: TenantId, patientId: string): Principal => ({
  kind: role === "integration" ? "client" : "user",
  userId: NOBODY,
  tenantId,
  roles: [role],
  assurance: role === "integration" ? "client" : "aal2",
  ...(role === "patient" ? { patientId } : {}),
  sessionId: "none",
  clientId: "none",
});

/** The classes of the patient's records that the member would read under what her consents say. */
function readable(member: Principal, purpose: Purpose, patientId: string, byClass: EffectLine["before"]) {
  const circumstances = { ...NEUTRAL, patientId, consent: { byClass, ids: [] } };
  return Object.fromEntries(
    RECORD_CLASSES.map((dataClass) => {
      const demand = { action: "read", type: TYPE_OF[dataClass], classes: [dataClass], patientId } as const;
      const granted = authorize(member, [demand], { purpose, circumstances });
      return [dataClass, granted.ok && granted.value.classes.includes(dataClass)];
    }),
  ) as Record<RecordClass, boolean>;
}

const holds = (classes: Readonly<Record<RecordClass, boolean>>): boolean => Object.values(classes).some(Boolean);

/**
 * What a consent would change, before anybody signs it: for each role and purpose, what it reads of each class now and
 * would read then, by the policy that decides in earnest. Nothing is stored.
 */
export async function previewConsent(exchange: Exchange): Promise<Answer> {
  const { patient, consent } = exchange.body as PreviewConsent;
  const affair = await openAffair(exchange, { patientId: patient });
  const told = { patientId: patient, entities: [{ type: "Consent" }, { type: "Patient", id: patient }] };
  await checkPatient(affair, patient, told);
  const valid = validateResource(consent);
  if (!valid.ok) return failTold(affair, told, { kind: "invalid", issues: valid.error.issues });
  const compiled = compileConsent(valid.value, 0);
  if (!compiled.ok) return failTold(affair, told, compiled.error);
  if (compiled.value.patientId !== patient)
    return failTold(affair, told, { kind: "business-rule", rule: "one-patient", path: "Consent.patient" });
  const protection = await readProtection(affair.privacy, patient);
  if (!protection.ok) return fail(failureOf(protection.error));
  const { tenantId } = affair.principal;
  const before = protection.value.consents;
  const after = withConsent(before, compiled.value);
  const members = ROLES.flatMap((role) => PURPOSES.map((purpose) => ({ role, purpose })));
  const lines = describeEffect(before, after, members, { tenantId, nowMs: systemClock.now() });
  const effects = lines.flatMap((line, index): ConsentEffect[] => {
    const { role, purpose } = members[index] ?? { role: "patient", purpose: line.purpose };
    const member = memberOf(role, tenantId, patient);
    const was = readable(member, purpose, patient, line.before);
    const becomes = readable(member, purpose, patient, line.after);
    // A purpose that the role works for neither way says nothing to anybody.
    if (!holds(was) && !holds(becomes)) return [];
    const isChanged = RECORD_CLASSES.some((dataClass) => was[dataClass] !== becomes[dataClass]);
    return [{ role, purpose, before: was, after: becomes, isChanged, text: line.text }];
  });
  await tell(affair, told);
  return json(200, { patient, effects, isChanged: effects.some(({ isChanged }) => isChanged) });
}
