import { randomBytes } from "node:crypto";
import Provider, { errors, ExternalSigningKey, type Configuration, type KoaContextWithOIDC } from "oidc-provider";
import { AppScope } from "../contract/admin-apps.ts";
import type { Clock } from "../kernel/clock.ts";
import { parseTenantId, parseUserId, type TenantId, type UserId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import type { RegistryStore } from "../tenant/registry-store.ts";
import { findClient } from "../tenant/find-client.ts";
import { parseRow, SessionRow, sessionKey } from "../tenant/rows.ts";
import { ACCESS_TOKEN_TTL_SECONDS } from "./access-token.ts";
import { createOidcAdapter } from "./oidc-adapter.ts";
import { ABSOLUTE_TIMEOUT_MS, sessionDigest } from "./session.ts";
import { isActiveMember } from "./sign-in.ts";
import type { StageSecrets } from "./stage-secret.ts";
import type { TokenKey } from "./token-key.ts";

/** What a token may be asked for: SMART App Launch 2.2 scopes for records, and one of ours for the platform. */
export const SCOPES = [...AppScope.options, "platform"] as const;

/** The client that the operator's CLI is: public, PKCE, loopback redirect (RFC 8252 7.3). */
export const CLI_CLIENT_ID = "keyward-cli";

/**
 * An account of the authorization server is one user in one tenant in one session, so that a session never spans
 * tenants and ending it ends its tokens.
 */
export const accountIdOf = (userId: UserId, tenantId: TenantId, sessionSecret: string): string =>
  `${userId}.${tenantId}.${sessionSecret}`;

function parseAccountId(accountId: string): { userId: UserId; tenantId: TenantId; secret: string } | undefined {
  const [user, tenant, secret, ...rest] = accountId.split(".");
  const userId = parseUserId(user);
  const tenantId = parseTenantId(tenant);
  if (userId === undefined || tenantId === undefined || secret === undefined || rest.length > 0) return undefined;
  return { userId, tenantId, secret };
}

export interface AuthorizationServerDeps {
  readonly publicUrl: string;
  readonly store: RegistryStore;
  readonly secrets: StageSecrets;
  readonly tokenKey: TokenKey;
  readonly clock: Clock;
}

class KmsSigningKey extends ExternalSigningKey {
  readonly #key: TokenKey;

  constructor(key: TokenKey) {
    super();
    this.#key = key;
    Object.assign(this, { kid: key.kid, alg: "ES256" });
  }

  override keyObject() {
    return this.#key.publicKey;
  }

  override sign(data: Uint8Array) {
    return this.#key.sign(data);
  }
}

async function isLive(deps: AuthorizationServerDeps, secret: string): Promise<boolean> {
  const row = await deps.store.get(sessionKey(sessionDigest(secret)));
  return row !== undefined && parseRow(SessionRow, row).expiresAtMs > deps.clock.now();
}

/** The claims that our access tokens carry beyond RFC 9068's: who in which tenant, never which roles. */
async function claimsOf(deps: AuthorizationServerDeps, token: object): Promise<Record<string, string>> {
  const { accountId, clientId } = token as { accountId?: string; clientId?: string };
  if (accountId !== undefined) {
    const account = parseAccountId(accountId);
    invariant(account !== undefined, "an account id of ours parses");
    return { sub: account.userId, tenant: account.tenantId, sid: account.secret, kind: "user", aal: "aal2" };
  }
  const client = await findClient(deps.store, clientId ?? "");
  if (client === undefined) throw new errors.InvalidClient("client is gone");
  return {
    sub: client.clientId,
    tenant: client.tenantId,
    sid: randomBytes(16).toString("hex"),
    kind: "client",
    aal: "client",
  };
}

/**
 * Keyward's authorization server: code with PKCE for people, client credentials by `private_key_jwt` for systems
 * (RFC 7523 3), ES256 access tokens for the FHIR and platform zones. What it issues lives ten minutes and is checked
 * against the registry on every use. Source: RFC 9700, SMART App Launch 2.2.
 */
export async function createAuthorizationServer(deps: AuthorizationServerDeps): Promise<Provider> {
  const audience = `${deps.publicUrl}/fhir`;
  const cookieKey = (await deps.secrets.derive("cookies/1")).toString("base64url");
  const configuration: Configuration = {
    adapter: createOidcAdapter(deps.store, deps.clock),
    clients: [
      {
        client_id: CLI_CLIENT_ID,
        client_name: "Keyward CLI",
        application_type: "native",
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code"],
        response_types: ["code"],
        redirect_uris: ["http://127.0.0.1/callback"],
        id_token_signed_response_alg: "ES256",
      },
    ],
    clientDefaults: { id_token_signed_response_alg: "ES256", response_types: [] },
    jwks: { keys: [new KmsSigningKey(deps.tokenKey) as never] },
    cookies: {
      keys: [cookieKey],
      names: { session: "as_session", interaction: "as_interaction", resume: "as_resume" },
    },
    enabledJWA: {
      idTokenSigningAlgValues: ["ES256"],
      clientAuthSigningAlgValues: ["ES256"],
      userinfoSigningAlgValues: ["ES256"],
      introspectionSigningAlgValues: ["ES256"],
    },
    pkce: { required: () => true },
    responseTypes: ["code"],
    scopes: [],
    claims: {},
    clientAuthMethods: ["none", "private_key_jwt"],
    routes: {
      authorization: "/oauth2/authorize",
      token: "/oauth2/token",
      jwks: "/oauth2/jwks",
      revocation: "/oauth2/revoke",
      introspection: "/oauth2/introspect",
    },
    interactions: { url: (_context, interaction) => `/session/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      introspection: { enabled: true },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      externalSigningSupport: { enabled: true, ack: "experimental-01" },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource) => {
          if (resource !== audience) throw new errors.InvalidTarget();
          return {
            scope: SCOPES.join(" "),
            audience,
            accessTokenFormat: "jwt",
            accessTokenTTL: ACCESS_TOKEN_TTL_SECONDS,
            jwt: { sign: { alg: "ES256" } },
          };
        },
      },
    },
    extraTokenClaims: (_context, token) => claimsOf(deps, token),
    formats: {
      customizers: {
        jwt: (_context, token, jwt) => {
          const { extra } = token as { extra?: Record<string, string> };
          // The account id holds the session: only the user's id leaves as subject.
          if (extra?.["sub"] !== undefined && jwt.payload !== undefined) jwt.payload["sub"] = extra["sub"];
        },
      },
    },
    findAccount: async (_context, accountId) => {
      const account = parseAccountId(accountId);
      if (account === undefined || !(await isLive(deps, account.secret))) return undefined;
      if (!(await isActiveMember(deps.store, account.userId, account.tenantId))) return undefined;
      return { accountId, claims: () => ({ sub: account.userId }) };
    },
    ttl: {
      AccessToken: ACCESS_TOKEN_TTL_SECONDS,
      ClientCredentials: ACCESS_TOKEN_TTL_SECONDS,
      AuthorizationCode: 60,
      Interaction: 600,
      Session: ABSOLUTE_TIMEOUT_MS / 1000,
      Grant: ABSOLUTE_TIMEOUT_MS / 1000,
      IdToken: ACCESS_TOKEN_TTL_SECONDS,
    },
    renderError: (context: KoaContextWithOIDC, out) => {
      // The protocol's error code only: descriptions can quote the request.
      context.type = "json";
      context.body = { error: out.error };
    },
  };
  const provider = new Provider(deps.publicUrl, configuration);
  provider.proxy = true;
  return provider;
}
