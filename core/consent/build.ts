import type { ConsentRecipient, RecordConsent } from "../contract/index.ts";
import type { FhirResource, JsonObject } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { formOf, type Matter, RESTRICTED, SHARED, SUBSTANCE_USE, THERAPY_NOTES } from "./forms.ts";
import { formExtension, type FormMark } from "./marks.ts";

const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const REASONS = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
const SCOPES = "http://terminology.hl7.org/CodeSystem/consentscope";
const PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const POLICY_CODES = "http://terminology.hl7.org/CodeSystem/consentpolicycodes";

export interface ConsentOrigin {
  readonly patientId: string;
  /** Who records it. */
  readonly userId: string;
  readonly nowMs: number;
  /** The first and the last moment of a day of the clinic's calendar: milliseconds, the end exclusive. */
  readonly dayBounds: (day: string) => { readonly startMs: number; readonly endMs: number };
}

const RECIPIENT_SYSTEMS = {
  person: "urn:keyward:user",
  role: "urn:keyward:role",
  system: "urn:keyward:client",
} as const;

/** Named by the account, so that there is no doubt who is meant: a Practitioner's record may be nobody's membership. */
const actorOf = (recipient: ConsentRecipient): JsonObject => ({
  role: { coding: [{ system: PARTICIPATION, code: "IRCP" }] },
  reference: {
    identifier: {
      system: RECIPIENT_SYSTEMS[recipient.kind],
      value: recipient.kind === "role" ? recipient.role : recipient.id,
    },
  },
});

const matterOf = ({ classes, labels }: Matter): JsonObject => ({
  ...(classes !== undefined && { class: classes.map((code) => ({ system: "urn:keyward:record-class", code })) }),
  ...(labels !== undefined && { securityLabel: labels.map((code) => ({ system: ACT_CODE, code })) }),
});

interface Terms {
  readonly matters: readonly Matter[];
  readonly purposes: readonly string[];
}

/** What the form is about and for what; no purposes for all of them. */
function termsOf(request: RecordConsent): Terms {
  switch (request.form) {
    case "share":
      return { matters: request.parts.map((part) => SHARED[part]), purposes: request.purposes };
    case "restrict":
      return { matters: [RESTRICTED[request.part]], purposes: [] };
    case "substance-use":
      return { matters: [SUBSTANCE_USE], purposes: request.purposes };
    case "research":
      return { matters: request.parts.map((part) => SHARED[part]), purposes: ["HRESCH"] };
    case "therapy-notes":
      return { matters: [THERAPY_NOTES], purposes: request.purposes };
  }
}

function periodOf({ period }: RecordConsent, { dayBounds }: ConsentOrigin): JsonObject {
  const { from, until } = period;
  if (from === undefined && until === undefined) return {};
  return {
    period: {
      ...(from !== undefined && { start: toInstant(dayBounds(from).startMs) }),
      // FHIR's end is inclusive: the last millisecond of the day.
      ...(until !== undefined && { end: toInstant(dayBounds(until).endMs - 1) }),
    },
  };
}

const markOf = (request: RecordConsent, { userId, nowMs }: ConsentOrigin): FormMark => ({
  form: request.form,
  signature: request.signature,
  recordedBy: userId,
  recordedAt: toInstant(nowMs),
  ...("study" in request && { study: request.study }),
  ...("discloser" in request && { discloser: request.discloser, description: request.description }),
  ...("expiry" in request && { expiry: request.expiry }),
});

/**
 * A filled-in form as a FHIR R4 Consent that core/policy/consent can compute. Every part is a provision of its own under
 * one that says who, what for and how long, because a list of classes and a list of labels would both have to be met.
 */
export function consentOf(request: RecordConsent, origin: ConsentOrigin): FhirResource {
  const { effect, law, scope, category } = formOf(request.form);
  const { matters, purposes } = termsOf(request);
  const { signature } = request;
  const { patientId, nowMs } = origin;
  const resource: JsonObject & { resourceType: "Consent" } = {
    resourceType: "Consent",
    extension: [formExtension(markOf(request, origin))],
    status: "active",
    scope: { coding: [{ system: SCOPES, code: scope }] },
    category: [{ coding: [{ system: "http://loinc.org", code: category }] }],
    patient: { reference: `Patient/${patientId}` },
    dateTime: toInstant(nowMs),
    performer: [
      signature.representative === undefined
        ? { reference: `Patient/${patientId}` }
        : { display: signature.representative.name },
    ],
    policy: [{ uri: law }],
    policyRule: { coding: [{ system: POLICY_CODES, code: "hipaa-auth" }] },
    verification: [{ verified: signature.kind !== "electronic", verificationDate: signature.signedOn }],
    provision: {
      ...periodOf(request, origin),
      actor: request.recipients.map(actorOf),
      ...(purposes.length > 0 && { purpose: purposes.map((code) => ({ system: REASONS, code })) }),
      provision: matters.map((matter) => ({ type: effect, ...matterOf(matter) })),
    },
  };
  return resource as unknown as FhirResource;
}
