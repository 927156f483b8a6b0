import type { FhirResource } from "../../../../core/fhir/index.ts";
import { validateResource } from "../../../../core/fhir/index.ts";
import type { CompiledConsent, ConsentRuling, Inquiry, RecordFacts } from "../../../../core/policy/consent/index.ts";
import { compileConsent, ruleOn } from "../../../../core/policy/consent/index.ts";
import type { UserId } from "../../../../core/kernel/ids.ts";
import { PATIENT, TENANT_A, valueOf } from "../../crypto/fixtures.ts";

export { PATIENT, TENANT_A };
export const USER_A = "01hxzzvser0123456789abcdef" as UserId;
export const USER_B = "01hxzzvser0123456789abcdeg" as UserId;

export const NOW = Date.UTC(2026, 10, 22, 8);
export const DOCTOR = "dr-ada";
export const CLINIC = "org-clinic";
export const PARTNER = "org-partner";

const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
export const label = (code: string) => ({ system: ACT_CODE, code });
export const level = (code: string) => ({ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code });
export const purpose = (code: string) => ({
  system: code === "MLTRAINING" ? "urn:keyward:purpose" : "http://terminology.hl7.org/CodeSystem/v3-ActReason",
  code,
});
export const action = (code: string) => ({
  coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentaction", code }],
});
export const kind = (code: string) =>
  code.length === 1
    ? { system: "urn:keyward:record-class", code }
    : { system: "http://hl7.org/fhir/resource-types", code };
const RECIPIENT = {
  coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", code: "IRCP" }],
};
export const AUTHOR = {
  coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", code: "AUT" }],
};
/** `Practitioner/x` as a reference, `role:nurse` by an identifier of ours. */
export function actor(name: string, role: object = RECIPIENT) {
  const [system, value] = name.split(":");
  const reference =
    value === undefined ? { reference: name } : { identifier: { system: `urn:keyward:${system}`, value } };
  return { role, reference };
}

/** A Consent as the HTTP layer hands it on. `rule` stands for its policyRule. */
export const consent = (provision: object | undefined, more: object = {}, rule = "hipaa-auth"): FhirResource =>
  valueOf(
    validateResource({
      resourceType: "Consent",
      id: "consent-1",
      status: "active",
      scope: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "patient-privacy" }] },
      category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
      patient: { reference: `Patient/${PATIENT}` },
      dateTime: "2026-01-01T00:00:00Z",
      organization: [{ reference: `Organization/${CLINIC}` }],
      policyRule: {
        coding: [
          {
            system: rule.startsWith("OPT") ? ACT_CODE : "http://terminology.hl7.org/CodeSystem/consentpolicycodes",
            code: rule,
          },
        ],
      },
      ...(provision && { provision }),
      ...more,
    }),
  );

export const compiled = (provision: object | undefined, more: object = {}, rule?: string): CompiledConsent =>
  valueOf(compileConsent(consent(provision, more, rule), 1));

export const inquiry = (changes: Partial<Inquiry> = {}): Inquiry => ({
  tenantId: TENANT_A,
  userId: USER_A,
  roles: ["physician"],
  practitionerId: DOCTOR,
  purpose: "TREAT",
  action: "access",
  nowMs: NOW,
  affiliations: [],
  ...changes,
});

export const record = (changes: Partial<RecordFacts> = {}): RecordFacts => ({
  type: "Observation",
  id: "o1",
  dataClass: "C",
  labels: [],
  ...changes,
});
/** A record of class S with these labels. */
export const labelled = (...labels: string[]): RecordFacts => record({ dataClass: "S", labels });

export const rule = (consents: readonly CompiledConsent[], changes: Partial<Inquiry> = {}): ConsentRuling =>
  ruleOn(consents, inquiry(changes));
