import { capabilityStatement } from "../core/fhir/index.ts";
import { endpoint } from "./http/endpoint.ts";
import { fhirJson, json } from "./http/exchange.ts";
import { readConfig } from "./runtime/config.ts";

const config = readConfig(["PUBLIC_URL"]);
const capabilities = capabilityStatement({ url: `${config.PUBLIC_URL}/fhir`, version: "0.1.0", date: "2026-11-22" });

/** What may be known without signing in: that we are here, what we speak, where to sign in. */
export const handler = endpoint("public", {
  health: () => Promise.resolve(json(200, { status: "ok" })),
  capabilities: () => Promise.resolve(fhirJson(200, capabilities)),
  smartConfiguration: () =>
    Promise.resolve(
      json(200, {
        issuer: config.PUBLIC_URL,
        jwks_uri: `${config.PUBLIC_URL}/oauth2/jwks`,
        authorization_endpoint: `${config.PUBLIC_URL}/oauth2/authorize`,
        token_endpoint: `${config.PUBLIC_URL}/oauth2/token`,
        revocation_endpoint: `${config.PUBLIC_URL}/oauth2/revoke`,
        introspection_endpoint: `${config.PUBLIC_URL}/oauth2/introspect`,
        grant_types_supported: ["authorization_code", "client_credentials"],
        code_challenge_methods_supported: ["S256"],
        token_endpoint_auth_methods_supported: ["private_key_jwt"],
        token_endpoint_auth_signing_alg_values_supported: ["ES256"],
        scopes_supported: ["user/*.cruds", "system/*.cruds"],
        capabilities: ["client-confidential-asymmetric", "permission-user", "permission-v2"],
      }),
    ),
});
