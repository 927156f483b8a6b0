import { describe, expect, it } from "vitest";
import { IDLE_TIMEOUT_MS } from "../../../core/identity/standing.ts";
import type { Person } from "../../../core/tenant/index.ts";
import { detailOf, summaryOf } from "../../../functions/admin/person-view.ts";

const NOW = Date.UTC(2026, 10, 22, 9);
const USER = "01hxyzvser0123456789abcdef";
const A = "01hxyzabcd0123456789abcdef";
const NADIA = { name: "Nadia Okoro", login: "n.okoro" };
const row = { pk: "p", sk: "s", rev: 4 };
const signIn = (sessionId: string, more: Partial<Person["signIns"][number]> = {}) => ({
  ...row,
  userId: USER,
  sessionId,
  sinceMs: NOW - 60_000,
  lastSeenAtMs: NOW - 1_000,
  expiresAtMs: NOW + 3_600_000,
  kind: "cookie" as const,
  ...more,
});
const person = (more: Partial<Person> = {}, member: Partial<Person["member"]> = {}): Person => ({
  member: { ...row, userId: USER, tenantId: A, roles: ["nurse"], status: "active", ...member },
  signIns: [],
  ...more,
});
const sight = (one: Person) => ({
  actorId: "01hxyzb0ss0123456789abcdef",
  nowMs: NOW,
  privacyOfficers: [USER],
  all: [one],
});

describe("CLIN-15 a person as the administrator sees her", () => {
  it("counts what is signed in now: not what ended, idled, ran out, or was ended by an administrator", () => {
    const one = person(
      {
        signIns: [
          signIn("live"),
          signIn("app", { kind: "oauth", lastSeenAtMs: NOW - 2 * IDLE_TIMEOUT_MS }),
          signIn("idle", { lastSeenAtMs: NOW - IDLE_TIMEOUT_MS }),
          signIn("over", { expiresAtMs: NOW }),
          signIn("ended", { sinceMs: NOW - 120_000 }),
        ],
      },
      { signInsEndedAtMs: NOW - 90_000 },
    );
    expect(detailOf(one, NADIA, sight(one)).signIns.map(({ id }) => id)).toEqual(["live", "app"]);
    const gone = { ...one, member: { ...one.member, status: "disabled" as const } };
    expect(summaryOf(gone, NADIA, sight(gone))).toMatchObject({ state: "ended", openSignIns: 0 });
  });

  it("has no secret, and a code only as long as it waits", () => {
    const digest = "d".repeat(64);
    const account = {
      ...row,
      userId: USER,
      tenantId: A,
      loginSealed: new Uint8Array(1),
      createdAtMs: NOW,
      codeDigest: digest,
      codeFor: "invite" as const,
      codeExpiresAtMs: NOW + 1,
    };
    const waiting = person({ account }, { enrolSinceMs: NOW });
    const view = detailOf(waiting, NADIA, sight(waiting));
    expect(view).toMatchObject({ name: "Nadia Okoro", state: "invited", isPrivacyOfficer: true, version: 4 });
    expect(JSON.stringify(view)).not.toContain(digest);
    const late = { ...waiting, account: { ...account, codeExpiresAtMs: NOW } };
    expect(detailOf(late, NADIA, sight(late))).toMatchObject({ state: "lapsed" });
    expect(detailOf(late, NADIA, sight(late)).code).toBeUndefined();
    // Of another clinic: known by name, and nothing that this one may set.
    const guest = person();
    expect(detailOf(guest, { name: "Nadia" }, sight(guest))).toMatchObject({
      name: "Nadia",
      blocked: { code: "factors-elsewhere" },
    });
  });
});
