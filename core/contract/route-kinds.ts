/** What the routes of one kind have in common: a row of the table spreads one of these. */

export const KIB = 1024;
const MIB = 1024 * KIB;
/** API Gateway hands FHIR JSON on as base64, and a Lambda takes 6 MB: more than this never arrives. */
const FHIR_BODY_LIMIT = 4.25 * MIB;

export const open = {
  zone: "public",
  authentication: "none",
  action: null,
  idempotency: "safe",
  body: null,
  bodyLimitBytes: 0,
  phi: false,
} as const;
export const oauth = {
  zone: "session",
  authentication: "oauth",
  action: null,
  idempotency: "protocol",
  bodyLimitBytes: 64 * KIB,
  phi: false,
} as const;
export const session = { zone: "session", action: null, phi: false } as const;
export const fhirRead = {
  zone: "fhir",
  authentication: "any",
  idempotency: "safe",
  body: null,
  bodyLimitBytes: 0,
  phi: true,
} as const;
export const fhirWrite = {
  zone: "fhir",
  authentication: "any",
  idempotency: "key",
  body: "fhir",
  bodyLimitBytes: FHIR_BODY_LIMIT,
  phi: true,
} as const;
export const clinicRead = {
  zone: "clinic",
  authentication: "any",
  idempotency: "safe",
  body: null,
  bodyLimitBytes: 0,
  phi: true,
} as const;
export const clinicWrite = {
  zone: "clinic",
  authentication: "any",
  idempotency: "key",
  bodyLimitBytes: 64 * KIB,
  phi: true,
} as const;
/** A change that takes no body: what it changes stands in the path. */
export const clinicAct = { ...clinicWrite, body: null, bodyLimitBytes: 0 } as const;
/** The patient's own portal: a signed-in browser and nothing else. */
export const patientRead = {
  zone: "patient",
  authentication: "session",
  idempotency: "safe",
  body: null,
  bodyLimitBytes: 0,
  phi: true,
} as const;
export const patientWrite = {
  zone: "patient",
  authentication: "session",
  idempotency: "key",
  bodyLimitBytes: 64 * KIB,
  phi: true,
} as const;
/** A change that takes no body: what it changes stands in the path. */
export const patientAct = { ...patientWrite, body: null, bodyLimitBytes: 0 } as const;
/** A clinic's administrator, in the portal: no token opens it, and every change wants both factors again for itself. */
export const adminRead = {
  zone: "admin",
  authentication: "session",
  idempotency: "safe",
  body: null,
  bodyLimitBytes: 0,
  phi: false,
} as const;
export const adminWrite = {
  zone: "admin",
  authentication: "session",
  idempotency: "key",
  bodyLimitBytes: 4 * KIB,
  phi: false,
} as const;
export const platformRead = {
  zone: "platform",
  authentication: "bearer",
  idempotency: "safe",
  body: null,
  bodyLimitBytes: 0,
  phi: false,
} as const;
export const platformWrite = {
  zone: "platform",
  authentication: "bearer",
  idempotency: "key",
  bodyLimitBytes: 64 * KIB,
  phi: false,
} as const;
/** Finance, in the portal: no token opens it, and every change wants a reason and both factors again for itself. */
export const financeRead = {
  zone: "finance",
  authentication: "session",
  action: "finance.read",
  idempotency: "safe",
  body: null,
  bodyLimitBytes: 0,
  phi: false,
} as const;
export const financeWrite = {
  zone: "finance",
  authentication: "session",
  // What each sets stands in its path or is named by its content: repeating it changes nothing.
  idempotency: "natural",
  bodyLimitBytes: 1024,
  phi: false,
} as const;
