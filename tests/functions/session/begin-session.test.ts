import { beforeEach, describe, expect, it, vi } from "vitest";
import { createSessions } from "../../../core/identity/session.ts";
import type { KnownLogin, SignInFailure } from "../../../core/identity/sign-in.ts";
import { err, ok } from "../../../core/kernel/result.ts";
import { policyVersion } from "../../../core/policy/index.ts";
import { namePlace, type OpenWord, type RegistryStore, tenantKey } from "../../../core/tenant/index.ts";
import { log } from "../../../functions/runtime/log.ts";
import { createBeginSession, REFUSAL_PAUSE_MS } from "../../../functions/session/begin-session.ts";
import { memoryNames } from "../../fixtures/people-names.ts";
import { memoryRegistry } from "../../fixtures/registry.ts";
import { A, B, NOW, openTrails, ORIGIN, USER } from "../runtime/trails.ts";

vi.mock("../../../functions/runtime/log.ts", async (original) => ({
  ...(await original<typeof import("../../../functions/runtime/log.ts")>()),
  log: vi.fn(),
}));
const logged = (): unknown[] => vi.mocked(log).mock.calls;
beforeEach(() => vi.mocked(log).mockClear());

const REQUEST = { login: "jane.canary", password: "correct horse battery staple", totp: "123456" };
const PORTAL = { kind: "cookie", clientId: "portal" } as const;
const known = (more: Partial<KnownLogin> = {}): KnownLogin => ({
  userId: USER,
  tenantIds: [A, B],
  reason: "factors",
  ...more,
});
const names = memoryNames();
const nameSealed = await names.seal("Jane", namePlace(USER, A));
const signedIn = ok({ userId: USER, tenantId: A, nameSealed, roles: ["nurse"], by: "password" as const });

/** Both doors' way in over fakes: what the factors say is given, and everything that happens is noted in order. */
async function doors(
  answer: typeof signedIn | { readonly ok: false; readonly error: SignInFailure },
  clinic: { readonly open: OpenWord; readonly status?: string } = names,
) {
  const trails = await openTrails();
  const registry = memoryRegistry();
  for (const tenantId of [A, B]) {
    const tenant = { tenantId, name: "Clinic", tier: "pooled", region: "us-east-1", cell: "c01" };
    const row = {
      ...tenantKey(tenantId),
      rev: 1,
      ...tenant,
      status: clinic.status ?? "active",
      epoch: 0,
      createdAtMs: NOW,
    };
    await registry.write([{ kind: "create", row }]);
  }
  const noted: string[] = [];
  const store: RegistryStore = {
    ...registry,
    write: (changes) => {
      noted.push(`session after ${trails.rows().length} events`);
      return registry.write(changes);
    },
  };
  const beginSession = createBeginSession({
    signIn: () => {
      noted.push("decided");
      return Promise.resolve(answer);
    },
    sessions: createSessions(store, { now: () => NOW }),
    registry,
    audit: trails.audit,
    wordsOf: () => clinic.open,
    pause: (ms) => {
      noted.push(`pause ${ms} after ${trails.rows().length} events`);
      return Promise.resolve();
    },
  });
  const sessions = (): number => [...registry.rows.values()].filter(({ sk }) => sk === "SESSION").length;
  return { beginSession, trails, noted, sessions };
}

describe("AUD-8 a sign-in", () => {
  it.each([PORTAL, { kind: "oauth", clientId: "keyward-cli" }] as const)(
    "by $clientId leaves one event in the clinic that is signed in to, before there is a session",
    async (door) => {
      const { beginSession, trails, noted, sessions } = await doors(signedIn);
      const begun = await beginSession(REQUEST, door, ORIGIN);
      if (!begun.ok) throw new Error("the sign-in is let in");
      const { session, secret } = begun.value;
      expect([trails.outcomes(A), trails.outcomes(B), sessions()]).toEqual([["sign-in success"], [], 1]);
      expect(noted).toEqual(["decided", "session after 1 events"]);
      const [event] = trails.events(A);
      expect(event?.event).toMatchObject({
        action: "E",
        actor: { user: USER, kind: "user", roles: ["nurse"], client: door.clientId, session: session.sessionId },
        decision: { id: "sign-in", version: policyVersion, rules: ["two-factors"] },
        entities: [{ type: "Session", id: session.sessionId }],
      });
      for (const text of [REQUEST.login, REQUEST.password, secret]) expect(event?.line).not.toContain(text);
    },
  );

  it("gives no session where the event cannot be written", async () => {
    const { beginSession, trails, sessions } = await doors(signedIn);
    trails.tableOf(A).failNext("PutItem", { kind: "unavailable" });
    expect(await beginSession(REQUEST, PORTAL, ORIGIN)).toEqual({ ok: false, error: { kind: "unavailable" } });
    expect(sessions()).toBe(0);
  });
});

const OTHER = "01hxyzabcd0123456789abcd00";

describe("POL-3 what a session is for", () => {
  it.each([
    ["what whoever signs in has said", {}, "TREAT"],
    ["what this user has said on the page that waits", { purposeOf: USER }, "TREAT"],
    ["not what another user had said there", { purposeOf: OTHER }, undefined],
  ] as const)("is %s", async (_title, arrival, purpose) => {
    const { beginSession } = await doors(signedIn);
    const begun = await beginSession({ ...REQUEST, purpose: "TREAT" }, PORTAL, ORIGIN, arrival);
    expect(begun.ok && begun.value.session.purpose).toBe(purpose);
  });
  it("is the one purpose of the roles where nothing was said", async () => {
    const { beginSession } = await doors(signedIn);
    const { purpose: _said, ...request } = { purpose: undefined, ...REQUEST };
    const begun = await beginSession(request, PORTAL, ORIGIN, { onlyPurposeOf: () => Promise.resolve("HPAYMT") });
    expect(begun.ok && begun.value.session.purpose).toBe("HPAYMT");
  });
});

describe("AUD-8 a refused sign-in", () => {
  it.each(["factors", "not-a-member"] as const)(
    "of a known login (%s) is told to each of its clinics",
    async (reason) => {
      const failure = { kind: "unauthenticated", known: known({ reason }) } as const;
      const { beginSession, trails, sessions } = await doors(err(failure));
      expect(await beginSession(REQUEST, PORTAL, ORIGIN)).toEqual(err(failure));
      expect([trails.outcomes(A), trails.outcomes(B), sessions()]).toEqual([
        ["sign-in failure"],
        ["sign-in failure"],
        0,
      ]);
      for (const { event, line } of [...trails.events(A), ...trails.events(B)]) {
        expect(event.actor).toEqual({ user: USER, kind: "user", roles: [], client: "portal", session: "none" });
        expect(event.decision).toEqual({
          id: "sign-in",
          inputs: { ask: "none" },
          version: policyVersion,
          rules: [reason],
        });
        expect(line).not.toContain(REQUEST.login);
      }
    },
  );

  const gone = { open: () => Promise.resolve(err({ kind: "closed" as const })) };
  it.each([
    ["whose keys are suspended or gone", gone],
    ["that is suspended", { ...names, status: "suspended" }],
  ])("TEN-4 into a clinic %s is answered as one with wrong factors, and told", async (_what, clinic) => {
    const { beginSession, trails, noted, sessions } = await doors(signedIn, clinic);
    const begun = await beginSession(REQUEST, PORTAL, ORIGIN);
    expect(begun).toMatchObject({ ok: false, error: { kind: "unauthenticated" } });
    expect([trails.outcomes(A), trails.outcomes(B), sessions()]).toEqual([["sign-in failure"], [], 0]);
    expect(noted).toContainEqual(expect.stringContaining(`pause ${REFUSAL_PAUSE_MS}`));
  });

  it("that only wants for the clinic's name is told too", async () => {
    const { beginSession, trails } = await doors(
      err({
        kind: "tenant-required",
        known: known({ reason: "tenant-not-named" }),
        tenantIds: [A, B],
        shown: { by: "password" },
      }),
    );
    // Where the page lets the user choose, nothing has failed yet.
    await beginSession(REQUEST, PORTAL, ORIGIN, { isChoosing: true });
    expect([trails.outcomes(A), trails.outcomes(B)]).toEqual([[], []]);
    await beginSession(REQUEST, PORTAL, ORIGIN);
    expect([trails.outcomes(A), trails.outcomes(B)]).toEqual([["sign-in failure"], ["sign-in failure"]]);
  });

  it("of an unknown login leaves no event, and a line in the log without the login", async () => {
    const { beginSession, trails } = await doors(err({ kind: "unauthenticated" }));
    await beginSession(REQUEST, PORTAL, ORIGIN);
    expect(trails.rows()).toEqual([]);
    expect(logged()).toEqual([["warn", "sign-in", { failure: "unauthenticated", requestId: "request-1" }]]);
  });

  it("of a login that is closed leaves no event and waits for nothing: the try that closed it is in the trail", async () => {
    const { beginSession, trails, noted } = await doors(err({ kind: "throttled", retryAfterMs: 1 }));
    await beginSession(REQUEST, PORTAL, ORIGIN);
    expect([trails.rows(), noted]).toEqual([[], ["decided"]]);
    expect(logged()).toEqual([["warn", "sign-in", { failure: "throttled", requestId: "request-1" }]]);
  });

  it("is answered alike, and after the same pause, whether the login is known or not", async () => {
    const ofKnown = await doors(err({ kind: "unauthenticated", known: known() }));
    await ofKnown.beginSession(REQUEST, PORTAL, ORIGIN);
    const ofUnknown = await doors(err({ kind: "unauthenticated" }));
    await ofUnknown.beginSession(REQUEST, PORTAL, ORIGIN);
    // The pause begins before the event is written, so that writing it takes no time of its own.
    expect(ofKnown.noted).toEqual(["decided", `pause ${REFUSAL_PAUSE_MS} after 0 events`]);
    expect(ofUnknown.noted).toEqual(ofKnown.noted);
  });

  it("stays the same refusal where its event is lost, which raises an alarm", async () => {
    const failure = { kind: "unauthenticated", known: known({ tenantIds: [A] }) } as const;
    const { beginSession, trails } = await doors(err(failure));
    trails.tableOf(A).failNext("PutItem", { kind: "unavailable" });
    expect(await beginSession(REQUEST, PORTAL, ORIGIN)).toEqual(err(failure));
    const lost = { failure: "audit-event-lost", tenantId: A, userId: USER, requestId: "request-1" };
    expect(logged()).toContainEqual(["error", "alarm", lost]);
  });
});
