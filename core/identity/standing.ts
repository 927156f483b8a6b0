import type { Clock } from "../kernel/clock.ts";
import type { TenantId, UserId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { RegistryStore } from "../tenant/registry-store.ts";
import {
  ClientRow,
  clientKey,
  MembershipRow,
  membershipKey,
  parseRow,
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
 */
export function createStandings(store: RegistryStore, clock: Clock) {
  const cache = new Map<string, { readonly atMs: number; readonly result: Result<Standing, StandingFailure> }>();

  async function read(claimed: Claimed): Promise<Result<Standing, StandingFailure>> {
    const holder = claimed.kind === "user" ? userKey(claimed.userId) : clientKey(claimed.userId);
    const keys = [tenantKey(claimed.tenantId), holder, membershipKey(claimed.userId, claimed.tenantId)];
    if (claimed.sessionDigest !== undefined) keys.push(sessionKey(claimed.sessionDigest));
    const rows = await store.getMany(keys);
    const found = keys.map((key) => rows.find((row) => row.pk === key.pk && row.sk === key.sk));
    const [tenantRow, holderRow, memberRow, sessionRow] = found;
    const refuse = err({ kind: "unauthenticated" as const });
    if (tenantRow === undefined || holderRow === undefined || memberRow === undefined) return refuse;
    const holderStatus =
      claimed.kind === "user" ? parseRow(UserRow, holderRow).status : parseRow(ClientRow, holderRow).status;
    const member = parseRow(MembershipRow, memberRow);
    if (holderStatus !== "active" || member.status !== "active") return refuse;
    if (claimed.kind === "user") {
      if (sessionRow === undefined) return refuse;
      const session = parseRow(SessionRow, sessionRow);
      const now = clock.now();
      const isIdle = session.kind === "cookie" && now - session.lastSeenAtMs >= IDLE_TIMEOUT_MS;
      if (
        session.kind !== claimed.shown ||
        session.userId !== claimed.userId ||
        session.tenantId !== claimed.tenantId ||
        now >= session.expiresAtMs ||
        isIdle
      )
        return refuse;
    }
    const tenant = parseRow(TenantRow, tenantRow);
    if (tenant.status !== "active") return err({ kind: "suspended" as const });
    return ok({
      principal: {
        kind: claimed.kind,
        userId: claimed.userId,
        tenantId: claimed.tenantId,
        roles: member.roles,
        assurance: claimed.assurance,
        ...(member.patientId === undefined ? {} : { patientId: member.patientId }),
        sessionId: claimed.sessionId,
        clientId: claimed.clientId,
      },
      tenantEpoch: tenant.epoch,
      cell: tenant.cell,
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
      if (known !== undefined && clock.now() - known.atMs < STANDING_TTL_MS) return known.result;
      const atMs = clock.now();
      const result = await read(claimed);
      if (cache.size >= CACHE_MAX) cache.clear();
      cache.set(key, { atMs, result });
      return result;
    },
  };
}

export type Standings = ReturnType<typeof createStandings>;
