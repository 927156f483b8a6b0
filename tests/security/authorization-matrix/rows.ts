import { randomBytes } from "node:crypto";
import type { RouteName } from "../../../core/contract/index.ts";
import { newClientKey } from "../../../scripts/cli/sign-in.ts";
import { type Answer, type Caller, PASSWORD } from "../world.ts";
import { CHART } from "./chart-rows.ts";
import { DOCUMENTS } from "./document-rows.ts";
import { ENCOUNTERS } from "./encounter-rows.ts";
import { INBOX } from "./inbox-rows.ts";
import { ADMINISTRATION } from "./admin-rows.ts";
import { PATIENTS } from "./patient-rows.ts";
import { PORTAL } from "./portal-rows.ts";
import { SCHEDULE } from "./schedule-rows.ts";
import { type Kind, ROLES, type Role, type Scene } from "./scene.ts";

/**
 * One row of the matrix: what is asked of a route, which roles get it, and with which status. It is written by hand from
 * what each role is for, and not taken from the policies. Everybody else gets `refused`, 403 if nothing else is said.
 */
export interface Row {
  readonly route: RouteName;
  readonly on: string;
  readonly status: number;
  readonly roles: readonly Role[];
  readonly refused?: number;
  /** Whom it is refused otherwise. */
  readonly unlike?: Readonly<Partial<Record<Role, number>>>;
  readonly ask: (scene: Scene, by: Caller) => Promise<Answer>;
}

const everyone = ROLES;
const nobody: readonly Role[] = [];
const of = (...roles: readonly Role[]): readonly Role[] => roles;

const READERS: Readonly<Record<Kind, readonly Role[]>> = {
  Patient: of("physician", "nurse", "front-desk", "billing", "patient", "integration"),
  Practitioner: of("physician", "nurse", "front-desk", "billing", "clinic-administrator", "integration"),
  Observation: of("physician", "nurse", "patient", "integration"),
  Account: of("physician", "billing", "patient", "integration"),
};
/** Past versions show what was corrected: fewer see them. */
const HISTORIANS: Readonly<Record<Kind, readonly Role[]>> = {
  Patient: of("physician", "nurse", "patient"),
  Practitioner: of("physician", "nurse", "clinic-administrator"),
  Observation: of("physician", "nurse", "patient"),
  Account: of("physician", "billing", "patient"),
};
const WRITERS: Readonly<Record<Kind, readonly Role[]>> = {
  Patient: of("physician", "nurse", "front-desk", "integration"),
  Practitioner: of("physician", "nurse", "front-desk", "clinic-administrator", "integration"),
  Observation: of("physician", "nurse", "integration"),
  Account: of("billing", "integration"),
};
const DELETERS: Readonly<Record<Kind, readonly Role[]>> = {
  Patient: of("physician"),
  Practitioner: of("physician"),
  Observation: of("physician"),
  Account: nobody,
};
const KINDS = Object.keys(READERS) as Kind[];

const queryOf = (kind: Kind, patientId: string): string =>
  kind === "Practitioner" ? "active:missing=true" : kind === "Patient" ? `_id=${patientId}` : `patient=${patientId}`;
const form = { "content-type": "application/x-www-form-urlencoded" };
const SEGMENTED = {
  meta: { security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "PSYTHPN" }] },
};

const get = (path: (scene: Scene) => string) => (scene: Scene, by: Caller) => by.send("GET", path(scene));
const idOf = async (scene: Scene, kind: Kind, patientId = scene.own): Promise<string> =>
  kind === "Patient" ? patientId : scene.filed(kind, patientId);

function recordRows(kind: Kind): Row[] {
  // What is no record of hers is not there for a patient, whoever's it is.
  const unlike = kind === "Practitioner" ? { patient: 404 } : {};
  const reads = { on: kind, status: 200, roles: READERS[kind] };
  const past = { on: kind, status: 200, roles: HISTORIANS[kind], unlike };
  const writes = { on: kind, roles: WRITERS[kind] };
  return [
    {
      route: "fhirRead",
      ...reads,
      unlike,
      ask: async (s, by) => by.send("GET", `/fhir/${kind}/${await idOf(s, kind)}`),
    },
    { route: "fhirSearch", ...reads, ask: get(({ own }) => `/fhir/${kind}?${queryOf(kind, own)}`) },
    {
      route: "fhirSearchPost",
      ...reads,
      ask: ({ own }, by) => by.send("POST", `/fhir/${kind}/_search`, { body: queryOf(kind, own), headers: form }),
    },
    {
      route: "fhirVread",
      ...past,
      ask: async (s, by) => by.send("GET", `/fhir/${kind}/${await idOf(s, kind)}/_history/1`),
    },
    {
      route: "fhirHistory",
      ...past,
      ask: async (s, by) => by.send("GET", `/fhir/${kind}/${await idOf(s, kind)}/_history`),
    },
    {
      route: "fhirCreate",
      ...writes,
      status: 201,
      ask: ({ resource }, by) => by.send("POST", `/fhir/${kind}`, { body: resource(kind) }),
    },
    {
      route: "fhirUpdate",
      ...writes,
      status: 200,
      ask: async ({ file, resource }, by) => {
        const id = await file(kind);
        const body = { ...resource(kind), id };
        return by.send("PUT", `/fhir/${kind}/${id}`, { body, headers: { "if-match": 'W/"1"' } });
      },
    },
    {
      route: "fhirUpdate",
      ...writes,
      on: `${kind} under an id of one's own`,
      status: 201,
      ask: ({ resource }, by) => {
        const id = `own-${randomBytes(8).toString("hex")}`;
        const body = { ...resource(kind), id };
        return by.send("PUT", `/fhir/${kind}/${id}`, { body, headers: { "if-none-match": "*" } });
      },
    },
    {
      route: "fhirDelete",
      on: kind,
      status: 204,
      roles: DELETERS[kind],
      ask: async ({ file }, by) => by.send("DELETE", `/fhir/${kind}/${await file(kind)}`),
    },
    {
      route: "fhirBundle",
      ...writes,
      on: `a transaction that creates a ${kind}`,
      status: 200,
      ask: ({ resource }, by) => {
        const entry = [{ resource: resource(kind), request: { method: "POST", url: kind } }];
        return by.send("POST", "/fhir", { body: { resourceType: "Bundle", type: "transaction", entry } });
      },
    },
  ];
}

/** Somebody else's chart: for those who treat, and never for a patient. */
function otherPatientRows(): Row[] {
  const roles = READERS.Patient.filter((role) => role !== "patient");
  const clinical = READERS.Observation.filter((role) => role !== "patient");
  const on = "another patient";
  return [
    { route: "fhirRead", on, status: 200, roles, ask: get(({ other }) => `/fhir/Patient/${other}`) },
    { route: "fhirSearch", on, status: 200, roles, ask: get(({ other }) => `/fhir/Patient?_id=${other}`) },
    {
      route: "fhirSearch",
      on: "another patient's observations beside one's own",
      status: 200,
      roles: clinical,
      ask: get(({ own, other }) => `/fhir/Observation?patient=${own}&subject=Patient/${other}`),
    },
    {
      route: "fhirRead",
      on: "another patient's observation",
      status: 200,
      roles: clinical,
      ask: async (scene, by) => by.send("GET", `/fhir/Observation/${await scene.filed("Observation", scene.other)}`),
    },
    {
      route: "fhirEverything",
      on,
      status: 200,
      roles: of("physician", "nurse"),
      ask: get(({ other }) => `/fhir/Patient/${other}/$everything`),
    },
    {
      route: "fhirEverything",
      on: "Patient",
      status: 200,
      roles: of("physician", "nurse", "patient"),
      ask: get(({ own }) => `/fhir/Patient/${own}/$everything`),
    },
    {
      route: "fhirCreate",
      on: "a psychotherapy note",
      status: 201,
      // Who treats may write it down. Reading it is for its author, or for whom the patient names.
      roles: of("physician", "nurse"),
      ask: ({ resource }, by) =>
        by.send("POST", "/fhir/Observation", { body: { ...resource("Observation"), ...SEGMENTED } }),
    },
    {
      route: "fhirBundle",
      on: "a transaction with one entry too many for the role",
      status: 200,
      roles: of("integration"),
      ask: ({ resource }, by) => {
        const entry = KINDS.map((kind) => ({ resource: resource(kind), request: { method: "POST", url: kind } }));
        return by.send("POST", "/fhir", { body: { resourceType: "Bundle", type: "transaction", entry } });
      },
    },
  ];
}

const operators = of("platform-operator");

const PLATFORM: readonly Row[] = [
  { route: "listTenants", on: "all", status: 200, roles: operators, ask: get(() => "/platform/tenants") },
  {
    route: "adviseTier",
    on: "a kind of clinic",
    status: 200,
    roles: operators,
    ask: get(() => "/platform/tiers/special-regulation"),
  },
  {
    route: "createTenant",
    on: "one more",
    status: 201,
    roles: operators,
    ask: (_scene, by) => by.send("POST", "/platform/tenants", { body: { name: "One more" } }),
  },
  {
    route: "addUser",
    on: "clinic A",
    status: 201,
    roles: operators,
    ask: ({ world }, by) => {
      const login = `a.${randomBytes(6).toString("hex")}`;
      const body = { login, displayName: "x", roles: ["physician"], password: PASSWORD };
      return by.send("POST", `/platform/tenants/${world.a.tenantId}/users`, { body });
    },
  },
  {
    route: "addClient",
    on: "clinic A",
    status: 201,
    roles: operators,
    ask: ({ world }, by) => {
      const body = { name: "x", roles: ["integration"], jwks: { keys: [newClientKey().publicJwk] } };
      return by.send("POST", `/platform/tenants/${world.a.tenantId}/clients`, { body });
    },
  },
  {
    route: "listKeys",
    on: "clinic A",
    status: 200,
    roles: operators,
    ask: get(({ world }) => `/platform/tenants/${world.a.tenantId}/keys`),
  },
];

const unknownId = "01hxyzabcd0123456789abcdef";
const reason = (code: string) => ({ code, text: "an exercise of the matrix" });
/** Nobody here has shown both factors again: what wants that is refused to everybody (tests/security/step-up). */
const steppedUp = { status: 201, roles: nobody };
const post = (path: (scene: Scene) => string, body?: (scene: Scene) => unknown) => (scene: Scene, by: Caller) =>
  by.send("POST", path(scene), body === undefined ? {} : { body: body(scene) });

const OFFICE = of("clinic-administrator");
const OVERSIGHT = of("clinic-administrator", "auditor");
const consentOf = (patientId: string) => ({
  resourceType: "Consent",
  status: "active",
  scope: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "patient-privacy" }] },
  category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
  patient: { reference: `Patient/${patientId}` },
  policyRule: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentpolicycodes", code: "hipaa-auth" }] },
  provision: { type: "deny" },
});

const CLINIC: readonly Row[] = [
  { route: "readPrivacy", on: "the clinic", status: 200, roles: OVERSIGHT, ask: get(() => "/clinic/settings/privacy") },
  {
    route: "changePrivacy",
    on: "the clinic",
    ...steppedUp,
    ask: (_scene, by) =>
      by.send("PUT", "/clinic/settings/privacy", { body: { relationship: "open", privacyOfficers: [] } }),
  },
  {
    route: "beginBreakGlass",
    on: "another patient",
    ...steppedUp,
    ask: post(
      () => "/clinic/break-glass",
      ({ other }) => ({ patient: other, reason: reason("immediate-care") }),
    ),
  },
  { route: "listBreakGlass", on: "all", status: 200, roles: OVERSIGHT, ask: get(() => "/clinic/break-glass") },
  {
    route: "endBreakGlass",
    on: "one that does not exist",
    status: 404,
    roles: of("physician", "nurse", "clinic-administrator"),
    ask: post(() => `/clinic/break-glass/${unknownId}/end`),
  },
  {
    route: "reviewBreakGlass",
    on: "one that does not exist",
    status: 404,
    roles: OFFICE,
    ask: post(
      () => `/clinic/break-glass/${unknownId}/review`,
      () => ({ outcome: "justified", text: "an exercise of the matrix" }),
    ),
  },
  {
    route: "placeHold",
    on: "another patient",
    ...steppedUp,
    ask: post(
      () => "/clinic/holds",
      ({ other }) => ({ patient: other, mode: "frozen", reason: reason("litigation") }),
    ),
  },
  { route: "listHolds", on: "all", status: 200, roles: OVERSIGHT, ask: get(() => "/clinic/holds") },
  {
    route: "releaseHold",
    on: "another patient",
    ...steppedUp,
    ask: post(
      ({ other }) => `/clinic/holds/${other}/release`,
      () => ({ reason: reason("matter-closed") }),
    ),
  },
  {
    route: "grantDelegation",
    on: "a system",
    ...steppedUp,
    ask: post(
      () => "/clinic/delegations",
      () => ({ client: unknownId, purposes: ["TREAT"] }),
    ),
  },
  {
    route: "listDelegations",
    on: "all",
    status: 200,
    roles: of("physician", "nurse", "clinic-administrator", "auditor"),
    ask: get(() => "/clinic/delegations"),
  },
  {
    route: "revokeDelegation",
    on: "one that does not exist",
    status: 404,
    roles: of("physician", "nurse", "clinic-administrator"),
    ask: (_scene, by) => by.send("DELETE", `/clinic/delegations/${unknownId}`),
  },
  {
    route: "previewConsent",
    on: "the own patient",
    status: 200,
    roles: of("physician", "nurse", "front-desk", "clinic-administrator", "patient"),
    ask: post(
      () => "/clinic/consents/preview",
      ({ own }) => ({ patient: own, consent: consentOf(own) }),
    ),
  },
  {
    route: "readView",
    on: "Patient",
    status: 200,
    roles: of("physician", "nurse", "front-desk", "billing", "patient", "integration"),
    ask: get(({ own }) => `/clinic/patients/${own}/view`),
  },
  {
    route: "readView",
    on: "another patient",
    status: 200,
    roles: of("physician", "nurse", "front-desk", "billing", "integration"),
    ask: get(({ other }) => `/clinic/patients/${other}/view`),
  },
  { route: "searchAudit", on: "all", status: 200, roles: of("auditor"), ask: get(() => "/clinic/audit/events") },
  {
    route: "readAuditEvent",
    on: "one that does not exist",
    status: 404,
    roles: of("auditor"),
    ask: get(() => `/clinic/audit/events/${unknownId}`),
  },
  {
    route: "ownAccessLog",
    on: "one's own chart",
    status: 200,
    roles: of("patient"),
    ask: get(() => "/clinic/audit/own"),
  },
  {
    route: "readDisclosures",
    on: "Patient",
    status: 200,
    roles: of("patient", "auditor"),
    ask: get(({ own }) => `/clinic/audit/disclosures/${own}`),
  },
  {
    route: "readDisclosures",
    on: "another patient",
    status: 200,
    roles: of("auditor"),
    ask: get(({ other }) => `/clinic/audit/disclosures/${other}`),
  },
  {
    route: "readCheckpoint",
    on: "the clinic",
    status: 200,
    roles: OVERSIGHT,
    ask: get(() => "/clinic/audit/checkpoint"),
  },
  { route: "listAlerts", on: "all", status: 200, roles: OVERSIGHT, ask: get(() => "/clinic/alerts") },
  {
    route: "acknowledgeAlert",
    on: "one that does not exist",
    status: 404,
    roles: OFFICE,
    ask: post(() => `/clinic/alerts/${unknownId}/acknowledge`),
  },
  {
    route: "startExport",
    on: "another patient",
    ...steppedUp,
    ask: post(
      () => "/clinic/exports",
      ({ other }) => ({ patients: [other], purpose: "HOPERAT", reason: reason("migration") }),
    ),
  },
  {
    route: "readExport",
    on: "one that does not exist",
    status: 404,
    roles: of("physician", "clinic-administrator", "patient"),
    ask: get(() => `/clinic/exports/${unknownId}`),
  },
  {
    route: "approveExport",
    on: "one that does not exist",
    ...steppedUp,
    ask: post(() => `/clinic/exports/${unknownId}/approve`),
  },
  {
    route: "cancelExport",
    on: "one that does not exist",
    status: 404,
    roles: of("physician", "clinic-administrator", "patient"),
    ask: (_scene, by) => by.send("DELETE", `/clinic/exports/${unknownId}`),
  },
  {
    route: "readExportFile",
    on: "one that does not exist",
    status: 404,
    roles: of("physician", "clinic-administrator", "patient"),
    ask: get(() => `/clinic/exports/${unknownId}/files/a`),
  },
];

const signature = { kind: "in-person", signedOn: "2026-11-01", by: "patient" };
const restriction = { form: "restrict", signature, recipients: [{ kind: "role", role: "billing" }], part: "billing" };
/** Who works with patients' consents. */
const CONSENTS = of("physician", "nurse", "front-desk");

const GOVERN: readonly Row[] = [
  {
    route: "listPeople",
    on: "the clinic",
    status: 200,
    roles: of("physician", "nurse", "front-desk", "billing", "clinic-administrator", "auditor"),
    ask: get(() => "/clinic/people"),
  },
  {
    route: "readReadiness",
    on: "the clinic",
    status: 200,
    roles: OVERSIGHT,
    ask: get(() => "/clinic/settings/readiness"),
  },
  {
    route: "openClinic",
    on: "the clinic",
    ...steppedUp,
    ask: post(
      () => "/clinic/settings/go-live",
      () => ({ confirm: "Clinic a" }),
    ),
  },
  {
    route: "ownBreakGlass",
    on: "one's own",
    status: 200,
    roles: of("physician", "nurse"),
    ask: get(() => "/clinic/break-glass/own"),
  },
  { route: "readChain", on: "the clinic", status: 200, roles: OVERSIGHT, ask: get(() => "/clinic/audit/chain") },
  {
    route: "findCharts",
    on: "a number that no chart has",
    status: 200,
    roles: of("auditor"),
    ask: post(
      () => "/clinic/audit/charts",
      () => ({ recordNumber: "100115" }),
    ),
  },
  { route: "listApprovals", on: "all", status: 200, roles: OVERSIGHT, ask: get(() => "/clinic/approvals") },
  {
    route: "listExports",
    on: "all",
    status: 200,
    roles: of("physician", "clinic-administrator", "patient"),
    ask: get(() => "/clinic/exports"),
  },
  { route: "listConsentForms", on: "all", status: 200, roles: CONSENTS, ask: get(() => "/clinic/consent-forms") },
  {
    route: "listConsents",
    on: "the own patient",
    status: 200,
    roles: of("physician", "nurse", "front-desk", "patient"),
    ask: get(({ own }) => `/clinic/patients/${own}/consents`),
  },
  {
    route: "listConsents",
    on: "another patient",
    status: 200,
    roles: CONSENTS,
    ask: get(({ other }) => `/clinic/patients/${other}/consents`),
  },
  {
    route: "previewConsentForm",
    on: "another patient",
    status: 200,
    roles: CONSENTS,
    ask: post(
      ({ other }) => `/clinic/patients/${other}/consents/preview`,
      () => ({ record: restriction }),
    ),
  },
  {
    route: "recordConsent",
    on: "another patient",
    status: 201,
    roles: CONSENTS,
    ask: post(
      ({ other }) => `/clinic/patients/${other}/consents`,
      () => ({ ...restriction, recipients: [{ kind: "role", role: "nurse" }], part: "billing" }),
    ),
  },
  {
    route: "recordConsent",
    on: "a study",
    status: 422,
    // Nobody here has that id: whoever may not record the form is told nothing of it.
    roles: of("physician"),
    ask: post(
      ({ other }) => `/clinic/patients/${other}/consents`,
      () => ({
        form: "research",
        signature,
        study: "x",
        recipients: [{ kind: "person", id: unknownId }],
        parts: ["clinical"],
        expiry: "none",
      }),
    ),
  },
  {
    route: "revokeConsent",
    on: "one that does not exist",
    status: 404,
    roles: CONSENTS,
    ask: post(
      ({ other }) => `/clinic/patients/${other}/consents/${unknownId}/revoke`,
      () => ({ version: 1, reason: { code: "patient-request" } }),
    ),
  },
];

const open = (route: RouteName, path: string): Row => ({
  route,
  on: path,
  status: 200,
  roles: everyone,
  ask: get(() => path),
});
/** The protocol's own refusals: who asks makes no difference. */
const protocol = (route: RouteName, method: "GET" | "POST", path: string, status: number): Row => ({
  route,
  on: path,
  status,
  roles: everyone,
  ask: (_scene, by) => by.send(method, path, method === "POST" ? { body: "x=1", headers: form } : {}),
});

const OPEN: readonly Row[] = [
  open("health", "/health"),
  open("capabilities", "/fhir/metadata"),
  open("smartConfiguration", "/fhir/.well-known/smart-configuration"),
  open("openidConfiguration", "/.well-known/openid-configuration"),
  open("jwks", "/oauth2/jwks"),
  protocol("authorize", "GET", "/oauth2/authorize", 400),
  protocol("authorizeResume", "GET", "/oauth2/authorize/unknown", 400),
  protocol("token", "POST", "/oauth2/token", 400),
  protocol("revoke", "POST", "/oauth2/revoke", 400),
  protocol("introspect", "POST", "/oauth2/introspect", 400),
  protocol("interaction", "GET", "/session/interaction/unknown", 400),
  protocol("interactionSignIn", "POST", "/session/interaction/unknown", 400),
  {
    route: "signIn",
    on: "without a password",
    status: 400,
    roles: everyone,
    ask: (_scene, by) => by.send("POST", "/session/sign-in", { body: { login: "somebody" } }),
  },
  {
    route: "stepUp",
    on: "without a password",
    status: 400,
    roles: everyone,
    ask: (_scene, by) => by.send("POST", "/session/step-up", { body: {} }),
  },
  {
    route: "passkeySignInOptions",
    on: "by anybody",
    status: 200,
    roles: everyone,
    ask: (_scene, by) => by.send("POST", "/session/sign-in/passkey/options", { body: {} }),
  },
  {
    route: "passkeySignIn",
    on: "without a passkey",
    status: 400,
    roles: everyone,
    ask: (_scene, by) => by.send("POST", "/session/sign-in/passkey", { body: {} }),
  },
  {
    route: "chooseClinic",
    on: "without a ticket",
    status: 400,
    roles: everyone,
    ask: (_scene, by) => by.send("POST", "/session/sign-in/choose", { body: {} }),
  },
  // A token is no cookie: only a portal's session reads and changes itself.
  ...(
    [
      ["readSession", "GET", "/session"],
      ["listClinics", "GET", "/session/clinics"],
      ["listSignIns", "GET", "/session/sign-ins"],
      ["listPasskeys", "GET", "/session/passkeys"],
      ["stepUpOptions", "POST", "/session/step-up/options"],
      ["switchSession", "POST", "/session/switch"],
      ["passkeyOptions", "POST", "/session/passkeys/options"],
      ["addPasskey", "POST", "/session/passkeys"],
      ["renamePasskey", "PUT", "/session/passkeys/0"],
      ["removePasskey", "DELETE", "/session/passkeys/0"],
      ["endSignIn", "DELETE", "/session/sign-ins/0"],
    ] as const
  ).map(([route, method, path]): Row => ({
    route,
    on: "by token",
    status: 401,
    roles: everyone,
    ask: (_scene, by) => by.send(method, path, method === "POST" || method === "PUT" ? { body: {} } : {}),
  })),
];

/** Last, because nobody is signed in afterwards. A system has no session to end. */
const LAST: readonly Row[] = [
  {
    route: "signOut",
    on: "this session",
    status: 204,
    roles: ROLES.filter(
      (role) => !["integration", "assistant", "referral-partner", "platform-operator"].includes(role),
    ),
    refused: 422,
    ask: (_scene, by) => by.send("POST", "/session/sign-out", { body: {} }),
  },
];

export const ROWS: readonly Row[] = [
  ...KINDS.flatMap(recordRows),
  ...otherPatientRows(),
  ...CLINIC,
  ...GOVERN,
  ...CHART,
  ...DOCUMENTS,
  ...ENCOUNTERS,
  ...INBOX,
  ...ADMINISTRATION,
  ...PATIENTS,
  ...PORTAL,
  ...SCHEDULE,
  ...PLATFORM,
  ...OPEN,
  ...LAST,
];
