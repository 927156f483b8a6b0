import { createHash, randomBytes } from "node:crypto";
import type { StandingPurpose } from "../contract/purpose.ts";
import type { Clock } from "../kernel/clock.ts";
import type { TenantId, UserId } from "../kernel/ids.ts";
import type { RegistryChange, RegistryRow, RegistryStore } from "../tenant/registry-store.ts";
import { parseRow, SessionRow, sessionKey, sessionsIndex } from "../tenant/rows.ts";
import type { Assurance } from "./principal.ts";
import { IDLE_TIMEOUT_MS } from "./standing.ts";

/** Nobody stays signed in longer than a working day. */
export const ABSOLUTE_TIMEOUT_MS = 12 * 3_600_000;
/** How often use is written down: the idle time is exact to this. */
const TOUCH_EVERY_MS = 60_000;

/** The registry key of a session: only the hash of what the holder shows is stored. */
export const sessionDigest = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** What audit events and logs call a session: opaque, and useless as a credential. */
export const sessionIdOf = (digest: string): string => digest.slice(0, 32);

export interface Opened {
  /** 256 random bits, base64url: the cookie's value, or the `sid` of a token grant. Shown once, never stored. */
  readonly secret: string;
  readonly session: SessionRow;
}

export interface SteppedUp {
  /** The new cookie's value; undefined for a token's session. */
  readonly secret?: string;
  readonly session: SessionRow;
  readonly changes: readonly RegistryChange[];
}

/** Server-side sessions: opened at sign-in with a new id, ended at the server. */
export function createSessions(store: RegistryStore, clock: Clock) {
  function ended(row: RegistryRow): RegistryRow {
    const { rev, expiresAtMs } = parseRow(SessionRow, row);
    return { ...row, rev: rev + 1, expiresAtMs: Math.min(expiresAtMs, clock.now()) };
  }

  return {
    /** A session that does not live yet: its secret is worth nothing until `begin` has stored the row. */
    prepare(
      userId: UserId,
      tenantId: TenantId,
      assurance: Assurance,
      kind: "cookie" | "oauth",
      purpose?: StandingPurpose,
    ): Opened {
      const secret = randomBytes(32).toString("base64url");
      const digest = sessionDigest(secret);
      const now = clock.now();
      const session: SessionRow = {
        ...sessionKey(digest),
        gpk: sessionsIndex(userId),
        gsk: digest,
        rev: 1,
        ttl: Math.ceil((now + ABSOLUTE_TIMEOUT_MS) / 1000) + 3600,
        sessionId: sessionIdOf(digest),
        userId,
        tenantId,
        assurance,
        kind,
        signedInAtMs: now,
        lastSeenAtMs: now,
        expiresAtMs: now + ABSOLUTE_TIMEOUT_MS,
        ...(purpose === undefined ? {} : { purpose }),
      };
      return { secret, session };
    },

    async begin(session: SessionRow): Promise<void> {
      await store.write([{ kind: "put", row: session as RegistryRow }]);
    },

    /**
     * The live cookie session behind `secret`; undefined for none, an ended or an idle one.
     * @param isUse Notes the use, which keeps the session from idling out. Only the session zone's role may write it.
     */
    async find(secret: string, isUse: boolean): Promise<SessionRow | undefined> {
      const row = await store.get(sessionKey(sessionDigest(secret)));
      if (row === undefined) return undefined;
      const session = parseRow(SessionRow, row) as SessionRow;
      const now = clock.now();
      if (session.kind !== "cookie" || now >= session.expiresAtMs || now - session.lastSeenAtMs >= IDLE_TIMEOUT_MS)
        return undefined;
      if (isUse && now - session.lastSeenAtMs >= TOUCH_EVERY_MS) {
        // A lost race means that another request noted its use, or that the session has just ended: both are right.
        await store.write([
          {
            kind: "replace",
            row: { ...session, lastSeenAtMs: now, rev: session.rev + 1 } as RegistryRow,
            rev: session.rev,
          },
        ]);
      }
      return session;
    },

    /**
     * The session after a step-up, not stored yet. A cookie session goes on under a new secret, so that nobody who knew
     * the old one has what was stepped up; a token's session keeps its own, which its tokens name. What the session was
     * does not change: not its user, clinic or purpose, nor when it must end.
     */
    async prepareStepUp(digest: string): Promise<SteppedUp | undefined> {
      const row = await store.get(sessionKey(digest));
      const session = row === undefined ? undefined : (parseRow(SessionRow, row) as SessionRow);
      const now = clock.now();
      if (session === undefined || now >= session.expiresAtMs) return undefined;
      if (session.kind === "oauth") {
        const stepped = { ...session, steppedUpAtMs: now, rev: session.rev + 1 };
        return { session: stepped, changes: [{ kind: "replace", row: stepped as RegistryRow, rev: session.rev }] };
      }
      const secret = randomBytes(32).toString("base64url");
      const fresh = sessionDigest(secret);
      const stepped: SessionRow = {
        ...session,
        ...sessionKey(fresh),
        gsk: fresh,
        rev: 1,
        sessionId: sessionIdOf(fresh),
        lastSeenAtMs: now,
        steppedUpAtMs: now,
      };
      const over = { ...session, rev: session.rev + 1, expiresAtMs: now } as RegistryRow;
      return {
        secret,
        session: stepped,
        changes: [
          { kind: "replace", row: over, rev: session.rev },
          { kind: "create", row: stepped as RegistryRow },
        ],
      };
    },

    /** False where the session was used or has ended since: an ended one is not brought back. */
    async stepUp({ changes }: SteppedUp): Promise<boolean> {
      return (await store.write(changes)).ok;
    },

    async end(digest: string): Promise<void> {
      const row = await store.get(sessionKey(digest));
      if (row !== undefined) await store.write([{ kind: "put", row: ended(row) }]);
    },

    /** The tenants in which a user's sessions live, each once. Read from the index: a session that began this moment may be missing. */
    async tenantsOf(userId: UserId): Promise<TenantId[]> {
      const rows = (await store.queryIndex(sessionsIndex(userId))).map((row) => parseRow(SessionRow, row));
      const live = rows.filter(({ expiresAtMs }) => expiresAtMs > clock.now());
      return [...new Set(live.map(({ tenantId }) => tenantId as TenantId))];
    },

    /** Ends every session and token grant of a user. */
    async endAll(userId: UserId): Promise<number> {
      const rows = await store.queryIndex(sessionsIndex(userId));
      for (let index = 0; index < rows.length; index += 50) {
        const batch = rows.slice(index, index + 50).map(ended);
        await store.write(batch.map((row) => ({ kind: "put", row })));
      }
      return rows.length;
    },
  };
}

export type Sessions = ReturnType<typeof createSessions>;
