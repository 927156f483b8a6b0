import {
  type ClinicName,
  type Route,
  routes,
  type SessionView,
  type StandingPurpose,
} from "../../core/contract/index.ts";
import { type Account, activeClinics, readAccount, type SignedIn } from "../../core/identity/sign-in.ts";
import { isPatientAlone, type Principal } from "../../core/identity/principal.ts";
import { privacyOf, IDLE_TIMEOUT_MS } from "../../core/identity/standing.ts";
import { STEP_UP_TTL_MS } from "../../core/identity/step-up.ts";
import { systemClock, toInstant } from "../../core/kernel/clock.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import type { TenantId, UserId } from "../../core/kernel/ids.ts";
import { abilitiesOf, platformAbilitiesOf, purposesOf } from "../../core/policy/abilities.ts";
import { readClinicTime } from "../../core/schedule/profile.ts";
import type { RegistryStore } from "../../core/tenant/registry-store.ts";
import {
  openName,
  type OpenWord,
  parseRow,
  privacyKey,
  type SessionRow,
  TenantRow,
  tenantKey,
} from "../../core/tenant/index.ts";

/** Clinics by name, for the user who belongs to them. In the order of their names. */
export async function namesOf(registry: RegistryStore, tenantIds: readonly TenantId[]): Promise<ClinicName[]> {
  const rows = await registry.getMany(tenantIds.slice(0, 100).map(tenantKey));
  return rows
    .map((row) => parseRow(TenantRow, row))
    .map(({ tenantId, name }) => ({ id: tenantId, name }))
    .toSorted((left, right) => left.name.localeCompare(right.name) || (left.id < right.id ? -1 : 1));
}

/** Somebody in one of the own clinics, as policy sees a session there: for what could ever be permitted, and no more. */
export async function readAbler(
  registry: RegistryStore,
  { user, memberships }: Account,
  tenantId: string,
  { assurance, sessionId }: Pick<SessionRow, "assurance" | "sessionId">,
) {
  const member = memberships.find((each) => each.tenantId === tenantId);
  invariant(member !== undefined, "a session is of a membership");
  const { roles, patientId, practitionerId } = member;
  const privacy = privacyOf(await registry.get(privacyKey(tenantId)));
  const userId = user.userId as UserId;
  const principal = {
    kind: "user" as const,
    userId,
    tenantId: tenantId as TenantId,
    roles,
    assurance,
    sessionId,
    clientId: "portal",
    ...(patientId !== undefined && { patientId }),
    ...(practitionerId !== undefined && { practitionerId }),
  };
  return { principal, isPrivacyOfficer: privacy.privacyOfficers.includes(userId), privacy };
}

/** The purpose of somebody whose roles work for one alone: there is nothing to choose, and nothing is assumed. */
export async function onlyPurposeOf(
  registry: RegistryStore,
  { userId, tenantId }: Pick<SignedIn, "userId" | "tenantId">,
): Promise<StandingPurpose | undefined> {
  const account = await readAccount(registry, userId);
  if (account === undefined) return undefined;
  const purposes = purposesOf(await readAbler(registry, account, tenantId, { assurance: "aal2", sessionId: "none" }));
  return purposes.length === 1 ? purposes[0] : undefined;
}

const PATIENT_ACTIONS: ReadonlySet<string> = new Set(
  Object.values<Route>(routes).flatMap(({ zone, action }) => (zone === "patient" && action !== null ? [action] : [])),
);

/** A patient's browser reaches her own portal alone: what policy permits an application of hers is no screen of it. */
const inBrowser = (principal: Pick<Principal, "roles">, can: readonly string[]): readonly string[] =>
  isPatientAlone(principal) ? can.filter((action) => PATIENT_ACTIONS.has(action)) : can;

/** What a clinic calls a user; undefined where its keys are gone. */
export async function nameIn(
  { user, memberships }: Account,
  tenant: TenantRow,
  wordsOf: (tenant: TenantRow, userId: UserId) => OpenWord,
): Promise<string | undefined> {
  const member = memberships.find(({ tenantId }) => tenantId === tenant.tenantId);
  invariant(member !== undefined, "a session is of a membership");
  const name = await openName(wordsOf(tenant, user.userId as UserId), member);
  return name.ok ? name.value : undefined;
}

/** What the portal needs to know of a session, read as it is now. Undefined where the user, the clinic or its keys are gone. */
export async function describeSession(
  registry: RegistryStore,
  wordsOf: (tenant: TenantRow, userId: UserId) => OpenWord,
  session: SessionRow,
): Promise<SessionView | undefined> {
  const [account, tenantRow] = await Promise.all([
    readAccount(registry, session.userId),
    registry.get(tenantKey(session.tenantId)),
  ]);
  if (account === undefined || tenantRow === undefined) return undefined;
  const tenant = parseRow(TenantRow, tenantRow) as TenantRow;
  const { name } = tenant;
  const displayName = await nameIn(account, tenant, wordsOf);
  if (displayName === undefined) return undefined;
  const abler = await readAbler(registry, account, session.tenantId, session);
  const { timeZone, locale } = await readClinicTime(registry, session.tenantId);
  const now = systemClock.now();
  const { purpose, steppedUpAtMs } = session;
  const steppedUpUntilMs = (steppedUpAtMs ?? 0) + STEP_UP_TTL_MS;
  const idleAtMs = session.lastSeenAtMs + IDLE_TIMEOUT_MS;
  return {
    user: { id: session.userId, displayName },
    tenant: { id: session.tenantId, name, locale, ...(timeZone === undefined ? {} : { timeZone }) },
    roles: abler.principal.roles,
    assurance: session.assurance === "aal2" ? "aal2" : "aal1",
    ...(purpose === undefined ? {} : { purpose }),
    purposes: purposesOf(abler),
    can: [
      // The platform asks for no purpose: there is no patient whose data it would be for.
      ...(tenant.isOperations === true ? platformAbilitiesOf(abler.principal) : []),
      ...(purpose === undefined ? [] : inBrowser(abler.principal, abilitiesOf(abler, purpose))),
    ],
    tag: session.tag ?? "",
    idleExpiresAt: toInstant(idleAtMs),
    expiresAt: toInstant(session.expiresAtMs),
    idleLeftMs: Math.max(0, idleAtMs - now),
    leftMs: Math.max(0, session.expiresAtMs - now),
    ...(steppedUpUntilMs > now ? { steppedUpUntil: toInstant(steppedUpUntilMs) } : {}),
    clinics: activeClinics(account).length,
  };
}
