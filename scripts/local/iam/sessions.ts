import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { PolicyDocument } from "../../../core/iam/document.ts";
import type { ServiceDeps } from "../service.ts";
import { newSecret, newSessionToken, uniqueId, type SessionCredentials } from "./credentials.ts";

/** What a role session is and may, fixed when it is opened. */
export interface SessionFacts {
  readonly roleName: string;
  readonly roleId: string;
  readonly sessionName: string;
  readonly sourceIdentity?: string;
  /** Passed and inherited tags together. */
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  readonly policy?: PolicyDocument;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

export interface StoredSession extends SessionFacts {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** SHA-256 of the session token. */
  readonly tokenHash: Buffer;
}

export interface SessionStore {
  open(facts: SessionFacts): SessionCredentials;
  get(accessKeyId: string): StoredSession | undefined;
}

/** Kept for a while after their end, so that a late call hears "expired" and not "unknown". */
const KEEP_EXPIRED_MS = 24 * 3_600_000;
const OPENINGS_PER_SWEEP = 500;
const MOST_IN_MEMORY = 10_000;

export const hashToken = (token: string): Buffer => createHash("sha256").update(token).digest();

/** Sessions of roles. Written through, so that a restart keeps them valid until they expire. */
export function createSessionStore(
  database: DatabaseSync,
  deps: Pick<ServiceDeps, "clock" | "wrapSecret" | "unwrapSecret">,
): SessionStore {
  database.exec(`
    CREATE TABLE IF NOT EXISTS sessions (
      id TEXT PRIMARY KEY, secret BLOB NOT NULL, token_hash BLOB NOT NULL, expires_ms INTEGER NOT NULL, facts TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS sessions_by_end ON sessions (expires_ms);
  `);
  const insert = database.prepare(
    "INSERT INTO sessions (id, secret, token_hash, expires_ms, facts) VALUES (?, ?, ?, ?, ?)",
  );
  const select = database.prepare("SELECT secret, token_hash, facts FROM sessions WHERE id = ?");
  const sweep = database.prepare("DELETE FROM sessions WHERE expires_ms < ?");
  const memory = new Map<string, StoredSession>();
  let openings = 0;

  const remember = (session: StoredSession): void => {
    if (memory.size >= MOST_IN_MEMORY) memory.clear();
    memory.set(session.accessKeyId, session);
  };

  return {
    open(facts) {
      if (openings % OPENINGS_PER_SWEEP === 0) sweep.run(deps.clock.now() - KEEP_EXPIRED_MS);
      openings += 1;
      const accessKeyId = uniqueId("ASIA");
      const secretAccessKey = newSecret();
      const sessionToken = newSessionToken();
      const tokenHash = hashToken(sessionToken);
      const wrapped = deps.wrapSecret(Buffer.from(secretAccessKey));
      insert.run(accessKeyId, wrapped, tokenHash, facts.expiresAtMs, JSON.stringify(facts));
      remember({ ...facts, accessKeyId, secretAccessKey, tokenHash });
      return { accessKeyId, secretAccessKey, sessionToken, expiration: new Date(facts.expiresAtMs) };
    },
    get(accessKeyId) {
      const known = memory.get(accessKeyId);
      if (known !== undefined) return known;
      const row = select.get(accessKeyId);
      if (row === undefined) return undefined;
      const session: StoredSession = {
        ...(JSON.parse(String(row["facts"])) as SessionFacts),
        accessKeyId,
        secretAccessKey: deps.unwrapSecret(Buffer.from(row["secret"] as Uint8Array)).toString(),
        tokenHash: Buffer.from(row["token_hash"] as Uint8Array),
      };
      remember(session);
      return session;
    },
  };
}
