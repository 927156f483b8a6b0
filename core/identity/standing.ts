import { DEFAULT_PRIVACY, type PrivacySettings } from "../contract/clinic.ts";
import type { AppScope } from "../contract/admin-apps.ts";
import type { Clock } from "../kernel/clock.ts";
import { isId, type TenantId, type UserId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { scopesOf } from "../tenant/apps.ts";
import type { RegistryRow, RegistryStore } from "../tenant/registry-store.ts";
import {
  ClientRow,
  clientKey,
  MembershipRow,
  membershipKey,
  parseRow,
  PrivacyRow,
  privacyKey,
  SessionRow,
  sessionKey,
  TenantRow,
  tenantKey,
  UserRow,
  userKey,
} from "../tenant/rows.ts";
import type { Principal } from "./principal.ts";

/** What a verified token or cookie says; whether it still stands, the registry says. */
export interface Claimed {
  readonly kind: "user" | "client";
  readonly userId: UserId;
  readonly tenantId: TenantId;
  readonly clientId: string;
  /** Opaque, for the audit event. */
  readonly sessionId: string;
  /** SHA-256 of the session's secret, hex: its registry key. Undefined for a client's token, which has no session. */
  readonly sessionDigest?: string | undefined;
  /** What was shown: the id inside a token is no cookie, and the other way round. */
  readonly shown: "cookie" | "oauth";
  readonly assurance: Principal["assurance"];
}

export interface Standing {
  readonly principal: Principal;
  readonly tenantEpoch: number;
  readonly cell: string;
  readonly privacy: PrivacySettings;
  /** The clinic was made with a checklist and is not open yet. */
  readonly isGated?: true;
  /** The session is of the platform's own tenant. */
  readonly isOperations?: true;
  /** What the pages of this sign-in send along; undefined for a token. */
  readonly sessionTag?: string;
  /** What the app or system was registered for: what its token says beyond that counts for nothing. */
  readonly scopes?: readonly AppScope[];
}

export type StandingFailure = { readonly kind: "unauthenticated" | "suspended" };

/** A revocation is felt everywhere within this time: cached standings are no older. */
export const STANDING_TTL_MS = 5_000;
const CACHE_MAX = 3_000;
/** 45 CFR 164.312(a)(2)(iii): a cookie session ends after this long without use. */
export const IDLE_TIMEOUT_MS = 15 * 60_000;

/**
 * Reads tenant, member and session as they are now (one batch), and gives the principal with the roles of this moment.
 * Never trusts a role that a token or cookie carries: it carries none.
 * @param ttlMs How long a standing is remembered; 0 reads it with every request.
 */
export function createStandings(store: RegistryStore, clock: Clock, ttlMs = STANDING_TTL_MS) {
  const cache = new Map<string, { readonly atMs: number; readonly result: Result<Standing, StandingFailure> }>();

  async function read(claimed: Claimed): Promise<Result<Standing, StandingFailure>> {
    const { tenantId, userId } = claimed;
    const holder = claimed.kind === "user" ? userKey(userId) : clientKey(userId, tenantId);
    const keys = [tenantKey(tenantId), holder, membershipKey(userId, tenantId), privacyKey(tenantId)];
    if (claimed.sessionDigest !== undefined) keys.push(sessionKey(claimed.sessionDigest));
    // An app that a member signed in with: it can be suspended like a system.
    const app = claimed.kind === "user" && isId(claimed.clientId) ? clientKey(claimed.clientId, tenantId) : undefined;
    if (app !== undefined) keys.push(app);
    const rows = await store.getMany(keys);
    const found = keys.map((key) => rows.find((row) => row.pk === key.pk && row.sk === key.sk));
    const [tenantRow, holderRow, memberRow, privacyRow] = found;
    const sessionRow = claimed.sessionDigest === undefined ? undefined : found[4];
    const refuse = err({ kind: "unauthenticated" as const });
    if (tenantRow === undefined || holderRow === undefined || memberRow === undefined) return refuse;
    const client = claimed.kind === "client" ? parseRow(ClientRow, holderRow) : undefined;
    const holderStatus = (client ?? parseRow(UserRow, holderRow)).status;
    const member = parseRow(MembershipRow, memberRow);
    if (holderStatus !== "active" || member.status !== "active") return refuse;
    const appRow = app === undefined ? undefined : found.at(-1);
    if (app !== undefined && appRow === undefined) return refuse;
    const through = client ?? (appRow === undefined ? undefined : parseRow(ClientRow, appRow));
    if (through !== undefined && through.status !== "active") return refuse;
    let session: SessionRow | undefined;
    if (claimed.kind === "user") {
      if (sessionRow === undefined) return refuse;
      session = parseRow(SessionRow, sessionRow) as SessionRow;
      const now = clock.now();
      const isIdle = session.kind === "cookie" && now - session.lastSeenAtMs >= IDLE_TIMEOUT_MS;
      if (
        session.kind !== claimed.shown ||
        session.userId !== claimed.userId ||
        session.tenantId !== claimed.tenantId ||
        now >= session.expiresAtMs ||
        // An administrator of the clinic has ended what was signed in there.
        session.signedInAtMs <= (member.signInsEndedAtMs ?? -1) ||
        isIdle
      )
        return refuse;
    }
    const tenant = parseRow(TenantRow, tenantRow);
    if (tenant.status !== "active") return err({ kind: "suspended" as const });
    const purpose = session?.purpose ?? client?.purpose;
    const { patientId, practitionerId } = member;
    return ok({
      principal: {
        kind: claimed.kind,
        userId,
        tenantId,
        roles: member.roles,
        assurance: claimed.assurance,
        ...(patientId !== undefined && { patientId }),
        ...(practitionerId !== undefined && { practitionerId }),
        ...(purpose !== undefined && { purpose }),
        ...(through?.purposes !== undefined && { purposes: through.purposes }),
        ...(session?.steppedUpAtMs !== undefined && { steppedUpAtMs: session.steppedUpAtMs }),
        ...(session?.steppedUpFor !== undefined && { steppedUpFor: session.steppedUpFor }),
        sessionId: claimed.sessionId,
        clientId: claimed.clientId,
      },
      tenantEpoch: tenant.epoch,
      cell: tenant.cell,
      privacy: privacyOf(privacyRow),
      ...(isGated(tenant, privacyRow) && { isGated: true as const }),
      ...(tenant.isOperations === true && { isOperations: true as const }),
      ...(session?.tag !== undefined && { sessionTag: session.tag }),
      ...(through !== undefined && { scopes: scopesOf(through) }),
    });
  }

  return {
    async of(claimed: Claimed): Promise<Result<Standing, StandingFailure>> {
      const key = JSON.stringify([
        claimed.kind,
        claimed.userId,
        claimed.tenantId,
        claimed.sessionId,
        claimed.sessionDigest,
        claimed.shown,
        claimed.clientId,
        claimed.assurance,
      ]);
      const known = cache.get(key);
      if (known !== undefined && clock.now() - known.atMs < ttlMs) return known.result;
      const atMs = clock.now();
      const result = await read(claimed);
      if (cache.size >= CACHE_MAX) cache.clear();
      cache.set(key, { atMs, result });
      return result;
    },
  };
}

/** A clinic that never chose has the default. */
export function privacyOf(row: RegistryRow | undefined): PrivacySettings {
  if (row === undefined) return DEFAULT_PRIVACY;
  const { relationship, privacyOfficers } = parseRow(PrivacyRow, row);
  return { relationship, privacyOfficers };
}

/** Whether a clinic's checklist still stands between it and its patients. */
export const isGated = (
  tenant: { readonly isGated?: true | undefined },
  privacyRow: RegistryRow | undefined,
): boolean =>
  tenant.isGated === true && (privacyRow === undefined || parseRow(PrivacyRow, privacyRow).liveSinceMs === undefined);

export type Standings = ReturnType<typeof createStandings>;
