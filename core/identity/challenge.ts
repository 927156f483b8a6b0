import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../kernel/clock.ts";
import type { RegistryRow, RegistryStore } from "../tenant/registry-store.ts";
import { ChallengeRow, challengeKey, parseRow } from "../tenant/rows.ts";

/** Long enough to find a security key in a drawer; a page that waits longer asks again. */
export const CHALLENGE_TTL_MS = 5 * 60_000;
/** How long a user of several clinics may take to choose one. */
export const TICKET_TTL_MS = 2 * 60_000;
/** Long enough to install an authenticator and to think of a password. */
export const ENROL_TTL_MS = 30 * 60_000;

export type ChallengeFor = ChallengeRow["for"];
export type Bound = Partial<Pick<ChallengeRow, "userId" | "sessionDigest" | "act" | "by" | "passkeyId">> & {
  readonly totpSealed?: Uint8Array;
};

export interface Issued {
  /** Base64url. Shown once: the registry keeps its hash. */
  readonly text: string;
  readonly expiresAtMs: number;
}

const TTL_MS: Readonly<Partial<Record<ChallengeFor, number>>> = { choose: TICKET_TTL_MS, enrol: ENROL_TTL_MS };

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Challenges and tickets: each is for one thing, for a few minutes, and is used up by whoever shows it first. */
export function createChallenges(store: RegistryStore, clock: Clock) {
  return {
    /** 256 random bits; for a step-up that is bound to a request, followed by the hash that names the request. */
    async issue(purpose: ChallengeFor, bound: Bound = {}): Promise<Issued> {
      const bytes = Buffer.concat([randomBytes(32), Buffer.from(bound.act ?? "", "hex")]);
      const text = bytes.toString("base64url");
      const now = clock.now();
      const expiresAtMs = now + (TTL_MS[purpose] ?? CHALLENGE_TTL_MS);
      const defined = Object.fromEntries(Object.entries(bound).filter(([, value]) => value !== undefined));
      const row = {
        ...challengeKey(digestOf(text)),
        rev: 1,
        ...defined,
        for: purpose,
        expiresAtMs,
        ttl: Math.ceil(expiresAtMs / 1000) + 60,
      };
      await store.write([{ kind: "create", row }]);
      return { text, expiresAtMs };
    },

    /** What a ticket is bound to, which stays good: for a page that may be filled in wrongly. */
    async read(text: string, purpose: ChallengeFor): Promise<ChallengeRow | undefined> {
      const found = await store.get(challengeKey(digestOf(text)));
      const row = found === undefined ? undefined : parseRow(ChallengeRow, found);
      const isGood = row?.for === purpose && row.usedAtMs === undefined && clock.now() < row.expiresAtMs;
      return isGood ? row : undefined;
    },

    /**
     * Uses a challenge up and gives what it was bound to; undefined for one that was never given, is used, is over or was
     * for something else. Shown for the wrong thing, it is used up as well.
     */
    async consume(text: string, purpose: ChallengeFor): Promise<ChallengeRow | undefined> {
      const found = await store.get(challengeKey(digestOf(text)));
      if (found === undefined) return undefined;
      const row = parseRow(ChallengeRow, found);
      const now = clock.now();
      if (row.usedAtMs !== undefined || now >= row.expiresAtMs) return undefined;
      const used = { ...found, usedAtMs: now, rev: row.rev + 1 } as RegistryRow;
      // Of two that show it at once, one is let in.
      const isFirst = (await store.write([{ kind: "replace", row: used, rev: row.rev }])).ok;
      return isFirst && row.for === purpose ? row : undefined;
    },
  };
}

export type Challenges = ReturnType<typeof createChallenges>;
