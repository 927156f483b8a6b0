import { createChallenges } from "../../core/identity/challenge.ts";
import { createEnrolment } from "../../core/identity/enrolment.ts";
import { createPasskeySignIn, createTicketSignIn } from "../../core/identity/passkey-sign-in.ts";
import { createPasskeys } from "../../core/identity/passkeys.ts";
import { relyingPartyOf } from "../../core/identity/relying-party.ts";
import { createSessions } from "../../core/identity/session.ts";
import { createSignIn } from "../../core/identity/sign-in.ts";
import { createPasskeyStepUp, createStepUp, isSteppedUp } from "../../core/identity/step-up.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import type { TenantId, UserId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import type { OpenWord, TenantRow } from "../../core/tenant/index.ts";
import { setTimeout } from "node:timers/promises";
import { actOf } from "../http/act.ts";
import { SESSION_COOKIE } from "../http/authenticate.ts";
import { type Exchange, type Identity, identityOf } from "../http/exchange.ts";
import { createAppendTables } from "../runtime/append-tables.ts";
import { kms } from "../runtime/clients.ts";
import { readConfig } from "../runtime/config.ts";
import { createZoneIdentity } from "../runtime/identity.ts";
import { createPeopleNames } from "../runtime/people-names.ts";
import { createOperationAudit } from "../runtime/operation-audit.ts";
import { createStageSecrets } from "../runtime/stage-secrets.ts";
import { createAdmit, createBeginSession } from "./begin-session.ts";
import { createBeginStepUp } from "./step-up.ts";

/** What every handler of the zone is built on. */
export const config = readConfig([
  "AWS_REGION",
  "CELL",
  "PUBLIC_URL",
  "PORTAL_ORIGIN",
  "OUTBOX_TABLE",
  "KEYS_TABLE",
  "REGISTRY_TABLE",
  "CELL_KEY_ARN",
  "TOKEN_KEY_ARN",
  "SESSION_KEY_ARN",
  "IDENTITY_ROLE_ARN",
  "AUDIT_APPEND_ROLE_ARN",
  "PEOPLE_NAMES_ROLE_ARN",
]);
export const zone = createZoneIdentity({
  ...config,
  roleArn: config.IDENTITY_ROLE_ARN,
  sessionName: "session",
  isSessionUse: true,
});
const macs = kms(config.AWS_REGION, () => zone.vend({ roleArn: config.IDENTITY_ROLE_ARN, sessionName: "session" }));
export const secrets = createStageSecrets(macs, config.SESSION_KEY_ARN);
export const { registry } = zone;
export const sessions = createSessions(registry, systemClock);
export const audit = createOperationAudit({
  cell: config.CELL,
  clock: systemClock,
  openTable: createAppendTables(config, zone.vend, systemClock),
});
/** The names of a clinic's people, for one of them. */
export const namesFor = createPeopleNames(config, zone.vend, systemClock);
/** The same, for the user whom a row of the clinic is about. */
export const wordsOf = ({ tenantId, epoch }: Pick<TenantRow, "tenantId" | "epoch">, userId: UserId): OpenWord =>
  namesFor({ tenantId: tenantId as TenantId, userId, epoch }).open;
export const pause = (ms: number): Promise<void> => setTimeout(ms);

export const challenges = createChallenges(registry, systemClock);
export const passkeys = createPasskeys({
  store: registry,
  secrets,
  clock: systemClock,
  party: relyingPartyOf(config.PORTAL_ORIGIN),
  challenges,
});

export const enrolments = createEnrolment({
  store: registry,
  secrets,
  clock: systemClock,
  challenges,
  passkeys,
  wordsOf,
});

const ways = { sessions, registry, audit, pause, wordsOf };
export const beginSession = createBeginSession({ ...ways, signIn: createSignIn(registry, secrets, systemClock) });
export const admit = createAdmit(ways);
export const signInByPasskey = createPasskeySignIn(registry, passkeys);
export const signInByTicket = createTicketSignIn(registry, challenges);
export const beginStepUp = createBeginStepUp({
  stepUp: createStepUp(registry, secrets, systemClock),
  stepUpByPasskey: createPasskeyStepUp(registry, passkeys),
  sessions,
  audit,
  pause,
});

/** @param value Empty, with an age of 0, to take the cookie away. */
export const cookie = (value: string, maxAgeSeconds: number): string =>
  `${SESSION_COOKIE}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}`;

/** The cookie of a session that goes on until it must end. */
export const cookieUntil = (secret: string, expiresAtMs: number): string =>
  cookie(secret, Math.floor((expiresAtMs - systemClock.now()) / 1000));

/** The session that a cookie's request was made in. */
export function digestOf({ sessionDigest }: Identity): string {
  invariant(sessionDigest !== undefined, "a cookie's identity has a session");
  return sessionDigest;
}

/** Whether both factors were shown again for this request. */
export const isProven = (exchange: Exchange): boolean =>
  isSteppedUp(identityOf(exchange).principal, systemClock.now(), actOf(exchange));
