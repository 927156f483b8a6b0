import { createHash, randomBytes } from "node:crypto";
import type { StandingPurpose } from "../contract/purpose.ts";
import type { Clock } from "../kernel/clock.ts";
import type { TenantId, UserId } from "../kernel/ids.ts";
import type { RegistryWrite, RegistryRow, RegistryStore } from "../tenant/registry-store.ts";
import { lastSignInKey, parseRow, SessionRow, sessionKey, sessionsIndex, signInKey } from "../tenant/rows.ts";
import type { Device } from "./device.ts";
import type { Assurance } from "./principal.ts";
import { IDLE_TIMEOUT_MS } from "./standing.ts";

/** Nobody stays signed in longer than a working day. */
export const ABSOLUTE_TIMEOUT_MS = 12 * 3_600_000;
/** How often use is written down: the idle time is exact to this. */
const TOUCH_EVERY_MS = 60_000;

/** The registry key of a session: only the hash of what the holder shows is stored. */
export const sessionDigest = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** The digest that a session's row is kept under. */
export const digestOfRow = ({ pk }: Pick<SessionRow, "pk">): string => pk.slice("SESSION#".length);

/** What audit events and logs call a session: opaque, and useless as a credential. */
export const sessionIdOf = (digest: string): string => digest.slice(0, 32);

export interface Opened {
  /** 256 random bits, base64url: the cookie's value, or the `sid` of a token grant. Shown once, never stored. */
  readonly secret: string;
  readonly session: SessionRow;
}

/** A session that goes on: under a new secret for a cookie's, under its own for a token's, which its tokens name. */
export interface Moved {
  /** The new cookie's value; undefined for a token's session. */
  readonly secret?: string;
  readonly session: SessionRow;
  readonly changes: readonly RegistryWrite[];
}

/** How a session begins: what was shown, and on what. */
export interface Beginning {
  readonly purpose?: StandingPurpose | undefined;
  readonly by?: "password" | "passkey";
  readonly passkeyId?: string | undefined;
  readonly device?: Device;
}

/** An ended session's successors are followed so far: a chain of step-ups and switches within twelve hours. */
const CHAIN_MAX = 1_000;
/** Longer than any request is on its way: one that left with a cookie that is exchanged meanwhile has arrived by then. */
export const ON_THE_WAY_MS = 60_000;

/** What the clinic of a session may know of it: beside its digest, which opens it. */
const toldRow = (session: SessionRow): RegistryRow => {
  const { userId, tenantId, sessionId, rev, lastSeenAtMs, expiresAtMs, kind, by, browser, system } = session;
  return {
    ...signInKey(userId, sessionId, tenantId),
    rev,
    userId,
    sessionId,
    sinceMs: session.signedInAtMs,
    lastSeenAtMs,
    expiresAtMs,
    kind,
    ...(by === undefined ? {} : { by }),
    ...(browser === undefined ? {} : { browser }),
    ...(system === undefined ? {} : { system }),
    ...(typeof session["ttl"] === "number" ? { ttl: session["ttl"] } : {}),
  };
};

/** Each change of a session with what its clinic is told of it, in one transaction: neither is true without the other. */
const told = (changes: readonly RegistryWrite[]): RegistryWrite[] =>
  changes.flatMap((change): RegistryWrite[] => [
    change,
    { kind: "put", row: toldRow(parseRow(SessionRow, change.row) as SessionRow) },
  ]);

/** Server-side sessions: opened at sign-in with a new id, ended at the server. */
export function createSessions(store: RegistryStore, clock: Clock) {
  const endedNow = (row: SessionRow): SessionRow => ({
    ...row,
    rev: row.rev + 1,
    expiresAtMs: Math.min(row.expiresAtMs, clock.now()),
  });

  const isLive = (row: SessionRow): boolean =>
    clock.now() < row.expiresAtMs && !(row.kind === "cookie" && clock.now() - row.lastSeenAtMs >= IDLE_TIMEOUT_MS);

  async function read(digest: string): Promise<SessionRow | undefined> {
    const row = await store.get(sessionKey(digest));
    return row === undefined ? undefined : (parseRow(SessionRow, row) as SessionRow);
  }

  /** The same sign-in under a new secret, and the old one dead in the same transaction. */
  function moved(session: SessionRow, changes: Partial<SessionRow>): Moved {
    const secret = randomBytes(32).toString("base64url");
    const fresh = sessionDigest(secret);
    const next: SessionRow = {
      ...session,
      lastSeenAtMs: clock.now(),
      ...changes,
      ...sessionKey(fresh),
      gsk: fresh,
      rev: 1,
      sessionId: sessionIdOf(fresh),
    };
    return {
      secret,
      session: next,
      changes: [
        { kind: "replace", row: { ...endedNow(session), next: fresh } as RegistryRow, rev: session.rev },
        { kind: "create", row: next as RegistryRow },
      ],
    };
  }

  /**
   * Ends a session, and what it has become: a step-up or a switch that was a moment faster leads to its successor, so that
   * nothing that was told to end lives on.
   */
  async function end(digest: string): Promise<void> {
    let current: string | undefined = digest;
    for (let step = 0; current !== undefined && step < CHAIN_MAX; step += 1) {
      const row: SessionRow | undefined = await read(current);
      if (row === undefined) return;
      if (clock.now() >= row.expiresAtMs) current = row.next;
      else {
        const change = { kind: "replace", row: endedNow(row) as RegistryRow, rev: row.rev } as const;
        // Changed meanwhile: looked at again.
        if ((await store.write(told([change]))).ok) return;
      }
    }
  }

  async function listed(userId: UserId): Promise<SessionRow[]> {
    const rows = await store.queryIndex(sessionsIndex(userId));
    return rows.map((row) => parseRow(SessionRow, row) as SessionRow);
  }

  return {
    /** A session that does not live yet: its secret is worth nothing until `begin` has stored the row. */
    prepare(
      userId: UserId,
      tenantId: TenantId,
      assurance: Assurance,
      kind: "cookie" | "oauth",
      { purpose, by = "password", passkeyId, device }: Beginning = {},
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
        by,
        ...(kind === "cookie" ? { tag: newTag() } : {}),
        ...(purpose === undefined ? {} : { purpose }),
        ...(passkeyId === undefined ? {} : { passkeyId }),
        ...device,
      };
      return { secret, session };
    },

    /** @param replaced The live session of the cookie that was shown at the sign-in: it ends in the same transaction. */
    async begin(session: SessionRow, replaced?: SessionRow): Promise<void> {
      const put = { kind: "put", row: session as RegistryRow } as const;
      const { userId, tenantId, by = "password", signedInAtMs: atMs } = session;
      const last = { kind: "put", row: { ...lastSignInKey(userId, tenantId), rev: 1, userId, atMs, by } } as const;
      if (replaced === undefined) return void (await store.write([...told([put]), last]));
      const over = { kind: "replace", row: endedNow(replaced) as RegistryRow, rev: replaced.rev } as const;
      if ((await store.write([...told([put, over]), last])).ok) return;
      await store.write([...told([put]), last]);
      await end(digestOfRow(replaced));
    },

    /**
     * The live cookie session behind `secret`; undefined for none, an ended or an idle one.
     * @param isUse Notes the use, which keeps the session from idling out. Only the session zone's role may write it.
     */
    async find(secret: string, isUse: boolean): Promise<SessionRow | undefined> {
      const session = await read(sessionDigest(secret));
      if (session?.kind !== "cookie" || !isLive(session)) return undefined;
      const now = clock.now();
      if (isUse && now - session.lastSeenAtMs >= TOUCH_EVERY_MS) {
        // A lost race means that another request noted its use, or that the session has just ended: both are right.
        const seen = { ...session, lastSeenAtMs: now, rev: session.rev + 1 } as RegistryRow;
        await store.write(told([{ kind: "replace", row: seen, rev: session.rev }]));
      }
      return session;
    },

    /**
     * The live session that the one behind `secret` has gone on as a moment ago. A sign-out that was overtaken by a step-up
     * or a switch shows the cookie from before: whoever asked for it leaves, and the browser must not stay signed in.
     * Opens nothing: it is for what ends a session alone.
     */
    async successorOf(secret: string): Promise<SessionRow | undefined> {
      const old = await read(sessionDigest(secret));
      if (old?.kind !== "cookie" || clock.now() - old.expiresAtMs >= ON_THE_WAY_MS) return undefined;
      let row = old.next === undefined ? undefined : await read(old.next);
      for (let step = 1; row?.next !== undefined && step < CHAIN_MAX; step += 1) row = await read(row.next);
      return row !== undefined && isLive(row) ? row : undefined;
    },

    /**
     * The session after a step-up, not stored yet. A cookie session goes on under a new secret, so that nobody who knew
     * the old one has what was stepped up. What the session was does not change: not its user, clinic or purpose, nor
     * when it must end.
     * @param act The one request that it is for; without it, it is for whatever comes.
     */
    async prepareStepUp(digest: string, act?: string): Promise<Moved | undefined> {
      const found = await read(digest);
      const now = clock.now();
      if (found === undefined || now >= found.expiresAtMs) return undefined;
      const { steppedUpFor: _former, ...session } = found;
      const stepped = { steppedUpAtMs: now, ...(act === undefined ? {} : { steppedUpFor: act }) };
      if (session.kind === "cookie") return moved(session as SessionRow, stepped);
      const next = { ...session, ...stepped, rev: session.rev + 1 } as SessionRow;
      return { session: next, changes: [{ kind: "replace", row: next as RegistryRow, rev: session.rev }] };
    },

    /**
     * The session in another clinic or for another purpose, not stored yet: the same sign-in, ending when it had to, with
     * nothing that was stepped up and under another tag, so that no page of the old one takes it for its own.
     */
    async prepareSwitch(
      digest: string,
      tenantId: TenantId,
      purpose: StandingPurpose | undefined,
    ): Promise<Moved | undefined> {
      const found = await read(digest);
      if (found?.kind !== "cookie" || !isLive(found)) return undefined;
      const { steppedUpAtMs: _at, steppedUpFor: _for, purpose: _purpose, ...session } = found;
      const changes = { tenantId, tag: newTag(), ...(purpose === undefined ? {} : { purpose }) };
      return moved(session as SessionRow, changes);
    },

    /** False where the session was used or has ended since: an ended one is not brought back. */
    async move({ changes }: Moved): Promise<boolean> {
      return (await store.write(told(changes))).ok;
    },

    end,

    /** The user's live sessions, oldest first. Read from the index: one that began this moment may be missing. */
    async liveOf(userId: UserId): Promise<SessionRow[]> {
      return (await listed(userId)).filter(isLive).toSorted((left, right) => left.signedInAtMs - right.signedInAtMs);
    },

    /** The tenants in which a user's sessions live, each once. */
    async tenantsOf(userId: UserId): Promise<TenantId[]> {
      const live = (await listed(userId)).filter(({ expiresAtMs }) => expiresAtMs > clock.now());
      return [...new Set(live.map(({ tenantId }) => tenantId))];
    },

    /** Ends every session and token grant of a user, or those that `which` names. */
    async endAll(userId: UserId, which: (session: SessionRow) => boolean = () => true): Promise<number> {
      const rows = (await listed(userId)).filter(({ expiresAtMs }) => expiresAtMs > clock.now()).filter(which);
      for (let index = 0; index < rows.length; index += ENDED_AT_ONCE)
        await Promise.all(rows.slice(index, index + ENDED_AT_ONCE).map(({ gsk = "" }) => end(gsk)));
      return rows.length;
    },
  };
}

const ENDED_AT_ONCE = 16;
const newTag = (): string => randomBytes(16).toString("base64url");

export type Sessions = ReturnType<typeof createSessions>;
