import { PreviewConsentForm, RecordConsent, RevokeConsent } from "../consent.ts";
import type { Route } from "../route.ts";
import { clinicRead, clinicWrite } from "../route-kinds.ts";

/** The portal's consent forms. */
export const consentRoutes = {
  listConsentForms: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/consent-forms",
    action: "consent.forms",
    summary: "The forms that a consent is recorded with, and whom they can name",
  },
  listConsents: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/patients/{id}/consents",
    action: "consent.list",
    summary: "A patient's consents, and the state of each",
  },
  recordConsent: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/patients/{id}/consents",
    action: "consent.record",
    body: RecordConsent,
    summary: "Records a consent by one of the forms",
  },
  previewConsentForm: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/patients/{id}/consents/preview",
    action: "consent.preview",
    idempotency: "safe",
    body: PreviewConsentForm,
    summary: "Who would gain or lose what by a form or a revocation; nothing is stored",
  },
  revokeConsent: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/patients/{id}/consents/{consent}/revoke",
    action: "consent.revoke",
    body: RevokeConsent,
    summary: "Takes a consent back, from the next request on",
  },
} as const satisfies Record<string, Route>;
