import type { PersonDetail, PersonSummary } from "../../core/contract/index.ts";
import { IDLE_TIMEOUT_MS } from "../../core/identity/standing.ts";
import { toInstant } from "../../core/kernel/clock.ts";
import { blockedActs, type Person, type SignInRow, stateOf, subjectOf } from "../../core/tenant/index.ts";

/** A person as her clinic's administrator sees her. No secret, no session's key and no other clinic is in it. */

export interface Sight {
  readonly actorId: string;
  readonly nowMs: number;
  readonly privacyOfficers: readonly string[];
  readonly all: readonly Person[];
}

/** What the clinic calls a person. Without a login it is somebody whose account is another clinic's. */
export interface Known {
  readonly name: string;
  readonly login?: string;
}

/** What is signed in now: neither ended, nor idle, nor ended by an administrator. */
const openOf = ({ member, signIns }: Person, nowMs: number): readonly SignInRow[] =>
  member.status !== "active"
    ? []
    : signIns.filter(
        ({ sinceMs, expiresAtMs, lastSeenAtMs, kind }) =>
          expiresAtMs > nowMs &&
          sinceMs > (member.signInsEndedAtMs ?? -1) &&
          (kind === "oauth" || nowMs - lastSeenAtMs < IDLE_TIMEOUT_MS),
      );

export function summaryOf(
  person: Person,
  { name, login }: Known,
  { actorId, nowMs, privacyOfficers }: Sight,
): PersonSummary {
  const { member, factors, lastSignIn } = person;
  const { userId, practitionerId } = member;
  return {
    id: userId,
    name,
    ...(login === undefined ? {} : { login }),
    roles: member.roles,
    state: stateOf(person, nowMs),
    version: member.rev,
    isSelf: userId === actorId,
    isPrivacyOfficer: privacyOfficers.includes(userId),
    ...(practitionerId === undefined ? {} : { practitionerId }),
    ...(lastSignIn === undefined ? {} : { lastSignInAt: toInstant(lastSignIn.atMs) }),
    ...(factors === undefined ? {} : { factors: { password: factors.hasPassword, passkeys: factors.passkeys } }),
    openSignIns: openOf(person, nowMs).length,
  };
}

export function detailOf(person: Person, known: Known, sight: Sight): PersonDetail {
  const { account } = person;
  const { nowMs, actorId, all } = sight;
  const summary = summaryOf(person, known, sight);
  const { codeFor, codeExpiresAtMs = 0 } = account ?? {};
  const isWaiting = summary.state === "invited" && codeFor !== undefined;
  return {
    ...summary,
    ...(isWaiting ? { code: { for: codeFor, expiresAt: toInstant(codeExpiresAtMs) } } : {}),
    signIns: openOf(person, nowMs).map(({ sessionId, sinceMs, lastSeenAtMs, browser, system, by, kind }) => ({
      id: sessionId,
      since: toInstant(sinceMs),
      lastSeenAt: toInstant(lastSeenAtMs),
      browser: browser ?? "other",
      system: system ?? "other",
      by: by ?? "password",
      kind: kind === "cookie" ? "portal" : "app",
    })),
    blocked: blockedActs({ ...subjectOf(person, actorId, all, nowMs), isElsewhere: account === undefined }),
  };
}
