import { AddClient, AddUser, CreateTenant } from "./platform.ts";
import type { Route } from "./route.ts";
import { SignIn, SignOut } from "./session.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
/** API Gateway hands FHIR JSON on as base64, and a Lambda takes 6 MB: more than this never arrives. */
const FHIR_BODY_LIMIT = 4.25 * MIB;

const open = {
  zone: "public",
  authentication: "none",
  action: null,
  idempotency: "safe",
  body: null,
  bodyLimitBytes: 0,
  phi: false,
} as const;
const oauth = {
  zone: "session",
  authentication: "oauth",
  action: null,
  idempotency: "protocol",
  bodyLimitBytes: 64 * KIB,
  phi: false,
} as const;
const session = { zone: "session", action: null, phi: false } as const;
const fhirRead = {
  zone: "fhir",
  authentication: "any",
  idempotency: "safe",
  body: null,
  bodyLimitBytes: 0,
  phi: true,
} as const;
const fhirWrite = {
  zone: "fhir",
  authentication: "any",
  idempotency: "key",
  body: "fhir",
  bodyLimitBytes: FHIR_BODY_LIMIT,
  phi: true,
} as const;
const platformRead = {
  zone: "platform",
  authentication: "bearer",
  idempotency: "safe",
  body: null,
  bodyLimitBytes: 0,
  phi: false,
} as const;
const platformWrite = {
  zone: "platform",
  authentication: "bearer",
  idempotency: "key",
  bodyLimitBytes: 64 * KIB,
  phi: false,
} as const;

/** Every route that exists. Stacks, functions, OpenAPI and the route-wide tests read this one table. */
export const routes = {
  health: { ...open, method: "GET", path: "/health", summary: "Whether the public zone answers" },
  capabilities: { ...open, method: "GET", path: "/fhir/metadata", summary: "FHIR CapabilityStatement" },
  smartConfiguration: {
    ...open,
    method: "GET",
    path: "/fhir/.well-known/smart-configuration",
    summary: "SMART App Launch discovery",
  },

  openidConfiguration: {
    ...oauth,
    method: "GET",
    path: "/.well-known/openid-configuration",
    body: null,
    summary: "Authorization server metadata",
  },
  jwks: { ...oauth, method: "GET", path: "/oauth2/jwks", body: null, summary: "Public keys of access tokens" },
  authorize: {
    ...oauth,
    method: "GET",
    path: "/oauth2/authorize",
    body: null,
    summary: "Authorization code with PKCE",
  },
  authorizeResume: {
    ...oauth,
    method: "GET",
    path: "/oauth2/authorize/{uid}",
    body: null,
    summary: "Goes on after sign-in",
  },
  token: { ...oauth, method: "POST", path: "/oauth2/token", body: "form", summary: "Token end-point" },
  revoke: { ...oauth, method: "POST", path: "/oauth2/revoke", body: "form", summary: "Token revocation, RFC 7009" },
  introspect: {
    ...oauth,
    method: "POST",
    path: "/oauth2/introspect",
    body: "form",
    summary: "Token introspection, RFC 7662",
  },
  interaction: { ...oauth, method: "GET", path: "/session/interaction/{uid}", body: null, summary: "The sign-in page" },
  interactionSignIn: {
    ...oauth,
    method: "POST",
    path: "/session/interaction/{uid}",
    body: "form",
    summary: "Password and TOTP of the sign-in page",
  },

  signIn: {
    ...session,
    authentication: "none",
    method: "POST",
    path: "/session/sign-in",
    idempotency: "natural",
    body: SignIn,
    bodyLimitBytes: 4 * KIB,
    summary: "Begins a session: password with TOTP",
  },
  readSession: {
    ...session,
    authentication: "session",
    method: "GET",
    path: "/session",
    idempotency: "safe",
    body: null,
    bodyLimitBytes: 0,
    summary: "Who is signed in",
  },
  signOut: {
    ...session,
    authentication: "any",
    method: "POST",
    path: "/session/sign-out",
    idempotency: "natural",
    body: SignOut,
    bodyLimitBytes: 4 * KIB,
    summary: "Ends this session, or all of the user's",
  },

  fhirBundle: { ...fhirWrite, method: "POST", path: "/fhir", action: "bundle", summary: "Batch or transaction" },
  fhirSearch: {
    ...fhirRead,
    method: "GET",
    path: "/fhir/{type}",
    action: "search",
    summary: "Search by parameters in the query",
  },
  fhirSearchPost: {
    ...fhirRead,
    method: "POST",
    path: "/fhir/{type}/_search",
    action: "search",
    body: "form",
    bodyLimitBytes: 64 * KIB,
    summary: "Search by parameters in the body",
  },
  fhirCreate: { ...fhirWrite, method: "POST", path: "/fhir/{type}", action: "create", summary: "Create" },
  fhirRead: { ...fhirRead, method: "GET", path: "/fhir/{type}/{id}", action: "read", summary: "Read" },
  fhirUpdate: {
    ...fhirWrite,
    method: "PUT",
    path: "/fhir/{type}/{id}",
    action: "update",
    summary: "Update with If-Match, or create with a given id and If-None-Match",
  },
  fhirDelete: {
    ...fhirWrite,
    method: "DELETE",
    path: "/fhir/{type}/{id}",
    action: "delete",
    body: null,
    bodyLimitBytes: 0,
    summary: "Delete with If-Match",
  },
  fhirHistory: {
    ...fhirRead,
    method: "GET",
    path: "/fhir/{type}/{id}/_history",
    action: "history",
    summary: "All versions",
  },
  fhirVread: {
    ...fhirRead,
    method: "GET",
    path: "/fhir/{type}/{id}/_history/{vid}",
    action: "vread",
    summary: "One version",
  },
  fhirEverything: {
    ...fhirRead,
    method: "GET",
    path: "/fhir/Patient/{id}/$everything",
    action: "everything",
    summary: "A patient's whole chart",
  },

  listTenants: {
    ...platformRead,
    method: "GET",
    path: "/platform/tenants",
    action: "tenant.list",
    summary: "All tenants",
  },
  createTenant: {
    ...platformWrite,
    method: "POST",
    path: "/platform/tenants",
    action: "tenant.create",
    body: CreateTenant,
    summary: "Creates a tenant with its keys",
  },
  addUser: {
    ...platformWrite,
    method: "POST",
    path: "/platform/tenants/{tenant}/users",
    action: "user.add",
    body: AddUser,
    summary: "Adds a member to a tenant",
  },
  addClient: {
    ...platformWrite,
    method: "POST",
    path: "/platform/tenants/{tenant}/clients",
    action: "client.add",
    body: AddClient,
    summary: "Registers a private_key_jwt client of a tenant",
  },
  listKeys: {
    ...platformRead,
    method: "GET",
    path: "/platform/tenants/{tenant}/keys",
    action: "key.list",
    summary: "A tenant's data keys and their states",
  },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;
export const routeNames = Object.keys(routes) as RouteName[];
