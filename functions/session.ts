import { createAuthorizationServer } from "../core/identity/authorization-server.ts";
import { systemClock } from "../core/kernel/clock.ts";
import { endpoint } from "./http/endpoint.ts";
import type { Handle } from "./http/exchange.ts";
import { audit, beginSession, config, registry, secrets, zone } from "./session/context.ts";
import { doorHandlers } from "./session/doors.ts";
import { enrolmentHandlers } from "./session/enrolment.ts";
import { type OauthDeps, serveOauth } from "./session/oauth.ts";
import { ownSessionHandlers } from "./session/own-session.ts";
import { passkeyHandlers } from "./session/passkeys.ts";
import { signInsHandlers } from "./session/sign-ins.ts";

let starting: Promise<OauthDeps> | undefined;

/** The authorization server is built on its first use: a health check does not pay for it. */
function oauthDeps(): Promise<OauthDeps> {
  if (starting === undefined) {
    const { PUBLIC_URL: publicUrl } = config;
    const started = zone
      .tokenKey()
      .then((tokenKey) =>
        createAuthorizationServer({ publicUrl, store: registry, secrets, tokenKey, clock: systemClock }),
      )
      .then((provider) => ({ publicUrl, provider, beginSession, registry, audit }));
    started.catch(() => (starting = undefined));
    starting = started;
  }
  return starting;
}

const oauth: Handle = async (exchange) => serveOauth(exchange, await oauthDeps());

/** Sign-in, sessions and the authorization server. */
export const handler = endpoint(
  "session",
  {
    openidConfiguration: oauth,
    jwks: oauth,
    authorize: oauth,
    authorizeResume: oauth,
    token: oauth,
    revoke: oauth,
    introspect: oauth,
    interaction: oauth,
    interactionSignIn: oauth,
    ...doorHandlers,
    ...enrolmentHandlers,
    ...ownSessionHandlers,
    ...signInsHandlers,
    ...passkeyHandlers,
  },
  { identity: zone.authentication },
);
