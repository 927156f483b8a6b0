import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_PRIVACY } from "../../../core/contract/index.ts";
import { createSessions, sessionDigest, sessionIdOf } from "../../../core/identity/session.ts";
import type { StepUpFailure } from "../../../core/identity/step-up.ts";
import { err, ok, type Result } from "../../../core/kernel/result.ts";
import type { Identity } from "../../../functions/http/exchange.ts";
import { REFUSAL_PAUSE_MS } from "../../../functions/session/begin-session.ts";
import { createBeginStepUp } from "../../../functions/session/step-up.ts";
import { memoryRegistry } from "../../fixtures/registry.ts";
import { A, NOW, openTrails, ORIGIN, USER } from "../runtime/trails.ts";

const SHOWN = { password: "correct horse battery staple", totp: "123456" };

async function open(answer: Result<void, StepUpFailure> = ok(undefined), kind: "cookie" | "oauth" = "cookie") {
  const trails = await openTrails();
  const registry = memoryRegistry();
  const sessions = createSessions(registry, { now: () => NOW });
  const opened = sessions.prepare(USER, A, "aal2", kind);
  await sessions.begin(opened.session);
  const noted: string[] = [];
  const beginStepUp = createBeginStepUp({
    stepUp: (userId) => {
      noted.push(`asked for ${userId}`);
      return Promise.resolve(answer);
    },
    stepUpByPasskey: (userId, _passkey, { act }) => {
      noted.push(`passkey of ${userId} for ${act}`);
      return Promise.resolve(answer);
    },
    sessions,
    audit: trails.audit,
    pause: (ms) => {
      noted.push(`pause ${ms}`);
      return Promise.resolve();
    },
  });
  const digest = sessionDigest(opened.secret);
  const identity: Identity = {
    principal: {
      kind: "user",
      userId: USER,
      tenantId: A,
      roles: ["physician"],
      assurance: "aal2",
      sessionId: sessionIdOf(digest),
      clientId: "portal",
    },
    tenantEpoch: 0,
    cell: "c01",
    privacy: DEFAULT_PRIVACY,
    shown: kind,
    sessionDigest: digest,
  };
  return { trails, registry, sessions, noted, beginStepUp, identity, secret: opened.secret };
}
let scene: Awaited<ReturnType<typeof open>>;
beforeEach(async () => {
  scene = await open();
});

describe("AUD-8 a step-up", () => {
  it("leaves one event, which names the session that goes on, and neither factor", async () => {
    const done = await scene.beginStepUp(scene.identity, SHOWN, ORIGIN);
    if (!done.ok) throw new Error("the step-up is let in");
    expect(scene.trails.outcomes(A)).toEqual(["step-up success"]);
    const [event] = scene.trails.events(A);
    expect(event?.event).toMatchObject({
      actor: { user: USER, session: scene.identity.principal.sessionId },
      decision: { id: "step-up", rules: ["two-factors"] },
      entities: [{ type: "Session", id: sessionIdOf(sessionDigest(done.value.secret ?? "")) }],
    });
    for (const text of [SHOWN.password, scene.secret, done.value.secret ?? "?"])
      expect(event?.line).not.toContain(text);
    expect(done.value.view).toEqual({
      steppedUpAt: "2026-11-22T08:00:00.000Z",
      expiresAt: "2026-11-22T08:05:00.000Z",
    });
  });

  it("that cannot be told changes nothing", async () => {
    scene.trails.tableOf(A).failNext("PutItem", { kind: "denied" });
    const done = await scene.beginStepUp(scene.identity, SHOWN, ORIGIN);
    expect(done).toEqual(err({ kind: "unavailable" }));
    expect(await scene.sessions.find(scene.secret, false)).toMatchObject({ rev: 1 });
  });

  it("with wrong factors is told as a failure, after a pause", async () => {
    scene = await open(err({ kind: "unauthenticated" }));
    expect(await scene.beginStepUp(scene.identity, SHOWN, ORIGIN)).toEqual(err({ kind: "unauthenticated" }));
    expect(scene.trails.outcomes(A)).toEqual(["step-up failure"]);
    expect(scene.noted).toEqual([`asked for ${USER}`, `pause ${REFUSAL_PAUSE_MS}`]);
    expect(await scene.sessions.find(scene.secret, false)).toMatchObject({ rev: 1 });
  });

  it("while the brake is on is told of no more", async () => {
    scene = await open(err({ kind: "throttled", retryAfterMs: 5 }));
    expect(await scene.beginStepUp(scene.identity, SHOWN, ORIGIN)).toEqual(err({ kind: "throttled", retryAfterMs: 5 }));
    expect(scene.trails.outcomes(A)).toEqual([]);
  });

  it("of a session that ended while the event was written is refused, and told as a failure too", async () => {
    const { beginStepUp, sessions } = scene;
    const prepare = sessions.prepareStepUp.bind(sessions);
    Object.assign(sessions, {
      prepareStepUp: async (digest: string) => {
        const next = await prepare(digest);
        await sessions.end(digest);
        return next;
      },
    });
    expect(await beginStepUp(scene.identity, SHOWN, ORIGIN)).toEqual(err({ kind: "unavailable" }));
    expect(scene.trails.outcomes(A)).toEqual(["step-up success", "step-up failure"]);
  });

  it("is nothing for a system, whose factors nobody looks at", async () => {
    const { principal, sessionDigest: _digest, ...rest } = scene.identity;
    const system: Identity = { ...rest, principal: { ...principal, kind: "client", assurance: "client" } };
    expect(await scene.beginStepUp(system, SHOWN, ORIGIN)).toEqual(err({ kind: "no-session" }));
    expect(scene.noted).toEqual([]);
  });
});
